/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/predict/next_boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/predict.h"
#include "machine/iommu.h"

#define DEVICES "sys/bus/pci/devices"
#define GROUPS "sys/kernel/iommu_groups"

static struct next_boot *of(struct system *sys)
{
	return (struct next_boot *)sys;
}

/* --- what is different then --- */

bool device_is_hotplugged(struct system *now, struct address address)
{
	struct address_name name = address_name(address);
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	const char *root_bus;

	if (system_exists(now, DEVICES "/%s/physfn", name.at))
		return true;
	snprintf(path, sizeof(path), DEVICES "/%s", name.at);
	if (now->ops->readlink(now, path, target, sizeof(target)) < 0)
		return false;
	/* A root bus below another one is made by a driver, such as vmd. */
	root_bus = strstr(target, "/pci");
	return root_bus && strstr(root_bus + 1, "/pci");
}

/* Built-in drivers have no initstate. */
static bool is_module(struct system *now, const char *driver)
{
	return system_exists(now, "sys/bus/pci/drivers/%s/module/initstate", driver);
}

static struct next_boot_bound *find_bound(struct next_boot *next_boot, struct address address)
{
	for (size_t i = 0; i < next_boot->n_bound; i++)
		if (address_compare(next_boot->bound[i].address, address) == 0)
			return &next_boot->bound[i];
	return NULL;
}

static bool is_hidden(struct next_boot *next_boot, struct address address)
{
	return !next_boot->later && device_is_hotplugged(next_boot->now, address);
}

/* The driver that will have the device then; false for none. */
static bool driver_then(struct next_boot *next_boot, struct address address, char driver[DRIVER_SIZE])
{
	const struct next_boot_bound *bound = find_bound(next_boot, address);

	if (bound) {
		strcpy(driver, bound->driver);
		return true;
	}
	if (system_link_name(next_boot->now, driver, DRIVER_SIZE, DEVICES "/%s/driver", address_name(address).at) < 0)
		return false;
	if (!is_module(next_boot->now, driver))
		return true;
	/* Later, what is a module has its devices; only what is about to appear has no driver yet. */
	return next_boot->later && !device_is_hotplugged(next_boot->now, address) && !predict_is_vfio(driver);
}

static bool has_group_then(struct next_boot *next_boot, struct address address)
{
	char driver[DRIVER_SIZE];

	return !next_boot->groups_late || next_boot->later || driver_then(next_boot, address, driver);
}

/* --- paths --- */

/* PATH is DIR or below: REST is what follows. */
static bool is_below(const char *path, const char *dir, struct slice *rest)
{
	size_t len = strlen(dir);

	if (strncmp(path, dir, len) || (path[len] && path[len] != '/'))
		return false;
	*rest = slice_of(path[len] ? path + len + 1 : "");
	return true;
}

/* PATH is a device's directory or in it; REST is what is below that. */
static bool is_device_path(const char *path, struct address *address, struct slice *rest)
{
	if (!is_below(path, DEVICES, rest) || !rest->len)
		return false;
	return address_from_name(slice_cut(rest, '/'), address);
}

/* 0 to go on and ask the running machine. */
static int refuse(struct next_boot *next_boot, const char *path)
{
	struct address address;
	char driver[DRIVER_SIZE];
	struct slice rest;

	if (is_below(path, "run", &rest))
		return next_boot->later ? 0 : -ENOENT;
	if (!is_device_path(path, &address, &rest))
		return 0;
	if (is_hidden(next_boot, address))
		return -ENOENT;
	if (slice_is(rest, "driver") || slice_is(rest, "vfio-dev"))
		return driver_then(next_boot, address, driver) ? 0 : -ENOENT;
	if (slice_is(rest, "iommu_group") || slice_is(rest, "iommu"))
		return has_group_then(next_boot, address) ? 0 : -ENOENT;
	return 0;
}

/* --- the operations --- */

static ssize_t next_boot_read(struct system *sys, const char *path, char *to, size_t size)
{
	struct next_boot *next_boot = of(sys);
	int r = refuse(next_boot, path);

	if (r == 0 && next_boot->release && !strcmp(path, "proc/sys/kernel/osrelease"))
		return snprintf(to, size, "%s", next_boot->release);
	return r < 0 ? r : next_boot->now->ops->read(next_boot->now, path, to, size);
}

static int next_boot_read_all(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	struct next_boot *next_boot = of(sys);
	int r = refuse(next_boot, path);

	return r < 0 ? r : next_boot->now->ops->read_all(next_boot->now, path, limit, ret, ret_len);
}

static int next_boot_readlink(struct system *sys, const char *path, char *to, size_t size)
{
	struct next_boot *next_boot = of(sys);
	char driver[DRIVER_SIZE];
	struct address address;
	struct slice rest;
	int r = refuse(next_boot, path);

	if (r < 0 || !is_device_path(path, &address, &rest) || !slice_is(rest, "driver"))
		return r < 0 ? r : next_boot->now->ops->readlink(next_boot->now, path, to, size);
	if (!driver_then(next_boot, address, driver))
		return -ENOENT;
	return slice_store(slice_of(driver), to, size) ? 0 : -ENAMETOOLONG;
}

