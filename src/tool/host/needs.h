/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the system in the door's root stands on: the PCI functions that have to
 * keep their own drivers for it to boot. For the plan's guard, for `check` and
 * for `suggest`.
 *
 * Looked at are /, /usr, /boot, /boot/efi, /efi, /var, swap with the place of a
 * hibernated image, and the network where one of them comes over it; as they
 * are mounted now and as /etc/fstab says. From there down through device mapper,
 * md, bcache, btrfs, overlays, loop devices and NVMe subsystems. Mount tables
 * are read by libmount, everything else by the door, so a captured machine will do.
 */
#ifndef EARLYBIND_TOOL_HOST_NEEDS_H
#define EARLYBIND_TOOL_HOST_NEEDS_H

#include <stddef.h>

#include "base/address.h"
#include "system/system.h"

#define NEED_WHAT_SIZE 160

/* One PCI function that the system stands on. */
struct needed_device {
	struct address address;
	struct identity identity;
	int error;		   /* why its identity could not be read: an errno, or 0 */
	char what[NEED_WHAT_SIZE]; /* for people: "/ on nvme0n1p2, swap on dm-1"; printable ASCII */
};

/* What stands on something that could not be followed down to a device. */
struct unresolved_need {
	char what[NEED_WHAT_SIZE]; /* "/ on rpool/ROOT: the devices below zfs are not known"; likewise */
};

struct host_needs {
	struct needed_device *devices; /* by address, each once */
	size_t n_devices, devices_room;
	struct unresolved_need *unresolved;
	size_t n_unresolved, unresolved_room;
	/*
	 * Not NULL: the root is not that of a machine that boots, and this is how
	 * it is known ("it is in a container"). No device is listed then.
	 */
	const char *foreign_root;
};

/* ROOT need not be initialised, and is the caller's to free in every case. 0 or -ENOMEM. */
int host_needs_find(struct system *sys, struct host_needs *root);
void host_needs_done(struct host_needs *root);

/* What stands on the function at ADDRESS, or NULL. */
const struct needed_device *host_needs_at(const struct host_needs *root, struct address address);

#endif
