/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/command/selection.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "decide/match.h"
#include "machine/enumerate.h"
#include "tool/command/sysroot.h"

#define NAME_SHOWN 100

bool devices_options(const struct command *command, int argc, char **argv, const char **sysroot, int *ret)
{
	static const struct option options[] = {
		OPTION_HELP,
		{ "sysroot", required_argument, NULL, 's' },
		{ 0 },
	};
	int c;

	while ((c = next_option(command, argc, argv, options)) == 's')
		*sysroot = optarg;
	*ret = c == 'h' ? print_help(command->help) : STATUS_USAGE;
	return c == -1;
}

int devices_open(struct devices *devices, const struct command *command, const char *sysroot)
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

void devices_close(struct devices *devices)
{
	names_close(&devices->names);
	machine_done(&devices->machine);
	if (devices->sys.root >= 0)
		system_close(&devices->sys);
}

/* A device that nobody can identify is at its place all the same, but has no ID to be found by. */
static bool is_found(const struct claim *claim, enum selector_kind kind)
{
	return claim->verdict == V_UNDECIDED ||
	       (claim->verdict == V_UNREADABLE && (kind == SELECT_ADDRESS || kind == SELECT_PATH));
}

static int keep_found(const struct matches *matches, struct selection *selection)
{
	selection->found = calloc(matches->n_claims + 1, sizeof(*selection->found));
	if (!selection->found)
		return -ENOMEM;
	for (size_t i = 0; i < matches->n_claims; i++)
		if (is_found(&matches->claims[i], selection->rule->selector.kind))
			selection->found[selection->n_found++] = matches->claims[i].device;
	return 0;
}

int devices_select(const struct devices *devices, struct slice line, struct selection *ret)
{
	struct matches matches = { 0 };
	int r;

	memset(ret, 0, sizeof(*ret));
	config_init(&ret->config);
	r = config_parse(&ret->config, "", line);
	if (r == 0 && ret->config.n_rules == 1 && !ret->config.problems_total) {
		ret->rule = &ret->config.rules[0];
		r = match_devices(&ret->config, &devices->machine, &matches);
		r = r < 0 ? r : keep_found(&matches, ret);
		matches_done(&matches);
	}
	return r;
}

void selection_done(struct selection *selection)
{
	config_done(&selection->config);
	free(selection->found);
}

void devices_comment(struct devices *devices, const struct device *device, struct linebuf *line)
{
	const char *name = device->error ? NULL : names_full(&devices->names, &device->identity);

	if (!name)
		return;
	linebuf_add(line, "  # ");
	linebuf_add_escaped(line, slice_of(name), NAME_SHOWN);
}
