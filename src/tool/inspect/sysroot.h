/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a command looks: --sysroot, or the running system. */
#ifndef EARLYBIND_TOOL_INSPECT_SYSROOT_H
#define EARLYBIND_TOOL_INSPECT_SYSROOT_H

#include "system/system.h"
#include "tool/output/usage.h"

/*
 * Open the directory SYSROOT. STATUS_FINE, or STATUS_USAGE after an error; then
 * there is nothing to close, and sys->root is -1.
 */
int sysroot_open(struct system *sys, const struct command *command, const char *sysroot);
/* Likewise a system with its /sys and /proc, without which there is nothing to judge. */
int sysroot_open_system(struct system *sys, const struct command *command, const char *sysroot);
/* Likewise a machine with PCI. */
int sysroot_open_machine(struct system *sys, const struct command *command, const char *sysroot);

#endif
