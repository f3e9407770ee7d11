/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/protection.h"

/* A device whose ID could not be read, now or then, is the plan's only at the plan's address. */
static bool fits(const struct plan_need *root, const struct device *device)
{
	return device->error == 0 && id_pattern_fits(&root->id, &device->identity);
}

bool protection_is_present(const struct plan_need *need, const struct machine *machine)
{
	const struct device *device = machine_device(machine, need->address);

	return device && fits(need, device);
}

/*
 * Virtual functions of the same ID appear one after another: one that is missing
 * may follow this one. If the physical function has moved, they are on another
 * bus. If they are so many that they need the next bus, too, they are protected.
 */
static bool may_still_come(const struct plan_need *root, const struct device *device)
{
	return device->virtual_function && root->address.domain == device->address.domain &&
	       root->address.bus == device->address.bus;
}

const struct plan_need *protection_find(const struct plan *plan, const struct machine *machine,
					const struct device *device, bool *moved)
{
	*moved = false;
	for (size_t i = 0; i < plan->n_needs; i++)
		if (address_compare(plan->needs[i].address, device->address) == 0 && fits(&plan->needs[i], device))
			return &plan->needs[i];
	*moved = true;
	for (size_t i = 0; i < plan->n_needs; i++) {
		const struct plan_need *root = &plan->needs[i];

		if (!id_pattern_is_any(&root->id) && fits(root, device) && !protection_is_present(root, machine) &&
		    !may_still_come(root, device))
			return root;
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
