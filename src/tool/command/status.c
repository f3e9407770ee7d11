/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind status`: what the boot came to, beside what sysfs says now. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "decide/verify.h"
#include "report/message.h"
#include "tool/inspect/boot_log.h"
#include "tool/output/checklist.h"
#include "tool/inspect/config_diff.h"
#include "tool/command/context.h"
#include "tool/inspect/record.h"

static const char help[] = "Usage: earlybind status [OPTION]...\n"
			   "\n"
			   "Tell after a boot what became of every device, whether it is still so, whether\n"
			   "the configuration has changed since, and what is in the way. Root is not needed.\n"
			   "\n" TABLE_HELP "\n"
			   "Exit status: 0 all is as asked for, 1 something is not, 2 wrong usage.\n";

struct status {
	struct context context;
	struct record record;
	struct boot_log log;
	int record_error;
	struct config then, now;  /* what the boot used, and /etc */
	struct decision decision; /* the devices of the record as they are now */
	char *addresses;	  /* the survey's configuration */
};

/* Words of the boot log, where what comes from elsewhere is escaped already; a captured one may be anything. */
static void add_words(struct linebuf *line, struct slice words)
{
	for (size_t i = 0; i < words.len; i++)
		if (words.at[i] == '\\')
			linebuf_add(line, "\\");
		else
			linebuf_add_escaped(line, slice_sub(words, i, i + 1), 1);
}

static char *copy(struct status *s, struct slice words)
{
	struct linebuf line;

	linebuf_start(&line);
	add_words(&line, words);
	return findings_copy(&s->context.findings, line.at);
}

/* --- reading --- */

/* A configuration that names each device of the record: so the survey gathers just these. */
static int name_devices(struct status *s)
{
	size_t size = s->record.n_devices * (ADDRESS_SIZE + 1) + 1;
	char *end = s->addresses = calloc(1, size);

	if (!end)
		return -ENOMEM;
	for (size_t i = 0; i < s->record.n_devices; i++)
		end += sprintf(end, "%s\n", address_name(s->record.devices[i].address).at);
	return config_parse(&s->decision.config, "record", slice_of(s->addresses));
}

static int read_all(struct status *s)
{
	int r;

	s->record_error = record_read(&s->context.sys, &s->record);
	boot_log_read(&s->context.sys, &s->log);
	r = config_load(&s->then, &s->context.sys, RECORD_CONFIG);
	r = r < 0 ? r : config_load(&s->now, &s->context.sys, "etc");
	decision_init(&s->decision, &s->context.sys);
	r = r < 0 ? r : name_devices(s);
	r = r < 0 ? r : decision_read_platform(&s->decision);
	return r < 0 ? r : decision_make(&s->decision);
}

/* --- the record --- */

static void judge_record(struct status *s)
{
	const struct record *record = &s->record;
	struct findings *findings = &s->context.findings;

	if (s->record_error == -ENOENT)
		findings_say(findings, FINDING_CONFIG, LEVEL_PROBLEM, V_NONE,
			     "there is no record of this boot: the initramfs it came from has no earlybind; regenerate "
			     "it and read "
			     "what it says");
	else if (s->record_error < 0)
		findings_say(findings, FINDING_CONFIG, LEVEL_PROBLEM, V_NONE,
			     "/" RECORD_PATH " cannot be read (%s): what this boot did is "
			     "not known",
			     errno_name(s->record_error));
	else if (record->other_format)
		findings_say(findings, FINDING_CONFIG, LEVEL_PROBLEM, V_NONE,
			     "/" RECORD_PATH
			     " was written by a version of earlybind that writes it otherwise, so it may be "
			     "misread here: regenerate the initramfs with this version, or use that one");
	else if (record->bad_lines)
		findings_say(findings, FINDING_CONFIG, LEVEL_PROBLEM, V_NONE,
			     "/" RECORD_PATH
			     " is damaged: %u line%s of it mean%s nothing, the first is line %u; the rest is used",
			     record->bad_lines, record->bad_lines == 1 ? "" : "s", record->bad_lines == 1 ? "s" : "",
			     record->first_bad);
	else if (!record->complete)
		findings_say(findings, FINDING_CONFIG, LEVEL_PROBLEM, V_NONE,
			     "/" RECORD_PATH " ends before its time: not all that this boot did is known");
}

/* What the log says of the run as a whole. */
static void judge_run(struct status *s)
{
	static const enum verdict verdicts[] = { V_CONFIG_ERROR, V_IMAGE_STALE, V_NO_PLAN, V_NO_CONFIGURATION,
						 V_DISABLED };

	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		size_t from = 0;
		struct slice words;

		while ((words = boot_log_next(&s->log, verdicts[i], &from)).len)
			findings_add(&s->context.findings, FINDING_CONFIG, verdict_level(verdicts[i]), verdicts[i])
				->text = copy(s, words);
	}
}

static bool is_logged(const struct status *s, enum verdict verdict)
{
	size_t from = 0;

	return boot_log_next(&s->log, verdict, &from).len > 0;
}

/* What the record knows of it where the log is gone or has been cut off. */
static void judge_run_unlogged(struct status *s)
{
	struct findings *findings = &s->context.findings;

	if (s->record.disabled && !is_logged(s, V_DISABLED))
		findings_say(findings, FINDING_CONFIG, verdict_level(V_DISABLED), V_DISABLED,
			     "rd.earlybind=0 was on the kernel command line, and no device was touched");
	if (s->record.problems && !is_logged(s, V_CONFIG_ERROR))
		findings_say(findings, FINDING_CONFIG, verdict_level(V_CONFIG_ERROR), V_CONFIG_ERROR,
			     "the configuration that this boot used has %u mistake%s; `earlybind check` names those of "
			     "today's",
			     s->record.problems, s->record.problems == 1 ? "" : "s");
}

/* --- devices --- */

/* A member of DEVICE's group that is such a neighbour by now, or NULL. */
static const struct device *find_neighbour(const struct machine *machine, const struct device *device,
					   enum neighbour kind)
{
	for (size_t i = 0; i < machine->n_devices; i++)
		if (shares_group(machine, device, &machine->devices[i]) &&
		    verify_neighbour(&machine->platform, &machine->devices[i]) == kind)
			return &machine->devices[i];
	return NULL;
}

/* The boot had to do with it, so that it has a line of its own. */
static bool is_recorded(const struct status *s, const struct device *device)
{
	for (size_t i = 0; i < s->record.n_devices; i++)
		if (address_compare(s->record.devices[i].address, device->address) == 0)
			return true;
	return false;
}

static const char *shown_driver(const struct device *device)
{
	return device->driver[0] ? device->driver : "no driver";
}

static void judge_ready(struct status *s, struct finding *f, const struct record_device *then, const struct device *now)
{
	const struct device *holder = now ? find_neighbour(&s->decision.machine, now, NEIGHBOUR_BOUND) : NULL;
	struct linebuf line;

	linebuf_start(&line);
	if (verify_since(now, then->driver) == V_DRIVER_CHANGED) {
		f->verdict = V_DRIVER_CHANGED;
		linebuf_add(&line, "it was ready on ");
		linebuf_add_escaped(&line, slice_of(then->driver), 63);
		linebuf_add(&line, now ? ", and has " : ", and is gone");
		if (now)
			linebuf_add_escaped(&line, slice_of(shown_driver(now)), 63);
		linebuf_add(&line, "; %s", verdict_remedy(V_DRIVER_CHANGED));
	} else if (holder) {
		f->verdict = V_GROUP_SHARED;
		linebuf_add(&line, "since the boot %s of its group %d has got ", address_name(holder->address).at,
			    now->group);
		linebuf_add_escaped(&line, slice_of(holder->driver), 63);
		linebuf_add(&line, is_recorded(s, holder) ? "; see what is said of it"
							  : "; name it too, or add the option group");
	}
	f->level = verdict_level(f->verdict);
	if (f->verdict != V_READY)
		f->notes = 0;
	if (line.len)
		f->text = findings_copy(&s->context.findings, line.at);
}

/*
 * At the boot nothing but a neighbour without a driver spoke against it, and no
 * neighbour has one that is in the way by now. What the kernel itself refused
 * then stays as it was: sysfs does not show all that holds a group.
 */
static bool is_unshared(const struct status *s, const struct record_device *then, const struct device *now)
{
	if (!now || then->verdict != V_GROUP_SHARED || !(then->notes & NOTE(V_NEIGHBOUR_UNBOUND)))
		return false;
	return verify_since(now, then->driver) == V_READY && now->vfio && now->group == then->group &&
	       !find_neighbour(&s->decision.machine, now, NEIGHBOUR_BOUND);
}

static void judge_unshared(struct status *s, struct finding *f, const struct record_device *then,
			   const struct device *now)
{
	bool verified = !(then->notes & NOTE(V_NOT_VERIFIED));
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    "when the binder looked, a neighbour had no driver yet%s; by now no other device of group %d has "
		    "one that is in the way%s",
		    verified ? ", and VFIO could have the group" : "", now->group,
		    verified ? "; it has not been tried since" : "");
	f->notes = then->notes;
	if (!find_neighbour(&s->decision.machine, now, NEIGHBOUR_UNBOUND))
		f->notes &= ~NOTE(V_NEIGHBOUR_UNBOUND);
	f->verdict = V_READY;
	f->level = LEVEL_NOTE;
	f->text = findings_copy(&s->context.findings, line.at);
}

/* The driver that the device at the end of WORDS has by now, or "". */
static const char *driver_of_last(const struct status *s, struct slice words)
{
	const struct device *device = NULL;
	struct address address;
	size_t from = words.len;

	while (from && words.at[from - 1] != ' ')
		from--;
	if (address_from_name(slice_sub(words, from, words.len), &address))
		device = machine_device(&s->decision.machine, address);
	return device ? device->driver : "";
}

/* The log's words on a group, with the drivers that neighbours have got since. */
static char *copy_shared(struct status *s, struct slice words)
{
	static const char none[] = " (" FINDING_NO_DRIVER ")";
	struct linebuf line;
	const char *at;

	linebuf_start(&line);
	while (words.len && (at = memmem(words.at, words.len, none, strlen(none)))) {
		struct slice before = slice_sub(words, 0, (size_t)(at - words.at));
		const char *driver = driver_of_last(s, before);

		add_words(&line, before);
		if (driver[0]) {
			linebuf_add(&line, " (");
			linebuf_add_escaped(&line, slice_of(driver), 63);
			linebuf_add(&line, " by now)");
		} else {
			linebuf_add(&line, "%s", none);
		}
		words = slice_sub(words, before.len + strlen(none), words.len);
	}
	add_words(&line, words);
	return findings_copy(&s->context.findings, line.at);
}

static char *copy_of_device(struct status *s, const char *device, enum verdict verdict)
{
	struct slice words = boot_log_of_device(&s->log, device ? device : "", verdict);

	return verdict == V_GROUP_SHARED ? copy_shared(s, words) : copy(s, words);
}

static void judge_device(struct status *s, const struct record_device *then)
{
	const struct device *now = machine_device(&s->decision.machine, then->address);
	enum verdict verdict = then->verdict;
	struct finding *f = findings_add(&s->context.findings, FINDING_DEVICE,
					 verdict == V_UNKNOWN_WORD ? LEVEL_PROBLEM : verdict_level(verdict),
					 verdict == V_UNKNOWN_WORD ? V_NONE : verdict);
	struct findings *findings = &s->context.findings;

	f->device = findings_copy(findings, address_name(then->address).at);
	f->id = findings_copy(findings, then->id);
	f->line = findings_copy(findings, then->rule);
	f->previous_driver = findings_copy(findings, then->driver);
	f->group = now ? now->group : then->group;
	f->driver = findings_copy(findings, now ? now->driver : NULL);
	f->reset = findings_copy(findings, now ? now->reset : NULL);
	f->name = now ? context_name(&s->context, now) : NULL;
	f->notes = verdict == V_READY ? then->notes : 0;
	if (verdict == V_READY)
		judge_ready(s, f, then, now);
	else if (is_unshared(s, then, now))
		judge_unshared(s, f, then, now);
	else if (verdict == V_UNKNOWN_WORD)
		f->text = findings_copy(findings, "the record has no verdict that this version knows");
	else
		f->text = copy_of_device(s, f->device, verdict);
	/* The log is gone or has been cut off. */
	if (!f->text && f->level == LEVEL_PROBLEM)
		f->text = findings_copy(findings, verdict_remedy(f->verdict));
}

/* What the line names came after all, once the binder had run. */
static bool has_device(const struct status *s, const struct record_line *line)
{
	for (size_t i = 0; i < s->record.n_devices; i++)
		if (!strcmp(s->record.devices[i].rule, line->rule))
			return true;
	return false;
}

/* What the line names, by the configuration that this boot used; or NULL. */
static char *named_by(struct status *s, const char *origin)
{
	for (size_t i = 0; i < s->then.n_rules; i++) {
		const struct rule *rule = &s->then.rules[i];
		struct linebuf line;

		context_origin_words(&rule->origin, &line);
		if (!strcmp(line.at, origin))
			return context_rule_name(&s->context, rule);
	}
	return NULL;
}

static void judge_lines(struct status *s)
{
	for (size_t i = 0; i < s->record.n_lines; i++) {
		const struct record_line *line = &s->record.lines[i];

		struct finding *f;

		if (line->verdict == V_UNKNOWN_WORD)
			continue;
		if ((line->verdict == V_ABSENT || line->verdict == V_NO_MATCH) && has_device(s, line))
			continue;
		f = findings_add(&s->context.findings, FINDING_LINE, verdict_level(line->verdict), line->verdict);
		f->line = findings_copy(&s->context.findings, line->rule);
		f->device = named_by(s, line->rule);
		if (f->device)
			f->text = copy(s, boot_log_of_device(&s->log, f->device, line->verdict));
		if (!f->text)
			f->text = findings_copy(&s->context.findings, verdict_remedy(line->verdict));
	}
}

/* --- all of it --- */

/* What cannot be read is not known to have changed. */
static bool say_unreadable(struct status *s, const char *dir, const struct config *config)
{
	const struct problem *problem = context_unreadable(config);
	struct linebuf name;

	if (!problem)
		return false;
	linebuf_start(&name);
	linebuf_add_escaped(&name, slice_of(problem->origin.file), 128);
	checklist_add(&s->context.findings, "configuration", LEVEL_NOTE,
		      "%s/%s cannot be read (%s): not known whether /etc is what this boot used", dir, name.at,
		      errno_name(problem->error));
	return true;
}

/* The first file that is known to have changed since, or NULL. */
static const char *changed_file(const struct status *s)
{
	if (s->record_error < 0 || context_unreadable(&s->then) || context_unreadable(&s->now))
		return NULL;
	return config_changed_file(&s->then, &s->now);
}

static void judge_config(struct status *s)
{
	const char *other = changed_file(s);
	struct linebuf name;

	if (s->record_error < 0 || say_unreadable(s, "/" RECORD_CONFIG, &s->then) || say_unreadable(s, "/etc", &s->now))
		return;
	if (!other) {
		checklist_add(&s->context.findings, "configuration", LEVEL_GOOD, "/etc is what this boot used");
		return;
	}
	linebuf_start(&name);
	linebuf_add_escaped(&name, slice_of(other), 128);
	checklist_add(
		&s->context.findings, "configuration", LEVEL_PROBLEM,
		"/etc/%s is not what this boot used: regenerate the initramfs and reboot, or take the change back",
		name.at);
}

static void judge_devices(struct status *s)
{
	size_t from = s->context.findings.n, ready = 0, n = 0;

	for (size_t i = 0; i < s->record.n_devices; i++)
		judge_device(s, &s->record.devices[i]);
	findings_sort_devices(&s->context.findings, from);
	for (size_t i = 0; i < s->context.findings.n; i++) {
		const struct finding *f = &s->context.findings.items[i];

		if (f->kind != FINDING_DEVICE)
			continue;
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
		return findings_print_all(findings, s->context.command, "status", &s->context.options);
	checklist_print(findings);
	if (s->record.n_devices || s->record.n_lines)
		putchar('\n');
	r = findings_print_devices(findings, s->context.command, "status");
	if (r < 0)
		return r;
	findings_print_words(findings, &s->context.sys, LEVEL_NOTE);
	if (changed_file(s)) {
		putchar('\n');
		config_diff_print(&s->then, &s->now);
	}
	return STATUS_FINE;
}

static int status_run(struct status *s)
{
	int r = context_open(&s->context, s->context.command);

	r = r == STATUS_FINE ? read_all(s) : r;
	if (r != STATUS_FINE)
		return r;
	judge_record(s);
	judge_run(s);
	judge_run_unlogged(s);
	checklist_platform(&s->context.findings, &s->context.sys, &s->decision.machine.platform);
	judge_devices(s);
	judge_lines(s);
	judge_config(s);
	r = print(s);
	return r == STATUS_FINE ? context_status(&s->context) : r;
}

static int status_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = { TABLE_OPTIONS, { 0 } };
	struct status s = { .context = CONTEXT_OF(command) };
	int r;

	if (!context_options(&s.context, argc, argv, options, NULL, findings_print_columns, &r))
		return r;
	config_init(&s.then);
	config_init(&s.now);
	r = status_run(&s);
	decision_done(&s.decision);
	free(s.addresses);
	config_done(&s.then);
	config_done(&s.now);
	record_done(&s.record);
	boot_log_done(&s.log);
	context_done(&s.context);
	return r;
}

const struct command command_status = {
	.name = "status",
	.does = "after it: what became of them, whether it is still so, and what is in the way",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = status_main,
};
