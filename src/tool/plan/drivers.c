/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/drivers.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/predict.h"
#include "machine/enumerate.h"
#include "system/pci.h"
#include "tool/output/path.h"

#define BUILTIN "-"

/* Names of modules, separated by commas. What does not fit makes it a list that nothing blacklists. */
struct names {
	char list[PLAN_DRIVER_MODULES_SIZE];
	size_t n;
	bool all_loaded; /* of what is a module */
};

/* What is looked at. */
struct search {
	struct system *sys;
	struct kernel *kernel;
	bool indexed; /* the kernel's aliases can be read */
	bool running; /* it is the kernel that runs, and udev has loaded what it loads */
};

/* The modules that would bind a device: those that get to it, and those that are kept from being loaded for it. */
struct candidates {
	struct names usable, blacklisted;
	bool refused; /* modprobe.d has an alias that leads to no driver */
};

static bool has_name(const struct names *names, const char *name)
{
	struct slice rest = slice_of(names->list);

	while (rest.at)
		if (slice_is(slice_cut(&rest, ','), name))
			return true;
	return false;
}

static void add_name(const struct search *search, struct names *names, const char *name)
{
	size_t len = strlen(names->list);

	if (has_name(names, name))
		return;
	if (!names->n++)
		names->all_loaded = true;
	names->all_loaded &= !strcmp(name, BUILTIN) || system_exists(search->sys, "sys/module/%s", name);
	if (len + strlen(name) + sizeof(",,-") <= sizeof(names->list))
		snprintf(names->list + len, sizeof(names->list) - len, "%s%s", len ? "," : "", name);
	else if (!has_name(names, BUILTIN))
		strcat(names->list, "," BUILTIN);
}

/* `install MODULE /bin/false`, and the like */
static bool is_never_loaded(const struct search *search, struct kmod_module *mod)
{
	const char *name = kmod_module_get_name(mod), *command = kmod_module_get_install_commands(mod);
	struct slice rest = slice_of(command ? command : ""), word = slice_word(&rest), last = word;

	while (word.at && word.len)
		last = slice_cut(&word, '/');
	return kernel_blacklists(search->kernel, name) || slice_is(last, "true") || slice_is(last, "false");
}

/* By its indexes. */
static bool exists_in_kernel(struct kmod_module *mod, bool *ret_builtin)
{
	*ret_builtin = kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
	return *ret_builtin || kmod_module_get_path(mod);
}

static void add_module(const struct search *search, struct candidates *c, struct kmod_module *mod)
{
	const char *name = kmod_module_get_name(mod);
	bool builtin;

	/* modprobe.d: `alias pci:... off`, or a VFIO driver, which then waits for IDs. */
	if (!exists_in_kernel(mod, &builtin) || predict_is_vfio(name))
		c->refused = true;
	else if (builtin)
		add_name(search, &c->usable, BUILTIN);
	else
		add_name(search, is_never_loaded(search, mod) ? &c->blacklisted : &c->usable, name);
}

static void find_by_alias(const struct search *search, const char *modalias, struct candidates *c)
{
	struct kmod_list *list = NULL, *item;

	if (!search->indexed || kmod_module_new_from_lookup(search->kernel->ctx, modalias, &list) < 0)
		return;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);

		add_module(search, c, mod);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
}

/* Not every driver has an alias. On another kernel the same module tells whether it is there. */
static void add_present_driver(const struct search *search, const struct device *device, struct candidates *c)
{
	struct kmod_module *mod = NULL;
	char name[DRIVER_SIZE];
	bool builtin;

	if (system_link_name(search->sys, name, sizeof(name), "sys/bus/pci/drivers/%s/module", device->driver) < 0) {
		add_name(search, &c->usable, BUILTIN);
		return;
	}
	if (has_name(&c->usable, name) || has_name(&c->blacklisted, name))
		return;
	if (search->kernel->ctx)
		kmod_module_new_from_name(search->kernel->ctx, name, &mod);
	if (mod && exists_in_kernel(mod, &builtin))
		add_module(search, c, mod);
	else if (search->running)
		add_name(search, &c->usable, name);
	kmod_module_unref(mod);
}

static bool has_override(struct system *sys, struct address address)
{
	char text[DRIVER_SIZE];

	return pci_read(sys, address, "driver_override", text, sizeof(text)) > 0 && strcmp(text, "(null)\n") != 0;
}

/* It had its chance on the running system: all drivers that could bind it are there. */
static bool was_declined(const struct search *search, const struct device *device, const struct candidates *c)
{
	return search->running && !device->driver[0] && c->usable.all_loaded &&
	       !has_override(search->sys, device->address);
}

