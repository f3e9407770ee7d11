/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What root.c needs of mount tables. */
#ifndef EARLYBIND_TOOL_HOST_MOUNT_H
#define EARLYBIND_TOOL_HOST_MOUNT_H

#include "tool/host/search.h"

struct libmnt_fs;

/* What is mounted on TARGET now, or NULL. */
struct libmnt_fs *mount_at(struct libmnt_table *mounts, const char *target);

/* Down from FS. 0 or -ENOMEM. */
int search_mount(struct search *search, struct libmnt_fs *fs);

/* The block device of FS by its number or its source; false when it has none. */
bool mount_block_name(struct system *sys, struct libmnt_fs *fs, char *to, size_t size);

#endif
