/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/report.h"

#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/paths.h"
#include "boot/udev_rules.h"
#include "decide/verify.h"
#include "report/message.h"

void run_report_claims(struct run *s)
{
	struct linebuf line;

	for (size_t i = 0; i < s->decision.matches.n_claims; i++) {
		const struct claim *claim = &s->decision.matches.claims[i];
		enum level level = verdict_level(claim->verdict);

		linebuf_start(&line);
		message_claim(&s->decision, claim, &line);
		log_line(&s->log, level, &line);
		if (claim->verdict == V_READY)
			s->ready++;
		else if (level == LEVEL_PROBLEM)
			s->not_ready++;
		else
			s->skipped++;
	}
}

static void report_rules(struct run *s)
{
	struct linebuf line;

	for (size_t i = 0; s->decision.matches.rule_results && i < s->decision.config.n_rules; i++) {
		enum verdict verdict = s->decision.matches.rule_results[i].verdict;

		if (verdict == V_UNDECIDED)
			continue;
		linebuf_start(&line);
		message_rule(&s->decision, i, &line);
		log_line(&s->log, verdict_level(verdict), &line);
		if (verdict_level(verdict) == LEVEL_PROBLEM)
			s->unmatched++;
	}
}

static void report_summary(struct run *s)
{
	size_t devices = s->decision.matches.n_claims, problems = s->decision.config.problems_total;
	unsigned tenths = s->end.microseconds / 100;
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%zu device%s: %u ready, %u not ready", devices, devices == 1 ? "" : "s", s->ready,
		    s->not_ready);
	if (s->skipped)
		linebuf_add(&line, ", %u skipped", s->skipped);
	if (s->unmatched)
		linebuf_add(&line, "; %u line%s without a device", s->unmatched, s->unmatched == 1 ? "" : "s");
	if (problems)
		linebuf_add(&line, "; %zu configuration error%s", problems, problems == 1 ? "" : "s");
	linebuf_add(&line, "; %u.%u ms", tenths / 10, tenths % 10);
	log_line(&s->log, s->end.status ? LEVEL_PROBLEM : LEVEL_GOOD, &line);
}

void run_report(struct run *s, unsigned long started)
{
	enum verdict platform = verify_platform(&s->decision.machine.platform);
	struct linebuf line;

	linebuf_start(&line);
	message_platform(&s->decision, &line);
	log_line(&s->log, verdict_level(platform), &line);
	run_report_claims(s);
	report_rules(s);
	s->end.status = s->end.status || s->not_ready || s->unmatched || s->decision.config.problems_total;
	/* The lines above may be based on less than the machine has to show. */
	if (s->sys->failures.count) {
		linebuf_start(&line);
		message_unread(&s->sys->failures, &line);
		log_line(&s->log, LEVEL_PROBLEM, &line);
	}
	s->end.microseconds = (unsigned)(system_clock() - started);
	report_summary(s);
}

/* The configuration and the plan byte for byte: what comes later in this boot uses no newer ones. */
static int save_inputs(struct run *s)
{
	const struct system_ops *ops = s->sys->ops;
	char path[SYSTEM_PATH_MAX];
	int r = ops->mkdir(s->sys, RUN_CONFIG);

	for (size_t i = 0; i < s->decision.config.n_sources && r == 0; i++) {
		const struct source *source = &s->decision.config.sources[i];

		if (!source->bytes)
			continue;
		if (strchr(source->name, '/'))
			r = ops->mkdir(s->sys, RUN_CONFIG "/" CONFIG_DROPINS);
		snprintf(path, sizeof(path), RUN_CONFIG "/%s", source->name);
		if (r == 0)
			r = ops->replace_file(s->sys, path, source->bytes, source->len);
	}
	if (r == 0 && s->plan_bytes)
		r = ops->replace_file(s->sys, RUN_PLAN, s->plan_bytes, s->plan_len);
	return r;
}

void run_save(struct run *s)
{
	int r = s->sys->ops->mkdir(s->sys, "run"), rules, saved;

	if (r == 0)
		r = s->sys->ops->mkdir(s->sys, RUN_DIR);
	if (r == 0)
		r = save_inputs(s);
	rules = udev_rules_save(s);
	if (rules < 0)
		log_text(&s->log, LEVEL_PROBLEM,
			 "hotplugged devices will keep their native drivers: the udev rules cannot be written (%s)",
			 errno_name(rules));
	saved = log_save(&s->log, RUN_LOG);
	r = r < 0 ? r : saved;
	/* Last: where there is a record, everything else is there. */
	if (r == 0)
		r = record_save(s->sys, &s->decision, &s->end);
	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM, "the record in /" RUN_DIR " could not be written (%s)", errno_name(r));
}
