/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/errno_name.h"
#include "decide/verify.h"
#include "machine/gather.h"

#define PLAN_FILE "etc/earlybind.plan"
#define CONFIG_FOLDER "etc"

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
		r = plan_parse(&s->plan, bytes);
	free(file);
	if (r < 0)
		log_text(&s->log, verdict_level(V_NO_PLAN), "%s: the image has no usable plan (%s); %s",
			 verdict_word(V_NO_PLAN), r == -EPROTONOSUPPORT ? "another version" : errno_name(r),
			 verdict_remedy(V_NO_PLAN));
	else if (s->plan.kernel[0] && strcmp(s->plan.kernel, s->machine.platform.release) != 0)
		log_text(&s->log, verdict_level(V_IMAGE_STALE), "%s: the plan is for kernel %s, this is %s; %s",
			 verdict_word(V_IMAGE_STALE), s->plan.kernel, s->machine.platform.release,
			 verdict_remedy(V_IMAGE_STALE));
	else if (s->plan.bad_lines)
		log_text(&s->log, verdict_level(V_NO_PLAN), "%s: %u lines of the image's plan are damaged; %s",
			 verdict_word(V_NO_PLAN), s->plan.bad_lines, verdict_remedy(V_NO_PLAN));
}

static void log_problems(struct session *s)
{
	struct line line;

	for (size_t i = 0; i < s->config.n_problems; i++) {
		line_start(&line);
		line_add(&line, "%s: ", verdict_word(V_CONFIG_ERROR));
		problem_format(&s->config.problems[i], &line);
		log_line(&s->log, verdict_level(V_CONFIG_ERROR), &line);
	}
	if (s->config.problems_total > s->config.n_problems)
		log_text(&s->log, verdict_level(V_CONFIG_ERROR), "%s: and %zu more", verdict_word(V_CONFIG_ERROR),
			 s->config.problems_total - s->config.n_problems);
}

static int load_config(struct session *s)
{
	int r = config_load(&s->config, s->door, CONFIG_FOLDER);

	if (r == 0)
		r = config_parse_cmdline(&s->config, text_of(s->machine.platform.cmdline));
	s->log.debug |= s->config.settings.debug;
	return r;
}

/* --- deciding --- */

static int gather_claimed(struct session *s, size_t from)
{
	int r = 0;

	for (size_t i = from; i < s->matches.n_claims && r == 0; i++)
		r = gather_details(s->door, &s->machine, s->matches.claims[i].device);
	return r;
}

/* Gather and verify the claims from FROM on. */
static int verify_claims(struct session *s, size_t from)
{
	int r = gather_claimed(s, from);

	for (size_t i = from; i < s->matches.n_claims && r == 0; i++)
		verify_claim(&s->config, &s->machine, &s->matches.claims[i]);
	return r;
}

static int decide(struct session *s)
{
	size_t named;
	int r;

	r = gather_devices(s->door, &s->config, &s->machine);
	/* Then a device's future neighbours are known by their places only. */
	if (r == 0 && groups_come_late(&s->machine.platform))
		r = gather_all(s->door, &s->machine);
	if (r == 0)
		r = match_devices(&s->config, &s->machine, &s->matches);
	if (r == 0)
		r = verify_claims(s, 0);
	named = s->matches.n_claims;
	/* Only a device that may be taken itself brings its group along. */
	if (r == 0)
		r = match_groups(&s->config, &s->machine, &s->matches);
	return r < 0 ? r : verify_claims(s, named);
}

/* --- the run --- */

/* True when there is something to be done. */
static bool is_wanted(struct session *s)
{
	if (s->config.settings.off) {
		log_text(&s->log, verdict_level(V_DISABLED), "%s: rd.earlybind=0 is on the kernel command line; %s",
			 verdict_word(V_DISABLED), "no device is touched this boot");
		return false;
	}
	if (s->machine.platform.crash_kernel) {
		log_text(&s->log, verdict_level(V_DISABLED), "%s: this kernel is there to save a crash dump; %s",
			 verdict_word(V_DISABLED), "no device is touched");
		return false;
	}
	if (s->config.n_rules)
		return true;
	log_text(&s->log, verdict_level(V_NO_CONFIGURATION), "%s: %s; %s", verdict_word(V_NO_CONFIGURATION),
		 s->config.n_sources ? "the configuration names no device"
				     : "there is no earlybind.conf or earlybind.d in this image",
		 verdict_remedy(V_NO_CONFIGURATION));
	return false;
}

static int run(struct session *s, unsigned long started)
{
	int r;

	r = gather_platform(s->door, &s->machine);
	if (r == 0)
		r = load_config(s);
	if (r < 0)
		return r;
	log_problems(s);
	if (!is_wanted(s)) {
		s->status = s->config.problems_total != 0;
		return 0;
	}
	load_plan(s);
	s->machine.platform.iommu_planned = plan_find(&s->plan, "virtio_iommu") != NULL;
	r = decide(s);
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
	config_init(&s->config);
	r = run(s, started);
	if (r < 0) {
		log_text(&s->log, LEVEL_WARNING, "gave up: %s", errno_name(r));
		s->status = 1;
	}
	session_save(s);
}

void session_done(struct session *s)
{
	matches_done(&s->matches);
	machine_done(&s->machine);
	plan_done(&s->plan);
	config_done(&s->config);
	log_done(&s->log);
}
