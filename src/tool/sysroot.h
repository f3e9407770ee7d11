/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a command looks: --sysroot, or the running system. */
#ifndef EARLYBIND_TOOL_SYSROOT_H
#define EARLYBIND_TOOL_SYSROOT_H

#include "door/door.h"
#include "tool/tool.h"

/*
 * Open the folder SYSROOT. STATUS_FINE, or STATUS_USAGE after saying what is
 * wrong; then there is nothing to close, and the door's root is -1.
 */
int sysroot_open(struct door *door, const struct command *command, const char *sysroot);
/* Likewise a system with its /sys and /proc, without which there is nothing to judge. */
int sysroot_open_system(struct door *door, const struct command *command, const char *sysroot);
/* Likewise a machine with PCI. */
int sysroot_open_machine(struct door *door, const struct command *command, const char *sysroot);

#endif
