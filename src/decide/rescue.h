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

/*
 * Seconds until devices are restored: what the root needs is not there; the
 * root may still come, since what it needs is there or nothing is known about
 * it; a passphrase is asked for and no keyboard is there.
 */
#define RESCUE_AFTER 10
#define RESCUE_LATE_AFTER 60
#define RESCUE_KEYBOARD_AFTER 10
/* Seconds in which udev loads drivers, or a program works on the root, until neither delays the rescue any more. */
#define RESCUE_DRIVERS_MAX 60
#define RESCUE_WORK_MAX 600

enum carrier {
	CARRIES_NO_ROOT,
	CARRIES_STORAGE, /* SCSI, SATA, RAID, NVMe, and VMD, whose storage sits in a domain of its own */
	CARRIES_BUS,	 /* USB, FireWire, Fibre Channel, InfiniBand, SD cards */
	CARRIES_NETWORK,
};

/* How this device could carry a root. NETWORK_BOOT: the root may come over the network. */
enum carrier rescue_carrier(const struct identity *identity, bool network_boot);
/* A keyboard could be on this device. */
bool rescue_carries_keyboard(const struct identity *identity);
/* "a storage controller" */
const char *rescue_carrier_name(enum carrier carrier);

/* The kernel command line asks for the network in the initramfs. */
bool rescue_network_boot(struct slice cmdline);

/* The root is a server's, a directory or a block device: without a network card it cannot come. */
bool rescue_waits_for_network(struct slice cmdline);

/*
 * systemd waits for the root's device: by systemd-fstab-generator(8) it makes a
 * device unit of such a root=, and of no other (iscsi:, nbd:, zfs:, live: and
 * the like, which dracut handles itself).
 */
bool rescue_root_is_device(struct slice cmdline);
/* Below the system's root, the path that such a root= has once udev knows the device; false if it is no device. */
bool rescue_root_path(struct slice cmdline, char *to, size_t size);

/* What a process of the initramfs does, by the kernel's name for it (at most 15 characters). */
enum rescue_work {
	WORK_NONE,
	WORK_ON_ROOT, /* it imports, mounts or checks the root, or logs in where the root is */
	WORK_ASK,     /* it asks for a passphrase */
	WORK_LOGIN,   /* it lets somebody in who can type the passphrase elsewhere */
};

enum rescue_work rescue_work_of(struct slice process);

/* Capabilities of an input device, as in sysfs: all keys from Esc to D (1 to 31) are there. */
bool rescue_is_keyboard(struct slice keys);
/* The passphrase can be typed at a serial console: the last console= is /dev/console, where it is asked for. */
bool rescue_has_serial_console(struct slice cmdline);

/* What is known about the root in one round of waiting for it. */
struct rescue_facts {
	unsigned long now; /* since boot, in hundredths of a second; 0: unknown */
	unsigned disks;	   /* block devices, partitions and the like included */
	bool has_disk;	   /* one of them is a disk */
	bool mounted;	   /* the root is mounted, or the initramfs is gone */
	bool waited_for;   /* a boot script or systemd waits for the root's device */
	bool by_network;   /* the root is on a server */
	bool has_card;	   /* a network card is there */
	bool planned;	   /* the plan names controllers of the root */
	bool in_place;	   /* each of them is at its address and has a driver */
	bool loading;	   /* udev is handling events */
	bool working;	   /* WORK_ON_ROOT */
	bool asking;	   /* a passphrase is asked for */
	bool can_answer;   /* with a keyboard, at a serial console, by network */
};

enum rescue_prospect {
	ROOT_MISSING,  /* what it needs is not there */
	ROOT_EXPECTED, /* nothing shows that it is missing */
	ROOT_LOADING,  /* udev may still find it */
	ROOT_IN_WORK,
	ROOT_ASKED,
};

/* How long the initramfs has waited for the root; zeroed at the first round. In hundredths of a second. */
struct rescue_clock {
	bool over;		   /* nothing is restored any more */
	unsigned long seen;	   /* when the last round was, by the time since boot; 0: never */
	unsigned disks;		   /* that were there then */
	enum rescue_prospect last; /* of ROOT_MISSING and ROOT_EXPECTED */
	unsigned waited;	   /* in LAST, without a break */
	unsigned loading, working, asking;
};

enum rescue_step {
	RESCUE_NOTHING,
	RESCUE_KEYBOARDS,  /* restore what a keyboard could be on */
	RESCUE_EVERYTHING, /* restore all that could carry the root */
};

/* Why devices were restored. */
enum rescue_reason { RESCUED_NOT, RESCUED_ROOT_MISSING, RESCUED_ROOT_LATE, RESCUED_KEYBOARD };

enum rescue_prospect rescue_prospect(const struct rescue_clock *clock, const struct rescue_facts *facts);
/* One more round of waiting. */
enum rescue_step rescue_step(struct rescue_clock *clock, const struct rescue_facts *facts);

#endif
