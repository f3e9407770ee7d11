/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `earlybind suggest`: the lines that assign devices to a guest, with those of
 * their neighbours.
 *
 * A neighbour in the IOMMU group gets a line of its own with its own id=,
 * instead of the option `group`: that one takes any device that is in the group
 * at boot, and a person who copies these lines has seen which devices that is.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/protection.h"
#include "decide/verify.h"
#include "machine/enumerate.h"
#include "report/message.h"
#include "tool/command/command.h"
#include "tool/host/needs.h"
#include "tool/inspect/devices.h"
#include "tool/plan/builder.h"
#include "tool/plan/drivers.h"
#include "tool/predict/prediction.h"

#define WORD_SHOWN 64

struct request {
	bool named; /* on the command line */
	bool printed;
	struct slice path; /* as it was named there, if that was a path; else empty */
};

struct suggestion {
	struct host_devices devices;
	struct machine *machine; /* of DEVICES */
	struct host_needs needs;
	struct plan plan;    /* without modules */
	struct buffer lines; /* that were printed */
	const char *sysroot;
	struct request *requests; /* by index in machine->devices */
	bool problem;		  /* something that was asked for will not work */
};

static const char help[] = "Usage: earlybind suggest [--sysroot DIR] DEVICE...\n"
			   "\n"
			   "Print the lines for /etc/earlybind.conf that bind these devices to VFIO, each\n"
			   "with id= of the device that is there now, and those for the other devices of\n"
			   "their IOMMU groups, without which they cannot be assigned to a guest. DEVICE is\n"
			   "a selector as in a line: an address (01:00.0), all functions (01:00.*), a path\n"
			   "(00:1c.0/00.0), an ID (10de:1b80) or a class (class=0300). Caveats go to\n"
			   "standard error.\n"
			   "\n"
			   "  --sysroot DIR      inspect the system in DIR instead of this one\n"
			   "  --help             print this help\n"
			   "\n"
			   "Exit status: 0 the lines suffice, 1 a device will not be ready or has no line,\n"
			   "2 wrong usage.\n";

