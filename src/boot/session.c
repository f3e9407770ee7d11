/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/errno_name.h"

#define PLAN_FILE "etc/earlybind.plan"

/* klibc has no clock_gettime(); nobody steps the clock this early. */
unsigned long session_clock(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (unsigned long)now.tv_sec * 1000000ul + (unsigned long)now.tv_usec;
}

/* --- reading what was asked --- */

static void load_plan(struct session *s)
{
	struct text bytes;
	char *file = NULL;
	int r;

	r = s->door->ops->slurp(s->door, PLAN_FILE, PLAN_FILE_MAX, &file, &bytes.len);
	bytes.at = file;
	if (r == 0)
		r = plan_parse(&s->survey.plan, bytes);
	free(file);
	if (r < 0)
		log_text(&s->log, verdict_level(V_NO_PLAN), "%s: the image has no usable plan (%s); %s",
			 verdict_word(V_NO_PLAN), r == -EPROTONOSUPPORT ? "another version" : errno_name(r),
			 verdict_remedy(V_NO_PLAN));
	else if (s->survey.plan.kernel[0] && strcmp(s->survey.plan.kernel, s->survey.machine.platform.release) != 0)
		log_text(&s->log, verdict_level(V_IMAGE_STALE), "%s: the plan is for kernel %s, this is %s; %s",
			 verdict_word(V_IMAGE_STALE), s->survey.plan.kernel, s->survey.machine.platform.release,
			 verdict_remedy(V_IMAGE_STALE));
	else if (s->survey.plan.bad_lines)
		log_text(&s->log, verdict_level(V_NO_PLAN), "%s: %u lines of the image's plan are damaged; %s",
			 verdict_word(V_NO_PLAN), s->survey.plan.bad_lines, verdict_remedy(V_NO_PLAN));
}

static void log_problems(struct session *s)
{
	struct line line;

	for (size_t i = 0; i < s->survey.config.n_problems; i++) {
		line_start(&line);
		line_add(&line, "%s: ", verdict_word(V_CONFIG_ERROR));
		problem_format(&s->survey.config.problems[i], &line);
		log_line(&s->log, verdict_level(V_CONFIG_ERROR), &line);
	}
	if (s->survey.config.problems_total > s->survey.config.n_problems)
		log_text(&s->log, verdict_level(V_CONFIG_ERROR), "%s: and %zu more", verdict_word(V_CONFIG_ERROR),
			 s->survey.config.problems_total - s->survey.config.n_problems);
}

/* --- the run --- */

/* True when there is something to be done. */
static bool is_wanted(struct session *s)
{
	if (s->survey.config.settings.off) {
		log_text(&s->log, verdict_level(V_DISABLED), "%s: rd.earlybind=0 is on the kernel command line; %s",
			 verdict_word(V_DISABLED), "no device is touched this boot");
		return false;
	}
	if (s->survey.machine.platform.crash_kernel) {
		log_text(&s->log, verdict_level(V_DISABLED), "%s: this kernel is there to save a crash dump; %s",
			 verdict_word(V_DISABLED), "no device is touched");
		return false;
	}
	if (s->survey.config.n_rules)
		return true;
	log_text(&s->log, verdict_level(V_NO_CONFIGURATION), "%s: %s; %s", verdict_word(V_NO_CONFIGURATION),
		 s->survey.config.n_sources ? "the configuration names no device"
				     : "there is no earlybind.conf or earlybind.d in this image",
		 verdict_remedy(V_NO_CONFIGURATION));
	return false;
}

static int run(struct session *s, unsigned long started)
{
	int r;

	r = survey_read(&s->survey);
	s->log.debug |= s->survey.config.settings.debug;
	if (r < 0)
		return r;
	log_problems(s);
	if (!is_wanted(s)) {
		s->status = s->survey.config.problems_total != 0;
		return 0;
	}
	load_plan(s);
	r = survey_decide(&s->survey);
	if (r == 0)
		r = session_bind(s);
	/* Also when memory ran out: what was done has to be told. */
	session_report(s, started);
	return r;
}

void session_run(struct session *s)
{
	unsigned long started = session_clock();
	int r;

	s->log.door = s->door;
	survey_init(&s->survey, s->door);
	r = run(s, started);
	if (r < 0) {
		log_text(&s->log, LEVEL_WARNING, "gave up: %s", errno_name(r));
		s->status = 1;
	}
	session_save(s);
}

void session_done(struct session *s)
{
	survey_done(&s->survey);
	log_done(&s->log);
}
