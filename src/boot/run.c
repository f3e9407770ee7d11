/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/errno_name.h"
#include "decide/verify.h"
#include "report/message.h"

#define PLAN_FILE "etc/earlybind.plan"

/* klibc has no clock_gettime(); nobody steps the clock this early. */
unsigned long run_clock(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (unsigned long)now.tv_sec * 1000000ul + (unsigned long)now.tv_usec;
}

/* --- reading what was asked --- */

int run_read_plan(struct run *s, const char *path, char **bytes, size_t *len)
{
	int r = s->sys->ops->read_all(s->sys, path, PLAN_FILE_MAX, bytes, len);

	return r < 0 ? r : plan_parse(&s->decision.plan, (struct slice){ *bytes, *len });
}

/* The plan as it was, for late sessions. */
static void save_plan(struct run *s, const char *bytes, size_t len)
{
	int r = s->sys->ops->mkdir(s->sys, "run");

	if (r == 0)
		r = s->sys->ops->mkdir(s->sys, RUN_DIR);
	if (r == 0)
		r = s->sys->ops->replace_file(s->sys, RUN_PLAN, bytes, len);
	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM, "/" RUN_PLAN " could not be written (%s)", errno_name(r));
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

static void load_plan(struct run *s)
{
	char *bytes = NULL;
	size_t len = 0;
	int r = run_read_plan(s, PLAN_FILE, &bytes, &len);
	enum verdict verdict;

	if (r == 0)
		save_plan(s, bytes, len);
	free(bytes);
	s->decision.plan_error = -r;
	verdict = verify_plan(&s->decision.plan, -r, &s->decision.machine.platform);
	if (verdict != V_UNDECIDED)
		log_run(s, verdict);
}

static void log_problems(struct run *s)
{
	struct linebuf line;

	for (size_t i = 0; i < s->decision.config.n_problems; i++) {
		linebuf_start(&line);
		linebuf_add(&line, "%s: ", verdict_word(V_CONFIG_ERROR));
		problem_format(&s->decision.config.problems[i], &line);
		log_line(&s->log, verdict_level(V_CONFIG_ERROR), &line);
	}
	if (s->decision.config.problems_total > s->decision.config.n_problems)
		log_text(&s->log, verdict_level(V_CONFIG_ERROR), "%s: and %zu more", verdict_word(V_CONFIG_ERROR),
			 s->decision.config.problems_total - s->decision.config.n_problems);
}

/* --- the run --- */

static int run(struct run *s, unsigned long started)
{
	enum verdict idle;
	int r;

	r = decision_read(&s->decision);
	s->log.debug |= s->decision.config.settings.debug;
	if (r < 0)
		return r;
	log_problems(s);
	idle = verify_run(&s->decision.config, &s->decision.machine.platform);
	if (idle != V_UNDECIDED) {
		log_run(s, idle);
		s->end.status = s->decision.config.problems_total != 0;
		return 0;
	}
	load_plan(s);
	r = decision_make(&s->decision);
	if (r == 0)
		r = run_bind(s);
	/* Also when memory ran out: what was done has to be told. */
	if (r < 0)
		matches_give_up(&s->decision.matches);
	run_report(s, started);
	return r;
}

void run_boot(struct run *s)
{
	unsigned long started = run_clock();
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
	decision_done(&s->decision);
	log_done(&s->log);
}
