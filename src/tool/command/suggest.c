/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `earlybind suggest`: the lines that hand devices over, neighbours included.
 *
 * A neighbour in the IOMMU group gets a line of its own with its own guard,
 * instead of the option `group`: that one takes whatever is in the group on the
 * day of the boot, and a person who copies these lines has seen what that is.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/verify.h"
#include "machine/enumerate.h"
#include "tool/command/selection.h"
#include "tool/host/needs.h"
#include "tool/command/command.h"

#define WORD_SHOWN 64

struct suggesting {
	struct devices devices;
	struct host_needs root;
	const char *sysroot;
	struct request *wishes; /* by index in machine.devices */
	bool problem;		/* something of what was asked for will not work */
};

struct request {
	bool named; /* by the command line */
	bool printed;
	struct slice path; /* as it was named there, if that was a path; else empty */
};

static const char help[] = "Usage: earlybind suggest [--sysroot DIR] DEVICE...\n"
			   "\n"
			   "Print the lines for /etc/earlybind.conf that hand these devices to VFIO, each\n"
			   "guarded by the ID of what is there now, and those for the other devices of their\n"
			   "IOMMU groups, without which a guest cannot have them. DEVICE is what a line can\n"
			   "begin with: an address (01:00.0), all functions (01:00.*), a path (00:1c.0/00.0),\n"
			   "an ID (10de:1b80) or a class (class=0300). What to think of before is said on\n"
			   "standard error.\n"
			   "\n"
			   "  --sysroot DIR      look at the system below DIR, not at this one\n"
			   "  --help             this text\n"
			   "\n"
			   "Exit status: 0 these lines will do, 1 something will not work, 2 wrong usage.\n";

static struct machine *machine_of(struct suggesting *s)
{
	return &s->devices.machine;
}

/* One line on standard error that begins with the device's address. */
static void warn(const struct device *device, const struct linebuf *text)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s: %s", address_name(device->address).at, text->at);
	say_line(&line);
}

static void warn_text(const struct device *device, const char *text)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s", text);
	warn(device, &line);
}

/* What is asked for */

static int bad_device(const struct command *command, const char *word, const struct selection *selection)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(word), WORD_SHOWN);
	return usage_error(command, "\"%s\": %s", line.at,
			   selection->config.n_problems ? selection->config.problems[0].what : "not a device");
}

static void wish_for(struct suggesting *s, const struct selection *selection, const char *word)
{
	const struct selector *selector = &selection->rule->selector;

	for (size_t i = 0; i < selection->n_found; i++) {
		struct request *request = &s->wishes[selection->found[i]];

		request->named = true;
		if (selector->kind == SELECT_PATH && !selector->any_function)
			request->path = slice_of(word);
	}
}

static void say_absent(struct suggesting *s, const char *word)
{
	say("%s: no device of this machine fits; `lspci -Dnn` shows what is there", word);
	s->problem = true;
}

/* One address means one device; an ID or a class may mean more than the person thought of. */
static void say_many(const struct selection *selection, const char *word)
{
	enum selector_kind kind = selection->rule->selector.kind;

	if (kind == SELECT_ID && selection->n_found > 1)
		say("%s: %zu devices fit; keep the lines of those that are meant", word, selection->n_found);
}

static int read_wish(const struct command *command, struct suggesting *s, const char *word)
{
	struct selection selection;
	struct slice text = slice_of(word), rest = text;
	int r = devices_select(&s->devices, text, &selection);

	/* A whole line, `skip`, or nothing at all would parse, too. */
	if (r == 0 && (!selection.rule || selection.rule->skip || slice_word(&rest).len != text.len)) {
		r = bad_device(command, word, &selection);
	} else if (r == 0) {
		wish_for(s, &selection, word);
		say_many(&selection, word);
		if (!selection.n_found)
			say_absent(s, word);
	}
	selection_done(&selection);
	return r;
}

/* What speaks against it */

static void say_platform(struct suggesting *s)
{
	enum verdict verdict = verify_platform(&machine_of(s)->platform);

	if (verdict == V_IOMMU_ACTIVE)
		return;
	say("no IOMMU is active now (%s), so groups and neighbours are not known: %s; then run this again",
	    verdict_word(verdict), verdict_remedy(verdict));
	s->problem = true;
}

