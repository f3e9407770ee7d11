/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/guard.h"

/* What nobody could read, now or then, counts as the plan's device only at the plan's address. */
static bool fits(const struct plan_root *root, const struct device *device)
{
	return device->error == 0 && id_pattern_fits(&root->id, &device->identity);
}

static bool is_at_home(const struct plan_root *root, const struct machine *machine)
{
	const struct device *device = machine_device(machine, root->address);

	return device && fits(root, device);
}

const struct plan_root *guard_find(const struct plan *plan, const struct machine *machine,
				   const struct device *device, bool *moved)
{
	*moved = false;
	for (size_t i = 0; i < plan->n_roots; i++)
		if (address_compare(plan->roots[i].address, device->address) == 0 && fits(&plan->roots[i], device))
			return &plan->roots[i];
	*moved = true;
	/* Functions of the same ID appear one after another, so one that is missing is still to come. */
	if (device->virtual_function)
		return NULL;
	for (size_t i = 0; i < plan->n_roots; i++) {
		const struct plan_root *root = &plan->roots[i];

		if (!id_pattern_is_any(&root->id) && fits(root, device) && !is_at_home(root, machine))
			return root;
	}
	return NULL;
}

void guard_claim(const struct config *config, const struct plan *plan, const struct machine *machine,
		 struct claim *claim)
{
	bool moved;

	if (claim->verdict != V_NONE || config->rules[claim->rule].allow_root)
		return;
	if (guard_find(plan, machine, &machine->devices[claim->device], &moved))
		claim->verdict = V_GUARDED;
}
