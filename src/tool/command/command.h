/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands, a file each. */
#ifndef EARLYBIND_TOOL_COMMAND_COMMAND_H
#define EARLYBIND_TOOL_COMMAND_COMMAND_H

#include "tool/output/usage.h"

extern const struct command command_check, command_status, command_groups, command_explain, command_plan;
extern const struct command command_import, command_suggest;

#endif