/* At boot the guard leaves such a line alone. */
static void warn_root(struct suggesting *s, const struct device *device)
{
	const struct needed_device *root = host_needs_at(&s->root, device->address);
	struct linebuf line;

	if (!root)
		return;
	linebuf_start(&line);
	linebuf_add(&line, "the host stands on it (%s): the line is left alone at boot unless it says even-if-needed",
		    root->what);
	warn(device, &line);
	s->problem = true;
}

static void say_unknowns(const struct suggesting *s)
{
	for (size_t i = 0; i < s->root.n_unresolved; i++)
		say("%s; so it is not known whether the host stands on one of these devices",
		    s->root.unresolved[i].what);
}

static void warn_group(struct suggesting *s, const struct device *device)
{
	const struct group *group = machine_group(machine_of(s), device);

	if (group && group->noiommu)
		warn_text(device, "only no-IOMMU mode has it, which isolates nothing");
	else if (!group && machine_of(s)->platform.units)
		warn_text(device,
			  "is in no IOMMU group now: the IOMMU does not translate for it, or only once it is bound");
	else if (group && group->reserved_direct)
		warn_text(device, "the firmware goes on using memory of its group: no guest can have it; look for an "
				  "option such as RMRR or shared memory in the firmware setup");
	else
		return;
	s->problem = true;
}

static bool same_id(const struct device *a, const struct device *b)
{
	return a->identity.vendor == b->identity.vendor && a->identity.device == b->identity.device;
}

static void warn_identical(struct suggesting *s, size_t index)
{
	const struct device *device = &machine_of(s)->devices[index];

	for (size_t i = 0; i < machine_of(s)->n_devices; i++) {
		const struct device *other = &machine_of(s)->devices[i];
		struct linebuf line;

		if (other->error || s->wishes[i].named || !same_id(device, other))
			continue;
		/* Functions of one card move together, and neighbours have lines of their own. */
		if (address_same_slot(device->address, other->address) ||
		    (device->group != NO_GROUP && device->group == other->group))
			continue;
		linebuf_start(&line);
		linebuf_add(&line,
			    "%s has the same ID; this line takes only the one at its address, so look again when "
			    "cards were moved",
			    address_name(other->address).at);
		warn(device, &line);
		return;
	}
}

static void warn_device(struct suggesting *s, size_t index)
{
	const struct device *device = &machine_of(s)->devices[index];

	if (device->boot_vga)
		warn_text(device,
			  "the firmware shows itself on it: the console may stay dark once a guest can have it");
	if (!device->reset[0])
		warn_text(device, "has no reset method: a guest may get it once only, until the next boot of the host");
	warn_root(s, device);
	warn_group(s, device);
	if (s->wishes[index].named)
		warn_identical(s, index);
}

/* What is printed */

static bool is_never_taken(const struct device *device)
{
	return device_is_bridge(device) || device_is_host_bridge(device);
}

/*
 * The endpoint that DEVICE lies behind, as behind Intel's VMD, or NULL. Its
 * driver makes that bus, so a guest gets all of it or nothing.
 */
static const struct device *maker_of(const struct machine *machine, const struct device *device)
{
	for (unsigned i = 0; i + 1 < device->n_chain; i++) {
		const struct device *above = machine_device(machine, device->chain[i]);

		if (above && !above->error && !device_is_bridge(above))
			return above;
	}
	return NULL;
}

static void print_device(struct suggesting *s, size_t index, const struct device *group_owner)
{
	const struct device *device = &machine_of(s)->devices[index];
	const struct request *request = &s->wishes[index];
	struct linebuf line;

	linebuf_start(&line);
	if (request->path.len)
		linebuf_add_escaped(&line, request->path, request->path.len);
	else
		linebuf_add(&line, "%s", address_name(device->address).at);
	linebuf_add(&line, " id=%04x:%04x", device->identity.vendor, device->identity.device);
	devices_comment(&s->devices, device, &line);
	if (group_owner)
		linebuf_add(&line, "%sshares group %d with %s", strchr(line.at, '#') ? "; " : "  # ",
			    group_owner->group, address_name(group_owner->address).at);
	puts(line.at);
	s->wishes[index].printed = true;
	warn_device(s, index);
}

