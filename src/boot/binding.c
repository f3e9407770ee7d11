/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the claims that nothing speaks against to rows for bind, and what came of them back to the claims. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "bind/bind.h"
#include "boot/run.h"
#include "decide/verify.h"
#include "machine/enumerate.h"

/* The claims that nothing speaks against, as rows for bind; ROWS gets the claim of each. */
static void fill_bindings(struct run *s, struct work *work, size_t *rows)
{
	for (size_t i = 0; i < s->decision.matches.n_claims; i++) {
		const struct claim *claim = &s->decision.matches.claims[i];

		if (claim->verdict != V_UNDECIDED)
			continue;
		rows[work->n_bindings] = i;
		work->bindings[work->n_bindings++] = (struct binding){
			.address = s->decision.machine.devices[claim->device].address,
			.driver = claim_driver(&s->decision.config, claim),
			.variant = claim->variant,
		};
	}
}

/* One proof a group: VFIO lets nobody open a group twice. */
static void fill_trials(struct run *s, struct work *work, const size_t *rows)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		const struct device *device = &s->decision.machine.devices[s->decision.matches.claims[rows[i]].device];
		bool known = work->bindings[i].outcome.failed != STEP_NONE || device->group == NO_GROUP;

		for (size_t j = 0; j < work->n_trials && !known; j++)
			known = work->trials[j].group == (unsigned)device->group;
		if (!known)
			work->trials[work->n_trials++].group = (unsigned)device->group;
	}
}

static void keep_trials(struct run *s, const struct work *work)
{
	for (size_t i = 0; i < s->decision.machine.n_groups; i++)
		for (size_t j = 0; j < work->n_trials; j++)
			if (work->trials[j].group == s->decision.machine.groups[i].number)
				s->decision.machine.groups[i].trial = work->trials[j].trial;
}

static void log_modules(struct run *s, const struct work *work)
{
	for (size_t i = 0; i < s->decision.plan.n_modules; i++)
		log_debug(&s->log, "module %s: %s", s->decision.plan.modules[i].name,
			  work->module_errors[i] ? errno_name(work->module_errors[i]) : "fine");
}

/* Facts behind a change; one that cannot be read again does not keep the others from it. */
static int refresh_rows(struct run *s, const struct work *work, const size_t *rows)
{
	int error = 0;

	/* Groups appear late where the driver's probe or the IOMMU's own module makes them. */
	refresh_iommu(s->sys, &s->decision.machine.platform);
	for (size_t i = 0; i < work->n_bindings; i++) {
		int r = refresh_device(s->sys, &s->decision.machine, s->decision.matches.claims[rows[i]].device);

		error = r < 0 ? r : error;
	}
	return error;
}

/* Bound, and yet not what was asked for: it goes back as well. */
static bool is_to_be_undone(const struct run *s, enum verdict verdict)
{
	if (verdict == V_OTHER_GROUP)
		return true;
	if (s->decision.config.settings.iommu_optional)
		return false;
	return verdict == V_NO_IOMMU_MODE || verdict == V_NOT_BEHIND_IOMMU || verdict == V_NO_IOMMU;
}

static enum taken what_is_kept(const struct run *s, const struct outcome *outcome)
{
	if (outcome->failed == STEP_NONE)
		return outcome->undo ? TAKEN_NOT : TAKEN_BOUND;
	/* Of one that got stuck nobody knows, and it is left alone from now on. */
	if (outcome->hung || s->decision.config.settings.on_failure != ON_FAILURE_NO_DRIVER)
		return TAKEN_NOT;
	return TAKEN_PARKED;
}

static void judge_rows(struct run *s, struct work *work, const size_t *rows)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct claim *claim = &s->decision.matches.claims[rows[i]];
		struct outcome *outcome = &work->bindings[i].outcome;

		claim->variant_error = work->bindings[i].variant_error;
		if (work->bindings[i].found[0])
			memcpy(claim->driver, work->bindings[i].found, sizeof(claim->driver));
		verify_outcome(&s->decision.config, &s->decision.machine, claim, outcome);
		outcome->undo = outcome->failed == STEP_NONE && is_to_be_undone(s, claim->verdict);
		claim->taken = what_is_kept(s, outcome);
	}
	bind_restore_marked(work);
}

/* What failed goes back first: the groups are then as the others will have them. */
static int bind_rows(struct run *s, struct work *work, size_t *rows)
{
	int r;

	fill_bindings(s, work, rows);
	if (!work->n_bindings)
		return 0;
	bind_devices(work);
	log_modules(s, work);
	bind_restore_failed(work, s->decision.config.settings.on_failure == ON_FAILURE_NO_DRIVER);
	r = refresh_rows(s, work, rows);
	fill_trials(s, work, rows);
	bind_try_groups(work);
	keep_trials(s, work);
	judge_rows(s, work, rows);
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct claim *claim = &s->decision.matches.claims[rows[i]];

		claim->restore_error = work->bindings[i].restore_error;
		refresh_driver(s->sys, &s->decision.machine.devices[claim->device]);
	}
	return r;
}

int run_bind(struct run *s)
{
	struct work work = {
		.sys = s->sys,
		.release = s->decision.machine.platform.release,
		.cmdline = slice_of(s->decision.machine.platform.cmdline),
		.timeout = s->decision.config.settings.timeout,
		.late = s->late,
		.load_iommu = iommu_wants_module(&s->decision.machine.platform),
	};
	size_t *rows = calloc(s->decision.matches.n_claims + 1, sizeof(*rows));
	int r = rows ? work_init(&work, s->decision.matches.n_claims, &s->decision.plan) : -ENOMEM;

	if (r == 0)
		r = bind_rows(s, &work, rows);
	work_done(&work);
	free(rows);
	return r;
}
