/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hotplug: what is different for a device that appeared after the boot's own
 * run. What was there before and has a driver is in use. Pure.
 */
#ifndef EARLYBIND_DECIDE_HOTPLUG_H
#define EARLYBIND_DECIDE_HOTPLUG_H

#include "base/address.h"
#include "decide/match.h"
#include "machine/facts.h"

/* Of all claims keep that on the device at ADDRESS. */
void hotplug_keep_only(const struct machine *machine, struct matches *matches, struct address address);

/* Keep the claims on those devices whose group the device at ADDRESS, which is there, is in or may get into. */
void hotplug_keep_owners(const struct machine *machine, struct matches *matches, struct address address);

/*
 * Leave alone the neighbours that were claimed because of `group` and have a
 * driver. The functions of a slot are plugged in together, so those in the slot
 * of the group's owner are as new as the owner; unless that is a virtual function,
 * which was made by its physical function, and that is in use.
 */
void hotplug_spare_neighbours(const struct machine *machine, struct matches *matches);

/*
 * After a rescue: leave alone what could carry the root. It may be the missing
 * disk, attached to a controller that was restored.
 */
void hotplug_spare_carriers(const struct machine *machine, struct matches *matches);

#endif
