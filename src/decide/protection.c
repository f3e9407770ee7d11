/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/protection.h"

#define CLASS_STORAGE 0x01

/* A device whose identity could not be read, in the plan or now, is the plan's device only at the plan's address. */
static bool fits(const struct plan_need *need, const struct device *device)
{
	return device->error == 0 && id_pattern_fits(&need->id, &device->identity);
}

bool protection_is_present(const struct plan_need *need, const struct machine *machine)
{
	const struct device *device = need->kind == NEED_UNKNOWN ? NULL : machine_device(machine, need->address);

	return device && fits(need, device);
}

/*
 * Functions of the same ID appear one after another: one that is missing may
 * come after this one. A physical function that has moved takes them to another
 * bus. If there are so many that they use the next bus, too, they are protected.
 */
static bool may_still_come(const struct plan_need *need, const struct device *device)
{
	return device->virtual_function && need->address.domain == device->address.domain &&
	       need->address.bus == device->address.bus;
}

/* DEVICE may be what NEED names although it is elsewhere, or the plan does not know where. */
static bool may_be(const struct plan_need *need, const struct machine *machine, const struct device *device)
{
	if (need->kind == NEED_UNKNOWN)
		return device->error == 0 && device->identity.class >> 16 == CLASS_STORAGE;
	return !id_pattern_is_any(&need->id) && fits(need, device) && !protection_is_present(need, machine) &&
	       !may_still_come(need, device);
}

const struct plan_need *protection_find(const struct plan *plan, const struct machine *machine,
					const struct device *device, bool *moved)
{
	*moved = false;
	for (size_t i = 0; i < plan->n_needs; i++) {
		const struct plan_need *need = &plan->needs[i];

		if (need->kind != NEED_UNKNOWN && address_compare(need->address, device->address) == 0 &&
		    fits(need, device))
			return need;
	}
	for (size_t i = 0; i < plan->n_needs; i++)
		if (may_be(&plan->needs[i], machine, device)) {
			*moved = plan->needs[i].kind != NEED_UNKNOWN;
			return &plan->needs[i];
		}
	return NULL;
}

void protect_claim(const struct config *config, const struct plan *plan, const struct machine *machine,
		   struct claim *claim)
{
	bool moved;

	if (claim->verdict != V_UNDECIDED || config->rules[claim->rule].even_if_needed)
		return;
	if (protection_find(plan, machine, &machine->devices[claim->device], &moved))
		claim->verdict = V_NEEDED_BY_HOST;
}