/* One line on standard error that begins with the device's address. */
static void warn(const struct device *device, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void warn(const struct device *device, const char *format, ...)
{
	struct linebuf line;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	linebuf_start(&line);
	linebuf_add(&line, "%s: %s", address_name(device->address).at, text);
	print_error_line(&line);
}

/* What WORD of the command line names. 0, STATUS_USAGE or a negative errno. */
static int read_request(const struct command *command, struct suggestion *s, const char *word)
{
	struct slice text = slice_of(word), rest = text;
	const struct selector *selector;
	struct selection selection;
	struct linebuf shown;
	int r = select_devices(&s->devices, text, &selection);

	linebuf_start(&shown);
	linebuf_add_escaped(&shown, text, WORD_SHOWN);
	/* A whole line, `skip`, or nothing at all would parse, too. */
	if (r == 0 && (!selection.rule || selection.rule->skip || slice_word(&rest).len != text.len))
		r = usage_error(command, "\"%s\": %s", shown.at,
				selection.config.n_problems ? selection.config.problems[0].what : "not a device");
	if (r || !selection.rule) {
		selection_done(&selection);
		return r;
	}
	selector = &selection.rule->selector;
	for (size_t i = 0; i < selection.n_found; i++) {
		struct request *request = &s->requests[selection.found[i]];

		request->named = true;
		if (selector->kind == SELECT_PATH && !selector->any_function)
			request->path = text;
	}
	if (!selection.n_found) {
		print_error("%s: no device of this machine matches; `lspci -Dnn` lists its devices", word);
		s->problem = true;
	}
	/* An address means one device; an ID may mean more than the person thought of. */
	if (selector->kind == SELECT_ID && selection.n_found > 1)
		print_error("%s: %zu devices match; keep only the lines that you want", word, selection.n_found);
	selection_done(&selection);
	return 0;
}

/* --- caveats --- */

static void warn_identical(struct suggestion *s, const struct device *device)
{
	for (size_t i = 0; i < s->machine->n_devices; i++) {
		const struct device *other = &s->machine->devices[i];

		if (other->error || s->requests[i].named || device->identity.vendor != other->identity.vendor ||
		    device->identity.device != other->identity.device)
			continue;
		/* Functions of one card move together, and neighbours have lines of their own. */
		if (address_same_slot(device->address, other->address) ||
		    (device->group != NO_GROUP && device->group == other->group))
			continue;
		warn(device,
		     "%s has the same ID; the line takes only the device at its address: check it again after "
		     "moving cards",
		     address_name(other->address).at);
		return;
	}
}

/* Its driver can be kept off instead, which leaves it to the board. */
static void warn_board(struct suggestion *s, const struct device *device, bool neighbour)
{
	const struct plan_driver *known = verify_prospect(&s->plan, &s->machine->platform, device);
	bool modules = neighbour && known && known->modules[0] && !strchr(known->modules, '-');

	warn(device, "it belongs to the board (class %06x), and a guest could harm the host through it%s%s%s",
	     (unsigned)device->identity.class, modules ? "; instead of this line, blacklist " : "",
	     modules ? known->modules : "", modules ? " in modprobe.d" : "");
}

static void warn_device(struct suggestion *s, size_t index)
{
	const struct device *device = &s->machine->devices[index];
	const struct needed_device *use = host_needs_at(&s->needs, device->address);
	const struct plan_need *need;
	struct linebuf why;
	bool moved;

	need = protection_find(&s->plan, s->machine, device, &moved);
	if (device_has_functions(&s->devices.sys, device)) {
		warn(device,
		     "its virtual functions exist only while its own driver has it: with this line they will be "
		     "missing");
		s->problem = true;
	}
	/* Of the only display the use below says more. */
	if (device->boot_vga && !(use && use->kind == NEED_DISPLAY))
		warn(device, "this is the boot display: the host console on it ends");
	if (!device->reset[0])
		warn(device, "it has no reset method: after the first guest it may not work until the host reboots");
	/* At boot, protection leaves such a line alone. */
	if (need) {
		linebuf_start(&why);
		message_need(need, moved, &why);
		warn(device, "%s: it is left alone at boot unless the line has even-if-needed", why.at);
		s->problem = true;
	} else if (use) {
		warn(device, "%s: the host loses it", use->what);
	}
	if (device_is_of_board(device))
		warn_board(s, device, !s->requests[index].named);
	if (s->requests[index].named)
		warn_identical(s, device);
}

/* --- lines --- */

/*
 * The endpoint above DEVICE, such as Intel's VMD, or NULL. Its driver creates
 * the bus, so a guest gets all of it or nothing.
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

/* The bridges above the device, from the root bus on: bus numbers change with what is plugged in. */
static void add_path(const struct device *device, struct linebuf *line)
{
	linebuf_add(line, "%s", address_name(device->chain[0]).at);
	for (unsigned i = 1; i < device->n_chain; i++)
		linebuf_add(line, "/%02x.%x", device->chain[i].device, device->chain[i].function);
}

static void print_device(struct suggestion *s, size_t index, const struct device *group_owner)
{
	const struct device *device = &s->machine->devices[index];
	struct request *request = &s->requests[index];
	struct linebuf line;

	linebuf_start(&line);
	if (request->path.len)
		linebuf_add_escaped(&line, request->path, request->path.len);
	else if (device_is_removable(&s->devices.sys, s->machine, device))
		add_path(device, &line);
	else
		linebuf_add(&line, "%s", address_name(device->address).at);
	linebuf_add(&line, " id=%s%s", identity_name(device->identity).at,
		    device_comes_later(&s->devices.sys, s->machine, device) ? " optional" : "");
	add_name_comment(&s->devices, device, &line);
	if (group_owner)
		linebuf_add(&line, "%sshares group %d with %s", strchr(line.at, '#') ? "; " : "  # ",
			    group_owner->group, address_name(group_owner->address).at);
	puts(line.at);
	buffer_add_line(&s->lines, &line);
	request->printed = true;
	warn_device(s, index);
}

/* False after a warning why no line can assign it. */
static bool is_assignable(struct suggestion *s, const struct device *device)
{
	const struct device *maker = maker_of(s->machine, device);

	if (device->error)
		warn(device, "its modalias in /sys cannot be read, so its ID is unknown");
	else if (!device_is_endpoint(device))
		warn(device, "%s cannot be assigned to a guest (class %06x)%s", message_kind(device),
		     (unsigned)device->identity.class, device_is_bridge(device) ? "; name the devices behind it" : "");
	else if (maker)
		warn(device,
		     "it is behind %s, whose driver creates its bus: only %s can be assigned, with all devices "
		     "behind it",
		     address_name(maker->address).at, address_name(maker->address).at);
	else
		return true;
	s->problem = true;
	return false;
}

/* A physical function is never taken with one of its virtual functions, which exist only while its driver has it. */
static bool is_its_function(struct suggestion *s, const struct device *device, size_t named)
{
	const struct device *owner = &s->machine->devices[named];

	if (device_makes(&s->devices.sys, owner, device))
		return true;
	if (!device_makes(&s->devices.sys, device, owner))
		return false;
	warn(owner,
	     "it shares its group with %s, whose driver makes it: the platform does not isolate them, and only "
	     "one of them can be assigned",
	     address_name(device->address).at);
	s->problem = true;
	return true;
}

/* Without a line it will have a driver that keeps the group from being assigned. */
static bool is_required(struct suggestion *s, const struct device *device)
{
	return device_is_endpoint(device) &&
	       verify_next_neighbour(&s->plan, &s->machine->platform, device) >= NEIGHBOUR_UNBOUND;
}

static int suggest_neighbours(struct suggestion *s, size_t group_owner)
{
	const struct group *group = machine_group(s->machine, &s->machine->devices[group_owner]);
	int r = 0;

	for (size_t i = 0; group && i < group->n_members && r == 0; i++) {
		size_t index = group->members[i];
		const struct device *device = &s->machine->devices[index];

		if (!is_required(s, device) || s->requests[index].named || s->requests[index].printed ||
		    maker_of(s->machine, device) || is_its_function(s, device, group_owner) ||
		    !is_assignable(s, device))
			continue;
		r = read_details(&s->devices.sys, s->machine, index);
		if (r == 0)
			print_device(s, index, &s->machine->devices[group_owner]);
	}
	return r;
}

static int suggest_device(struct suggestion *s, size_t index)
{
	int r;

	if (!is_assignable(s, &s->machine->devices[index]))
		return 0;
	r = read_details(&s->devices.sys, s->machine, index);
	if (r < 0)
		return r;
	print_device(s, index, NULL);
	return suggest_neighbours(s, index);
}

/* What check would say of a device that was asked for. */
static void warn_claims(struct suggestion *s, const struct decision *decision, bool hotplugged)
{
	for (size_t i = 0; i < decision->matches.n_claims; i++) {
		const struct claim *claim = &decision->matches.claims[i];
		const struct device *device = &decision->machine.devices[claim->device];
		const struct device *here = machine_device(s->machine, device->address);
		struct linebuf text;

		/* Of what the host needs warn_device() has told. */
		if (claim->hotplugged != hotplugged || verdict_level(claim->verdict) != LEVEL_PROBLEM ||
		    claim->verdict == V_NEEDED_BY_HOST)
			continue;
		s->problem = true;
		if (!here || !s->requests[here - s->machine->devices].named)
			continue;
		linebuf_start(&text);
		message_claim_facts(decision, claim, TENSE_FUTURE, &text);
		warn(device, "%s: %s", verdict_word(claim->verdict), text.at);
	}
}

static int warn_predicted(struct suggestion *s)
{
	struct prediction prediction;
	int r = prediction_read_lines(&prediction, &s->devices.sys,
				      (struct slice){ s->lines.bytes ? s->lines.bytes : "", s->lines.len });

	prediction.boot.plan = s->plan;
	r = r < 0 ? r : prediction_judge(&prediction);
	if (r == 0) {
		warn_claims(s, &prediction.boot, false);
		warn_claims(s, &prediction.later, true);
	}
	prediction.boot.plan = (struct plan){ .n_modules = 0 };
	prediction_done(&prediction);
	return r;
}

static int suggest(const struct command *command, struct suggestion *s, int n, char **words)
{
	enum verdict platform = verify_platform(&s->machine->platform);

	for (int i = 0; i < n; i++) {
		int r = read_request(command, s, words[i]);

		if (r)
			return r;
	}
	if (platform != V_IOMMU_ACTIVE) {
		print_error("no IOMMU is active (%s), so groups and neighbours are unknown: %s; then run this again",
			    verdict_word(platform), verdict_remedy(platform));
		s->problem = true;
	}
	for (size_t i = 0; i < s->machine->n_devices; i++) {
		int r = s->requests[i].named ? suggest_device(s, i) : 0;

		if (r < 0)
			return r;
	}
	if (s->lines.error)
		return s->lines.error;
	if (platform == V_IOMMU_ACTIVE) {
		int r = warn_predicted(s);

		if (r < 0)
			return r;
	}
	return s->problem ? STATUS_PROBLEM : STATUS_FINE;
}

static int run(const struct command *command, struct suggestion *s, int n, char **words)
{
	int r = host_devices_open(&s->devices, command, s->sysroot);

	if (r != STATUS_FINE)
		return r;
	r = host_needs_find(&s->devices.sys, true, &s->needs);
	r = r < 0 ? r : plan_fill_needs(&s->needs, &s->plan);
	r = r < 0 ? r : drivers_fill_running(&s->devices.sys, s->sysroot, &s->plan);
	if (r < 0)
		return r;
	s->machine = &s->devices.machine;
	s->requests = calloc(s->machine->n_devices + 1, sizeof(*s->requests));
	return s->requests ? suggest(command, s, n, words) : -ENOMEM;
}

static int suggest_main(const struct command *command, int argc, char **argv)
{
	struct suggestion suggestion = { .sysroot = "/" };
	int r;

	if (!sysroot_option(command, argc, argv, &suggestion.sysroot, &r))
		return r;
	if (optind == argc)
		return usage_error(command, "a device is missing");
	r = run(command, &suggestion, argc - optind, argv + optind);
	free(suggestion.requests);
	host_needs_done(&suggestion.needs);
	plan_done(&suggestion.plan);
	buffer_done(&suggestion.lines);
	host_devices_close(&suggestion.devices);
	return r;
}

const struct command command_suggest = {
	.name = "suggest",
	.does = "print the lines that assign a device and its neighbours",
	.help = help,
	.run = suggest_main,
};
