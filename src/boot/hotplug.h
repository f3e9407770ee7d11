/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hotplug run: udev starts the binder for one device that appeared after the
 * boot's own run. A card that gets its virtual functions starts several at
 * once; they take turns, so that no two of them write one device's override or
 * open one group.
 */
#ifndef EARLYBIND_BOOT_HOTPLUG_H
#define EARLYBIND_BOOT_HOTPLUG_H

#include "boot/run.h"

/*
 * In place of run_boot(), for the device at ADDRESS alone, with the
 * configuration and the plan that the boot's own run left in /run.
 */
void run_hotplug(struct run *run, struct address address);

#endif
