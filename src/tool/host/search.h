/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that look for the root's devices share. All functions return
 * 0 or -ENOMEM; what leads nowhere is noted as unknown.
 */
#ifndef EARLYBIND_TOOL_HOST_SEARCH_H
#define EARLYBIND_TOOL_HOST_SEARCH_H

#include "base/slice.h"
#include "tool/host/needs.h"

/* Layers of storage and directories above each other; there are fewer in any machine, and loops end. */
#define SEARCH_DEPTH_MAX 24

struct libmnt_table;

struct search {
	struct system *sys;
	struct host_needs *root;
	struct libmnt_table *mounts; /* what is mounted; may be empty */
	char what[NEED_WHAT_SIZE];   /* what is being followed: "/ on nvme0n1p2" */
	unsigned depth;
	bool out_of_sight; /* something is made of what cannot be seen from here */
};

/* root.c: begin to follow PURPOSE, which is on ON; either may be anything. */
void search_begin(struct search *search, const char *purpose, struct slice on);
/* root.c: what is followed ends in the function at ADDRESS, or at something unknown: WHY. */
int search_found(struct search *search, struct address address);
int search_unknown(struct search *search, const char *why);

/* root_mount.c: down from the file system that holds PATH, as the running system names it. */
int search_file(struct search *search, const char *path);

/* root_block.c: down from a block device by its name in sysfs. */
int search_block(struct search *search, const char *name);
/* root_block.c: the devices of the btrfs file system of which NAME is one. */
int search_btrfs(struct search *search, const char *name);
/* root_block.c: every PCI function in TARGET, a link into /sys/devices, but no bridge; SEEN counts them. */
int search_sysfs_path(struct search *search, const char *target, unsigned *seen);
/* root_block.c: the block device that a path such as /dev/mapper/vg-root means; false when there is none. */
bool search_block_name(struct system *sys, const char *path, char *to, size_t size);

/* root_network.c: the network cards on the way to SERVER, an address, or where that is not known to anywhere. */
int search_network(struct search *search, struct slice server);

#endif
