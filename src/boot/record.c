/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of this boot for other programs: a subject a line, as words of
 * KEY=VALUE. Blanks and control characters in values come out as \xHH.
 *
 *	format=1
 *	kernel=6.1.0-37-amd64
 *	device=0000:01:00.0 id=10de:1b80 verdict=ready driver=vfio-pci group=14 rule=earlybind.conf:3
 *	taken=0000:01:00.0 driver=vfio-pci
 *	status=0
 *
 * Behind it come the devices that appeared later, with stage=late. Of several
 * lines of one device the last one holds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "boot/run.h"
#include "decide/verify.h"

struct record {
	char *bytes;
	size_t len, room;
	int error;
};

static void record_line(struct record *record, struct linebuf *line)
{
	if (!record->error && record->len + line->len + 1 > record->room) {
		size_t room = (record->len + line->len + 1) * 2;
		char *more = realloc(record->bytes, room);

		if (more) {
			record->bytes = more;
			record->room = room;
		} else {
			record->error = -ENOMEM;
		}
	}
	if (!record->error && record->bytes) {
		memcpy(record->bytes + record->len, line->at, line->len);
		record->bytes[record->len + line->len] = '\n';
		record->len += line->len + 1;
	}
	linebuf_start(line);
}

/* A value without blanks, so that words stay words. */
static void add_value(struct linebuf *line, const char *key, const char *value)
{
	struct slice rest = slice_of(value);

	linebuf_add(line, "%s%s=", line->len ? " " : "", key);
	while (rest.at) {
		struct slice part = slice_cut(&rest, ' ');

		linebuf_add_escaped(line, part, part.len);
		if (rest.at)
			linebuf_add(line, "\\x20");
	}
}

static void add_rule(struct linebuf *line, const struct rule *rule)
{
	add_value(line, "rule", rule->origin.file);
	if (rule->origin.line)
		linebuf_add(line, ":%u", rule->origin.line);
}

static void add_notes(struct linebuf *line, notes_t notes)
{
	const char *between = " notes=";

	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++)
		if (notes & NOTE(v)) {
			linebuf_add(line, "%s%s", between, verdict_word((enum verdict)v));
			between = ",";
		}
}

static void record_platform(struct record *record, struct linebuf *line, const struct run *s)
{
	const struct platform *p = &s->decision.machine.platform;

	add_value(line, "platform", verdict_word(verify_platform(p)));
	if (p->units)
		add_value(line, "unit", p->unit);
	linebuf_add(line, " units=%u groups=%u tables=%#x remapping=%s", p->units, p->groups, p->tables,
		    p->remapping ? "on" : "off");
	record_line(record, line);
}

static void record_claim(struct record *record, struct linebuf *line, const struct run *s, const struct claim *claim)
{
	const struct device *device = &s->decision.machine.devices[claim->device];

	add_value(line, "device", address_name(device->address).at);
	if (!device->error)
		linebuf_add(line, " id=%04x:%04x", device->identity.vendor, device->identity.device);
	add_value(line, "verdict", verdict_word(claim->verdict));
	add_value(line, "driver", device->driver);
	if (device->group != NO_GROUP)
		linebuf_add(line, " group=%d", device->group);
	if (claim->previous_driver[0])
		add_value(line, "was", claim->previous_driver);
	if (claim->error)
		linebuf_add(line, " errno=%d", claim->error);
	add_notes(line, claim->notes);
	add_rule(line, &s->decision.config.rules[claim->rule]);
	if (claim->hotplugged)
		add_value(line, "stage", "late");
	record_line(record, line);
}

/* What the rescue can give back; of a parked device the driver is empty. */
static void record_taken(struct record *record, struct linebuf *line, const struct run *s, const struct claim *claim)
{
	if (claim->taken == TAKEN_NOT)
		return;
	add_value(line, "taken", address_name(s->decision.machine.devices[claim->device].address).at);
	add_value(line, "driver", claim->taken == TAKEN_PARKED ? "" : claim_driver(&s->decision.config, claim));
	record_line(record, line);
}

static void record_claims(struct record *record, struct linebuf *line, const struct run *s)
{
	for (size_t i = 0; i < s->decision.matches.n_claims; i++)
		record_claim(record, line, s, &s->decision.matches.claims[i]);
	for (size_t i = 0; i < s->decision.matches.n_claims; i++)
		record_taken(record, line, s, &s->decision.matches.claims[i]);
}

static void record_rule_result(struct record *record, struct linebuf *line, const struct run *s, size_t i)
{
	const struct rule_result *rule_result = &s->decision.matches.rule_results[i];

	if (rule_result->verdict == V_UNDECIDED)
		return;
	add_rule(line, &s->decision.config.rules[i]);
	add_value(line, "verdict", verdict_word(rule_result->verdict));
	linebuf_add(line, " fits=%u", rule_result->fits);
	record_line(record, line);
}

static void record_session(struct record *record, const struct run *s)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "format=1");
	record_line(record, &line);
	add_value(&line, "version", EARLYBIND_VERSION);
	record_line(record, &line);
	add_value(&line, "kernel", s->decision.machine.platform.release);
	record_line(record, &line);
	/* Early: udev had not started yet. */
	add_value(&line, "stage", s->decision.machine.platform.settled ? "late" : "early");
	record_line(record, &line);
	if (s->decision.config.settings.off) {
		add_value(&line, "disabled", "rd.earlybind=0");
		record_line(record, &line);
	}
	record_platform(record, &line, s);
	record_claims(record, &line, s);
	for (size_t i = 0; s->decision.matches.rule_results && i < s->decision.config.n_rules; i++)
		record_rule_result(record, &line, s, i);
	linebuf_add(&line, "problems=%zu", s->decision.config.problems_total);
	record_line(record, &line);
	linebuf_add(&line, "microseconds=%u", s->microseconds);
	record_line(record, &line);
	linebuf_add(&line, "status=%d", s->status);
	record_line(record, &line);
}

int record_save(const struct run *run, const char *path)
{
	struct record record = { 0 };
	int r;

	record_session(&record, run);
	r = record.error;
	if (r == 0)
		r = run->sys->ops->replace_file(run->sys, path, record.bytes, record.len);
	free(record.bytes);
	return r;
}

int record_append(const struct run *run, const char *path)
{
	struct record record = { 0 };
	struct linebuf line;
	int r;

	linebuf_start(&line);
	record_claims(&record, &line, run);
	r = record.error;
	if (r == 0)
		r = run->sys->ops->append(run->sys, path, record.bytes, record.len);
	free(record.bytes);
	return r;
}
