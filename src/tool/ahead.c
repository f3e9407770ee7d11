/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/ahead.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "decide/predict.h"

#define DEVICES "sys/bus/pci/devices"
#define GROUPS "sys/kernel/iommu_groups"

static struct ahead *of(struct door *door)
{
	return (struct ahead *)door;
}

/* --- what is different then --- */

bool device_is_late(struct door *now, struct address address)
{
	struct address_name name = address_name(address);
	char path[DOOR_PATH_MAX], target[DOOR_PATH_MAX];
	const char *root_bus;

	if (door_exists(now, DEVICES "/%s/physfn", name.at))
		return true;
	snprintf(path, sizeof(path), DEVICES "/%s", name.at);
	if (now->ops->link(now, path, target, sizeof(target)) < 0)
		return false;
	/* A root bus below another one is made by a driver, such as vmd. */
	root_bus = strstr(target, "/pci");
	return root_bus && strstr(root_bus + 1, "/pci");
}

/* Built-in drivers have no initstate. */
static bool is_module(struct door *now, const char *driver)
{
	return door_exists(now, "sys/bus/pci/drivers/%s/module/initstate", driver);
}

static struct ahead_bound *find_bound(struct ahead *ahead, struct address address)
{
	for (size_t i = 0; i < ahead->n_bound; i++)
		if (address_compare(ahead->bound[i].address, address) == 0)
			return &ahead->bound[i];
	return NULL;
}

static bool is_hidden(struct ahead *ahead, struct address address)
{
	return !ahead->later && device_is_late(ahead->now, address);
}

/* The driver that will have the device then; false for none. */
static bool driver_then(struct ahead *ahead, struct address address, char driver[DRIVER_NAME_SIZE])
{
	const struct ahead_bound *bound = find_bound(ahead, address);

	if (bound) {
		strcpy(driver, bound->driver);
		return true;
	}
	if (door_link_name(ahead->now, driver, DRIVER_NAME_SIZE, DEVICES "/%s/driver", address_name(address).at) < 0)
		return false;
	if (!is_module(ahead->now, driver))
		return true;
	/* Later, what is a module has its devices; only what is about to appear has no driver yet. */
	return ahead->later && !device_is_late(ahead->now, address) && !predict_is_vfio(driver);
}

static bool has_group_then(struct ahead *ahead, struct address address)
{
	char driver[DRIVER_NAME_SIZE];

	return !ahead->groups_late || ahead->later || driver_then(ahead, address, driver);
}

/* --- paths --- */

/* PATH is FOLDER or below: REST is what follows. */
static bool is_below(const char *path, const char *folder, struct text *rest)
{
	size_t len = strlen(folder);

	if (strncmp(path, folder, len) || (path[len] && path[len] != '/'))
		return false;
	*rest = text_of(path[len] ? path + len + 1 : "");
	return true;
}

/* PATH is a device's folder or in it; REST is what is below that. */
static bool is_device_path(const char *path, struct address *address, struct text *rest)
{
	if (!is_below(path, DEVICES, rest) || !rest->len)
		return false;
	return address_from_name(text_cut(rest, '/'), address);
}

/* 0 to go on and ask the running machine. */
static int refuse(struct ahead *ahead, const char *path)
{
	struct address address;
	char driver[DRIVER_NAME_SIZE];
	struct text rest;

	if (is_below(path, "run", &rest))
		return ahead->later ? 0 : -ENOENT;
	if (!is_device_path(path, &address, &rest))
		return 0;
	if (is_hidden(ahead, address))
		return -ENOENT;
	if (text_is(rest, "driver") || text_is(rest, "vfio-dev"))
		return driver_then(ahead, address, driver) ? 0 : -ENOENT;
	if (text_is(rest, "iommu_group") || text_is(rest, "iommu"))
		return has_group_then(ahead, address) ? 0 : -ENOENT;
	return 0;
}

/* --- the operations --- */

static ssize_t ahead_read(struct door *door, const char *path, char *to, size_t size)
{
	struct ahead *ahead = of(door);
	int r = refuse(ahead, path);

	if (r == 0 && ahead->release && !strcmp(path, "proc/sys/kernel/osrelease"))
		return snprintf(to, size, "%s", ahead->release);
	return r < 0 ? r : ahead->now->ops->read(ahead->now, path, to, size);
}

static int ahead_slurp(struct door *door, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	struct ahead *ahead = of(door);
	int r = refuse(ahead, path);

	return r < 0 ? r : ahead->now->ops->slurp(ahead->now, path, limit, ret, ret_len);
}

