/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracing storage and networks down to PCI functions: what is being traced, and
 * what has been found. All trace_*() functions return 0 or -ENOMEM; what cannot
 * be traced is noted in the result.
 */
#ifndef EARLYBIND_TOOL_HOST_TRACE_H
#define EARLYBIND_TOOL_HOST_TRACE_H

#include "base/slice.h"
#include "tool/host/needs.h"

/* Layers of storage and directories on each other; real machines have fewer, and loops end. */
#define TRACE_DEPTH_MAX 24

struct libmnt_table;

struct trace {
	struct system *sys;
	struct host_needs *needs;    /* the result */
	struct libmnt_table *mounts; /* what is mounted; may be empty */
	/* trace_file(): a block device can be a file of a file system. */
	int (*file)(struct trace *trace, const char *path);
	char what[NEED_WHAT_SIZE]; /* what is being traced: "/ on nvme0n1p2" */
	unsigned depth;
	bool not_visible; /* something has parts that cannot be seen from here */
};

/* Begin to trace PURPOSE, which is on ON; either may be any text. */
void trace_begin(struct trace *trace, const char *purpose, struct slice on);
/* It ends at the function at ADDRESS. */
int trace_found(struct trace *trace, struct address address);
/* It cannot be traced any further: WHY. */
int trace_unknown(struct trace *trace, const char *why);
/* It ends at each PCI function in TARGET, a link into /sys/devices, but at no bridge. SEEN counts them. */
int trace_sysfs_path(struct trace *trace, const char *target, unsigned *seen);

#endif
