/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Late: what is different for a device that came after the binder had run.
 * Whatever was there before and has a driver is in use. Pure.
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
 * driver. Functions of one slot are plugged in together, so those of the
 * leader's slot are as new as the leader is; unless it is a virtual function,
 * which its physical function, in use until then, has made.
 */
void hotplug_spare_neighbours(const struct machine *machine, struct matches *matches);

/*
 * After a rescue: leave alone what could carry the root, since it may be the
 * very disk that was missed, behind a controller that was given back.
 */
void hotplug_spare_carriers(const struct machine *machine, struct matches *matches);

#endif
