/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/hotplug.h"

#include "decide/rescue.h"

void hotplug_keep_only(const struct machine *machine, struct matches *matches, struct address address)
{
	size_t kept = 0;

	for (size_t i = 0; i < matches->n_claims; i++)
		if (address_compare(machine->devices[matches->claims[i].device].address, address) == 0)
			matches->claims[kept++] = matches->claims[i];
	matches->n_claims = kept;
}

void hotplug_keep_owners(const struct machine *machine, struct matches *matches, struct address address)
{
	const struct device *device = machine_device(machine, address);
	size_t kept = 0;

	for (size_t i = 0; i < matches->n_claims; i++)
		if (shares_group(machine, &machine->devices[matches->claims[i].device], device))
			matches->claims[kept++] = matches->claims[i];
	matches->n_claims = kept;
}

void hotplug_spare_neighbours(const struct machine *machine, struct matches *matches)
{
	for (size_t i = 0; i < matches->n_claims; i++) {
		struct claim *claim = &matches->claims[i];
		const struct device *device = &machine->devices[claim->device];
		const struct device *group_owner = &machine->devices[claim->group_owner];

		if (!claim->by_group || claim->verdict != V_UNDECIDED || !device->driver[0] || device->vfio)
			continue;
		if (group_owner->virtual_function || !address_same_slot(device->address, group_owner->address))
			claim->verdict = V_NEIGHBOUR_IN_USE;
	}
}

void hotplug_spare_carriers(const struct machine *machine, struct matches *matches)
{
	bool network_boot = rescue_network_boot(slice_of(machine->platform.cmdline));

	for (size_t i = 0; i < matches->n_claims; i++) {
		struct claim *claim = &matches->claims[i];
		const struct device *device = &machine->devices[claim->device];

		if (claim->verdict == V_UNDECIDED && rescue_carrier(&device->identity, network_boot) != CARRIES_NO_ROOT)
			claim->verdict = V_RESCUED;
	}
}
