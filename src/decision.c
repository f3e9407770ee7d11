/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decision.h"

#include <string.h>

#include "base/paths.h"
#include "decide/protection.h"
#include "decide/hotplug.h"
#include "decide/variant.h"
#include "decide/verify.h"
#include "machine/enumerate.h"

void decision_init(struct decision *s, struct system *sys)
{
	memset(s, 0, sizeof(*s));
	s->sys = sys;
	s->dir = "etc";
	config_init(&s->config);
}

void decision_done(struct decision *s)
{
	matches_done(&s->matches);
	machine_done(&s->machine);
	plan_done(&s->plan);
	config_done(&s->config);
}

int decision_read_platform(struct decision *s)
{
	return read_platform(s->sys, &s->machine);
}

int decision_read(struct decision *s)
{
	int r = decision_read_platform(s);

	if (r == 0)
		r = config_load(&s->config, s->sys, s->dir);
	if (r == 0)
		r = config_parse_cmdline(&s->config, slice_of(s->machine.platform.cmdline));
	return r;
}

/* Read the details of the claims from FROM on, and verify them. */
static int verify_claims(struct decision *s, size_t from)
{
	int r = 0;

	for (size_t i = from; i < s->matches.n_claims && r == 0; i++)
		r = read_details(s->sys, &s->machine, s->matches.claims[i].device);
	for (size_t i = from; i < s->matches.n_claims && r == 0; i++) {
		protect_claim(&s->config, &s->plan, &s->machine, &s->matches.claims[i]);
		verify_claim(&s->config, &s->machine, &s->matches.claims[i]);
	}
	if (s->rescued)
		hotplug_spare_carriers(&s->machine, &s->matches);
	return r;
}

/* The devices that matter, and the lines that name them. HOTPLUGGED: the only one of them, or NULL for all. */
static int enumerate_and_match(struct decision *s, const struct address *hotplugged)
{
	int r;

	s->machine.platform.iommu_planned = plan_find(&s->plan, IOMMU_MODULE) != NULL;
	if (hotplugged)
		r = enumerate_one(s->sys, &s->machine, *hotplugged);
	else
		r = enumerate_devices(s->sys, &s->config, &s->machine);
	if (r == 0)
		r = enumerate_needs(s->sys, &s->plan, &s->machine);
	/* In the first run before udev, what vfio-pci has it got by ids= or from another tool's part of the image. */
	if (r == 0 && !hotplugged && !s->machine.platform.settled && !system_exists(s->sys, RUN_RECORD))
		r = enumerate_bound(s->sys, &s->machine);
	/* Where groups come late, a device's future neighbours are known by their places only. */
	if (r == 0 && groups_come_late(&s->machine.platform))
		r = enumerate_all(s->sys, &s->machine);
	if (r == 0)
		r = match_devices(&s->config, &s->machine, &s->matches);
	if (hotplugged)
		hotplug_keep_only(&s->machine, &s->matches, *hotplugged);
	return r;
}

/* The devices that lines name, and with them their groups. */
static int decide_named(struct decision *s, bool hotplug)
{
	int r = verify_claims(s, 0);
	size_t named = s->matches.n_claims;

	/* Only a device that may be taken itself brings its group along. */
	if (r == 0)
		r = match_groups(&s->config, &s->machine, &s->matches);
	if (hotplug)
		hotplug_spare_neighbours(&s->machine, &s->matches);
	if (r == 0)
		r = verify_claims(s, named);
	return r;
}

/* No line names the device at ADDRESS; but one that says `group` may name another device of its group. */
static int decide_unnamed(struct decision *s, struct address address)
{
	const struct device *device = machine_device(&s->machine, address);
	int r;

	if (!device)
		return 0;
	/* The devices in its group become known with it, and are then matched, too. */
	r = read_details(s->sys, &s->machine, (size_t)(device - s->machine.devices));
	matches_done(&s->matches);
	if (r == 0)
		r = match_devices(&s->config, &s->machine, &s->matches);
	hotplug_keep_owners(&s->machine, &s->matches, address);
	if (r == 0)
		r = verify_claims(s, 0);
	if (r == 0)
		r = match_groups(&s->config, &s->machine, &s->matches);
	/* The others were handled before. */
	hotplug_keep_only(&s->machine, &s->matches, address);
	return r < 0 ? r : verify_claims(s, 0);
}

/* What vfio-pci had before the run, and no line asks for that. */
static void find_unrequested(struct decision *s)
{
	for (size_t i = 0; i < s->machine.n_devices; i++) {
		struct device *device = &s->machine.devices[i];
		const struct claim *claim = matches_find(&s->matches, i);
		enum verdict verdict = claim ? claim->verdict : V_SKIPPED;

		if (!device->pass)
			refresh_driver(s->sys, device);
		device->unrequested = !strcmp(device->driver, DRIVER_DEFAULT) &&
				      (verdict == V_SKIPPED || verdict == V_OTHER_DEVICE || verdict == V_UNREADABLE ||
				       verdict == V_NEEDED_BY_HOST);
	}
}

int decision_make(struct decision *s)
{
	int r = enumerate_and_match(s, NULL);

	if (r == 0)
		r = decide_named(s, false);
	if (r == 0)
		match_pass_functions(&s->machine, &s->matches);
	if (r == 0 && s->machine.platform.vfio_first)
		find_unrequested(s);
	s->machine.platform.no_display = match_every_display(&s->machine, &s->matches);
	variant_choose(&s->config, &s->plan, &s->machine, &s->matches);
	return r;
}

int decision_make_hotplug(struct decision *s, struct address address)
{
	int r = enumerate_and_match(s, &address);

	if (r == 0)
		r = s->matches.n_claims ? decide_named(s, true) : decide_unnamed(s, address);
	for (size_t i = 0; i < s->matches.n_claims; i++)
		s->matches.claims[i].hotplugged = true;
	variant_choose(&s->config, &s->plan, &s->machine, &s->matches);
	return r;
}
