/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host needs: the PCI functions that have to keep their own drivers
 * for it to boot. For the plan's protection, for `check`, `groups` and `suggest`.
 *
 * Traced are /, /usr, /boot, /boot/efi, /efi, /var, swap with the place of a
 * hibernated image, and the network where one of them comes over it; as they
 * are mounted now and as /etc/fstab has them. From there down through device
 * mapper, md, bcache, btrfs, overlays, loop devices and NVMe subsystems. libmount
 * parses mount tables; all files are read through struct system, so a captured
 * machine will do.
 */
#ifndef EARLYBIND_TOOL_HOST_NEEDS_H
#define EARLYBIND_TOOL_HOST_NEEDS_H

#include <stddef.h>

#include "base/address.h"
#include "system/system.h"

#define NEED_WHAT_SIZE 160

/* One PCI function that the host depends on. */
struct needed_device {
	struct address address;
	struct identity identity;
	int error;		   /* why its identity could not be read: an errno, or 0 */
	char what[NEED_WHAT_SIZE]; /* for people: "/ on nvme0n1p2, swap on dm-1"; printable ASCII */
};

/* Something that could not be traced down to a device. */
struct unresolved_need {
	char what[NEED_WHAT_SIZE]; /* "/ on rpool/ROOT: zfs cannot be traced"; likewise */
};

struct host_needs {
	struct needed_device *devices; /* by address, each once */
	size_t n_devices, devices_room;
	struct unresolved_need *unresolved;
	size_t n_unresolved, unresolved_room;
	/*
	 * Not NULL: the root is not that of a machine that boots, and this is the
	 * reason ("it is in a container"). No device is listed then.
	 */
	const char *foreign_root;
};

/* NEEDS need not be initialised, and is the caller's to free in every case. 0 or -ENOMEM. */
int host_needs_find(struct system *sys, struct host_needs *needs);
void host_needs_done(struct host_needs *needs);

/* What depends on the function at ADDRESS, or NULL. */
const struct needed_device *host_needs_at(const struct host_needs *needs, struct address address);

#endif
