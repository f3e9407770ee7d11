/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration in /etc beside the one that this boot used. */
#ifndef EARLYBIND_TOOL_INSPECT_CONFIG_DIFF_H
#define EARLYBIND_TOOL_INSPECT_CONFIG_DIFF_H

#include <stdbool.h>

#include "config/config.h"

/* The name of the first file that one of them lacks or that differs, or NULL when they are the same. */
const char *config_changed_file(const struct config *a, const struct config *b);

/* Print which files of NOW differ from those of THEN, and the commands that show how. */
void config_diff_print(const struct config *then, const struct config *now, const char *sysroot);

#endif
