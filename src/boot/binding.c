/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bind the claims that nothing speaks against: act, refresh, try the groups, judge, restore. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "bind/bind.h"
#include "boot/run.h"
#include "decide/verify.h"
#include "machine/enumerate.h"

static void fill_bindings(struct run *s, struct work *work)
{
	for (size_t i = 0; i < s->decision.matches.n_claims; i++) {
		struct claim *claim = &s->decision.matches.claims[i];

		if (claim->verdict != V_UNDECIDED)
			continue;
		work->bindings[work->n_bindings++] = (struct binding){
			.claim = claim,
			.address = s->decision.machine.devices[claim->device].address,
			.driver = claim_driver(&s->decision.config, claim),
			.variant = claim->variant,
		};
	}
}

/* The bindings lie in memory that children write; from here on the claims hold what became of them. */
static void collect_outcomes(struct work *work)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct binding *b = &work->bindings[i];

		b->claim->outcome = b->outcome;
		if (b->found[0])
			memcpy(b->claim->driver, b->found, sizeof(b->claim->driver));
	}
}

/* One trial per group: VFIO lets nobody open a group twice. */
static void fill_trials(struct run *s, struct work *work)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		const struct claim *claim = work->bindings[i].claim;
		const struct device *device = &s->decision.machine.devices[claim->device];
		bool known = claim->outcome.failed != STEP_NONE || device->group == NO_GROUP;

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

/* Read the facts again; one that cannot be read does not keep the others from it. */
static int refresh_bindings(struct run *s, const struct work *work)
{
	int error = 0;

	/* Groups appear late where the driver's probe or the IOMMU's own module makes them. */
	refresh_iommu(s->sys, &s->decision.machine.platform);
	for (size_t i = 0; i < work->n_bindings; i++) {
		int r = refresh_device(s->sys, &s->decision.machine, work->bindings[i].claim->device);

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
		return TAKEN_BOUND;
	/* The state of a device that hung is unknown; it is left alone from now on. */
	if (outcome->hung || s->decision.config.settings.on_failure != ON_FAILURE_NO_DRIVER)
		return TAKEN_NOT;
	return TAKEN_PARKED;
}

static void judge_bindings(struct run *s, struct work *work)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct binding *b = &work->bindings[i];

		verify_outcome(&s->decision.config, &s->decision.machine, b->claim);
		b->undo = b->claim->outcome.failed == STEP_NONE && is_to_be_undone(s, b->claim->verdict);
		b->claim->taken = b->undo ? TAKEN_NOT : what_is_kept(s, &b->claim->outcome);
	}
}

/* What failed is restored first: the groups are then as the others will have them. */
static int bind_claims(struct run *s, struct work *work)
{
	int r;

	fill_bindings(s, work);
	if (!work->n_bindings)
		return 0;
	bind_devices(work);
	log_modules(s, work);
	bind_restore_failed(work, s->decision.config.settings.on_failure == ON_FAILURE_NO_DRIVER);
	collect_outcomes(work);
	r = refresh_bindings(s, work);
	fill_trials(s, work);
	bind_try_groups(work);
	keep_trials(s, work);
	judge_bindings(s, work);
	bind_restore_marked(work);
	collect_outcomes(work);
	for (size_t i = 0; i < work->n_bindings; i++)
		refresh_driver(s->sys, &s->decision.machine.devices[work->bindings[i].claim->device]);
	return r;
}

int run_bind(struct run *s)
{
	struct work work = {
		.sys = s->sys,
		.release = s->decision.machine.platform.release,
		.cmdline = slice_of(s->decision.machine.platform.cmdline),
		.timeout = s->decision.config.settings.timeout,
		.hotplug = s->hotplug,
		.load_iommu = iommu_wants_module(&s->decision.machine.platform),
	};
	int r = work_init(&work, s->decision.matches.n_claims, &s->decision.plan);

	if (r == 0)
		r = bind_claims(s, &work);
	work_done(&work);
	return r;
}
