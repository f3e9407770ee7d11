/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/errno_name.h"
#include "base/grow.h"
#include "decide/verify.h"
#include "machine/gather.h"
#include "report/finding.h"

#define PLAN_FILE "etc/earlybind.plan"
#define CONFIG_FOLDER "etc"

/* klibc has no clock_gettime(); nobody steps the clock this early. */
static unsigned long microseconds_now(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (unsigned long)now.tv_sec * 1000000ul + (unsigned long)now.tv_usec;
}

static struct findings findings_of(const struct session *s)
{
	return (struct findings){ &s->config, &s->machine, &s->matches, &s->plan };
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

/* --- binding --- */

/* The claims that nothing speaks against, as rows for bind; ROWS gets the claim of each. */
static void fill_bindings(struct session *s, struct work *work, size_t *rows)
{
	for (size_t i = 0; i < s->matches.n_claims; i++) {
		const struct claim *claim = &s->matches.claims[i];

		if (claim->verdict != V_NONE)
			continue;
		rows[work->n_bindings] = i;
		work->bindings[work->n_bindings++] = (struct binding){
			.address = s->machine.devices[claim->device].address,
			.driver = rule_driver(&s->config.rules[claim->rule]),
		};
	}
}

/* One proof a group: VFIO lets nobody open a group twice. */
static void fill_proofs(struct session *s, struct work *work, const size_t *rows)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		const struct device *device = &s->machine.devices[s->matches.claims[rows[i]].device];
		bool known = work->bindings[i].outcome.failed != STEP_NONE || device->group == NO_GROUP;

		for (size_t j = 0; j < work->n_proofs && !known; j++)
			known = work->proofs[j].group == (unsigned)device->group;
		if (!known)
			work->proofs[work->n_proofs++].group = (unsigned)device->group;
	}
}

static void keep_proofs(struct session *s, const struct work *work)
{
	for (size_t i = 0; i < s->machine.n_groups; i++)
		for (size_t j = 0; j < work->n_proofs; j++)
			if (work->proofs[j].group == s->machine.groups[i].number)
				s->machine.groups[i].proof = work->proofs[j].proof;
}

static void log_modules(struct session *s, const struct work *work)
{
	for (size_t i = 0; i < s->plan.n_modules; i++)
		log_debug(&s->log, "module %s: %s", s->plan.modules[i].name,
			  work->module_errors[i] ? errno_name(work->module_errors[i]) : "fine");
}

/* Facts behind a change; one that cannot be read again does not keep the others from it. */
static int gather_rows(struct session *s, const struct work *work, const size_t *rows)
{
	int error = 0;

	/* Groups appear late where the driver's probe or the IOMMU's own module makes them. */
	gather_iommu(s->door, &s->machine.platform);
	for (size_t i = 0; i < work->n_bindings; i++) {
		int r = gather_again(s->door, &s->machine, s->matches.claims[rows[i]].device);

		error = r < 0 ? r : error;
	}
	return error;
}

/* Bound, and yet not what was asked for: it goes back as well. */
static bool is_to_be_undone(const struct session *s, enum verdict verdict)
{
	if (verdict == V_NOT_IN_GROUP)
		return true;
	if (s->config.settings.iommu_optional)
		return false;
	return verdict == V_NO_IOMMU_MODE || verdict == V_NOT_BEHIND_IOMMU || verdict == V_NO_IOMMU;
}

static void judge_rows(struct session *s, struct work *work, const size_t *rows)
{
	bool undo = false;

	for (size_t i = 0; i < work->n_bindings; i++) {
		struct claim *claim = &s->matches.claims[rows[i]];
		struct outcome *outcome = &work->bindings[i].outcome;

		verify_outcome(&s->config, &s->machine, claim, outcome);
		outcome->undo = outcome->failed == STEP_NONE && is_to_be_undone(s, claim->verdict);
		undo |= outcome->undo;
	}
	if (undo)
		bind_give_back(work, false);
}

/* What failed goes back first: the groups are then as the others will have them. */
static int bind_rows(struct session *s, struct work *work, size_t *rows)
{
	int r;

	fill_bindings(s, work, rows);
	if (!work->n_bindings)
		return 0;
	bind_devices(work);
	log_modules(s, work);
	bind_give_back(work, s->config.settings.on_failure == ON_FAILURE_PARK);
	r = gather_rows(s, work, rows);
	fill_proofs(s, work, rows);
	bind_prove(work);
	keep_proofs(s, work);
	judge_rows(s, work, rows);
	for (size_t i = 0; i < work->n_bindings; i++)
		gather_driver(s->door, &s->machine.devices[s->matches.claims[rows[i]].device]);
	return r;
}

