/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Act, refresh, try the groups, judge, restore. */
#include "boot/binding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/errno_name.h"
#include "bind/bind.h"
#include "decide/protection.h"
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

/*
 * ids= of a vfio-pci that was loaded before may have taken what the host needs, and the host could not boot. As it
 * would take the device again, the driver has to forget the ID.
 */
static void restore_needed(struct run *s, struct work *work)
{
	struct machine *machine = &s->decision.machine;
	char ids[PLAN_NEEDS_MAX][sizeof("8086 10d3")];
	size_t n = 0;

	for (size_t i = 0; i < machine->n_devices && n < PLAN_NEEDS_MAX; i++) {
		struct device *device = &machine->devices[i];
		bool moved;

		if (!device->unrequested || !protection_find(&s->decision.plan, machine, device, &moved))
			continue;
		snprintf(ids[n], sizeof(ids[n]), "%04x %04x", device->identity.vendor, device->identity.device);
		work->bindings[n] = (struct binding){
			.address = device->address,
			.driver = DRIVER_DEFAULT,
			.restore = RESTORE_NATIVE,
			.forget_id = ids[n],
		};
		n++;
	}
	work->n_bindings = n;
	bind_restore(work);
	for (size_t i = 0; i < n; i++) {
		struct device *device = machine_device(machine, work->bindings[i].address);

		refresh_driver(s->sys, device);
		device->restored = strcmp(device->driver, DRIVER_DEFAULT) != 0;
	}
	memset(work->bindings, 0, n * sizeof(*work->bindings));
	work->n_bindings = 0;
}

/* The bindings lie in memory that children write; this copies their outcomes into the claims. */
static void collect_outcomes(struct work *work)
{
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct binding *b = &work->bindings[i];

		b->claim->outcome = b->outcome;
		if (b->found[0])
			memcpy(b->claim->driver, b->found, sizeof(b->claim->driver));
	}
}

/* Bind them all. What failed is restored at once: the groups are then as a guest would find them. */
static void act(struct run *s, struct work *work)
{
	bool no_driver = s->decision.config.settings.on_failure == ON_FAILURE_NO_DRIVER;

	bind_devices(work);
	for (size_t i = 0; i < s->decision.plan.n_modules; i++)
		log_debug(&s->log, "module %s: %s", s->decision.plan.modules[i].name,
			  work->module_errors[i] ? errno_name(work->module_errors[i]) : "fine");
	for (size_t i = 0; i < work->n_bindings; i++) {
		struct binding *b = &work->bindings[i];

		/* The state of a device that hung is unknown; it is left alone from now on. */
		if (b->outcome.failed != STEP_NONE && !b->outcome.hung)
			b->restore = no_driver ? RESTORE_NO_DRIVER : RESTORE_NATIVE;
	}
	bind_restore(work);
	collect_outcomes(work);
}

/* A fact that cannot be read again does not keep the others from it. */
static int refresh(struct run *s, const struct work *work)
{
	struct machine *machine = &s->decision.machine;
	int error = 0;

	/* Groups appear late where the driver's probe or the IOMMU's own module makes them. */
	refresh_iommu(s->sys, &machine->platform);
	refresh_framebuffer(s->sys, &machine->platform);
	refresh_start(machine);
	for (size_t i = 0; i < work->n_bindings; i++) {
		int r = refresh_device(s->sys, machine, work->bindings[i].claim->device);

		error = r < 0 ? r : error;
	}
	for (size_t i = 0; i < work->n_bindings; i++)
		refresh_members(s->sys, machine, work->bindings[i].claim->device);
	return error;
}

/*
 * During a hotplug run udev loads drivers, also for the other devices of the
 * group. A device that a line names gets a run of its own. 0 or -ENOMEM.
 */
static int find_probes(struct run *s, const struct work *work, struct address **ret, size_t *ret_n)
{
	struct machine *machine = &s->decision.machine;
	struct address *probes = NULL;
	size_t n = 0, room = 0;

	for (size_t i = 0; s->hotplug && i < work->n_trials; i++)
		for (size_t j = 0; j < machine->n_devices; j++) {
			const struct device *device = &machine->devices[j];
			int r;

			if (device->group != (int)work->trials[i].group || device->driver[0] || device->gone ||
			    device_is_bridge(device) || matches_find(&s->decision.matches, j) ||
			    match_names(&s->decision.config, device))
				continue;
			r = ARRAY_GROW(probes, n, room);
			if (r < 0) {
				free(probes);
				return r;
			}
			probes[n++] = device->address;
		}
	*ret = probes;
	*ret_n = n;
	return 0;
}

/* One trial per group: VFIO refuses to open a group twice. */
static void try_groups(struct run *s, struct work *work)
{
	struct machine *machine = &s->decision.machine;
	struct address *probes = NULL;

	for (size_t i = 0; i < work->n_bindings; i++) {
		const struct claim *claim = work->bindings[i].claim;
		int group = machine->devices[claim->device].group;
		bool known = claim->outcome.failed != STEP_NONE || group == NO_GROUP;

		for (size_t j = 0; j < work->n_trials && !known; j++)
			known = work->trials[j].group == (unsigned)group;
		if (!known)
			work->trials[work->n_trials++].group = (unsigned)group;
	}
	if (find_probes(s, work, &probes, &work->n_probes) == 0)
		work->probes = probes;
	bind_try_groups(work);
	free(probes);
	work->probes = NULL;
	work->n_probes = 0;
	for (size_t i = 0; i < machine->n_groups; i++)
		for (size_t j = 0; j < work->n_trials; j++)
			if (work->trials[j].group == machine->groups[i].number)
				machine->groups[i].trial = work->trials[j].trial;
}

static void judge(struct run *s, struct work *work)
{
	const struct settings *settings = &s->decision.config.settings;

	for (size_t i = 0; i < work->n_bindings; i++) {
		struct binding *b = &work->bindings[i];
		struct claim *claim = b->claim;

		verify_outcome(&s->decision.config, &s->decision.plan, &s->decision.machine, claim);
		b->restore = verify_is_to_be_restored(settings, claim) ? RESTORE_NATIVE : RESTORE_NOT;
		claim->taken = TAKEN_NOT;
		if (claim->outcome.failed == STEP_NONE && b->restore == RESTORE_NOT)
			claim->taken = TAKEN_BOUND;
		else if (claim->outcome.failed != STEP_NONE && !claim->outcome.hung &&
			 settings->on_failure == ON_FAILURE_NO_DRIVER)
			claim->taken = TAKEN_PARKED;
	}
}

static void restore(struct run *s, struct work *work)
{
	bind_restore(work);
	collect_outcomes(work);
	for (size_t i = 0; i < work->n_bindings; i++)
		if (work->bindings[i].restore != RESTORE_NOT)
			refresh_driver(s->sys, &s->decision.machine.devices[work->bindings[i].claim->device]);
}

static size_t count_unrequested(const struct machine *machine)
{
	size_t n = 0;

	for (size_t i = 0; i < machine->n_devices; i++)
		n += machine->devices[i].unrequested;
	return n;
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
	size_t room = s->decision.matches.n_claims + count_unrequested(&s->decision.machine);
	int r = work_init(&work, room, &s->decision.plan);

	if (r == 0 && s->decision.machine.platform.vfio_first)
		restore_needed(s, &work);
	if (r == 0)
		fill_bindings(s, &work);
	if (r == 0 && work.n_bindings) {
		act(s, &work);
		r = refresh(s, &work);
		try_groups(s, &work);
		judge(s, &work);
		restore(s, &work);
	}
	work_done(&work);
	return r;
}
