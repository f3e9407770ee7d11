/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules by which udev knows for which devices to start a hotplug run. */
#ifndef EARLYBIND_BOOT_UDEV_RULES_H
#define EARLYBIND_BOOT_UDEV_RULES_H

#include "boot/run.h"

/* Those of the boot's own run. 0 or a negative errno. */
int udev_rules_save(struct run *run);
/*
 * After a hotplug run for the device at ADDRESS, whose line may have `group`:
 * one more file, for its neighbours. 0 or a negative errno.
 */
int udev_rules_add(struct run *run, struct address address);

#endif
