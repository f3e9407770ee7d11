/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/bind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bind/modules.h"
#include "bind/supervise.h"
#include "bind/variant.h"
#include "machine/facts.h"
#include "system/pci.h"

/* What is asked of modprobe when the image holds no plan. */
static const char *const unplanned[] = { "vfio_pci", "vfio_iommu_type1" };

static size_t count_modules(const struct plan *plan)
{
	return plan->n_modules ? plan->n_modules : COUNT_OF(unplanned);
}

/* --- steps: each is supervised, and none is interrupted --- */

enum action {
	PARK,
	LOAD_MODULE,
	LOAD_VARIANT,
	BIND,
	TRY_GROUP,
	PROBE,
	LOAD_NATIVE,
	RESTORE,
};

struct step {
	enum action action;
	size_t index; /* of the binding, the module or the trial */
};

static void add_step(struct work *work, enum action action, size_t index)
{
	work->steps[work->n_steps++] = (struct step){ action, index };
}

int work_init(struct work *work, size_t room, const struct plan *plan)
{
	size_t modules = count_modules(plan);

	work->plan = plan;
	work->shared_size = room * (sizeof(*work->bindings) + sizeof(*work->trials)) +
			    modules * sizeof(*work->module_errors);
	work->bindings = supervise_memory(work->shared_size);
	/* At most, a device is parked, gets a driver loaded, and is bound. */
	work->steps = calloc(room * 3 + modules, sizeof(*work->steps));
	if (!work->bindings || !work->steps)
		return -ENOMEM;
	work->trials = (struct group_trial *)(work->bindings + room);
	work->module_errors = (int *)(work->trials + room);
	return 0;
}

void work_done(struct work *work)
{
	supervise_free(work->bindings, work->shared_size);
	free(work->steps);
	memset(work, 0, sizeof(*work));
}

static void fail(struct binding *b, enum step_kind step, int error)
{
	b->outcome.failed = step;
	b->outcome.error = error < 0 ? -error : error;
}

static int write_override(struct work *work, const struct binding *b, const char *name)
{
	char line[DRIVER_SIZE + 1];

	/* The kernel cuts at the newline; a lone newline clears. */
	snprintf(line, sizeof(line), "%s\n", name);
	return pci_write(work->sys, b->address, "driver_override", line);
}

static int write_unbind(struct work *work, const struct binding *b)
{
	return pci_write(work->sys, b->address, "driver/unbind", address_name(b->address).at);
}

/* The variant driver once it is there, else the one of the configuration. */
static const char *driver_of(const struct binding *b)
{
	return b->found[0] ? b->found : b->driver;
}

/* Which driver has a device. */
enum holder { NO_DRIVER, OUR_DRIVER, OTHER_DRIVER };

static enum holder read_holder(struct work *work, const struct binding *b)
{
	char driver[DRIVER_SIZE];
	int r = pci_link_name(work->sys, b->address, "driver", driver, sizeof(driver));

	if (r == 0 && !strcmp(driver, driver_of(b)))
		return OUR_DRIVER;
	/* A name too long to be read is a driver all the same. */
	return r == 0 || r == -ENAMETOOLONG ? OTHER_DRIVER : NO_DRIVER;
}

static void park(struct work *work, struct binding *b)
{
	int r = read_holder(work, b) == OUR_DRIVER ? 0 : write_override(work, b, PARKED);

	if (r < 0)
		fail(b, STEP_PARK, r);
}

static int load_module(const struct work *work, size_t i)
{
	struct plan_module module = { .kind = PLAN_MISSING };

	if (work->plan->n_modules)
		return module_load(work->sys, work->release, work->cmdline, &work->plan->modules[i]);
	slice_store(slice_of(unplanned[i]), module.name, sizeof(module.name));
	return module_load(work->sys, work->release, work->cmdline, &module);
}

/* MODULE is the driver of some device of this run. */
static bool is_a_driver(const struct work *work, const struct plan_module *module)
{
	for (size_t i = 0; i < work->n_bindings; i++)
		if (plan_find_driver(work->plan, driver_of(&work->bindings[i])) == module)
			return true;
	return false;
}

/*
 * Why there is no such driver: the error of the first module that it may need
 * and that could not be loaded. The plan is in load order, so what a driver
 * needs stands before it; another device's driver is none of it.
 */
