/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From ZFS pools to the disks that they are made of: those whose label names the pool. */
#ifndef EARLYBIND_TOOL_HOST_ZFS_H
#define EARLYBIND_TOOL_HOST_ZFS_H

#include "tool/host/trace.h"

/* DATASET is "rpool" or begins with "rpool/". Its log and cache devices are found like the others. */
int trace_pool(struct trace *trace, const char *dataset);
/* The pool of a dataset, for people. */
struct slice pool_of(const char *dataset);
/* The volume whose link below /dev/zvol is LINK, "rpool/swap". */
int trace_zvol_link(struct trace *trace, const char *link);
/* The volume of a pool that is the block device NAME ("zd0"). */
int trace_zvol(struct trace *trace, const char *name);

#endif
