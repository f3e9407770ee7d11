/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/match.h"
#include "machine/enumerate.h"
#include "tool/inspect/sysroot.h"
#include "tool/predict/next_boot.h"

#define NAME_SHOWN 100

int host_devices_open(struct host_devices *devices, const struct command *command, const char *sysroot)
{
	int r;

	memset(devices, 0, sizeof(*devices));
	r = sysroot_open_machine(&devices->sys, command, sysroot);
	if (r != STATUS_FINE)
		return r;
	r = names_open(&devices->names, sysroot);
	r = r < 0 ? r : read_platform(&devices->sys, &devices->machine);
	return r < 0 ? r : enumerate_all(&devices->sys, &devices->machine);
}

void host_devices_close(struct host_devices *devices)
{
	names_close(&devices->names);
	machine_done(&devices->machine);
	if (devices->sys.root >= 0)
		system_close(&devices->sys);
}

int select_devices(const struct host_devices *devices, struct slice line, struct selection *ret)
{
	struct matches matches = { 0 };
	enum selector_kind kind;
	int r;

	memset(ret, 0, sizeof(*ret));
	config_init(&ret->config);
	r = config_parse(&ret->config, "", line);
	if (r < 0 || ret->config.n_rules != 1 || ret->config.problems_total)
		return r;
	ret->rule = &ret->config.rules[0];
	kind = ret->rule->selector.kind;
	r = match_devices(&ret->config, &devices->machine, &matches);
	ret->found = r < 0 ? NULL : calloc(matches.n_claims + 1, sizeof(*ret->found));
	for (size_t i = 0; ret->found && i < matches.n_claims; i++) {
		enum verdict verdict = matches.claims[i].verdict;

		/* A device that cannot be identified has no ID to be found by, but is at its place nevertheless. */
		if (verdict == V_UNDECIDED ||
		    (verdict == V_UNREADABLE && (kind == SELECT_ADDRESS || kind == SELECT_PATH)))
			ret->found[ret->n_found++] = matches.claims[i].device;
	}
	matches_done(&matches);
	return r < 0 || ret->found ? r : -ENOMEM;
}

void selection_done(struct selection *selection)
{
	config_done(&selection->config);
	free(selection->found);
}

void add_name_comment(struct host_devices *devices, const struct device *device, struct linebuf *line)
{
	const char *name = device->error ? NULL : names_full(&devices->names, &device->identity);

	if (!name)
		return;
	linebuf_add(line, "  # ");
	linebuf_add_escaped(line, slice_of(name), NAME_SHOWN);
}

/* Bridges of Thunderbolt controllers: all that is below them is on an external port, or in the controller itself. */
static bool is_thunderbolt(const struct identity *id)
{
	static const uint16_t bridges[] = { 0x1513, 0x151a, 0x151b, 0x1547, 0x1548, 0x1549, 0x1567, 0x1569,
					    0x156b, 0x156d, 0x1576, 0x1578, 0x157e, 0x15c0, 0x15d3, 0x15da,
					    0x15e7, 0x15ea, 0x15ef, 0x0b26, 0x1136, 0x5780, 0x5786 };

	for (size_t i = 0; i < COUNT_OF(bridges) && id->vendor == 0x8086; i++)
		if (id->device == bridges[i])
			return true;
	return false;
}

/* Linux 5.14 and later mark what is on an external port, and the bridges there. */
bool device_is_removable(struct system *sys, const struct machine *machine, const struct device *device)
{
	for (unsigned i = 0; i < device->n_chain; i++) {
		const struct device *above = machine_device(machine, device->chain[i]);
		char text[16];

		if (system_read(sys, text, sizeof(text), "sys/bus/pci/devices/%s/removable",
				address_name(device->chain[i]).at) > 0 &&
		    !strcmp(text, "removable\n"))
			return true;
		if (above && !above->error && i + 1 < device->n_chain && is_thunderbolt(&above->identity))
			return true;
	}
	return false;
}

bool device_makes(struct system *sys, const struct device *physical, const struct device *function)
{
	char name[ADDRESS_SIZE];

	return system_link_name(sys, name, sizeof(name), "sys/bus/pci/devices/%s/physfn",
				address_name(function->address).at) == 0 &&
	       !strcmp(name, address_name(physical->address).at);
}

bool device_has_functions(struct system *sys, const struct device *device)
{
	return system_exists(sys, "sys/bus/pci/devices/%s/virtfn0", address_name(device->address).at);
}

bool device_comes_later(struct system *sys, const struct machine *machine, const struct device *device)
{
	return device_is_hotplugged(sys, device->address) || device_is_removable(sys, machine, device);
}
