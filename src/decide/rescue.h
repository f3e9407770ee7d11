/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rescue: if the root does not appear, which of the devices that earlybind took
 * could carry it, and how long to wait before they are restored. Pure.
 */
#ifndef EARLYBIND_DECIDE_RESCUE_H
#define EARLYBIND_DECIDE_RESCUE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

/* Seconds without a root after which devices are restored. */
#define RESCUE_AFTER 10

enum carrier {
	CARRIES_NO_ROOT,
	CARRIES_STORAGE, /* SCSI, SATA, RAID, NVMe, and VMD, whose storage sits in a domain of its own */
	CARRIES_BUS,	 /* USB, FireWire, Fibre Channel, InfiniBand, SD cards */
	CARRIES_NETWORK,
};

/* How a root could depend on this device. NETWORK_BOOT: the root may come over the network. */
enum carrier rescue_carrier(const struct identity *identity, bool network_boot);
/* "a storage controller" */
const char *rescue_carrier_name(enum carrier carrier);

/* The kernel command line asks for the network in the initramfs. */
bool rescue_network_boot(struct slice cmdline);

/* The root is a server's, a directory or a block device: without a network card it cannot come. */
bool rescue_waits_for_network(struct slice cmdline);

/*
 * systemd waits for the root's device: systemd-fstab-generator(8) makes a device
 * unit for such a root=, and for no other (iscsi:, nbd:, zfs:, live: and the
 * like, which dracut handles itself).
 */
bool rescue_root_is_device(struct slice cmdline);

/* How long the initramfs has waited for the root; zeroed at the first round. In hundredths of a second. */
struct rescue_clock {
	bool over; /* nothing will be restored from now on */
	unsigned waited;
	unsigned long seen; /* when the last round was, by the time since boot; 0: never */
	unsigned disks;	    /* block devices that were there then */
};

/*
 * One more round of waiting, at NOW. DISKS: block devices that are there.
 * ASKING: a passphrase is being asked for. True if it is time to restore.
 */
bool rescue_is_due(struct rescue_clock *clock, unsigned long now, unsigned disks, bool asking);

#endif
