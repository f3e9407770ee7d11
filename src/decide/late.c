/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/late.h"

#include "decide/rescue.h"

void late_keep_only(const struct machine *machine, struct matches *matches, struct address address)
{
	size_t kept = 0;

	for (size_t i = 0; i < matches->n_claims; i++)
		if (address_compare(machine->devices[matches->claims[i].device].address, address) == 0)
			matches->claims[kept++] = matches->claims[i];
	matches->n_claims = kept;
}

void late_keep_leaders(const struct machine *machine, struct matches *matches, struct address address)
{
	const struct device *device = machine_device(machine, address);
	size_t kept = 0;

	for (size_t i = 0; i < matches->n_claims; i++)
		if (shares_group(machine, &machine->devices[matches->claims[i].device], device))
			matches->claims[kept++] = matches->claims[i];
	matches->n_claims = kept;
}

void late_spare_neighbours(const struct machine *machine, struct matches *matches)
{
	for (size_t i = 0; i < matches->n_claims; i++) {
		struct claim *claim = &matches->claims[i];
		const struct device *device = &machine->devices[claim->device];
		const struct device *leader = &machine->devices[claim->leader];

		if (!claim->by_group || claim->verdict != V_NONE || !device->driver[0] || device->vfio)
			continue;
		if (leader->virtual_function || !address_same_slot(device->address, leader->address))
			claim->verdict = V_IN_USE;
	}
}

void late_spare_carriers(const struct machine *machine, struct matches *matches)
{
	bool network_boot = rescue_network_boot(text_of(machine->platform.cmdline));

	for (size_t i = 0; i < matches->n_claims; i++) {
		struct claim *claim = &matches->claims[i];
		const struct device *device = &machine->devices[claim->device];

		if (claim->verdict == V_NONE && rescue_carrier(&device->identity, network_boot) != CARRIES_NO_ROOT)
			claim->verdict = V_RESCUED;
	}
}