static int bind_claims(struct session *s)
{
	struct work work = {
		.door = s->door,
		.release = s->machine.platform.release,
		.cmdline = text_of(s->machine.platform.cmdline),
		.timeout = s->config.settings.timeout,
		.load_iommu = iommu_wants_module(&s->machine.platform),
	};
	size_t *rows = calloc(s->matches.n_claims + 1, sizeof(*rows));
	int r = rows ? work_init(&work, s->matches.n_claims, &s->plan) : -ENOMEM;

	if (r == 0)
		r = bind_rows(s, &work, rows);
	work_done(&work);
	free(rows);
	return r;
}

/* --- reporting --- */

static void log_claim(struct session *s, const struct claim *claim)
{
	struct findings f = findings_of(s);
	struct line line;

	line_start(&line);
	finding_claim(&f, claim, &line);
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
	enum verdict verdict = s->matches.namings[rule].verdict;
	struct findings f = findings_of(s);
	struct line line;

	if (verdict == V_NONE)
		return;
	line_start(&line);
	finding_naming(&f, rule, &line);
	log_line(&s->log, verdict_level(verdict), &line);
	if (verdict_level(verdict) == LEVEL_WARNING)
		s->nameless++;
}

static void log_platform(struct session *s)
{
	enum verdict verdict = verify_platform(&s->machine.platform);
	struct findings f = findings_of(s);
	struct line line;

	line_start(&line);
	finding_platform(&f, &line);
	log_line(&s->log, verdict_level(verdict), &line);
}

static void log_summary(struct session *s)
{
	size_t devices = s->matches.n_claims;
	unsigned tenths = s->microseconds / 100;
	struct line line;

	line_start(&line);
	line_add(&line, "%zu device%s: %u ready, %u not ready", devices, devices == 1 ? "" : "s", s->ready,
		 s->not_ready);
	if (s->skipped)
		line_add(&line, ", %u skipped", s->skipped);
	if (s->nameless)
		line_add(&line, "; %u line%s without a device", s->nameless, s->nameless == 1 ? "" : "s");
	if (s->config.problems_total)
		line_add(&line, "; %zu configuration error%s", s->config.problems_total,
			 s->config.problems_total == 1 ? "" : "s");
	line_add(&line, "; %u.%u ms", tenths / 10, tenths % 10);
	log_line(&s->log, s->status ? LEVEL_WARNING : LEVEL_GOOD, &line);
}

static void report(struct session *s, unsigned long started)
{
	log_platform(s);
	for (size_t i = 0; i < s->matches.n_claims; i++)
		log_claim(s, &s->matches.claims[i]);
	for (size_t i = 0; s->matches.namings && i < s->config.n_rules; i++)
		log_naming(s, i);
	s->status = s->status || s->not_ready || s->nameless || s->config.problems_total;
	s->microseconds = (unsigned)(microseconds_now() - started);
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

	for (size_t i = 0; i < s->config.n_sources && r == 0; i++)
		if (s->config.sources[i].bytes)
			r = save_source(s, &s->config.sources[i]);
	return r;
}

static void save(struct session *s)
{
	int r = s->door->ops->make_folder(s->door, "run");

	if (r == 0)
		r = s->door->ops->make_folder(s->door, RUN_FOLDER);
	if (r == 0)
		r = save_config(s);
	if (r == 0)
		r = record_save(s, RUN_FOLDER "/record");
	if (r < 0)
		log_text(&s->log, LEVEL_WARNING, "the record in /" RUN_FOLDER " could not be written (%s)",
			 errno_name(r));
	log_save(&s->log, RUN_FOLDER "/log");
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
		r = bind_claims(s);
	/* Also when memory ran out: what was done has to be told. */
	report(s, started);
	return r;
}

void session_run(struct session *s)
{
	unsigned long started = microseconds_now();
	int r;

	s->log.door = s->door;
	config_init(&s->config);
	r = run(s, started);
	if (r < 0) {
		log_text(&s->log, LEVEL_WARNING, "gave up: %s", errno_name(r));
		s->status = 1;
	}
	save(s);
}

void session_done(struct session *s)
{
	matches_done(&s->matches);
	machine_done(&s->machine);
	plan_done(&s->plan);
	config_done(&s->config);
	log_done(&s->log);
}