/* The driver that it has, or the first module that would bind it. */
static void store_driver(const struct device *device, bool native, struct plan_driver *driver)
{
	size_t len = strcspn(driver->modules, ",");

	if (native && driver->prospect == PROSPECT_EXPECTED)
		strcpy(driver->driver, device->driver);
	else if (!slice_store(slice_sub(slice_of(driver->modules), 0, len), driver->driver, sizeof(driver->driver)) ||
		 !strcmp(driver->driver, BUILTIN))
		driver->driver[0] = '\0';
}

/* False if nothing can be told. */
static bool find_prospect(const struct search *search, const struct device *device, struct plan_driver *ret)
{
	bool lent = device->vfio || !strcmp(device->driver, "pci-stub"), native = device->driver[0] && !lent;
	struct candidates c = { .refused = false };
	char modalias[MODALIAS_SIZE];

	if (pci_read(search->sys, device->address, "modalias", modalias, sizeof(modalias)) < 0)
		return false;
	modalias[strcspn(modalias, "\n")] = '\0';
	find_by_alias(search, modalias, &c);
	if (native)
		add_present_driver(search, device, &c);
	*ret = (struct plan_driver){ .identity = device->identity };
	if (c.usable.n)
		ret->prospect = was_declined(search, device, &c) ? PROSPECT_DECLINED : PROSPECT_EXPECTED;
	else if (c.blacklisted.n || c.refused)
		ret->prospect = PROSPECT_BLACKLISTED;
	/* The own driver of one that is lent may be one without aliases. */
	else if (search->indexed && !lent)
		ret->prospect = PROSPECT_NONE;
	else if (search->running && !device->driver[0])
		ret->prospect = PROSPECT_DECLINED;
	else
		return false;
	strcpy(ret->modules, c.usable.n ? c.usable.list : c.blacklisted.list);
	store_driver(device, native, ret);
	return true;
}

/* Devices of one identity have one line: the one that gets a driver decides. */
static int add_prospect(struct plan *plan, const struct plan_driver *driver)
{
	struct plan_driver *known = NULL;
	int r;

	for (size_t i = 0; i < plan->n_drivers && !known; i++)
		if (plan_find_prospect(plan, &driver->identity) == &plan->drivers[i])
			known = &plan->drivers[i];
	if (known) {
		if (driver->prospect > known->prospect)
			*known = *driver;
		return 0;
	}
	/* What the plan has no room for is unknown at boot. */
	if (plan->n_drivers == PLAN_DRIVERS_MAX)
		return 0;
	r = ARRAY_GROW(plan->drivers, plan->n_drivers, plan->drivers_room);
	if (r == 0)
		plan->drivers[plan->n_drivers++] = *driver;
	return r;
}

static bool has_aliases(const struct kernel *kernel)
{
	CLEANUP(free_string) char *path = kernel->ctx ? path_join(kernel->dir, "modules.alias.bin", NULL) : NULL;
	struct stat st;

	return path && !kernel->bad_index && stat(path, &st) == 0 && st.st_size;
}

int drivers_fill(struct system *sys, struct kernel *kernel, struct plan *plan)
{
	struct search search = { .sys = sys, .kernel = kernel, .indexed = has_aliases(kernel) };
	struct machine machine = { .devices = NULL };
	int r = read_platform(sys, &machine);

	search.running = machine.platform.settled && !strcmp(machine.platform.release, plan->kernel);
	r = r < 0 ? r : enumerate_every(sys, &machine);
	for (size_t i = 0; i < machine.n_devices && r == 0; i++) {
		struct device *device = &machine.devices[i];
		struct plan_driver driver;

		refresh_driver(sys, device);
		/* Bridges stay with the port driver, or without one. */
		if (device->error || !strcmp(device->driver, PORT_DRIVER) ||
		    (device_is_bridge(device) && !device->driver[0]))
			continue;
		if (find_prospect(&search, device, &driver))
			r = add_prospect(plan, &driver);
	}
	machine_done(&machine);
	return r;
}

int drivers_fill_running(struct system *sys, const char *sysroot, struct plan *plan)
{
	struct kernel kernel = { .dir = NULL };
	char release[RELEASE_SIZE];
	int r = 0;

	if (system_read(sys, release, sizeof(release), "proc/sys/kernel/osrelease") < 0)
		release[0] = '\0';
	release[strcspn(release, "\n")] = '\0';
	strcpy(plan->kernel, release);
	if (release[0])
		r = kernel_open(&kernel, sysroot, release);
	r = r == -ENOMEM ? r : drivers_fill(sys, &kernel, plan);
	kernel_close(&kernel);
	return r;
}
