/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind groups`: IOMMU groups as a tree, and what of them could be given away. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/verify.h"
#include "machine/enumerate.h"
#include "tool/command/context.h"
#include "tool/host/needs.h"

static const char help[] = "Usage: earlybind groups [OPTION]...\n"
			   "\n"
			   "Show the IOMMU groups with their devices, and whether each could be given to a\n"
			   "guest: the kernel gives a group away as a whole.\n"
			   "\n" TABLE_HELP "\n"
			   "Exit status: 0, or 1 when no IOMMU is active, 2 wrong usage.\n";

enum { COL_DEVICE, COL_KIND, COL_GROUP, COL_ID, COL_CLASS, COL_DRIVER, COL_RESET, COL_DISPLAY, COL_GIVE, COL_NAME };

static const struct table_column columns[] = {
	[COL_DEVICE] = { "DEVICE", "group, and the addresses in it", COLUMN_TREE, SHOWN },
	[COL_KIND] = { "KIND", "group, device or bridge", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_GROUP] = { "GROUP", "number of the group", COLUMN_NUMBER, SHOWN_ON_REQUEST },
	[COL_ID] = { "ID", "vendor:device", COLUMN_TEXT, SHOWN_WITH_ROOM },
	[COL_CLASS] = { "CLASS", "class, subclass and interface", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_DRIVER] = { "DRIVER", "driver that has it now", COLUMN_TEXT, SHOWN },
	[COL_RESET] = { "RESET", "reset methods; none: a second guest may not start", COLUMN_TEXT, SHOWN },
	[COL_DISPLAY] = { "DISPLAY", "the firmware's display", COLUMN_BOOL, SHOWN_ON_REQUEST },
	[COL_GIVE] = { "GIVE", "whether it could be given away, and with what", COLUMN_TEXT, SHOWN },
	[COL_NAME] = { "NAME", "vendor and device", COLUMN_LONG, SHOWN },
};

struct groups {
	struct context context;
	struct decision decision;
	struct host_needs root;
	struct table table;
};

/* --- what could be given away --- */

/* No guest wants a bridge, or the IOMMU itself. */
static bool is_endpoint(const struct device *device)
{
	return !device_is_bridge(device) && !device_is_host_bridge(device) && device->identity.class >> 8 != 0x0806;
}

static const struct device *member(const struct groups *g, const struct group *group, size_t i)
{
	return &g->decision.machine.devices[group->members[i]];
}

/* Why nothing of DEVICE's group can be given away, if there is a reason. */
static void add_obstacle(const struct groups *g, const struct group *group, const struct device *of,
			 struct linebuf *line)
{
	if (group->noiommu) {
		linebuf_add(line, "no: no-IOMMU mode isolates nothing");
		return;
	}
	if (group->reserved_direct) {
		linebuf_add(line, "no: reserved memory");
		return;
	}
	for (size_t i = 0; i < group->n_members; i++) {
		const struct device *device = member(g, group, i);

		if (host_needs_at(&g->root, device->address)) {
			if (host_needs_at(&g->root, of->address))
				linebuf_add(line, "no: the host needs it");
			else
				linebuf_add(line, "no: the host needs %s", address_name(device->address).at);
			return;
		}
		if (device_is_bridge(device) &&
		    verify_neighbour(&g->decision.machine.platform, device) == NEIGHBOUR_BOUND) {
			linebuf_add(line, "no: bridge driver ");
			linebuf_add_escaped(line, slice_of(device->driver), 32);
			return;
		}
	}
}

/* A person sees them in the tree; a program gets them all. */
static void add_neighbours(const struct groups *g, const struct device *device, struct linebuf *line)
{
	size_t shown = table_is_bare(&g->context.options) ? SIZE_MAX : 1, n = 0;

	for (size_t i = 0; i < g->decision.machine.n_devices; i++) {
		const struct device *other = &g->decision.machine.devices[i];

		if (other == device || other->group != device->group || !is_endpoint(other))
			continue;
		if (n < shown)
			linebuf_add(line, "%s%s", n ? ", " : "with ", address_name(other->address).at);
		n++;
	}
	if (n > shown)
		linebuf_add(line, " and %zu more", n - shown);
}

static void add_give(const struct groups *g, const struct group *group, const struct device *device,
		     struct linebuf *line)
{
	if (!is_endpoint(device))
		return;
	if (!group) {
		linebuf_add(line, "no: not behind the IOMMU");
		return;
	}
	if (group->error) {
		linebuf_add(line, "not known: its group cannot be read");
		return;
	}
	add_obstacle(g, group, device, line);
	if (!line->len)
		add_neighbours(g, device, line);
	if (!line->len)
		linebuf_add(line, "yes");
}

/* --- rows --- */

static int put_identity(struct groups *g, struct libscols_line *row, const struct device *device)
{
	char id[16], class[16];
	char *name;
	int r;

	if (device->error)
		return 0;
	snprintf(id, sizeof(id), "%04x:%04x", device->identity.vendor, device->identity.device);
	snprintf(class, sizeof(class), "%06x", (unsigned)device->identity.class);
	name = context_name(&g->context, device);
	r = table_put(&g->table, row, COL_ID, id);
	r = r < 0 ? r : table_put(&g->table, row, COL_CLASS, class);
	r = r < 0 ? r : table_put(&g->table, row, COL_NAME, name);
	free(name);
	return r;
}

static enum style style_of_give(const struct linebuf *give)
{
	if (!give->len)
		return STYLE_FAINT;
	return slice_starts(slice_of(give->at), "no") ? STYLE_PROBLEM
	       : !strcmp(give->at, "yes")	      ? STYLE_GOOD
						      : STYLE_NOTE;
}

static int put_device(struct groups *g, struct libscols_line *parent, const struct group *group,
		      const struct device *device)
{
	struct libscols_line *row = table_row(&g->table, parent);
	bool endpoint = is_endpoint(device);
	struct linebuf give;
	int r;

	linebuf_start(&give);
	add_give(g, group, device, &give);
	r = table_put(&g->table, row, COL_DEVICE, address_name(device->address).at);
	r = r < 0 ? r : table_put(&g->table, row, COL_KIND, endpoint ? "device" : "bridge");
	r = r < 0 ? r : put_identity(g, row, device);
	r = r < 0 ? r : table_put(&g->table, row, COL_DRIVER, device->driver);
	r = r < 0 ? r : table_put(&g->table, row, COL_RESET, device->reset[0] ? device->reset : endpoint ? "none" : "");
	r = r < 0 ? r : table_put_bool(&g->table, row, COL_DISPLAY, device->boot_vga);
	r = r < 0 ? r : table_put_escaped(&g->table, row, COL_GIVE, give.at);
	if (group)
		r = r < 0 ? r : table_put_number(&g->table, row, COL_GROUP, group->number);
	table_style(&g->table, row, COL_GIVE, style_of_give(&give));
	return r;
}

static int put_group(struct groups *g, const struct group *group)
{
	struct libscols_line *row = table_row(&g->table, NULL);
	char name[24];
	int r;

	snprintf(name, sizeof(name), "group %u", group->number);
	r = table_put(&g->table, row, COL_DEVICE, name);
	r = r < 0 ? r : table_put(&g->table, row, COL_KIND, "group");
	r = r < 0 ? r : table_put_number(&g->table, row, COL_GROUP, group->number);
	for (size_t i = 0; i < g->decision.machine.n_devices && r == 0; i++)
		if (g->decision.machine.devices[i].group == (int)group->number)
			r = put_device(g, row, group, &g->decision.machine.devices[i]);
	return r;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *ga = a, *gb = b;

	return ga->number < gb->number ? -1 : ga->number > gb->number;
}

static int put_all(struct groups *g)
{
	struct machine *machine = &g->decision.machine;
	int r = 0;

	if (machine->n_groups > 1)
		qsort(machine->groups, machine->n_groups, sizeof(machine->groups[0]), compare_groups);
	for (size_t i = 0; i < machine->n_groups && r == 0; i++)
		r = put_group(g, &machine->groups[i]);
	for (size_t i = 0; i < machine->n_devices && r == 0; i++)
		if (machine->devices[i].group == NO_GROUP && machine->platform.units)
			r = put_device(g, NULL, NULL, &machine->devices[i]);
	return r;
}

/* --- all of it --- */

static int gather(struct groups *g)
{
	struct decision *s = &g->decision;
	int r = decision_read_platform(s);

	/* A line by ID has every device enumerated, whatever the ID. */
	r = r < 0 ? r : config_parse(&s->config, "groups", slice_of("ffff:ffff"));
	r = r < 0 ? r : enumerate_devices(s->sys, &s->config, &s->machine);
	for (size_t i = 0; i < s->machine.n_devices && r == 0; i++)
		r = read_details(s->sys, &s->machine, i);
	return r < 0 ? r : host_needs_find(s->sys, &g->root);
}

static int groups_run(struct groups *g)
{
	struct context *context = &g->context;
	int r = context_open(context, context->command);

	if (r != STATUS_FINE)
		return r;
	decision_init(&g->decision, &context->sys);
	r = gather(g);
	r = r < 0 ? r
		  : table_open(&g->table, context->command, "groups", columns, COUNT_OF(columns), &context->options);
	if (r != STATUS_FINE)
		return r;
	r = put_all(g);
	r = r < 0 ? r : table_print(&g->table);
	if (r < 0)
		return r;
	context_platform(context, &g->decision);
	context_unresolved(context, &g->root);
	if (!table_is_bare(&context->options))
		findings_print_words(&context->findings, &context->sys, LEVEL_NOTE);
	return context_status(context);
}

static void groups_print_columns(void)
{
	print_columns(columns, COUNT_OF(columns));
}

static int groups_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = { TABLE_OPTIONS, { 0 } };
	struct groups g = { .context = CONTEXT_OF(command) };
	int r;

	if (!context_options(&g.context, argc, argv, options, NULL, groups_print_columns, &r))
		return r;
	r = groups_run(&g);
	table_close(&g.table);
	host_needs_done(&g.root);
	decision_done(&g.decision);
	context_done(&g.context);
	return r;
}

const struct command command_groups = {
	.name = "groups",
	.does = "IOMMU groups as a tree, and what could be given away",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = groups_main,
};
