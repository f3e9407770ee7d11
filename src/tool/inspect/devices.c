/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decide/match.h"
#include "machine/enumerate.h"
#include "tool/inspect/sysroot.h"

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
