/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From file systems and files down to block devices and servers. */
#ifndef EARLYBIND_TOOL_HOST_MOUNT_H
#define EARLYBIND_TOOL_HOST_MOUNT_H

#include "tool/host/trace.h"

struct libmnt_fs;

/* What is mounted on TARGET now, or NULL. */
struct libmnt_fs *mount_at(struct libmnt_table *mounts, const char *target);

/* Begin to trace the mounted FS, by the name of its source that people know. */
void mount_begin(struct trace *trace, enum need_kind kind, const char *purpose, struct libmnt_fs *fs);
int trace_mount(struct trace *trace, struct libmnt_fs *fs);
/* The file system that holds PATH, as the running system names it. */
int trace_file(struct trace *trace, const char *path);

/* The block device of FS by its number or its source; false when it has none. */
bool mount_block_name(struct system *sys, struct libmnt_fs *fs, char *to, size_t size);

#endif
