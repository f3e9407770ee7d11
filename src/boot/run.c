/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/run.h"

#include <stdlib.h>

#include "base/errno_name.h"
#include "base/paths.h"
#include "boot/binding.h"
#include "boot/report.h"
#include "decide/verify.h"
#include "report/message.h"

int run_load_plan(struct run *s, const char *path)
{
	int r = s->sys->ops->read_all(s->sys, path, PLAN_FILE_MAX, &s->plan_bytes, &s->plan_len);

	if (r < 0)
		return r;
	r = plan_parse(&s->decision.plan, (struct slice){ s->plan_bytes, s->plan_len });
	if (r < 0) {
		free(s->plan_bytes);
		s->plan_bytes = NULL;
	}
	return r;
}

/* "VERDICT: FACTS" about the run as a whole. */
static void log_run(struct run *s, enum verdict verdict)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s: ", verdict_word(verdict));
	message_run(&s->decision, verdict, &line);
	log_line(&s->log, verdict_level(verdict), &line);
}

static void log_config_errors(struct run *s)
{
	const struct config *config = &s->decision.config;
	struct linebuf line;

	for (size_t i = 0; i < config->n_problems; i++) {
		linebuf_start(&line);
		linebuf_add(&line, "%s: ", verdict_word(V_CONFIG_ERROR));
		problem_format(&config->problems[i], &line);
		log_line(&s->log, verdict_level(V_CONFIG_ERROR), &line);
	}
	if (config->problems_total > config->n_problems)
		log_text(&s->log, verdict_level(V_CONFIG_ERROR), "%s: and %zu more", verdict_word(V_CONFIG_ERROR),
			 config->problems_total - config->n_problems);
}

static int run(struct run *s, unsigned long started)
{
	struct decision *decision = &s->decision;
	enum verdict verdict;
	int r;

	r = decision_read(decision);
	s->log.debug |= decision->config.settings.debug;
	if (r < 0)
		return r;
	log_config_errors(s);
	verdict = verify_run(&decision->config, &decision->machine.platform);
	if (verdict != V_UNDECIDED) {
		log_run(s, verdict);
		s->end.status = decision->config.problems_total != 0;
		return 0;
	}
	decision->plan_error = -run_load_plan(s, PLAN_FILE);
	verdict = verify_plan(&decision->plan, decision->plan_error, &decision->machine.platform);
	if (verdict != V_UNDECIDED)
		log_run(s, verdict);
	r = decision_make(decision);
	if (r == 0)
		r = run_bind(s);
	/* Even without memory, what was done is reported. */
	if (r < 0)
		matches_give_up(&decision->matches);
	run_report(s, started);
	return r;
}

void run_boot(struct run *s)
{
	unsigned long started = system_clock();
	int r;

	s->log.sys = s->sys;
	decision_init(&s->decision, s->sys);
	r = run(s, started);
	if (r < 0) {
		log_text(&s->log, LEVEL_PROBLEM, "the run was aborted (%s)", errno_name(r));
		s->end.error = -r;
		s->end.status = 1;
	}
	run_save(s);
}

void run_done(struct run *s)
{
	free(s->plan_bytes);
	decision_done(&s->decision);
	log_done(&s->log);
}
