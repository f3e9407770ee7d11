/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run: the lines of the log, and what is left in /run. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/session.h"
#include "decide/verify.h"
#include "report/finding.h"

static void log_claim(struct session *s, const struct claim *claim)
{
	struct line line;

	line_start(&line);
	finding_claim(&s->survey, claim, &line);
	log_line(&s->log, verdict_level(claim->verdict), &line);
	if (claim->verdict == V_READY)
		s->ready++;
	else if (verdict_level(claim->verdict) == LEVEL_WARNING)
		s->not_ready++;
	else
		s->skipped++;
}

static void log_naming(struct session *s, size_t rule)
{
	enum verdict verdict = s->survey.matches.namings[rule].verdict;
	struct line line;

	if (verdict == V_NONE)
		return;
	line_start(&line);
	finding_naming(&s->survey, rule, &line);
	log_line(&s->log, verdict_level(verdict), &line);
	if (verdict_level(verdict) == LEVEL_WARNING)
		s->nameless++;
}

static void log_platform(struct session *s)
{
	enum verdict verdict = verify_platform(&s->survey.machine.platform);
	struct line line;

	line_start(&line);
	finding_platform(&s->survey, &line);
	log_line(&s->log, verdict_level(verdict), &line);
}

static void log_summary(struct session *s)
{
	size_t devices = s->survey.matches.n_claims;
	unsigned tenths = s->microseconds / 100;
	struct line line;

	line_start(&line);
	line_add(&line, "%zu device%s: %u ready, %u not ready", devices, devices == 1 ? "" : "s", s->ready,
		 s->not_ready);
	if (s->skipped)
		line_add(&line, ", %u skipped", s->skipped);
	if (s->nameless)
		line_add(&line, "; %u line%s without a device", s->nameless, s->nameless == 1 ? "" : "s");
	if (s->survey.config.problems_total)
		line_add(&line, "; %zu configuration error%s", s->survey.config.problems_total,
			 s->survey.config.problems_total == 1 ? "" : "s");
	line_add(&line, "; %u.%u ms", tenths / 10, tenths % 10);
	log_line(&s->log, s->status ? LEVEL_WARNING : LEVEL_GOOD, &line);
}

void session_report_claims(struct session *s)
{
	for (size_t i = 0; i < s->survey.matches.n_claims; i++)
		log_claim(s, &s->survey.matches.claims[i]);
}

/* What is said of devices may rest on less than the machine has to show. */
static void log_failures(struct session *s)
{
	const struct door_failures *f = &s->door->failures;
	struct line line;

	if (!f->count)
		return;
	line_start(&line);
	line_add(&line, "cannot read /");
	line_add_escaped(&line, text_of(f->first), 256);
	line_add(&line, " (%s)", errno_name(f->error));
	if (f->count > 1)
		line_add(&line, ", and %u more", f->count - 1);
	log_line(&s->log, LEVEL_WARNING, &line);
}

void session_report(struct session *s, unsigned long started)
{
	log_platform(s);
	session_report_claims(s);
	for (size_t i = 0; s->survey.matches.namings && i < s->survey.config.n_rules; i++)
		log_naming(s, i);
	s->status = s->status || s->not_ready || s->nameless || s->survey.config.problems_total;
	log_failures(s);
	s->microseconds = (unsigned)(session_clock() - started);
	log_summary(s);
}

/* The configuration as this boot used it, byte for byte, so that later runs use no newer one. */
static int save_source(struct session *s, const struct source *source)
{
	char path[DOOR_PATH_MAX];
	int r = 0;

	if (strchr(source->name, '/'))
		r = s->door->ops->make_folder(s->door, RUN_FOLDER "/etc/earlybind.d");
	snprintf(path, sizeof(path), RUN_FOLDER "/etc/%s", source->name);
	return r < 0 ? r : s->door->ops->put(s->door, path, source->bytes, source->len);
}

static int save_config(struct session *s)
{
	int r = s->door->ops->make_folder(s->door, RUN_FOLDER "/etc");

	for (size_t i = 0; i < s->survey.config.n_sources && r == 0; i++)
		if (s->survey.config.sources[i].bytes)
			r = save_source(s, &s->survey.config.sources[i]);
	return r;
}

static void save_late_rules(struct session *s)
{
	int r = late_rules_save(s);

	if (r < 0)
		log_text(&s->log, LEVEL_WARNING,
			 "devices that appear later will keep their own drivers: udev's rules cannot be written (%s)",
			 errno_name(r));
}

void session_save(struct session *s)
{
	int r = s->door->ops->make_folder(s->door, "run"), saved;

	if (r == 0)
		r = s->door->ops->make_folder(s->door, RUN_FOLDER);
	if (r == 0)
		r = save_config(s);
	save_late_rules(s);
	saved = log_save(&s->log, RUN_FOLDER "/log");
	r = r < 0 ? r : saved;
	/* Last, so that where there is a record everything else is done. */
	if (r == 0)
		r = record_save(s, RUN_FOLDER "/record");
	if (r < 0)
		log_text(&s->log, LEVEL_WARNING, "the record in /" RUN_FOLDER " could not be written (%s)",
			 errno_name(r));
}
