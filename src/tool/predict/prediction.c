/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/predict/prediction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/predict.h"
#include "decide/verify.h"
#include "machine/enumerate.h"

int prediction_read(struct prediction *f, struct system *now, const char *release)
{
	int r;

	memset(f, 0, sizeof(*f));
	next_boot_open(&f->next_boot, now, release);
	decision_init(&f->boot, &f->next_boot.sys);
	decision_init(&f->later, &f->next_boot.sys);
	r = decision_read(&f->boot);
	f->boot.machine.platform.iommu_planned = !f->next_boot.iommu_loaded;
	f->next_boot.groups_late = groups_come_late(&f->boot.machine.platform);
	f->next_boot.later = true;
	r = r < 0 ? r : decision_read(&f->later);
	f->next_boot.later = false;
	return r;
}

void prediction_done(struct prediction *f)
{
	decision_done(&f->later);
	decision_done(&f->boot);
	next_boot_close(&f->next_boot);
}

/* --- binding, as if --- */

/* The boot's own run judges all claims, the time after it those on devices that appear then. */
static bool is_judged(const struct prediction *f, const struct claim *claim)
{
	return claim->verdict == V_UNDECIDED && (!f->next_boot.later || claim->hotplugged);
}

static int try_claim(struct prediction *f, struct decision *s, struct claim *claim)
{
	struct device *device = &s->machine.devices[claim->device];
	struct address address = device->address;
	int r;

	/* Only its module, once loaded, says what a variant driver is called; until then it goes by the module's name.
	 */
	if (claim->variant)
		snprintf(claim->driver, sizeof(claim->driver), "%s", claim->variant);
	r = next_boot_bind(&f->next_boot, address, claim_driver(&s->config, claim));
	refresh_start(&s->machine);
	if (r == 0)
		r = refresh_device(s->sys, &s->machine, claim->device);
	if (r < 0)
		return r;
	claim->outcome = predict_outcome(&s->config, &s->plan, &s->machine, claim);
	if (claim->outcome.failed != STEP_NONE)
		next_boot_unbind(&f->next_boot, address);
	return 0;
}

/* Drivers and groups as they are once all have been tried. */
static int refresh_claims(struct prediction *f, struct decision *s)
{
	int r = 0;

	refresh_iommu(s->sys, &s->machine.platform);
	refresh_start(&s->machine);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(f, &s->matches.claims[i]))
			r = refresh_device(s->sys, &s->machine, s->matches.claims[i].device);
	for (size_t i = 0; i < s->matches.n_claims; i++)
		refresh_members(s->sys, &s->machine, s->matches.claims[i].device);
	for (size_t i = 0; i < s->machine.n_groups; i++)
		s->machine.groups[i].trial = predict_trial(&s->plan, &s->machine, &s->machine.groups[i]);
	return r;
}

static int judge(struct prediction *f, struct decision *s)
{
	int r = 0;

	f->next_boot.iommu_loaded |= iommu_wants_module(&s->machine.platform);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(f, &s->matches.claims[i]))
			r = try_claim(f, s, &s->matches.claims[i]);
	if (r == 0)
		r = refresh_claims(f, s);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(f, &s->matches.claims[i]))
			verify_outcome(&s->config, &s->machine, &s->matches.claims[i]);
	return r;
}

/* --- the two times --- */

/* The same plan at both; only one of them owns it. */
static int decide_later(struct prediction *f)
{
	int r;

	f->next_boot.later = true;
	f->later.plan = f->boot.plan;
	r = decision_make(&f->later);
	for (size_t i = 0; i < f->later.matches.n_claims && r == 0; i++) {
		struct claim *claim = &f->later.matches.claims[i];

		claim->hotplugged = device_is_hotplugged(f->next_boot.now,
							 f->later.machine.devices[claim->device].address);
		f->has_hotplugged |= claim->hotplugged;
	}
	if (r == 0 && f->has_hotplugged)
		r = judge(f, &f->later);
	memset(&f->later.plan, 0, sizeof(f->later.plan));
	return r;
}

int prediction_judge(struct prediction *f)
{
	int r = decision_make(&f->boot);

	if (r == 0)
		r = judge(f, &f->boot);
	return r < 0 ? r : decide_later(f);
}
