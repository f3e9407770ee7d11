/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/foresee.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/predict.h"
#include "decide/verify.h"
#include "machine/gather.h"

int foresight_read(struct foresight *f, struct door *now, const char *release)
{
	int r;

	memset(f, 0, sizeof(*f));
	ahead_open(&f->ahead, now, release);
	survey_init(&f->boot, &f->ahead.door);
	survey_init(&f->later, &f->ahead.door);
	r = survey_read(&f->boot);
	f->boot.machine.platform.iommu_planned = !f->ahead.iommu_loaded;
	f->ahead.groups_late = groups_come_late(&f->boot.machine.platform);
	f->ahead.later = true;
	r = r < 0 ? r : survey_read(&f->later);
	f->ahead.later = false;
	return r;
}

void foresight_done(struct foresight *f)
{
	survey_done(&f->later);
	survey_done(&f->boot);
	ahead_close(&f->ahead);
}

static bool is_late(const struct foresight *f, const struct survey *s, const struct claim *claim)
{
	return device_is_late(f->ahead.now, s->machine.devices[claim->device].address);
}

bool foresight_is_late(const struct foresight *f, const struct claim *claim)
{
	return is_late(f, &f->later, claim);
}

/* --- binding, as if --- */

static int try_claim(struct foresight *f, struct survey *s, struct claim *claim, struct outcome *outcome)
{
	struct device *device = &s->machine.devices[claim->device];
	struct address address = device->address;
	int r;

	/* Only its module, once loaded, says what a variant driver is called; until then it goes by the module's name. */
	if (claim->variant)
		snprintf(claim->driver, sizeof(claim->driver), "%s", claim->variant);
	r = ahead_bind(&f->ahead, address, claim_driver(&s->config, claim));
	if (r == 0)
		r = gather_again(s->door, &s->machine, claim->device);
	if (r < 0)
		return r;
	*outcome = predict_outcome(&s->config, &s->plan, &s->machine, claim);
	if (outcome->failed != STEP_NONE)
		ahead_unbind(&f->ahead, address);
	return 0;
}

/* Drivers and groups as they are once all have been tried. */
static int gather_rows(struct survey *s, const bool *mine)
{
	int r = 0;

	gather_iommu(s->door, &s->machine.platform);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (mine[i])
			r = gather_again(s->door, &s->machine, s->matches.claims[i].device);
	for (size_t i = 0; i < s->machine.n_groups; i++)
		s->machine.groups[i].proof = predict_proof(&s->plan, &s->machine, &s->machine.groups[i]);
	return r;
}

/* Those of S's claims that are MINE and that nothing speaks against. */
static int judge_rows(struct foresight *f, struct survey *s, const bool *mine, struct outcome *outcomes)
{
	int r = 0;

	f->ahead.iommu_loaded |= iommu_wants_module(&s->machine.platform);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (mine[i])
			r = try_claim(f, s, &s->matches.claims[i], &outcomes[i]);
	if (r == 0)
		r = gather_rows(s, mine);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (mine[i])
			verify_outcome(&s->config, &s->machine, &s->matches.claims[i], &outcomes[i]);
	return r;
}

static int judge(struct foresight *f, struct survey *s)
{
	size_t n = s->matches.n_claims;
	struct outcome *outcomes = calloc(n + 1, sizeof(*outcomes));
	bool *mine = calloc(n + 1, sizeof(*mine));
	int r = outcomes && mine ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		mine[i] = s->matches.claims[i].verdict == V_NONE && (!f->ahead.later || is_late(f, s, &s->matches.claims[i]));
	if (r == 0)
		r = judge_rows(f, s, mine, outcomes);
	free(outcomes);
	free(mine);
	return r;
}

/* --- the two times --- */

/* The same plan at both; only one of them owns it. */
static int decide_later(struct foresight *f)
{
	int r;

	f->ahead.later = true;
	f->later.plan = f->boot.plan;
	r = survey_decide(&f->later);
	for (size_t i = 0; i < f->later.matches.n_claims && r == 0; i++)
		f->has_late |= is_late(f, &f->later, &f->later.matches.claims[i]);
	if (r == 0 && f->has_late)
		r = judge(f, &f->later);
	memset(&f->later.plan, 0, sizeof(f->later.plan));
	return r;
}

int foresight_judge(struct foresight *f)
{
	int r = survey_decide(&f->boot);

	if (r == 0)
		r = judge(f, &f->boot);
	return r < 0 ? r : decide_later(f);
}
