/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/predict/prediction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/predict.h"
#include "decide/verify.h"
#include "machine/enumerate.h"

static int read_both(struct prediction *p, struct system *now, const char *release,
		     int (*read)(struct decision *decision, struct slice text), struct slice text)
{
	int r;

	memset(p, 0, sizeof(*p));
	next_boot_open(&p->next_boot, now, release);
	decision_init(&p->boot, &p->next_boot.sys);
	decision_init(&p->later, &p->next_boot.sys);
	r = read(&p->boot, text);
	p->boot.machine.platform.iommu_planned = !p->next_boot.iommu_loaded;
	p->next_boot.groups_late = groups_come_late(&p->boot.machine.platform);
	p->next_boot.later = true;
	r = r < 0 ? r : read(&p->later, text);
	p->next_boot.later = false;
	return r;
}

static int read_config(struct decision *decision, struct slice text)
{
	(void)text;
	return decision_read(decision);
}

static int read_lines(struct decision *decision, struct slice text)
{
	int r = decision_read_platform(decision);

	return r < 0 ? r : config_parse(&decision->config, "", text);
}

int prediction_read(struct prediction *p, struct system *now, const char *release)
{
	return read_both(p, now, release, read_config, slice_of(""));
}

int prediction_read_lines(struct prediction *p, struct system *now, struct slice text)
{
	return read_both(p, now, NULL, read_lines, text);
}

void prediction_done(struct prediction *p)
{
	decision_done(&p->later);
	decision_done(&p->boot);
	next_boot_close(&p->next_boot);
}

/* --- binding, as if --- */

/* The boot's own run judges all claims, the time after it those on devices that appear then. */
static bool is_judged(const struct prediction *p, const struct claim *claim)
{
	return claim->verdict == V_UNDECIDED && (!p->next_boot.later || claim->hotplugged);
}

static int try_claim(struct prediction *p, struct decision *s, struct claim *claim)
{
	struct device *device = &s->machine.devices[claim->device];
	struct address address = device->address;
	int r;

	/* The driver's name is known once its module is loaded; until then it has the module's. */
	if (claim->variant)
		snprintf(claim->driver, sizeof(claim->driver), "%s", claim->variant);
	r = next_boot_bind(&p->next_boot, address, claim_driver(&s->config, claim));
	refresh_start(&s->machine);
	if (r == 0)
		r = refresh_device(s->sys, &s->machine, claim->device);
	if (r < 0)
		return r;
	claim->outcome = predict_outcome(&s->config, &s->plan, &s->machine, claim);
	if (claim->outcome.failed != STEP_NONE)
		next_boot_unbind(&p->next_boot, address);
	return 0;
}

/* Drivers and groups as they are once all have been tried. */
static int refresh_claims(struct prediction *p, struct decision *s)
{
	int r = 0;

	refresh_iommu(s->sys, &s->machine.platform);
	s->machine.platform.unsafe_irqs = predict_unsafe_interrupts(&s->plan, &s->machine.platform);
	refresh_start(&s->machine);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(p, &s->matches.claims[i]))
			r = refresh_device(s->sys, &s->machine, s->matches.claims[i].device);
	for (size_t i = 0; i < s->matches.n_claims; i++)
		refresh_members(s->sys, &s->machine, s->matches.claims[i].device);
	predict_framebuffer(&s->machine, &s->matches);
	for (size_t i = 0; i < s->machine.n_groups; i++)
		s->machine.groups[i].trial = predict_trial(&s->plan, &s->machine, &s->machine.groups[i]);
	return r;
}

static int judge(struct prediction *p, struct decision *s)
{
	int r = 0;

	p->next_boot.iommu_loaded |= iommu_wants_module(&s->machine.platform);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(p, &s->matches.claims[i]))
			r = try_claim(p, s, &s->matches.claims[i]);
	if (r == 0)
		r = refresh_claims(p, s);
	for (size_t i = 0; i < s->matches.n_claims && r == 0; i++)
		if (is_judged(p, &s->matches.claims[i]))
			verify_outcome(&s->config, &s->plan, &s->machine, &s->matches.claims[i]);
	return r;
}

/* --- the two times --- */

/* The same plan at both; only one of them owns it. */
static int decide_later(struct prediction *p)
{
	int r;

	p->next_boot.later = true;
	p->later.plan = p->boot.plan;
	r = decision_make(&p->later);
	for (size_t i = 0; i < p->later.matches.n_claims && r == 0; i++) {
		struct claim *claim = &p->later.matches.claims[i];

		claim->hotplugged = device_is_hotplugged(p->next_boot.now,
							 p->later.machine.devices[claim->device].address);
		p->has_hotplugged |= claim->hotplugged;
	}
	if (r == 0 && p->has_hotplugged)
		r = judge(p, &p->later);
	memset(&p->later.plan, 0, sizeof(p->later.plan));
	return r;
}

int prediction_judge(struct prediction *p)
{
	int r = decision_make(&p->boot);

	if (r == 0)
		r = judge(p, &p->boot);
	return r < 0 ? r : decide_later(p);
}
