/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind status`: what the boot's run came to, beside what sysfs shows now. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/paths.h"
#include "base/errno_name.h"
#include "decide/verify.h"
#include "machine/enumerate.h"
#include "record/record.h"
#include "report/message.h"
#include "tool/command/context.h"
#include "tool/inspect/config_diff.h"
#include "tool/inspect/integration.h"
#include "tool/output/checklist.h"
#include "tool/output/remedy.h"

static const char help[] = "Usage: earlybind status [OPTION]...\n"
			   "\n"
			   "Show after a reboot what this boot did with every device that the configuration\n"
			   "names, the present state, what the problems are, and whether the configuration\n"
			   "has changed since. Root is not needed.\n"
			   "\n" TABLE_HELP "\n"
			   "Exit status: 0 every request is met, 1 a request is not met, 2 wrong usage.\n";

struct status {
	struct context context;
	struct record record;
	int record_error;
	struct config config;	/* in /etc now */
	struct machine now;	/* the devices of the record, and their groups */
	struct machine present; /* all devices, for lines without one */
	struct matches present_matches;
	struct decision told; /* the record's, with the drivers that neighbours without one have got since */
};

/* --- reading --- */

static int read_now(struct status *s)
{
	struct system *sys = &s->context.sys;
	const struct machine *then = &s->record.decision.machine;
	const struct matches *matches = &s->record.decision.matches;
	int r = read_platform(sys, &s->now);

	for (size_t i = 0; i < matches->n_claims && r == 0; i++)
		r = enumerate_one(sys, &s->now, then->devices[matches->claims[i].device].address);
	for (size_t i = 0; i < matches->n_claims && r == 0; i++) {
		struct device *device = machine_device(&s->now, then->devices[matches->claims[i].device].address);

		if (device)
			r = read_details(sys, &s->now, (size_t)(device - s->now.devices));
	}
	return r;
}

static int read_neighbours(struct status *s)
{
	const struct machine *then = &s->record.decision.machine;
	size_t size = (then->n_devices + 1) * sizeof(struct device);
	struct device *devices = malloc(size);

	if (!devices)
		return -ENOMEM;
	s->told = s->record.decision;
	s->told.machine.devices = devices;
	for (size_t i = 0; i < then->n_devices; i++) {
		devices[i] = then->devices[i];
		if (!devices[i].driver[0])
			refresh_driver(&s->context.sys, &devices[i]);
	}
	return 0;
}

static int read_all(struct status *s)
{
	int r = config_load(&s->config, &s->context.sys, "etc");

	s->record_error = record_read(&s->context.sys, &s->record);
	if (s->record_error == -ENOMEM)
		return -ENOMEM;
	r = r < 0 ? r : read_now(s);
	return r < 0 ? r : read_neighbours(s);
}

/* --- the record --- */

static void judge_record(struct status *s)
{
	const struct record *record = &s->record;
	struct findings *findings = &s->context.findings;
	struct linebuf how;

	linebuf_start(&how);
	remedy_regenerate(&s->context.sys, &how);
	if (s->record_error == -ENOENT)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
			     "there is no record of this boot: its initramfs does not contain earlybind; regenerate it "
			     "(%s) and read the messages",
			     how.at);
	else if (s->record_error < 0)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
			     "/" RUN_RECORD " cannot be read (%s): what this boot's run did is unknown",
			     errno_name(s->record_error));
	else if (record->other_format)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
			     "/" RUN_RECORD " has the format of another version of earlybind and may be misread: "
			     "regenerate the initramfs with this version, or use that one");
	else if (record->bad_lines)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
			     "/" RUN_RECORD " is damaged: %u line%s cannot be understood, line %u first; the rest is "
			     "used",
			     record->bad_lines, record->bad_lines == 1 ? "" : "s", record->first_bad);
	else if (!record->complete)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
			     "/" RUN_RECORD " is incomplete: part of what this boot's run did is unknown");
}

static void add_run_verdict(struct status *s, enum verdict verdict)
{
	struct linebuf line;

	if (verdict == V_UNDECIDED)
		return;
	linebuf_start(&line);
	message_run(&s->record.decision, verdict, &line);
	findings_say(&s->context.findings, FINDING_NOTICE, verdict_level(verdict), verdict, "%s", line.at);
}

/* What the run as a whole came to. */
static void judge_run(struct status *s)
{
	const struct decision *then = &s->record.decision;
	struct findings *findings = &s->context.findings;
	/* The record does not tell the command line, which is still that of this boot. */
	struct platform platform = then->machine.platform;
	struct linebuf line;

	context_problems(&s->context, &then->config);
	if (s->record.has_plan)
		add_run_verdict(s, verify_plan(&then->plan, then->plan_error, &then->machine.platform));
	if (s->record.has_config)
		add_run_verdict(s, verify_run(&then->config, &then->machine.platform));
	platform.cmdline = s->now.platform.cmdline;
	if (s->record.has_plan)
		add_run_verdict(s, verify_ids(&then->plan, &platform));
	for (size_t i = 0; i < then->machine.n_devices; i++) {
		const struct device *device = &then->machine.devices[i];
		enum verdict verdict = verify_unrequested(device);

		if (!device->unrequested)
			continue;
		linebuf_start(&line);
		message_unrequested_facts(then, device, &line);
		findings_say(findings, FINDING_NOTICE, verdict_level(verdict), verdict, "%s: %s",
			     address_name(device->address).at, line.at);
	}
	if (s->record.unread.count) {
		linebuf_start(&line);
		message_unread(&s->record.unread, &line);
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE, "at boot: %s", line.at);
	}
	if (s->record.end.error)
		findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE, "this boot's run ended early (%s)",
			     errno_name(s->record.end.error));
}

/* --- devices --- */

/* A member of DEVICE's group that is such a neighbour now, or a worse one; or NULL. */
static const struct device *find_neighbour(const struct status *s, const struct device *device, enum neighbour least)
{
	const struct machine *now = &s->now;

	for (size_t i = 0; i < now->n_devices; i++)
		if (shares_group(now, device, &now->devices[i]) &&
		    verify_neighbour(&s->record.decision.plan, &now->platform, &now->devices[i]) >= least)
			return &now->devices[i];
	return NULL;
}

/* It has a row of its own. */
static bool is_claimed(const struct status *s, struct address address)
{
	const struct decision *then = &s->record.decision;
	const struct device *device = machine_device(&then->machine, address);

	return device && matches_find(&then->matches, (size_t)(device - then->machine.devices));
}

static void judge_ready(struct status *s, struct finding *f, const struct device *then, const struct device *now)
{
	const struct device *holder = now ? find_neighbour(s, now, NEIGHBOUR_BOUND) : NULL;
	struct linebuf line;

	linebuf_start(&line);
	if (verify_since(now, then->driver) == V_DRIVER_CHANGED) {
		f->verdict = V_DRIVER_CHANGED;
		linebuf_add(&line, "was bound to ");
		linebuf_add_escaped(&line, slice_of(then->driver), 63);
		if (now && now->driver[0]) {
			linebuf_add(&line, " at boot, is bound to ");
			linebuf_add_escaped(&line, slice_of(now->driver), 63);
			linebuf_add(&line, " now");
		} else {
			linebuf_add(&line, " at boot, %s now", now ? "has no driver" : "is gone");
		}
		linebuf_add(&line, "; %s", verdict_remedy(V_DRIVER_CHANGED));
	} else if (holder) {
		f->verdict = V_GROUP_SHARED;
		linebuf_add(&line, "%s in group %d has been bound to ", address_name(holder->address).at, now->group);
		linebuf_add_escaped(&line, slice_of(holder->driver), 63);
		linebuf_add(&line, " since boot%s",
			    is_claimed(s, holder->address) ? "" : "; name it too, or add the option group");
	}
	f->level = verdict_level(f->verdict);
	if (f->verdict != V_READY)
		f->notes = 0;
	if (line.len)
		f->text = findings_copy(&s->context.findings, line.at);
}

/*
 * At boot only a neighbour without a driver prevented "ready", and now no
 * neighbour has a driver that is in the way. What the kernel itself refused at
 * boot stays refused: sysfs does not show everything that uses a group.
 */
static bool is_unshared(const struct status *s, const struct claim *claim, const struct device *then,
			const struct device *now)
{
	if (!now || claim->verdict != V_GROUP_SHARED || !(claim->notes & NOTE(V_NEIGHBOUR_UNBOUND)))
		return false;
	return verify_since(now, then->driver) == V_READY && now->vfio && now->group == then->group &&
	       !find_neighbour(s, now, NEIGHBOUR_BOUND);
}

static void judge_unshared(struct status *s, struct finding *f, const struct claim *claim, const struct device *now)
{
	bool verified = !(claim->notes & NOTE(V_NOT_VERIFIED));
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    "no other device of group %d has a driver that is in the way; at boot one had no driver yet%s",
		    now->group, verified ? ", and VFIO attached the group (not tried since)" : "");
	f->notes = claim->notes;
	if (!find_neighbour(s, now, NEIGHBOUR_IDLE))
		f->notes &= ~NOTE(V_NEIGHBOUR_UNBOUND);
	f->verdict = V_READY;
	f->level = LEVEL_NOTE;
	f->text = findings_copy(&s->context.findings, line.at);
}

static void judge_device(struct status *s, const struct claim *claim)
{
	const struct decision *d = claim->verdict == V_GROUP_SHARED ? &s->told : &s->record.decision;
	const struct device *then = &s->record.decision.machine.devices[claim->device];
	const struct device *now = machine_device(&s->now, then->address);
	struct findings *findings = &s->context.findings;
	struct finding *f = context_claim(&s->context, d, claim, TENSE_PAST);

	f->boot_driver = findings_copy(findings, then->driver);
	f->hotplug = claim->hotplugged;
	f->driver = findings_copy(findings, now ? now->driver : NULL);
	if (now) {
		f->group = now->group;
		free(f->reset);
		f->reset = findings_copy(findings, now->reset);
	}
	if (claim->verdict != V_READY && !is_unshared(s, claim, then, now))
		return;
	free(f->text);
	f->text = NULL;
	if (claim->verdict == V_READY)
		judge_ready(s, f, then, now);
	else if (now)
		judge_unshared(s, f, claim, now);
}

/* Some device that it names was there at the boot, or came after it. */
static bool has_device(const struct status *s, size_t rule)
{
	const struct matches *matches = &s->record.decision.matches;

	for (size_t i = 0; i < matches->n_claims; i++)
		if (matches->claims[i].rule == rule)
			return true;
	return false;
}

/* The run was made, and the record tells all of it. */
static bool knows_lines(const struct status *s)
{
	const struct decision *then = &s->record.decision;

	return s->record_error == 0 && s->record.complete && !s->record.other_format && !s->record.end.error &&
	       verify_run(&then->config, &then->machine.platform) == V_UNDECIDED;
}

/* Every device that is there now, and the virtual functions that it could have. */
static int read_present(struct status *s)
{
	struct machine *present = &s->present;
	int r = enumerate_every(&s->context.sys, present);

	r = r < 0 ? r : match_devices(&s->record.decision.config, present, &s->present_matches);
	for (size_t i = 0; i < present->n_devices && r == 0; i++)
		if (system_exists(&s->context.sys, "sys/bus/pci/devices/%s/sriov_totalvfs",
				  address_name(present->devices[i].address).at))
			r = read_details(&s->context.sys, present, i);
	return r;
}

/* The device that line RULE decides, and the boot did not know; or NULL. */
static const struct device *find_present(const struct status *s, size_t rule)
{
	const struct matches *matches = &s->present_matches;

	for (size_t i = 0; i < matches->n_claims; i++) {
		const struct claim *claim = &matches->claims[i];
		const struct device *device = &s->present.devices[claim->device];

		if (claim->rule == rule && claim->verdict == V_UNDECIDED && !is_claimed(s, device->address))
			return device;
	}
	return NULL;
}

/* The device that could make a virtual function for this line, or NULL. */
static const struct device *find_physical(const struct status *s, const struct rule *rule)
{
	for (size_t i = 0; i < s->present.n_devices; i++)
		if (rule_fits_function(rule, &s->present.devices[i]))
			return &s->present.devices[i];
	return NULL;
}

static void add_driver(struct linebuf *line, const struct device *device)
{
	if (!device->driver[0]) {
		linebuf_add(line, "has no driver");
		return;
	}
	linebuf_add(line, "is bound to ");
	linebuf_add_escaped(line, slice_of(device->driver), 63);
}

/* Why no virtual function is there. */
static void add_physical(struct linebuf *line, const struct device *physical)
{
	const char *address = address_name(physical->address).at;

	linebuf_add(line, "; it would be a virtual function of %s, which ", address);
	add_driver(line, physical);
	if (physical->vfio || !physical->driver[0])
		linebuf_add(line, ": only its own driver creates virtual functions");
	else
		linebuf_add(line,
			    " and has not created it: write the number of functions to "
			    "/sys/bus/pci/devices/%s/sriov_numvfs",
			    address_name(physical->address).at);
}

/* Line RULE has no device, as far as the record knows. */
static void judge_line(struct status *s, size_t rule)
{
	struct decision *then = &s->record.decision;
	const struct rule *named = &then->config.rules[rule];
	const struct device *present = find_present(s, rule), *physical = NULL;
	struct rule_result *result = &then->matches.rule_results[rule];
	const struct rule_result *now = &s->present_matches.rule_results[rule];
	enum verdict verdict = verify_line_since(named, result->verdict, present != NULL);
	struct finding *f;
	struct linebuf line;

	/* A device that it fits is another line's. */
	if (verdict == result->verdict || (!present && (now->fits || now->located)))
		return;
	result->verdict = V_UNDECIDED;
	linebuf_start(&line);
	if (present) {
		linebuf_add(&line, "%s was not there at boot, and now ", address_name(present->address).at);
		add_driver(&line, present);
		linebuf_add(&line, "; %s", verdict_remedy(verdict));
	} else {
		linebuf_add(&line, "no device has appeared since the boot");
		physical = find_physical(s, named);
		if (physical)
			add_physical(&line, physical);
	}
	f = findings_add(&s->context.findings, FINDING_LINE, verdict_level(verdict), verdict);
	f->device = context_rule_name(&s->context, named);
	f->text = findings_copy(&s->context.findings, line.at);
	f->line = context_origin(&s->context, &named->origin);
}

static int judge_lines(struct status *s)
{
	struct rule_result *results = s->record.decision.matches.rule_results;
	bool known = knows_lines(s);
	int r = known ? read_present(s) : 0;

	for (size_t i = 0; results && i < s->record.decision.config.n_rules && r == 0; i++) {
		bool absent = results[i].verdict == V_ABSENT || results[i].verdict == V_NO_MATCH;

		if (absent && has_device(s, i))
			results[i].verdict = V_UNDECIDED;
		else if (known && (absent || s->record.decision.config.rules[i].optional) && !has_device(s, i))
			judge_line(s, i);
	}
	context_rules(&s->context, &s->record.decision);
	return r;
}

/* --- all of it --- */

/* What cannot be read is not known to have changed. */
static bool say_unreadable(struct status *s, const char *dir, const struct problem *problem)
{
	struct linebuf name;

	if (!problem)
		return false;
	linebuf_start(&name);
	linebuf_add_escaped(&name, slice_of(problem->origin.file), 128);
	checklist_add(&s->context.findings, "configuration", LEVEL_NOTE,
		      "%s/%s cannot be read (%s): unknown whether it has changed since the boot", dir, name.at,
		      errno_name(problem->error));
	return true;
}

/* The first file that is known to have changed since, or NULL. */
static const char *changed_file(const struct status *s)
{
	const struct config *then = &s->record.decision.config;

	if (s->record_error < 0 || s->record.unreadable.error || context_unreadable(&s->config))
		return NULL;
	return config_changed_file(then, &s->config);
}

static void judge_config(struct status *s)
{
	const char *other = changed_file(s);
	struct linebuf name;

	if (s->record_error < 0 ||
	    say_unreadable(s, "/" RUN_CONFIG, s->record.unreadable.error ? &s->record.unreadable : NULL) ||
	    say_unreadable(s, "/etc", context_unreadable(&s->config)))
		return;
	if (!other) {
		checklist_add(&s->context.findings, "configuration", LEVEL_GOOD, "unchanged since the boot");
		return;
	}
	linebuf_start(&name);
	linebuf_add_escaped(&name, slice_of(other), 128);
	checklist_add(&s->context.findings, "configuration", LEVEL_PROBLEM,
		      "/etc/%s has changed since the boot: regenerate the initramfs and reboot, or undo the change",
		      name.at);
}

static void judge_devices(struct status *s)
{
	const struct matches *matches = &s->record.decision.matches;
	size_t from = s->context.findings.n, ready = 0, n = 0;

	for (size_t i = 0; i < matches->n_claims; i++)
		judge_device(s, &matches->claims[i]);
	findings_sort_devices(&s->context.findings, from);
	for (size_t i = from; i < s->context.findings.n; i++) {
		const struct finding *f = &s->context.findings.items[i];

		/* What stays with the host because the configuration says so is a note, and not counted. */
		n += f->verdict == V_READY || f->level != LEVEL_NOTE;
		ready += f->verdict == V_READY;
	}
	if (n)
		checklist_add(&s->context.findings, "devices", ready == n ? LEVEL_GOOD : LEVEL_PROBLEM,
			      "%zu of %zu ready", ready, n);
}

static int print(struct status *s)
{
	const struct findings *findings = &s->context.findings;
	int r;

	if (table_is_bare(&s->context.options))
		return findings_print_all(findings, s->context.command, &s->context.options,
					  context_status(&s->context));
	checklist_print(findings);
	if (findings_have_rows(findings))
		putchar('\n');
	r = findings_print_devices(findings, s->context.command);
	if (r < 0)
		return r;
	findings_print_words(findings, &s->context.sys, LEVEL_NOTE);
	if (changed_file(s)) {
		putchar('\n');
		config_diff_print(&s->record.decision.config, &s->config, s->context.options.sysroot);
	}
	return STATUS_FINE;
}

static int status_run(struct status *s)
{
	struct decision now = { .sys = &s->context.sys };
	int r = context_open(&s->context, s->context.command);

	r = r == STATUS_FINE ? read_all(s) : r;
	if (r != STATUS_FINE)
		return r;
	integration_check(&s->context.findings, &s->context.sys,
			  s->record_error == -ENOENT ? IMAGES_WITHOUT : IMAGES_UNKNOWN);
	judge_record(s);
	judge_run(s);
	now.machine.platform = s->now.platform;
	/* For a person the checklist tells more. */
	if (s->context.options.json)
		context_platform(&s->context, &now);
	checklist_platform(&s->context.findings, &s->context.sys, &s->now.platform);
	judge_devices(s);
	r = judge_lines(s);
	judge_config(s);
	r = r < 0 ? r : print(s);
	return r == STATUS_FINE ? context_status(&s->context) : r;
}

static int status_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = { TABLE_OPTIONS, { 0 } };
	struct status s = { .context = CONTEXT_OF(command) };
	int r;

	if (!context_options(&s.context, argc, argv, options, NULL, findings_print_columns, &r))
		return r;
	config_init(&s.config);
	decision_init(&s.record.decision, &s.context.sys);
	r = status_run(&s);
	free(s.told.machine.devices);
	machine_done(&s.now);
	matches_done(&s.present_matches);
	machine_done(&s.present);
	config_done(&s.config);
	record_done(&s.record);
	context_done(&s.context);
	return r;
}

const struct command command_status = {
	.name = "status",
	.does = "after a reboot: show the result of the boot and the present state",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = status_main,
};
