/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protection: which devices are left alone because the host needs them. The
 * plan was made on the host and says which these are. Pure.
 */
#ifndef EARLYBIND_DECIDE_PROTECTION_H
#define EARLYBIND_DECIDE_PROTECTION_H

#include <stdbool.h>

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/*
 * The need of PLAN that DEVICE meets, or may meet; NULL for none. MOVED: the
 * plan's address no longer holds its device, so every device of the same ID could
 * be it. If the plan says that something could not be traced (NEED_UNKNOWN), every
 * storage controller may be needed. MACHINE must know the plan's addresses
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
