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

#include "base/grow.h"
#include "boot/session.h"
#include "decide/verify.h"

struct record {
	char *bytes;
	size_t len, room;
	int error;
};

static void record_line(struct record *record, struct line *line)
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
	line_start(line);
}

/* A value without blanks, so that words stay words. */
static void add_value(struct line *line, const char *key, const char *value)
{
	struct text rest = text_of(value);

	line_add(line, "%s%s=", line->len ? " " : "", key);
	while (rest.at) {
		struct text part = text_cut(&rest, ' ');

		line_add_escaped(line, part, part.len);
		if (rest.at)
			line_add(line, "\\x20");
	}
}

static void add_rule(struct line *line, const struct rule *rule)
{
	add_value(line, "rule", rule->origin.file);
	if (rule->origin.line)
		line_add(line, ":%u", rule->origin.line);
}

static void add_notes(struct line *line, notes_t notes)
{
	const char *between = " notes=";

	for (unsigned v = 0; v < V_COUNT; v++)
		if (notes & NOTE(v)) {
			line_add(line, "%s%s", between, verdict_word((enum verdict)v));
			between = ",";
		}
}

static void record_platform(struct record *record, struct line *line, const struct session *s)
{
	const struct platform *p = &s->survey.machine.platform;

	add_value(line, "platform", verdict_word(verify_platform(p)));
	if (p->units)
		add_value(line, "unit", p->unit);
	line_add(line, " units=%u groups=%u tables=%#x remapping=%s", p->units, p->groups, p->tables,
		 p->remapping ? "on" : "off");
	record_line(record, line);
}

static void record_claim(struct record *record, struct line *line, const struct session *s, const struct claim *claim)
{
	const struct device *device = &s->survey.machine.devices[claim->device];

	add_value(line, "device", address_name(device->address).at);
	if (!device->error)
		line_add(line, " id=%04x:%04x", device->identity.vendor, device->identity.device);
	add_value(line, "verdict", verdict_word(claim->verdict));
	add_value(line, "driver", device->driver);
	if (device->group != NO_GROUP)
		line_add(line, " group=%d", device->group);
	if (claim->was[0])
		add_value(line, "was", claim->was);
	if (claim->error)
		line_add(line, " errno=%d", claim->error);
	add_notes(line, claim->notes);
	add_rule(line, &s->survey.config.rules[claim->rule]);
	if (s->late)
		add_value(line, "stage", "late");
	record_line(record, line);
}

/* What the rescue can give back; of a parked device the driver is empty. */
static void record_taken(struct record *record, struct line *line, const struct session *s, const struct claim *claim)
{
	if (claim->taken == TAKEN_NOT)
		return;
	add_value(line, "taken", address_name(s->survey.machine.devices[claim->device].address).at);
	add_value(line, "driver",
		  claim->taken == TAKEN_PARKED ? "" : claim_driver(&s->survey.config, claim));
	record_line(record, line);
}

static void record_claims(struct record *record, struct line *line, const struct session *s)
{
	for (size_t i = 0; i < s->survey.matches.n_claims; i++)
		record_claim(record, line, s, &s->survey.matches.claims[i]);
	for (size_t i = 0; i < s->survey.matches.n_claims; i++)
		record_taken(record, line, s, &s->survey.matches.claims[i]);
}

static void record_naming(struct record *record, struct line *line, const struct session *s, size_t i)
{
	const struct naming *naming = &s->survey.matches.namings[i];

	if (naming->verdict == V_NONE)
		return;
	add_rule(line, &s->survey.config.rules[i]);
	add_value(line, "verdict", verdict_word(naming->verdict));
	line_add(line, " fits=%u", naming->fits);
	record_line(record, line);
}

static void record_session(struct record *record, const struct session *s)
{
	struct line line;

	line_start(&line);
	line_add(&line, "format=1");
	record_line(record, &line);
	add_value(&line, "version", EARLYBIND_VERSION);
	record_line(record, &line);
	add_value(&line, "kernel", s->survey.machine.platform.release);
	record_line(record, &line);
	/* Early: udev had not started yet. */
	add_value(&line, "stage", s->survey.machine.platform.settled ? "late" : "early");
	record_line(record, &line);
	if (s->survey.config.settings.off) {
		add_value(&line, "disabled", "rd.earlybind=0");
		record_line(record, &line);
	}
	record_platform(record, &line, s);
	record_claims(record, &line, s);
	for (size_t i = 0; s->survey.matches.namings && i < s->survey.config.n_rules; i++)
		record_naming(record, &line, s, i);
	line_add(&line, "problems=%zu", s->survey.config.problems_total);
	record_line(record, &line);
	line_add(&line, "microseconds=%u", s->microseconds);
	record_line(record, &line);
	line_add(&line, "status=%d", s->status);
	record_line(record, &line);
}

int record_save(const struct session *session, const char *path)
{
	struct record record = { 0 };
	int r;

	record_session(&record, session);
	r = record.error;
	if (r == 0)
		r = session->door->ops->put(session->door, path, record.bytes, record.len);
	free(record.bytes);
	return r;
}

int record_append(const struct session *session, const char *path)
{
	struct record record = { 0 };
	struct line line;
	int r;

	line_start(&line);
	record_claims(&record, &line, session);
	r = record.error;
	if (r == 0)
		r = session->door->ops->append(session->door, path, record.bytes, record.len);
	free(record.bytes);
	return r;
}
