/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the claims that nothing speaks against to rows for bind, and what came of them back to the claims. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/grow.h"
#include "bind/bind.h"
#include "boot/session.h"
#include "decide/verify.h"
#include "machine/gather.h"

/* The claims that nothing speaks against, as rows for bind; ROWS gets the claim of each. */
static void fill_bindings(struct session *s, struct work *work, size_t *rows)
{
	for (size_t i = 0; i < s->survey.matches.n_claims; i++) {
		const struct claim *claim = &s->survey.matches.claims[i];

		if (claim->verdict != V_NONE)
			continue;
		rows[work->n_bindings] = i;
		work->bindings[work->n_bindings++] = (struct binding){
			.address = s->survey.machine.devices[claim->device].address,
			.driver = claim_driver(&s->survey.config, claim),
			.variant = claim->variant,
		};
	}
}

/* One proof a group: VFIO lets nobody open a group twice. */
static void fill_proofs(struct session *s, struct work *work, const size_t *rows)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		const struct device *device = &s->survey.machine.devices[s->survey.matches.claims[rows[i]].device];
		bool known = work->bindings[i].outcome.failed != STEP_NONE || device->group == NO_GROUP;

		for (size_t j = 0; j < work->n_proofs && !known; j++)
			known = work->proofs[j].group == (unsigned)device->group;
		if (!known)
			work->proofs[work->n_proofs++].group = (unsigned)device->group;
	}
}

static void keep_proofs(struct session *s, const struct work *work)
{
	for (size_t i = 0; i < s->survey.machine.n_groups; i++)
		for (size_t j = 0; j < work->n_proofs; j++)
			if (work->proofs[j].group == s->survey.machine.groups[i].number)
				s->survey.machine.groups[i].proof = work->proofs[j].proof;
}

static void log_modules(struct session *s, const struct work *work)
{
	for (size_t i = 0; i < s->survey.plan.n_modules; i++)
		log_debug(&s->log, "module %s: %s", s->survey.plan.modules[i].name,
			  work->module_errors[i] ? errno_name(work->module_errors[i]) : "fine");
}

/* Facts behind a change; one that cannot be read again does not keep the others from it. */
static int gather_rows(struct session *s, const struct work *work, const size_t *rows)
{
	int error = 0;

	/* Groups appear late where the driver's probe or the IOMMU's own module makes them. */
	gather_iommu(s->door, &s->survey.machine.platform);
	for (size_t i = 0; i < work->n_bindings; i++) {
		int r = gather_again(s->door, &s->survey.machine, s->survey.matches.claims[rows[i]].device);

		error = r < 0 ? r : error;
	}
	return error;
}

/* Bound, and yet not what was asked for: it goes back as well. */
static bool is_to_be_undone(const struct session *s, enum verdict verdict)
{
	if (verdict == V_NOT_IN_GROUP)
		return true;
	if (s->survey.config.settings.iommu_optional)
		return false;
	return verdict == V_NO_IOMMU_MODE || verdict == V_NOT_BEHIND_IOMMU || verdict == V_NO_IOMMU;
}

static enum taken what_is_kept(const struct session *s, const struct outcome *outcome)
{
	if (outcome->failed == STEP_NONE)
		return outcome->undo ? TAKEN_NOT : TAKEN_BOUND;
	/* Of one that got stuck nobody knows, and it is left alone from now on. */
	if (outcome->stuck || s->survey.config.settings.on_failure != ON_FAILURE_PARK)
		return TAKEN_NOT;
	return TAKEN_PARKED;
}

static void judge_rows(struct session *s, struct work *work, const size_t *rows)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct claim *claim = &s->survey.matches.claims[rows[i]];
		struct outcome *outcome = &work->bindings[i].outcome;

		claim->variant_error = work->bindings[i].variant_error;
		if (work->bindings[i].found[0])
			memcpy(claim->driver, work->bindings[i].found, sizeof(claim->driver));
		verify_outcome(&s->survey.config, &s->survey.machine, claim, outcome);
		outcome->undo = outcome->failed == STEP_NONE && is_to_be_undone(s, claim->verdict);
		claim->taken = what_is_kept(s, outcome);
	}
	bind_undo(work);
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
	bind_give_back(work, s->survey.config.settings.on_failure == ON_FAILURE_PARK);
	r = gather_rows(s, work, rows);
	fill_proofs(s, work, rows);
	bind_prove(work);
	keep_proofs(s, work);
	judge_rows(s, work, rows);
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct claim *claim = &s->survey.matches.claims[rows[i]];

		claim->back = work->bindings[i].back;
		gather_driver(s->door, &s->survey.machine.devices[claim->device]);
	}
	return r;
}

int session_bind(struct session *s)
{
	struct work work = {
		.door = s->door,
		.release = s->survey.machine.platform.release,
		.cmdline = text_of(s->survey.machine.platform.cmdline),
		.timeout = s->survey.config.settings.timeout,
		.late = s->late,
		.load_iommu = iommu_wants_module(&s->survey.machine.platform),
	};
	size_t *rows = calloc(s->survey.matches.n_claims + 1, sizeof(*rows));
	int r = rows ? work_init(&work, s->survey.matches.n_claims, &s->survey.plan) : -ENOMEM;

	if (r == 0)
		r = bind_rows(s, &work, rows);
	work_done(&work);
	free(rows);
	return r;
}
