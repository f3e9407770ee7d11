/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/survey.h"

#include <string.h>

#include "decide/guard.h"
#include "decide/late.h"
#include "decide/variant.h"
#include "decide/verify.h"
#include "machine/gather.h"

void survey_init(struct survey *s, struct door *door)
{
	memset(s, 0, sizeof(*s));
	s->door = door;
	s->folder = "etc";
	config_init(&s->config);
}

void survey_done(struct survey *s)
{
	matches_done(&s->matches);
	machine_done(&s->machine);
	plan_done(&s->plan);
	config_done(&s->config);
}

int survey_platform(struct survey *s)
{
	return gather_platform(s->door, &s->machine);
}

int survey_read(struct survey *s)
{
	int r = survey_platform(s);

	if (r == 0)
		r = config_load(&s->config, s->door, s->folder);
	if (r == 0)
		r = config_parse_cmdline(&s->config, text_of(s->machine.platform.cmdline));
	return r;
}

static int gather_claimed(struct survey *s, size_t from)
{
	int r = 0;

	for (size_t i = from; i < s->matches.n_claims && r == 0; i++)
		r = gather_details(s->door, &s->machine, s->matches.claims[i].device);
	return r;
}

/* Gather and verify the claims from FROM on. */
static int verify_claims(struct survey *s, size_t from)
{
	int r = gather_claimed(s, from);

	for (size_t i = from; i < s->matches.n_claims && r == 0; i++) {
		guard_claim(&s->config, &s->plan, &s->machine, &s->matches.claims[i]);
		verify_claim(&s->config, &s->machine, &s->matches.claims[i]);
	}
	if (s->rescued)
		late_spare_carriers(&s->machine, &s->matches);
	return r;
}

/* Where groups come late, a device's future neighbours are known by their places only. */
static int gather_neighbours(struct survey *s)
{
	return groups_come_late(&s->machine.platform) ? gather_all(s->door, &s->machine) : 0;
}

/* What is there of the devices that count, and which lines mean them. LATE: the only one, or NULL. */
static int gather_and_match(struct survey *s, const struct address *late)
{
	int r;

	s->machine.platform.iommu_planned = plan_find(&s->plan, "virtio_iommu") != NULL;
	r = late ? gather_one(s->door, &s->machine, *late) : gather_devices(s->door, &s->config, &s->machine);
	if (r == 0)
		r = gather_roots(s->door, &s->plan, &s->machine);
	if (r == 0)
		r = gather_neighbours(s);
	if (r == 0)
		r = match_devices(&s->config, &s->machine, &s->matches);
	if (late)
		late_keep_only(&s->machine, &s->matches, *late);
	return r;
}

/* The claims by name, and with them their groups. */
static int decide_named(struct survey *s, bool late)
{
	int r = verify_claims(s, 0);
	size_t named = s->matches.n_claims;

	/* Only a device that may be taken itself brings its group along. */
	if (r == 0)
		r = match_groups(&s->config, &s->machine, &s->matches);
	if (late)
		late_spare_neighbours(&s->machine, &s->matches);
	if (r == 0)
		r = verify_claims(s, named);
	return r;
}

/* No line names the device at ADDRESS; but one that says `group` may name another device of its group. */
static int decide_unnamed(struct survey *s, struct address address)
{
	const struct device *device = machine_device(&s->machine, address);
	int r;

	if (!device)
		return 0;
	/* With its group come the devices in it, which are matched in their turn. */
	r = gather_details(s->door, &s->machine, (size_t)(device - s->machine.devices));
	matches_done(&s->matches);
	if (r == 0)
		r = match_devices(&s->config, &s->machine, &s->matches);
	late_keep_leaders(&s->machine, &s->matches, address);
	if (r == 0)
		r = verify_claims(s, 0);
	if (r == 0)
		r = match_groups(&s->config, &s->machine, &s->matches);
	/* The others have been dealt with. */
	late_keep_only(&s->machine, &s->matches, address);
	return r < 0 ? r : verify_claims(s, 0);
}

int survey_decide(struct survey *s)
{
	int r = gather_and_match(s, NULL);

	if (r == 0)
		r = decide_named(s, false);
	variant_choose(&s->config, &s->plan, &s->machine, &s->matches);
	return r;
}

int survey_decide_late(struct survey *s, struct address address)
{
	int r = gather_and_match(s, &address);

	if (r == 0)
		r = s->matches.n_claims ? decide_named(s, true) : decide_unnamed(s, address);
	variant_choose(&s->config, &s->plan, &s->machine, &s->matches);
	return r;
}