static int ahead_link(struct door *door, const char *path, char *to, size_t size)
{
	struct ahead *ahead = of(door);
	char driver[DRIVER_NAME_SIZE];
	struct address address;
	struct text rest;
	int r = refuse(ahead, path);

	if (r < 0 || !is_device_path(path, &address, &rest) || !text_is(rest, "driver"))
		return r < 0 ? r : ahead->now->ops->link(ahead->now, path, to, size);
	if (!driver_then(ahead, address, driver))
		return -ENOENT;
	return text_store(text_of(driver), to, size) ? 0 : -ENAMETOOLONG;
}

/* A VFIO driver's mark goes with the driver. */
static bool ahead_exists(struct door *door, const char *path)
{
	struct ahead *ahead = of(door);
	char driver[DRIVER_NAME_SIZE];
	struct address address;
	struct text rest;

	if (refuse(ahead, path) < 0)
		return false;
	if (is_device_path(path, &address, &rest) && text_is(rest, "vfio-dev"))
		return driver_then(ahead, address, driver) && predict_is_vfio(driver);
	return ahead->now->ops->exists(ahead->now, path);
}

struct listing {
	struct ahead *ahead;
	bool units, members;
	int (*each)(const char *name, void *data);
	void *data;
};

static int pass_on(const char *name, void *data)
{
	struct listing *listing = data;
	struct ahead *ahead = listing->ahead;
	struct address address;
	bool is_address = address_from_name(text_of(name), &address);

	/* A virtio-iommu goes by its address, or by "virtio" and a number. */
	if (listing->units && !ahead->iommu_loaded && (is_address || !strncmp(name, "virtio", 6)))
		return 0;
	if (!listing->units && is_address &&
	    (is_hidden(ahead, address) || (listing->members && !has_group_then(ahead, address))))
		return 0;
	return listing->each(name, listing->data);
}

static int ahead_list(struct door *door, const char *path, int (*each)(const char *name, void *data), void *data)
{
	struct ahead *ahead = of(door);
	struct text rest;
	struct listing listing = {
		.ahead = ahead,
		.units = !strcmp(path, "sys/class/iommu"),
		.members = is_below(path, GROUPS, &rest),
		.each = each,
		.data = data,
	};
	int r = refuse(ahead, path);

	return r < 0 ? r : ahead->now->ops->list(ahead->now, path, pass_on, &listing);
}

static int ahead_write(struct door *door, const char *path, const char *data, size_t len)
{
	(void)door;
	(void)path;
	(void)data;
	(void)len;
	return -EROFS;
}

static int ahead_log(struct door *door, const char *record, size_t len)
{
	(void)door;
	(void)record;
	(void)len;
	return -EROFS;
}

static int ahead_make_folder(struct door *door, const char *path)
{
	(void)door;
	(void)path;
	return -EROFS;
}

static int ahead_load_module(struct door *door, const char *path, const char *options, bool compressed)
{
	(void)door;
	(void)path;
	(void)options;
	(void)compressed;
	return -EROFS;
}

static int ahead_modprobe(struct door *door, const char *name)
{
	(void)door;
	(void)name;
	return -EROFS;
}

static void ahead_prove(struct door *door, unsigned group, struct proof *ret)
{
	(void)door;
	(void)group;
	*ret = (struct proof){ PROOF_NOT_TRIED, EROFS };
}

static const struct door_ops ahead_ops = {
	.read = ahead_read,
	.slurp = ahead_slurp,
	.write = ahead_write,
	.log = ahead_log,
	.link = ahead_link,
	.list = ahead_list,
	.exists = ahead_exists,
	.make_folder = ahead_make_folder,
	.put = ahead_write,
	.load_module = ahead_load_module,
	.modprobe = ahead_modprobe,
	.prove = ahead_prove,
};

void ahead_open(struct ahead *ahead, struct door *now, const char *release)
{
	*ahead = (struct ahead){
		.door = { .ops = &ahead_ops, .root = now->root, .captive = true },
		.now = now,
		.release = release,
		.iommu_loaded = !door_exists(now, "sys/module/virtio_iommu/initstate"),
	};
}

void ahead_close(struct ahead *ahead)
{
	free(ahead->bound);
	ahead->bound = NULL;
	ahead->n_bound = ahead->bound_room = 0;
}

int ahead_bind(struct ahead *ahead, struct address address, const char *driver)
{
	int r = GROW(ahead->bound, ahead->n_bound, ahead->bound_room);

	if (r == 0) {
		struct ahead_bound *bound = &ahead->bound[ahead->n_bound++];

		bound->address = address;
		text_store(text_of(driver), bound->driver, sizeof(bound->driver));
	}
	return r;
}

void ahead_unbind(struct ahead *ahead, struct address address)
{
	struct ahead_bound *bound = find_bound(ahead, address);

	if (bound)
		*bound = ahead->bound[--ahead->n_bound];
}
