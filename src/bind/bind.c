/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/bind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "bind/modules.h"
#include "bind/supervise.h"
#include "bind/variant.h"
#include "machine/facts.h"

#define DEVICE "sys/bus/pci/devices/%s"

/* What is asked of modprobe when the image holds no plan. */
static const char *const unplanned[] = { "vfio_pci", "vfio_iommu_type1" };

static size_t count_modules(const struct work *work)
{
	return work->plan->n_modules ? work->plan->n_modules : COUNT_OF(unplanned);
}

static int load_module(const struct work *work, size_t i)
{
	struct plan_module module = { .kind = PLAN_MISSING };

	if (work->plan->n_modules && work->plan->modules[i].kind == PLAN_VARIANT)
		return 0;
	if (work->plan->n_modules && work->plan->modules[i].kind == PLAN_IOMMU && !work->load_iommu)
		return 0;
	if (work->plan->n_modules)
		return module_load(work->sys, work->release, work->cmdline, &work->plan->modules[i]);
	slice_store(slice_of(unplanned[i]), module.name, sizeof(module.name));
	return module_load(work->sys, work->release, work->cmdline, &module);
}

int work_init(struct work *work, size_t room, const struct plan *plan)
{
	work->plan = plan;
	work->room = room;
	work->bindings = supervise_memory(room * sizeof(*work->bindings));
	work->trials = supervise_memory(room * sizeof(*work->trials));
	work->module_errors = supervise_memory(count_modules(work) * sizeof(*work->module_errors));
	return work->bindings && work->trials && work->module_errors ? 0 : -ENOMEM;
}

void work_done(struct work *work)
{
	supervise_free(work->bindings, work->room * sizeof(*work->bindings));
	supervise_free(work->trials, work->room * sizeof(*work->trials));
	if (work->plan)
		supervise_free(work->module_errors, count_modules(work) * sizeof(*work->module_errors));
	memset(work, 0, sizeof(*work));
}

/* --- steps on one device --- */

static void fail(struct binding *b, enum step_kind step, int error)
{
	b->outcome.failed = step;
	b->outcome.error = error < 0 ? -error : error;
}

static int override(struct system *sys, const struct binding *b, const char *name)
{
	char line[DRIVER_SIZE + 1];

	/* The kernel cuts at the newline; a lone newline clears. */
	snprintf(line, sizeof(line), "%s\n", name);
	return system_write(sys, line, DEVICE "/driver_override", address_name(b->address).at);
}

/* The variant driver once it is there, else the one of the configuration. */
static const char *driver_of(const struct binding *b)
{
	return b->found[0] ? b->found : b->driver;
}

/* True when a driver has the device; HAS_OURS: the one that was asked for. */
static bool is_bound(struct system *sys, const struct binding *b, bool *has_ours)
{
	char driver[DRIVER_SIZE];
	int r = system_link_name(sys, driver, sizeof(driver), DEVICE "/driver", address_name(b->address).at);

	*has_ours = r == 0 && !strcmp(driver, driver_of(b));
	/* A name too long to be read is a driver all the same. */
	return r == 0 || r == -ENAMETOOLONG;
}

static void park(struct work *work, struct binding *b)
{
	bool ours;
	int r;

	is_bound(work->sys, b, &ours);
	if (ours)
		return;
	r = override(work->sys, b, PARKED);
	if (r < 0)
		fail(b, STEP_PARK, r);
}

/* MODULE is there for the driver of another device, and so not what OWN needs. */
static bool is_anothers(const struct work *work, const struct plan_module *module, const struct plan_module *own)
{
	for (size_t i = 0; i < work->n_bindings && module != own; i++)
		if (plan_find_driver(work->plan, driver_of(&work->bindings[i])) == module)
			return true;
	return false;
}

/*
 * Why there is no such driver: the first module that could not be loaded, of
 * those that it may need. The plan is in load order, so these stand before its own.
 */
static int driver_error(const struct work *work, const char *driver)
{
	const struct plan_module *own = plan_find_driver(work->plan, driver);
	size_t n = count_modules(work);

	if (work->plan->n_modules) {
		if (!own || own->kind == PLAN_MISSING)
			return -ENOENT;
		n = (size_t)(own - work->plan->modules) + 1;
	}
	for (size_t i = 0; i < n; i++)
		if (work->module_errors[i] && work->module_errors[i] != -ENOENT &&
		    !(own && is_anothers(work, &work->plan->modules[i], own)))
			return work->module_errors[i];
	return -ENOENT;
}

static void release(struct work *work, struct binding *b)
{
	bool ours;
	int r;

	if (!is_bound(work->sys, b, &ours) || ours)
		return;
	r = system_write(work->sys, address_name(b->address).at, DEVICE "/driver/unbind", address_name(b->address).at);
	/* The link tells; a driver that left in between makes the write fail, and that is fine. */
	if (is_bound(work->sys, b, &ours) && !ours)
		fail(b, STEP_UNBIND, r);
}

