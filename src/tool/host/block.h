/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From block devices down to PCI functions, by the links of sysfs. */
#ifndef EARLYBIND_TOOL_HOST_BLOCK_H
#define EARLYBIND_TOOL_HOST_BLOCK_H

#include "tool/host/trace.h"

/* NAME is that of a block device in sysfs. */
int trace_block(struct trace *trace, const char *name);
/* All devices of the btrfs file system of which NAME is one. */
int trace_btrfs(struct trace *trace, const char *name);

/* The block device that a path such as /dev/mapper/vg-root means; false when there is none. */
bool block_name(struct system *sys, const char *path, char *to, size_t size);

#endif