static int driver_error(const struct work *work, const char *driver)
{
	const struct plan_module *own = plan_find_driver(work->plan, driver);
	size_t n = count_modules(work->plan);

	if (work->plan->n_modules) {
		if (!own || own->kind == PLAN_MISSING)
			return -ENOENT;
		n = (size_t)(own - work->plan->modules) + 1;
	}
	for (size_t i = 0; i < n; i++) {
		int error = work->module_errors[i];

		if (error && error != -ENOENT && (!own || i + 1 == n || !is_a_driver(work, &work->plan->modules[i])))
			return error;
	}
	return -ENOENT;
}

/*
 * The kernel announces a device before it lets drivers have it: in between it
 * finds the other functions and assigns addresses to them, and a bind gets
 * ENODEV (pci_bus_match() and match_driver). With the override set either this
 * or the kernel's own probe gives the device to the driver.
 */
#define HOTPLUG_POLL_MS 50
#define HOTPLUG_ATTEMPTS 40u

static int write_bind(struct work *work, const struct binding *b)
{
	const struct address_name name = address_name(b->address);
	/* The attempts are part of one supervised step, and may take half of its time. */
	unsigned attempts = work->hotplug ? work->timeout * 1000 / HOTPLUG_POLL_MS / 2 : 0;
	int r = system_write(work->sys, name.at, "sys/bus/pci/drivers/%s/bind", driver_of(b));

	if (attempts > HOTPLUG_ATTEMPTS)
		attempts = HOTPLUG_ATTEMPTS;
	while (r == -ENODEV && attempts-- && pci_exists(work->sys, b->address, "")) {
		work->sys->ops->sleep_ms(work->sys, HOTPLUG_POLL_MS);
		r = system_write(work->sys, name.at, "sys/bus/pci/drivers/%s/bind", driver_of(b));
		if (read_holder(work, b) == OUR_DRIVER)
			break;
	}
	return r;
}

/* Nothing is taken from its driver before the driver that is to have it is there. */
static void release_and_bind(struct work *work, struct binding *b)
{
	enum holder holder;
	int r;

	if (!system_exists(work->sys, "sys/bus/pci/drivers/%s", driver_of(b))) {
		fail(b, STEP_LOAD, driver_error(work, driver_of(b)));
		return;
	}
	holder = read_holder(work, b);
	if (holder == OTHER_DRIVER) {
		r = write_unbind(work, b);
		holder = read_holder(work, b);
		/* The link is the proof; the write also fails if the driver left in between, which is fine. */
		if (holder == OTHER_DRIVER) {
			fail(b, STEP_UNBIND, r);
			return;
		}
	}
	if (holder == OUR_DRIVER) {
		/* It was parked before the driver's name was known. */
		if (b->variant)
			write_override(work, b, driver_of(b));
		return;
	}
	r = write_override(work, b, driver_of(b));
	if (r == 0)
		r = write_bind(work, b);
	/* Neither a write that worked nor one that failed is proof; the link is. */
	if (read_holder(work, b) != OUR_DRIVER)
		fail(b, STEP_BIND, r);
}

/* While VFIO's driver has the device, udev may have seen no need for the native one. */
static void load_native(struct work *work, const struct binding *b)
{
	char modalias[MODALIAS_SIZE];
	ssize_t n = pci_read(work->sys, b->address, "modalias", modalias, sizeof(modalias));

	if (n <= 0)
		return;
	modalias[strcspn(modalias, "\n")] = '\0';
	work->sys->ops->modprobe(work->sys, modalias);
}

static void restore(struct work *work, struct binding *b)
{
	int r;

	/* That it is bound could not be read before; now it can. */
	if (b->outcome.failed == STEP_BIND && read_holder(work, b) == OUR_DRIVER) {
		fail(b, STEP_NONE, 0);
		return;
	}
	r = write_override(work, b, b->restore == RESTORE_NO_DRIVER ? PARKED : "");
	if (r == 0 && b->restore != RESTORE_NO_DRIVER) {
		if (b->outcome.failed == STEP_NONE)
			write_unbind(work, b);
		/* Success tells little: it also means "no driver wants it" and "its probe failed". */
		if (read_holder(work, b) == NO_DRIVER)
			r = system_write(work->sys, address_name(b->address).at, "sys/bus/pci/drivers_probe");
	}
	b->outcome.restore_error = r < 0 ? -r : 0;
}

