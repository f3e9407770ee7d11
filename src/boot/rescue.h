/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rescue: while the initramfs waits in vain for its root, give back what
 * the binder took and what could carry it. Works from /run/earlybind.
 */
#ifndef EARLYBIND_BOOT_RESCUE_H
#define EARLYBIND_BOOT_RESCUE_H

#include <stdbool.h>

#include "system/system.h"

enum rescue_result {
	RESCUE_DONE,	/* devices were given back just now */
	RESCUE_WAITING, /* it is too early to say */
	RESCUE_OVER,	/* there is nothing to give back, or it was done already, or it is not wanted */
};

/*
 * One round of waiting for the root, to be called about once a second by who
 * finds its device missing. ECHO: the log to standard output, too.
 */
enum rescue_result rescue_round(struct system *sys, bool echo);

/*
 * Rounds until it is over, until devices were given back, or until the root is
 * mounted, for where nobody else makes them.
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
