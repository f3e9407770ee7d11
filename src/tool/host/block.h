/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From block devices down to PCI functions, by the links of sysfs. */
#ifndef EARLYBIND_TOOL_HOST_BLOCK_H
#define EARLYBIND_TOOL_HOST_BLOCK_H

#include "tool/host/trace.h"

/* NAME is that of a block device in sysfs. */
int trace_block(struct trace *trace, const char *name);
/* All devices of the btrfs file system of which NAME is one. */
int trace_btrfs(struct trace *trace, const char *name);

/* The name that people know: that of a volume of device mapper, or NAME. */
void block_known_name(struct system *sys, const char *name, char *to, size_t size);
/* The block device that SOURCE means in fstab or crypttab: a path in /dev, or TAG=VALUE. */
bool block_of_source(struct system *sys, const char *source, char *to, size_t size);
/* The block device that a path such as /dev/mapper/vg-root means; false when there is none. */
bool block_name(struct system *sys, const char *path, char *to, size_t size);

#endif
