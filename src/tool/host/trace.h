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

/* Devices below one thing; more than a real machine has, and a loop with branches ends. */
#define TRACE_STEPS_MAX 8192
#define VOLUME_NAME_SIZE 128

struct libmnt_table;
struct zfs_member;
struct zfs_pool;

struct volume_name {
	char at[VOLUME_NAME_SIZE];
};

struct trace {
	struct system *sys;
	struct host_needs *needs;    /* the result */
	struct libmnt_table *mounts; /* what is mounted; may be empty */
	/* trace_file(): a block device can be a file of a file system. */
	int (*file)(struct trace *trace, const char *path);
	enum need_kind kind;	   /* of what is being traced */
	char what[NEED_WHAT_SIZE]; /* what is being traced: "/ on nvme0n1p2" */
	bool only_new;		   /* what is already needed needs no further reason */
	unsigned depth, steps;
	size_t found; /* how often trace_found() was called */
	/* Encrypted volumes that something needed is on, by their names in /dev/mapper. */
	struct volume_name *volumes;
	size_t n_volumes, volumes_room;
	bool routed;	  /* the cards of a default route have been found */
	bool not_visible; /* something has parts that cannot be seen from here */
	/* zfs.c: all members of pools, found when the first pool is traced, and the pools above what is being traced.
	 */
	struct zfs_member *members;
	size_t n_members, members_room;
	bool members_known, disk_hung;
	const struct zfs_pool *pools;
	unsigned n_loops;
};

/* Begin to trace PURPOSE, which is on ON; either may be any text. ON may be empty. */
void trace_begin(struct trace *trace, enum need_kind kind, const char *purpose, struct slice on);
/* It ends at the function at ADDRESS. */
int trace_found(struct trace *trace, struct address address);
/* It cannot be traced any further: WHY. */
int trace_unknown(struct trace *trace, const char *why);
/* What is needed is on the encrypted volume NAME. */
int trace_volume(struct trace *trace, const char *name);
/* It ends at each PCI function in TARGET, a link into /sys/devices, but at no bridge. SEEN counts them. */
int trace_sysfs_path(struct trace *trace, const char *target, unsigned *seen);

/* The last PCI function in TARGET that is no bridge: the controller; false if there is none. */
bool pci_controller(struct system *sys, const char *target, struct address *ret);
/* The identity of the function at ADDRESS; false if it cannot be read. */
bool pci_identity(struct system *sys, struct address address, struct identity *ret);
/* The class of the function at ADDRESS, 0xCCSSPP; 0 if it cannot be read. */
uint32_t pci_class(struct system *sys, struct address address);

#endif
