/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protection: which devices are left alone because the host depends on them.
 * The plan, made on the host, names these. Pure.
 */
#ifndef EARLYBIND_DECIDE_PROTECTION_H
#define EARLYBIND_DECIDE_PROTECTION_H

#include <stdbool.h>

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/*
 * The root device of PLAN that DEVICE is, or may be; NULL for none. MOVED: the
 * plan's address does not hold its device any more, so that everything of the
 * same ID could be it by now. MACHINE must know the plan's addresses
 * (enumerate_needs()).
 */
const struct plan_need *protection_find(const struct plan *plan, const struct machine *machine,
					const struct device *device, bool *moved);

/* The device that the plan names is at its address. */
bool protection_is_present(const struct plan_need *need, const struct machine *machine);

/* V_NEEDED_BY_HOST for a claim on such a device, unless its line says even-if-needed or it has a verdict already. */
void protect_claim(const struct config *config, const struct plan *plan, const struct machine *machine,
		   struct claim *claim);

#endif
