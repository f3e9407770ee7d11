/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variant: which driver of VFIO's family suits a device best. Some devices
 * have one of their own, for live migration and the like; its module says so by
 * an alias "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*" (Linux 5.15 on). Pure.
 */
#ifndef EARLYBIND_DECIDE_VARIANT_H
#define EARLYBIND_DECIDE_VARIANT_H

#include <stdbool.h>

#include "base/address.h"
#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/*
 * The alias of PLAN that fits the device, the one with the fewest * of several
 * as libvirt and the kernel's documentation have it, or NULL. Patterns are
 * fnmatch(3)'s.
 */
const struct plan_alias *variant_find(const struct plan *plan, const struct identity *identity);

/* For each claim that is V_UNDECIDED and whose line has driver=auto. */
void variant_choose(const struct config *config, const struct plan *plan, const struct machine *machine,
		    struct matches *matches);

/*
 * Whether RULE can mean a device that PATTERN fits, by the ID and the class in
 * the rule: then an image for RULE has to hold the module, whatever this
 * machine has. A pattern that is not understood may fit.
 */
bool variant_may_fit(const struct rule *rule, struct slice pattern);

#endif