static void refuse_bridge(struct suggesting *s, const struct device *device)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    "is a bridge (class %06x), which VFIO never takes; name what is behind it, which goes through "
		    "it all the same",
		    (unsigned)device->identity.class);
	warn(device, &line);
	s->problem = true;
}

static void refuse_part(struct suggesting *s, const struct device *device, const struct device *maker)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    "lies behind %s, whose driver makes its bus: a guest can have that one, with all that is behind "
		    "it, but not this alone",
		    address_name(maker->address).at);
	warn(device, &line);
	s->problem = true;
}

static void refuse_unreadable(struct suggesting *s, const struct device *device)
{
	warn_text(device, "its modalias in /sys cannot be read, so there is no ID to guard it with");
	s->problem = true;
}

/* False after saying why no line can hand it over. */
static bool may_be_taken(struct suggesting *s, const struct device *device)
{
	const struct device *maker = maker_of(machine_of(s), device);

	if (device->error)
		refuse_unreadable(s, device);
	else if (is_never_taken(device))
		refuse_bridge(s, device);
	else if (maker)
		refuse_part(s, device, maker);
	else
		return true;
	return false;
}

static int suggest_neighbours(struct suggesting *s, size_t group_owner)
{
	const struct group *group = machine_group(machine_of(s), &machine_of(s)->devices[group_owner]);
	int r = 0;

	for (size_t i = 0; group && i < group->n_members && r == 0; i++) {
		size_t index = group->members[i];
		const struct device *device = &machine_of(s)->devices[index];

		if (is_never_taken(device) || s->wishes[index].named || s->wishes[index].printed ||
		    maker_of(machine_of(s), device) || !may_be_taken(s, device))
			continue;
		r = read_details(&s->devices.sys, machine_of(s), index);
		if (r == 0)
			print_device(s, index, &machine_of(s)->devices[group_owner]);
	}
	return r;
}

static int suggest_device(struct suggesting *s, size_t index)
{
	int r;

	if (!may_be_taken(s, &machine_of(s)->devices[index]))
		return 0;
	r = read_details(&s->devices.sys, machine_of(s), index);
	if (r < 0)
		return r;
	print_device(s, index, NULL);
	return suggest_neighbours(s, index);
}

static int suggest(const struct command *command, struct suggesting *s, int n, char **words)
{
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		r = read_wish(command, s, words[i]);
	if (r == 0) {
		say_platform(s);
		say_unknowns(s);
	}
	for (size_t i = 0; i < machine_of(s)->n_devices && r == 0; i++)
		if (s->wishes[i].named)
			r = suggest_device(s, i);
	if (r)
		return r;
	return s->problem ? STATUS_PROBLEM : STATUS_FINE;
}

static int run(const struct command *command, struct suggesting *s, int n, char **words)
{
	int r = devices_open(&s->devices, command, s->sysroot);

	if (r != STATUS_FINE)
		return r;
	r = host_needs_find(&s->devices.sys, &s->root);
	if (r < 0)
		return r;
	s->wishes = calloc(machine_of(s)->n_devices + 1, sizeof(*s->wishes));
	return s->wishes ? suggest(command, s, n, words) : -ENOMEM;
}

static int suggest_main(const struct command *command, int argc, char **argv)
{
	struct suggesting suggesting = { .sysroot = "/" };
	int r;

	if (!devices_options(command, argc, argv, &suggesting.sysroot, &r))
		return r;
	if (optind == argc)
		return usage_error(command, "a device is missing");
	r = run(command, &suggesting, argc - optind, argv + optind);
	free(suggesting.wishes);
	host_needs_done(&suggesting.root);
	devices_close(&suggesting.devices);
	return r;
}

const struct command command_suggest = {
	.name = "suggest",
	.does = "print the lines that hand a device over, its neighbours' included",
	.help = help,
	.run = suggest_main,
};
