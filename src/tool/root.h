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
#ifndef EARLYBIND_TOOL_ROOT_H
#define EARLYBIND_TOOL_ROOT_H

#include <stddef.h>

#include "base/address.h"
#include "door/door.h"

#define ROOT_WHAT_SIZE 160

/* One PCI function that the system stands on. */
struct root_device {
	struct address address;
	struct identity identity;
	int error;		   /* why its identity could not be read: an errno, or 0 */
	char what[ROOT_WHAT_SIZE]; /* for people: "/ on nvme0n1p2, swap on dm-1"; printable ASCII */
};

/* What stands on something that could not be followed down to a device. */
struct root_unknown {
	char what[ROOT_WHAT_SIZE]; /* "/ on rpool/ROOT: the devices below zfs are not known"; likewise */
};

struct root {
	struct root_device *devices; /* by address, each once */
	size_t n_devices, devices_room;
	struct root_unknown *unknowns;
	size_t n_unknowns, unknowns_room;
	/*
	 * Not NULL: the root is not that of a machine that boots, and this is how
	 * it is known ("it is in a container"). Nothing else is filled in then.
	 */
	const char *elsewhere;
};

/* ROOT need not be initialised, and is the caller's to free in every case. 0 or -ENOMEM. */
int root_find(struct door *door, struct root *root);
void root_done(struct root *root);

/* What stands on the function at ADDRESS, or NULL. */
const struct root_device *root_at(const struct root *root, struct address address);

#endif
