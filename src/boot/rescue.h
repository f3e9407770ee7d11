/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rescue: while the initramfs waits for a root that does not appear, restore
 * the devices that the binder took and that could carry it. Works from
 * /run/earlybind.
 */
#ifndef EARLYBIND_BOOT_RESCUE_H
#define EARLYBIND_BOOT_RESCUE_H

#include <stdbool.h>

#include "system/system.h"

enum rescue_result {
	RESCUE_DONE,	/* devices have just been restored */
	RESCUE_WAITING, /* it is too early to decide */
	RESCUE_OVER,	/* nothing is left to restore, or the rescue is off */
};

/*
 * One round of waiting for the root. The boot script that misses the device
 * calls it about once a second. ECHO: the log to standard output, too.
 */
enum rescue_result rescue_round(struct system *sys, bool echo);

/*
 * Rounds until it is over, devices have been restored, or the root is mounted;
 * for boots whose scripts call no rounds.
 */
enum rescue_result rescue_rounds(struct system *sys, bool echo);

/*
 * Likewise before the root is mounted, for boot scripts that try it once: only
 * as long as what the root needs is known to be missing.
 */
enum rescue_result rescue_before_mount(struct system *sys, bool echo);

/* The binder took something that could carry the root, and the rescue is wanted. */
bool rescue_is_possible(struct system *sys);

/*
 * systemd's initrd-root-device.target is reached: where it stands for a device,
 * no round gives back anything any more. 0 or a negative errno.
 */
int rescue_cancel(struct system *sys);

#endif
