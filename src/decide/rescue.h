/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rescue: when the root does not appear, which of the devices that earlybind
 * took could carry it, and how long to wait before they are given back. Pure.
 */
#ifndef EARLYBIND_DECIDE_RESCUE_H
#define EARLYBIND_DECIDE_RESCUE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

/* Seconds of fruitless waiting after which devices are given back. */
#define RESCUE_AFTER 10

enum carrier {
	CARRIES_NO_ROOT,
	CARRIES_STORAGE, /* SCSI, SATA, RAID, NVMe, and VMD, whose storage sits in a domain of its own */
	CARRIES_BUS,	 /* USB, FireWire, Fibre Channel, InfiniBand, SD cards */
	CARRIES_NETWORK,
};

/* What a root could hang on this device by. NETWORK_BOOT: the root may come over the network. */
enum carrier rescue_carrier(const struct identity *identity, bool network_boot);
/* "a storage controller" */
const char *rescue_carrier_name(enum carrier carrier);

/* The kernel command line asks for the network in the initramfs. */
bool rescue_network_boot(struct slice cmdline);

/* The root is a server's, a directory or a block device: without a network card it cannot come. */
bool rescue_waits_for_network(struct slice cmdline);

/*
 * systemd waits for the root's device: by systemd-fstab-generator(8) it makes a
 * device unit of such a root=, and of no other (iscsi:, nbd:, zfs:, live: and
 * their likes, which dracut sees to itself).
 */
bool rescue_root_is_device(struct slice cmdline);

/* How long the root has been waited for; zeroed at the first round. Times in hundredths of a second. */
struct rescue_clock {
	bool over; /* nothing will be given back any more */
	unsigned waited;
	unsigned long seen; /* when the last round was, by the time since boot; 0: never */
	unsigned disks;	    /* block devices that were there then */
};

/*
 * One more round of waiting, at NOW. DISKS: block devices that are there.
 * ASKING: somebody is being asked for a passphrase. True when it is time.
 */
bool rescue_is_due(struct rescue_clock *clock, unsigned long now, unsigned disks, bool asking);

#endif