static void run_step(void *data, size_t i)
{
	struct work *work = data;
	size_t index = work->steps[i].index;
	struct binding *b = &work->bindings[index];

	switch (work->steps[i].action) {
	case PARK:
		park(work, b);
		break;
	case LOAD_MODULE:
		work->module_errors[index] = load_module(work, index);
		break;
	case LOAD_VARIANT:
		if (b->outcome.failed == STEP_NONE)
			b->outcome.variant_error = -variant_load(work, b->variant, b->found);
		break;
	case BIND:
		if (b->outcome.failed == STEP_NONE)
			release_and_bind(work, b);
		break;
	case TRY_GROUP:
		work->sys->ops->try_group(work->sys, work->trials[index].group, &work->trials[index].trial);
		break;
	case PROBE:
		for (index = 0; index < work->n_probes; index++)
			system_write(work->sys, address_name(work->probes[index]).at, "sys/bus/pci/drivers_probe");
		break;
	case LOAD_NATIVE:
		load_native(work, b);
		break;
	case RESTORE:
		restore(work, b);
		break;
	}
}

static void step_timed_out(void *data, size_t i, int error)
{
	struct work *work = data;
	size_t index = work->steps[i].index;
	struct binding *b = &work->bindings[index];

	switch (work->steps[i].action) {
	case PARK:
	case BIND:
		fail(b, work->steps[i].action == PARK ? STEP_PARK : STEP_BIND, error);
		b->outcome.hung = true;
		break;
	case LOAD_MODULE:
		work->module_errors[index] = -error;
		break;
	case LOAD_VARIANT:
		b->outcome.variant_error = error;
		break;
	case TRY_GROUP:
		work->trials[index].trial = (struct trial){ TRIAL_ATTACH, error };
		break;
	case PROBE:
	case LOAD_NATIVE:
		break;
	case RESTORE:
		b->outcome.error = error;
		b->outcome.hung = true;
		break;
	}
}

static void run_steps(struct work *work)
{
	size_t done = work->n_steps ? supervise(work->n_steps, work->timeout, run_step, step_timed_out, work) : 0;

	/* There is no memory for a child. */
	for (; done < work->n_steps; done++) {
		size_t index = work->steps[done].index;

		switch (work->steps[done].action) {
		case PARK:
		case BIND:
			/* Better no device than a boot that may hang. */
			if (work->bindings[index].outcome.failed == STEP_NONE)
				fail(&work->bindings[index], STEP_BIND, EAGAIN);
			break;
		case TRY_GROUP:
			work->trials[index].trial = (struct trial){ TRIAL_NOT_MADE, EAGAIN };
			break;
		case LOAD_NATIVE:
		case RESTORE:
			/* A parked device must not stay so: it may be the root disk. */
			run_step(work, done);
			break;
		default:
			break;
		}
	}
	work->n_steps = 0;
}

/* --- what is done with all of them --- */

void bind_devices(struct work *work)
{
	for (size_t i = 0; i < work->n_bindings; i++)
		add_step(work, PARK, i);
	for (size_t i = 0; i < count_modules(work->plan); i++) {
		enum plan_kind kind = work->plan->n_modules ? work->plan->modules[i].kind : PLAN_MISSING;

		if (kind != PLAN_VARIANT && (kind != PLAN_IOMMU || work->load_iommu))
			add_step(work, LOAD_MODULE, i);
	}
	for (size_t i = 0; i < work->n_bindings; i++)
		if (work->bindings[i].variant)
			add_step(work, LOAD_VARIANT, i);
	for (size_t i = 0; i < work->n_bindings; i++)
		add_step(work, BIND, i);
	run_steps(work);
}

void bind_try_groups(struct work *work)
{
	for (size_t i = 0; i < work->n_trials; i++)
		add_step(work, TRY_GROUP, i);
	if (work->n_trials && work->n_probes)
		add_step(work, PROBE, 0);
	run_steps(work);
}

void bind_restore(struct work *work)
{
	/* Steps of their own: a modprobe that hangs must not keep a device from a driver that is there, or comes. */
	for (size_t i = 0; i < work->n_bindings; i++)
		if (work->bindings[i].restore == RESTORE_LOAD_NATIVE)
			add_step(work, LOAD_NATIVE, i);
	for (size_t i = 0; i < work->n_bindings; i++)
		if (work->bindings[i].restore != RESTORE_NOT)
			add_step(work, RESTORE, i);
	run_steps(work);
}
