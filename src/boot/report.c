/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run: the lines of the log, and what is left in /run. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/run.h"
#include "decide/verify.h"
#include "report/message.h"

static void log_claim(struct run *s, const struct claim *claim)
{
	struct linebuf line;

	linebuf_start(&line);
	message_claim(&s->decision, claim, &line);
	log_line(&s->log, verdict_level(claim->verdict), &line);
	if (claim->verdict == V_READY)
		s->ready++;
	else if (verdict_level(claim->verdict) == LEVEL_PROBLEM)
		s->not_ready++;
	else
		s->skipped++;
}

static void log_rule(struct run *s, size_t rule)
{
	enum verdict verdict = s->decision.matches.rule_results[rule].verdict;
	struct linebuf line;

	if (verdict == V_UNDECIDED)
		return;
	linebuf_start(&line);
	message_rule(&s->decision, rule, &line);
	log_line(&s->log, verdict_level(verdict), &line);
	if (verdict_level(verdict) == LEVEL_PROBLEM)
		s->unmatched++;
}

static void log_platform(struct run *s)
{
	enum verdict verdict = verify_platform(&s->decision.machine.platform);
	struct linebuf line;

	linebuf_start(&line);
	message_platform(&s->decision, &line);
	log_line(&s->log, verdict_level(verdict), &line);
}

static void log_summary(struct run *s)
{
	size_t devices = s->decision.matches.n_claims;
	unsigned tenths = s->end.microseconds / 100;
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%zu device%s: %u ready, %u not ready", devices, devices == 1 ? "" : "s", s->ready,
		    s->not_ready);
	if (s->skipped)
		linebuf_add(&line, ", %u skipped", s->skipped);
	if (s->unmatched)
		linebuf_add(&line, "; %u line%s without a device", s->unmatched, s->unmatched == 1 ? "" : "s");
	if (s->decision.config.problems_total)
		linebuf_add(&line, "; %zu configuration error%s", s->decision.config.problems_total,
			    s->decision.config.problems_total == 1 ? "" : "s");
	linebuf_add(&line, "; %u.%u ms", tenths / 10, tenths % 10);
	log_line(&s->log, s->end.status ? LEVEL_PROBLEM : LEVEL_GOOD, &line);
}

void run_report_claims(struct run *s)
{
	for (size_t i = 0; i < s->decision.matches.n_claims; i++)
		log_claim(s, &s->decision.matches.claims[i]);
}

/* What is said of devices may rest on less than the machine has to show. */
static void log_failures(struct run *s)
{
	const struct system_failures *f = &s->sys->failures;
	struct linebuf line;

	if (!f->count)
		return;
	linebuf_start(&line);
	message_unread(f, &line);
	log_line(&s->log, LEVEL_PROBLEM, &line);
}

void run_report(struct run *s, unsigned long started)
{
	log_platform(s);
	run_report_claims(s);
	for (size_t i = 0; s->decision.matches.rule_results && i < s->decision.config.n_rules; i++)
		log_rule(s, i);
	s->end.status = s->end.status || s->not_ready || s->unmatched || s->decision.config.problems_total;
	log_failures(s);
	s->end.microseconds = (unsigned)(run_clock() - started);
	log_summary(s);
}

/* The configuration as this boot used it, byte for byte, so that later runs use no newer one. */
static int save_source(struct run *s, const struct source *source)
{
	char path[SYSTEM_PATH_MAX];
	int r = 0;

	if (strchr(source->name, '/'))
		r = s->sys->ops->mkdir(s->sys, RUN_DIR "/etc/earlybind.d");
	snprintf(path, sizeof(path), RUN_DIR "/etc/%s", source->name);
	return r < 0 ? r : s->sys->ops->replace_file(s->sys, path, source->bytes, source->len);
}

static int save_config(struct run *s)
{
	int r = s->sys->ops->mkdir(s->sys, RUN_DIR "/etc");

	for (size_t i = 0; i < s->decision.config.n_sources && r == 0; i++)
		if (s->decision.config.sources[i].bytes)
			r = save_source(s, &s->decision.config.sources[i]);
	return r;
}

static void save_late_rules(struct run *s)
{
	int r = udev_rules_save(s);

	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM,
			 "hotplugged devices will keep their native drivers: the udev rules cannot be written (%s)",
			 errno_name(r));
}

void run_save(struct run *s)
{
	int r = s->sys->ops->mkdir(s->sys, "run"), saved;

	if (r == 0)
		r = s->sys->ops->mkdir(s->sys, RUN_DIR);
	if (r == 0)
		r = save_config(s);
	save_late_rules(s);
	saved = log_save(&s->log, RUN_DIR "/log");
	r = r < 0 ? r : saved;
	/* Last, so that where there is a record everything else is done. */
	if (r == 0)
		r = record_save(s);
	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM, "the record in /" RUN_DIR " could not be written (%s)", errno_name(r));
}
