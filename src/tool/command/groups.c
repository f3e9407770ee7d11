/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind groups`: IOMMU groups as a tree, and what of them can be assigned to a guest. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/protection.h"
#include "decide/verify.h"
#include "machine/enumerate.h"
#include "tool/command/context.h"
#include "tool/host/needs.h"
#include "tool/output/json.h"
#include "tool/plan/builder.h"
#include "tool/plan/drivers.h"

static const char help[] = "Usage: earlybind groups [OPTION]...\n"
			   "\n"
			   "Show the IOMMU groups with their devices, and whether each can be assigned to a\n"
			   "guest: the kernel assigns a group as a whole.\n"
			   "\n" TABLE_HELP "\n"
			   "Exit status: 0 success, 1 no IOMMU is active, 2 wrong usage.\n";

enum {
	COL_DEVICE,
	COL_TYPE,
	COL_GROUP,
	COL_ID,
	COL_CLASS,
	COL_DRIVER,
	COL_RESET,
	COL_DISPLAY,
	COL_BOARD,
	COL_ASSIGNABLE,
	COL_NAME
};

static const struct table_column columns[] = {
	[COL_DEVICE] = { "DEVICE", "group, and the addresses in it", COLUMN_TREE, SHOWN },
	[COL_TYPE] = { "TYPE", "group, device or bridge", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_GROUP] = { "GROUP", "number of the group", COLUMN_NUMBER, SHOWN_ON_REQUEST },
	[COL_ID] = { "ID", "vendor:device", COLUMN_TEXT, SHOWN_WITH_ROOM },
	[COL_CLASS] = { "CLASS", "class, subclass and interface", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_DRIVER] = { "DRIVER", "driver that has it now", COLUMN_TEXT, SHOWN },
	[COL_RESET] = { "RESET", "reset methods; none: a second guest may not start", COLUMN_TEXT, SHOWN },
	[COL_DISPLAY] = { "DISPLAY", "the firmware's display", COLUMN_BOOL, SHOWN_ON_REQUEST },
	[COL_BOARD] = { "BOARD", "a function of the board, such as LPC or SMBus", COLUMN_BOOL, SHOWN_ON_REQUEST },
	[COL_ASSIGNABLE] = { "ASSIGNABLE", "whether a guest can have it, and with what", COLUMN_TEXT, SHOWN },
	[COL_NAME] = { "NAME", "vendor and device", COLUMN_LONG, SHOWN },
};

enum assignable {
	ASSIGN_NOTHING, /* a bridge, or a function of the board: no guest wants it */
	ASSIGN_YES,
	ASSIGN_WITH, /* together with its neighbours */
	ASSIGN_NO,
	ASSIGN_UNKNOWN,
};

struct assessment {
	enum assignable assignable;
	struct linebuf reason; /* of ASSIGN_NO and ASSIGN_UNKNOWN; escaped */
};

struct groups {
	struct context context;
	struct decision decision;
	struct host_needs needs;
	struct table table;
};

/* --- what can be assigned --- */

/* OTHER will have a driver that is in the way of a guest, unless a line names it. */
static bool will_be_in_the_way(const struct groups *g, const struct device *other)
{
	return verify_next_neighbour(&g->decision.plan, &g->decision.machine.platform, other) >= NEIGHBOUR_UNBOUND;
}

/* What else of its group has to come with it. */
static bool is_companion(const struct groups *g, const struct device *device, const struct device *other)
{
	return other != device && other->group == device->group && device_is_endpoint(other) &&
	       will_be_in_the_way(g, other);
}

static void refuse(struct assessment *a, const char *why)
{
	a->assignable = ASSIGN_NO;
	linebuf_add(&a->reason, "%s", why);
}

/* A reason why nothing of the group can be assigned, if there is one. */
static void assess_group(const struct groups *g, const struct group *group, const struct device *of,
			 struct assessment *a)
{
	bool moved;

	if (group->noiommu)
		refuse(a, "no-IOMMU mode isolates nothing");
	else if (group->reserved_direct)
		refuse(a, "reserved memory");
	for (size_t i = 0; i < group->n_members && a->assignable != ASSIGN_NO; i++) {
		const struct device *member = &g->decision.machine.devices[group->members[i]];

		const struct plan_need *need = protection_find(&g->decision.plan, &g->decision.machine, member, &moved);

		if (need && (member == of || protection_find(&g->decision.plan, &g->decision.machine, of, &moved))) {
			refuse(a, need->kind == NEED_UNKNOWN ? "the host may need it" : "the host needs it");
		} else if (need) {
			refuse(a, need->kind == NEED_UNKNOWN ? "the host may need " : "the host needs ");
			linebuf_add(&a->reason, "%s", address_name(member->address).at);
		} else if (!device_is_endpoint(member) && will_be_in_the_way(g, member)) {
			refuse(a, "bridge driver ");
			linebuf_add_escaped(&a->reason, slice_of(member->driver), 32);
		}
	}
}

static void assess(const struct groups *g, const struct group *group, const struct device *device, struct assessment *a)
{
	const struct machine *machine = &g->decision.machine;

	a->assignable = ASSIGN_NOTHING;
	linebuf_start(&a->reason);
	if (!device_is_endpoint(device) || device_is_of_board(device))
		return;
	a->assignable = ASSIGN_YES;
	if (!group) {
		refuse(a, "not behind the IOMMU");
	} else if (group->error) {
		a->assignable = ASSIGN_UNKNOWN;
		linebuf_add(&a->reason, "its group cannot be read");
	} else {
		assess_group(g, group, device, a);
	}
	for (size_t i = 0; i < machine->n_devices && a->assignable == ASSIGN_YES; i++)
		if (is_companion(g, device, &machine->devices[i]))
			a->assignable = ASSIGN_WITH;
}

/* A person sees them in the tree; a program gets them all. */
static void add_companions(const struct groups *g, const struct device *device, struct linebuf *line)
{
	size_t shown = table_is_bare(&g->context.options) ? SIZE_MAX : 1, n = 0;

	for (size_t i = 0; i < g->decision.machine.n_devices; i++) {
		const struct device *other = &g->decision.machine.devices[i];

		if (!is_companion(g, device, other))
			continue;
		if (n < shown)
			linebuf_add(line, "%s%s%s", n ? ", " : "with ", address_name(other->address).at,
				    device_is_of_board(other) && shown == 1 ? " (board)" : "");
		n++;
	}
	if (n > shown)
		linebuf_add(line, " and %zu more", n - shown);
}

static int put_assignable(struct groups *g, struct libscols_line *row, const struct device *device,
			  const struct assessment *a)
{
	static const enum style styles[] = {
		[ASSIGN_NOTHING] = STYLE_FAINT, [ASSIGN_YES] = STYLE_GOOD,	  [ASSIGN_WITH] = STYLE_NOTE,
		[ASSIGN_NO] = STYLE_PROBLEM,	[ASSIGN_UNKNOWN] = STYLE_PROBLEM,
	};
	struct linebuf line;

	linebuf_start(&line);
	if (a->assignable == ASSIGN_WITH)
		add_companions(g, device, &line);
	else if (a->assignable == ASSIGN_YES)
		linebuf_add(&line, "yes");
	else if (a->assignable != ASSIGN_NOTHING)
		linebuf_add(&line, "%s: %s", a->assignable == ASSIGN_NO ? "no" : "unknown", a->reason.at);
	table_style(&g->table, row, COL_ASSIGNABLE, styles[a->assignable]);
	return table_put_escaped(&g->table, row, COL_ASSIGNABLE, line.at);
}

/* --- rows --- */

static int put_identity(struct groups *g, struct libscols_line *row, const struct device *device)
{
	char class[16];
	char *name;
	int r;

	if (device->error)
		return 0;
	snprintf(class, sizeof(class), "%06x", (unsigned)device->identity.class);
	name = context_name(&g->context, device);
	r = table_put(&g->table, row, COL_ID, identity_name(device->identity).at);
	r = r < 0 ? r : table_put(&g->table, row, COL_CLASS, class);
	r = r < 0 ? r : table_put(&g->table, row, COL_NAME, name);
	free(name);
	return r;
}

static int put_device(struct groups *g, struct libscols_line *parent, const struct group *group,
		      const struct device *device)
{
	struct libscols_line *row = table_row(&g->table, parent);
	bool endpoint = device_is_endpoint(device);
	struct assessment a;
	int r;

	assess(g, group, device, &a);
	r = table_put(&g->table, row, COL_DEVICE, address_name(device->address).at);
	r = r < 0 ? r : table_put(&g->table, row, COL_TYPE, endpoint ? "device" : "bridge");
	r = r < 0 ? r : put_identity(g, row, device);
	r = r < 0 ? r : table_put(&g->table, row, COL_DRIVER, device->driver);
	r = r < 0 ? r : table_put(&g->table, row, COL_RESET, device->reset[0] ? device->reset : endpoint ? "none" : "");
	r = r < 0 ? r : table_put_bool(&g->table, row, COL_DISPLAY, device->boot_vga);
	r = r < 0 ? r : table_put_bool(&g->table, row, COL_BOARD, device_is_of_board(device));
	r = r < 0 ? r : put_assignable(g, row, device, &a);
	if (group)
		r = r < 0 ? r : table_put_number(&g->table, row, COL_GROUP, group->number);
	return r;
}

static int put_group(struct groups *g, const struct group *group)
{
	struct libscols_line *row = table_row(&g->table, NULL);
	char name[24];
	int r;

	snprintf(name, sizeof(name), "group %u", group->number);
	r = table_put(&g->table, row, COL_DEVICE, name);
	r = r < 0 ? r : table_put(&g->table, row, COL_TYPE, "group");
	r = r < 0 ? r : table_put_number(&g->table, row, COL_GROUP, group->number);
	for (size_t i = 0; i < g->decision.machine.n_devices && r == 0; i++)
		if (g->decision.machine.devices[i].group == (int)group->number)
			r = put_device(g, row, group, &g->decision.machine.devices[i]);
	return r;
}

static bool is_ungrouped(const struct groups *g, const struct device *device)
{
	return device->group == NO_GROUP && g->decision.machine.platform.units;
}

static int print_table(struct groups *g)
{
	const struct machine *machine = &g->decision.machine;
	int r = table_open(&g->table, g->context.command, columns, COUNT_OF(columns), &g->context.options);

	for (size_t i = 0; i < machine->n_groups && r == 0; i++)
		r = put_group(g, &machine->groups[i]);
	for (size_t i = 0; i < machine->n_devices && r == 0; i++)
		if (is_ungrouped(g, &machine->devices[i]))
			r = put_device(g, NULL, NULL, &machine->devices[i]);
	return r == 0 ? table_print(&g->table) : r;
}

/* --- JSON --- */

static const char *const assignables[] = {
	[ASSIGN_NOTHING] = NULL, [ASSIGN_YES] = "yes",	       [ASSIGN_WITH] = "with",
	[ASSIGN_NO] = "no",	 [ASSIGN_UNKNOWN] = "unknown",
};

static void json_identity(struct groups *g, struct json *json, const struct device *device)
{
	const struct identity *id = &device->identity;
	char text[16];
	char *name;

	if (json_wants(json, "id"))
		json_text(json, "id", device->error ? NULL : identity_name(*id).at);
	if (json_wants(json, "class")) {
		snprintf(text, sizeof(text), "%06x", (unsigned)id->class);
		json_text(json, "class", device->error ? NULL : text);
	}
	if (json_wants(json, "name")) {
		name = context_name(&g->context, device);
		json_text(json, "name", name);
		free(name);
	}
}

static void json_assignable(struct groups *g, struct json *json, const struct group *group, const struct device *device)
{
	const struct machine *machine = &g->decision.machine;
	struct assessment a;

	if (!json_wants(json, "assignable"))
		return;
	assess(g, group, device, &a);
	json_text(json, "assignable", assignables[a.assignable]);
	json_text(json, "reason", a.reason.at);
	json_array(json, "with");
	for (size_t i = 0; i < machine->n_devices && a.assignable == ASSIGN_WITH; i++)
		if (is_companion(g, device, &machine->devices[i]))
			json_text(json, NULL, address_name(machine->devices[i].address).at);
	json_end_array(json);
}

static void json_device(struct groups *g, struct json *json, const struct group *group, const struct device *device)
{
	json_object(json, NULL);
	if (json_wants(json, "device"))
		json_text(json, "device", address_name(device->address).at);
	if (json_wants(json, "type"))
		json_text(json, "type", device_is_endpoint(device) ? "device" : "bridge");
	json_identity(g, json, device);
	if (json_wants(json, "driver"))
		json_text(json, "driver", device->driver);
	if (json_wants(json, "reset"))
		json_list(json, "reset", device->reset, ' ');
	if (json_wants(json, "display"))
		json_bool(json, "display", device->boot_vga);
	if (json_wants(json, "board"))
		json_bool(json, "board", device_is_of_board(device));
	json_assignable(g, json, group, device);
	json_end_object(json);
}

static int print_json(struct groups *g)
{
	const struct machine *machine = &g->decision.machine;
	const struct findings *findings = &g->context.findings;
	struct json json;
	int r = table_check_columns(g->context.command, columns, COUNT_OF(columns), &g->context.options);

	if (r != STATUS_FINE)
		return r;
	json_begin(&json, g->context.command, &g->context.options);
	findings_json_platform(&json, findings);
	json_array(&json, "groups");
	for (size_t i = 0; i < machine->n_groups; i++) {
		json_object(&json, NULL);
		json_number(&json, "group", machine->groups[i].number);
		json_array(&json, "devices");
		for (size_t d = 0; d < machine->n_devices; d++)
			if (machine->devices[d].group == (int)machine->groups[i].number)
				json_device(g, &json, &machine->groups[i], &machine->devices[d]);
		json_end_array(&json);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_array(&json, "ungrouped");
	for (size_t d = 0; d < machine->n_devices; d++)
		if (is_ungrouped(g, &machine->devices[d]))
			json_device(g, &json, NULL, &machine->devices[d]);
	json_end_array(&json);
	findings_json_array(&json, findings, "needs", FINDING_NEED);
	json_object(&json, "summary");
	json_number(&json, "groups", (long long)machine->n_groups);
	json_number(&json, "devices", (long long)machine->n_devices);
	findings_json_levels(&json, findings, context_status(&g->context));
	json_end_object(&json);
	return json_end(&json);
}

/* --- all of it --- */

static int compare_groups(const void *a, const void *b)
{
	const struct group *ga = a, *gb = b;

	return ga->number < gb->number ? -1 : ga->number > gb->number;
}

static int read_all(struct groups *g)
{
	struct decision *s = &g->decision;
	int r = decision_read_platform(s);

	r = r < 0 ? r : enumerate_every(s->sys, &s->machine);
	for (size_t i = 0; i < s->machine.n_devices && r == 0; i++)
		r = read_details(s->sys, &s->machine, i);
	if (s->machine.n_groups > 1)
		qsort(s->machine.groups, s->machine.n_groups, sizeof(s->machine.groups[0]), compare_groups);
	r = r < 0 ? r : host_needs_find(s->sys, false, &g->needs);
	r = r < 0 ? r : plan_fill_needs(&g->needs, &s->plan);
	return r < 0 ? r : drivers_fill_running(s->sys, g->context.options.sysroot, &s->plan);
}

static int groups_run(struct groups *g)
{
	struct context *context = &g->context;
	int r = context_open(context, context->command);

	if (r != STATUS_FINE)
		return r;
	decision_init(&g->decision, &context->sys);
	r = read_all(g);
	if (r < 0)
		return r;
	context_platform(context, &g->decision);
	context_unknown_needs(context, &g->decision.plan, LEVEL_NOTE);
	r = context->options.json ? print_json(g) : print_table(g);
	if (r != STATUS_FINE)
		return r;
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
	host_needs_done(&g.needs);
	decision_done(&g.decision);
	context_done(&g.context);
	return r;
}

const struct command command_groups = {
	.name = "groups",
	.does = "show the IOMMU groups, and what can be assigned to a guest",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = groups_main,
};