/*
 * The kernel announces a device before it lets drivers have it: in between it
 * has found the other functions and given addresses to them, and a bind gets
 * ENODEV (pci_bus_match() and match_driver). With the override set either this
 * or the kernel's own probe gives the device to the driver.
 */
#define HOTPLUG_POLL_MS 50
#define HOTPLUG_ATTEMPTS 40

/* The looks are one supervised step with the rest: half of its time is theirs. */
static unsigned hotplug_attempts(const struct work *work)
{
	unsigned fit = work->timeout * 1000 / HOTPLUG_POLL_MS / 2;

	return fit < HOTPLUG_ATTEMPTS ? fit : HOTPLUG_ATTEMPTS;
}

static int bind_when_allowed(struct work *work, const struct binding *b, const char *name)
{
	const unsigned looks = work->hotplug ? hotplug_attempts(work) : 0;
	bool ours = false;
	int r = system_write(work->sys, name, "sys/bus/pci/drivers/%s/bind", driver_of(b));

	for (unsigned i = 0; r == -ENODEV && !ours && i < looks; i++) {
		if (!system_exists(work->sys, DEVICE, name))
			break;
		work->sys->ops->sleep_ms(work->sys, HOTPLUG_POLL_MS);
		r = system_write(work->sys, name, "sys/bus/pci/drivers/%s/bind", driver_of(b));
		is_bound(work->sys, b, &ours);
	}
	return r;
}

static void bind(struct work *work, struct binding *b)
{
	const struct address_name name = address_name(b->address);
	bool ours;
	int r;

	is_bound(work->sys, b, &ours);
	if (ours) {
		/* It was parked before the driver's name was known. */
		if (b->variant)
			override(work->sys, b, driver_of(b));
		return;
	}
	r = override(work->sys, b, driver_of(b));
	if (r == 0)
		r = bind_when_allowed(work, b, name.at);
	is_bound(work->sys, b, &ours);
	/* Neither a write that worked nor one that failed is proof; the link is. */
	if (!ours)
		fail(b, STEP_BIND, r);
}

static void load_variant(struct work *work, struct binding *b)
{
	if (b->variant && b->outcome.failed == STEP_NONE)
		b->outcome.variant_error = -variant_load(work, b->variant, b->found);
}

/* Nothing is taken from its driver before the driver that shall have it is there. */
static void release_and_bind(struct work *work, struct binding *b)
{
	if (!system_exists(work->sys, "sys/bus/pci/drivers/%s", driver_of(b))) {
		fail(b, STEP_LOAD, driver_error(work, driver_of(b)));
		return;
	}
	release(work, b);
	if (b->outcome.failed == STEP_NONE)
		bind(work, b);
}

/* --- binding them all --- */

/* The flat list of steps: park each, load each module, load each one's variant driver, release and bind each. */
static void bind_step(void *data, size_t i)
{
	struct work *work = data;
	size_t modules = count_modules(work);

	if (i < work->n_bindings) {
		park(work, &work->bindings[i]);
		return;
	}
	i -= work->n_bindings;
	if (i < modules) {
		work->module_errors[i] = load_module(work, i);
		return;
	}
	i -= modules;
	if (i < work->n_bindings) {
		load_variant(work, &work->bindings[i]);
		return;
	}
	i -= work->n_bindings;
	if (work->bindings[i].outcome.failed == STEP_NONE)
		release_and_bind(work, &work->bindings[i]);
}

static void bind_timed_out(void *data, size_t i, int error)
{
	struct work *work = data;
	size_t modules = count_modules(work);
	size_t n = work->n_bindings;
	struct binding *b;

	if (i >= n && i < n + modules) {
		work->module_errors[i - n] = -error;
		return;
	}
	if (i >= n + modules && i < n + modules + n) {
		work->bindings[i - n - modules].outcome.variant_error = error;
		return;
	}
	b = &work->bindings[i < n ? i : i - n - modules - n];
	fail(b, i < n ? STEP_PARK : STEP_BIND, error);
	b->outcome.hung = true;
}

void bind_devices(struct work *work)
{
	size_t steps = work->n_bindings * 3 + count_modules(work);
	size_t done = supervise(steps, work->timeout, bind_step, bind_timed_out, work);

	/* No memory for a child: better no device than a boot that may hang. */
	for (size_t i = 0; done < steps && i < work->n_bindings; i++)
		if (work->bindings[i].outcome.failed == STEP_NONE)
			fail(&work->bindings[i], STEP_BIND, EAGAIN);
}

/* --- proving --- */

static void try_step(void *data, size_t i)
{
	struct work *work = data;

	work->sys->ops->try_group(work->sys, work->trials[i].group, &work->trials[i].trial);
}

