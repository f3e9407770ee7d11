/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host needs: the PCI functions that have to keep their own drivers.
 * For the plan's protection, for `check`, `groups`, `suggest` and `import`.
 *
 * NEED_ROOT: /, /usr, /boot, /boot/efi, /efi, /var, swap with the place of a
 * hibernated image, and the network where one of them comes over it; as they are
 * mounted now and as /etc/fstab has them. NEED_MOUNT: every other entry of
 * /etc/fstab and /etc/crypttab that the boot waits for, and the disks of key files.
 * From there down through device mapper, md, bcache, btrfs, ZFS pools, overlays,
 * loop devices and NVMe subsystems. NEED_NETWORK: the cards of the default routes.
 * NEED_KEYBOARD: the only controller with a keyboard, if a passphrase is asked for
 * at boot. libmount parses mount tables; all files are read through struct system,
 * so a captured machine will do. Only what udev does not know of the disks of a
 * pool is read from the running system's disks, with libblkid.
 */
#ifndef EARLYBIND_TOOL_HOST_NEEDS_H
#define EARLYBIND_TOOL_HOST_NEEDS_H

#include <stddef.h>

#include "base/address.h"
#include "config/plan.h"
#include "system/system.h"

#define NEED_WHAT_SIZE 160

/* One PCI function that the host depends on. */
struct needed_device {
	enum need_kind kind; /* of its first reason */
	struct address address;
	struct identity identity;
	int error;		   /* why its identity could not be read: an errno, or 0 */
	char what[NEED_WHAT_SIZE]; /* for people: "/ on nvme0n1p2, swap on dm-1"; printable ASCII */
};

/* Something that the host needs and that could not be traced down to a device. */
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
	 * reason ("the root is that of a container"). No device is listed then, and what that
	 * machine needs is unknown.
	 */
	const char *foreign_root;
};

/*
 * USES: find also what is only in use, for people. NEEDS need not be initialised,
 * and is the caller's to free in every case. 0 or -ENOMEM.
 */
int host_needs_find(struct system *sys, bool uses, struct host_needs *needs);
void host_needs_done(struct host_needs *needs);

/* What the function at ADDRESS is needed or used for, or NULL. */
const struct needed_device *host_needs_at(const struct host_needs *needs, struct address address);

#endif
