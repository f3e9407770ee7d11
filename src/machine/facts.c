/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/facts.h"

#include <stdlib.h>
#include <string.h>

void machine_done(struct machine *machine)
{
	for (size_t i = 0; i < machine->n_groups; i++)
		free(machine->groups[i].members);
	free(machine->groups);
	free(machine->devices);
	free(machine->platform.cmdline);
	memset(machine, 0, sizeof(*machine));
}

struct device *machine_device(const struct machine *machine, struct address address)
{
	for (size_t i = 0; i < machine->n_devices; i++)
		if (address_compare(machine->devices[i].address, address) == 0)
			return &machine->devices[i];
	return NULL;
}

struct group *machine_group(const struct machine *machine, const struct device *device)
{
	for (size_t i = 0; device->group != NO_GROUP && i < machine->n_groups; i++)
		if (machine->groups[i].number == (unsigned)device->group)
			return &machine->groups[i];
	return NULL;
}

bool device_is_bridge(const struct device *device)
{
	uint32_t class = device->identity.class >> 8;

	/* PCI-PCI, CardBus and semi-transparent bridges carry a bridge's header. */
	return class == 0x0604 || class == 0x0607 || class == 0x0609;
}

bool device_is_host_bridge(const struct device *device)
{
	return device->identity.class >> 8 == 0x0600;
}

bool device_is_endpoint(const struct device *device)
{
	return !device_is_bridge(device) && !device_is_host_bridge(device) && device->identity.class >> 8 != 0x0806 &&
	       strcmp(device->driver, PORT_DRIVER) != 0;
}

bool device_is_of_board(const struct device *device)
{
	uint32_t class = device->identity.class >> 8;

	/* Behind a port it is part of a card: graphics cards have a serial bus, too. */
	return device->n_chain == 1 &&
	       (class == 0x0500 || class == 0x0580 || class == 0x0601 || class == 0x0c05 || class == 0x0c80);
}

bool device_is_display(const struct device *device)
{
	return device->identity.class >> 16 == 0x03 && device->identity.class >> 8 != 0x0302;
}

bool device_is_vga(const struct device *device)
{
	return device->identity.class >> 8 == 0x0300;
}

bool kernel_is(const struct platform *platform, unsigned major, unsigned minor)
{
	return platform->major > major || (platform->major == major && platform->minor >= minor);
}