static void try_timed_out(void *data, size_t i, int error)
{
	struct work *work = data;

	work->trials[i].trial = (struct trial){ TRIAL_ATTACH, error };
}

void bind_try_groups(struct work *work)
{
	size_t done = supervise(work->n_trials, work->timeout, try_step, try_timed_out, work);

	for (; done < work->n_trials; done++)
		work->trials[done].trial = (struct trial){ TRIAL_NOT_MADE, EAGAIN };
}

/* --- giving back --- */

static bool wants_back(const struct binding *b)
{
	return b->outcome.failed != STEP_NONE && !b->outcome.hung;
}

/* That it is bound could not be read then; now it can. */
static bool came_after_all(struct work *work, struct binding *b)
{
	bool ours;

	if (b->outcome.failed != STEP_BIND)
		return false;
	is_bound(work->sys, b, &ours);
	if (ours) {
		b->outcome.failed = STEP_NONE;
		b->outcome.error = 0;
	}
	return ours;
}

static void note_back(struct binding *b, int r)
{
	b->outcome.restore_error = r < 0 ? -r : 0;
}

static void give_back(struct work *work, struct binding *b)
{
	bool ours;
	int r = override(work->sys, b, "");

	note_back(b, r);
	if (r < 0)
		return;
	if (b->undo)
		system_write(work->sys, address_name(b->address).at, DEVICE "/driver/unbind",
			     address_name(b->address).at);
	if (is_bound(work->sys, b, &ours))
		return;
	/* Success says little: it is also "no driver wants it" and "its probe failed". */
	note_back(b, system_write(work->sys, address_name(b->address).at, "sys/bus/pci/drivers_probe"));
}

static void give_back_step(void *data, size_t i)
{
	struct work *work = data;

	if (wants_back(&work->bindings[i]) && !came_after_all(work, &work->bindings[i]))
		give_back(work, &work->bindings[i]);
}

/* Apart from those that failed, which may be parked by now and shall stay so. */
static void undo_step(void *data, size_t i)
{
	struct work *work = data;

	if (work->bindings[i].undo)
		give_back(work, &work->bindings[i]);
}

static void park_step(void *data, size_t i)
{
	struct work *work = data;
	struct binding *b = &work->bindings[i];

	if (wants_back(b) && !came_after_all(work, b))
		note_back(b, override(work->sys, b, PARKED));
}

static void give_back_gave_up(void *data, size_t i, int error)
{
	struct work *work = data;

	work->bindings[i].outcome.error = error;
	work->bindings[i].outcome.hung = true;
}

static void run_back(struct work *work, size_t steps, void (*step)(void *data, size_t i),
		     void (*timed_out)(void *data, size_t i, int error))
{
	size_t done = supervise(steps, work->timeout, step, timed_out, work);

	/* What was parked must not stay so for want of memory: the root disk may be among it. */
	for (; done < steps; done++)
		step(work, done);
}

void bind_restore_failed(struct work *work, bool park)
{
	bool any = false;

	for (size_t i = 0; i < work->n_bindings; i++)
		any |= wants_back(&work->bindings[i]);
	if (any)
		run_back(work, work->n_bindings, park ? park_step : give_back_step, give_back_gave_up);
}

/* While the driver of VFIO still has the device, udev may have seen no need for its own. */
static void load_own_driver(struct work *work, const struct binding *b)
{
	char modalias[128];
	ssize_t n = system_read(work->sys, modalias, sizeof(modalias), DEVICE "/modalias", address_name(b->address).at);

	if (n <= 0)
		return;
	modalias[strcspn(modalias, "\n")] = '\0';
	work->sys->ops->modprobe(work->sys, modalias);
}

/*
 * The flat list of steps: load each one's own driver, then give each back. Not
 * in one step: a modprobe that hangs must not keep the device from its driver,
 * which may be there already or come later.
 */
static void rescue_step(void *data, size_t i)
{
	struct work *work = data;

	if (i >= work->n_bindings)
		undo_step(work, i - work->n_bindings);
	else if (work->bindings[i].undo)
		load_own_driver(work, &work->bindings[i]);
}

static void rescue_gave_up(void *data, size_t i, int error)
{
	struct work *work = data;

	if (i >= work->n_bindings)
		give_back_gave_up(work, i - work->n_bindings, error);
}

void bind_restore_rescued(struct work *work)
{
	run_back(work, work->n_bindings * 2, rescue_step, rescue_gave_up);
}

void bind_restore_marked(struct work *work)
{
	bool any = false;

	for (size_t i = 0; i < work->n_bindings; i++)
		any |= work->bindings[i].undo;
	if (any)
		run_back(work, work->n_bindings, undo_step, give_back_gave_up);
}