/* A VFIO driver's mark goes with the driver. */
static bool next_boot_exists(struct system *sys, const char *path)
{
	struct next_boot *next_boot = of(sys);
	char driver[DRIVER_SIZE];
	struct address address;
	struct slice rest;

	if (refuse(next_boot, path) < 0)
		return false;
	if (is_device_path(path, &address, &rest) && slice_is(rest, "vfio-dev"))
		return driver_then(next_boot, address, driver) && predict_is_vfio(driver);
	return next_boot->now->ops->exists(next_boot->now, path);
}

struct listing {
	struct next_boot *next_boot;
	bool units, members;
	int (*each)(const char *name, void *data);
	void *data;
};

static int pass_on(const char *name, void *data)
{
	struct listing *listing = data;
	struct next_boot *next_boot = listing->next_boot;
	struct address address;
	bool is_address = address_from_name(slice_of(name), &address);
	const struct iommu_kind *unit = listing->units ? iommu_kind_of_unit(name) : NULL;

	/* Its driver is the only one that is a module. */
	if (unit && unit->table == ACPI_VIOT && !next_boot->iommu_loaded)
		return 0;
	if (!listing->units && is_address &&
	    (is_hidden(next_boot, address) || (listing->members && !has_group_then(next_boot, address))))
		return 0;
	return listing->each(name, listing->data);
}

static int next_boot_for_each_entry(struct system *sys, const char *path, int (*each)(const char *name, void *data),
				    void *data)
{
	struct next_boot *next_boot = of(sys);
	struct slice rest;
	struct listing listing = {
		.next_boot = next_boot,
		.units = !strcmp(path, "sys/class/iommu"),
		.members = is_below(path, GROUPS, &rest),
		.each = each,
		.data = data,
	};
	int r = refuse(next_boot, path);

	return r < 0 ? r : next_boot->now->ops->for_each_entry(next_boot->now, path, pass_on, &listing);
}

static int next_boot_write(struct system *sys, const char *path, const char *data, size_t len)
{
	(void)sys;
	(void)path;
	(void)data;
	(void)len;
	return -EROFS;
}

static int next_boot_log(struct system *sys, const char *record, size_t len)
{
	(void)sys;
	(void)record;
	(void)len;
	return -EROFS;
}

static int next_boot_mkdir(struct system *sys, const char *path)
{
	(void)sys;
	(void)path;
	return -EROFS;
}

static int next_boot_load_module(struct system *sys, const char *path, const char *options, bool compressed)
{
	(void)sys;
	(void)path;
	(void)options;
	(void)compressed;
	return -EROFS;
}

static int next_boot_modprobe(struct system *sys, const char *name)
{
	(void)sys;
	(void)name;
	return -EROFS;
}

static void next_boot_try_group(struct system *sys, unsigned group, struct trial *ret)
{
	(void)sys;
	(void)group;
	*ret = (struct trial){ TRIAL_NOT_MADE, EROFS };
}

static const struct system_ops next_boot_ops = {
	.read = next_boot_read,
	.read_all = next_boot_read_all,
	.write = next_boot_write,
	.log = next_boot_log,
	.readlink = next_boot_readlink,
	.for_each_entry = next_boot_for_each_entry,
	.exists = next_boot_exists,
	.mkdir = next_boot_mkdir,
	.replace_file = next_boot_write,
	.load_module = next_boot_load_module,
	.modprobe = next_boot_modprobe,
	.try_group = next_boot_try_group,
};

void next_boot_open(struct next_boot *next_boot, struct system *now, const char *release)
{
	*next_boot = (struct next_boot){
		.sys = { .ops = &next_boot_ops, .root = now->root, .offline = true },
		.now = now,
		.release = release,
		.iommu_loaded = !system_exists(now, "sys/module/" IOMMU_MODULE "/initstate"),
	};
}

void next_boot_close(struct next_boot *next_boot)
{
	free(next_boot->bound);
	next_boot->bound = NULL;
	next_boot->n_bound = next_boot->bound_room = 0;
}

int next_boot_bind(struct next_boot *next_boot, struct address address, const char *driver)
{
	int r = ARRAY_GROW(next_boot->bound, next_boot->n_bound, next_boot->bound_room);

	if (r == 0) {
		struct next_boot_bound *bound = &next_boot->bound[next_boot->n_bound++];

		bound->address = address;
		slice_store(slice_of(driver), bound->driver, sizeof(bound->driver));
	}
	return r;
}

void next_boot_unbind(struct next_boot *next_boot, struct address address)
{
	struct next_boot_bound *bound = find_bound(next_boot, address);

	if (bound)
		*bound = next_boot->bound[--next_boot->n_bound];
}
