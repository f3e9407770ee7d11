/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From block devices down to PCI functions, by the links of sysfs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/facts.h"
#include "tool/host/search.h"

#define NAME_SIZE 256
#define BLOCK "sys/class/block/%s"

/* --- PCI functions in a path --- */

static bool is_bridge(struct system *sys, struct address address)
{
	struct device device = { .address = address };
	char modalias[128];
	ssize_t n = system_read(sys, modalias, sizeof(modalias), "sys/bus/pci/devices/%s/modalias",
				address_name(address).at);

	/* Of what cannot be read nobody knows: then it is one more that is left alone. */
	if (n < 0 || !identity_from_modalias((struct slice){ modalias, (size_t)n }, &device.identity))
		return false;
	return device_is_bridge(&device) || device_is_host_bridge(&device);
}

/* A virtual function is there only while its physical function's own driver makes it. */
static int search_physical(struct search *s, struct address address)
{
	struct address physical;
	char name[ADDRESS_SIZE];

	if (system_link_name(s->sys, name, sizeof(name), "sys/bus/pci/devices/%s/physfn", address_name(address).at) <
		    0 ||
	    !address_from_name(slice_of(name), &physical))
		return 0;
	return search_found(s, physical);
}

/* A VMD controller is in the path of the disks of its domain, and no bridge. */
int search_sysfs_path(struct search *s, const char *target, unsigned *seen)
{
	struct slice rest = slice_of(target);
	struct address address;
	int r = 0;

	while (rest.at && r == 0) {
		if (!address_from_name(slice_cut(&rest, '/'), &address) || is_bridge(s->sys, address))
			continue;
		++*seen;
		r = search_found(s, address);
		r = r < 0 ? r : search_physical(s, address);
	}
	return r;
}

/* --- devices made of devices --- */

struct walk {
	struct search *search;
	const char *subsystem; /* of NVMe controllers */
	unsigned n;
};

/* A live system has a link to it in the class's directory, too; a captured one need not. */
#define SUBSYSTEM "sys/devices/virtual/nvme-subsystem/%s"

static int each_slave(const char *name, void *data)
{
	struct walk *walk = data;

	walk->n++;
	return search_block(walk->search, name);
}

/* dm, md, bcache and drbd tell what they are made of. */
static int search_slaves(struct search *s, const char *name, unsigned *seen)
{
	struct walk walk = { .search = s };
	int r = system_for_each_entry(s->sys, each_slave, &walk, BLOCK "/slaves", name);

	*seen += walk.n;
	return r == -ENOMEM ? r : 0;
}

/* "traddr=192.0.2.1,trsvcid=4420" */
static struct slice fabrics_server(const char *address)
{
	struct slice rest = slice_of(address);

	while (rest.at) {
		struct slice part = slice_cut(&rest, ',');

		if (slice_starts(part, "traddr="))
			return slice_trim(slice_sub(part, strlen("traddr="), part.len));
	}
	return (struct slice){ NULL, 0 };
}

static int search_nvme_controller(struct search *s, const char *subsystem, const char *name)
{
	char target[SYSTEM_PATH_MAX], path[SYSTEM_PATH_MAX], address[NAME_SIZE];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), SUBSYSTEM "/%s", subsystem, name) >= sizeof(path) ||
	    s->sys->ops->readlink(s->sys, path, target, sizeof(target)) < 0)
		return 0;
	r = search_sysfs_path(s, target, &seen);
	if (r < 0 || seen)
		return r;
	if (system_read(s->sys, address, sizeof(address), SUBSYSTEM "/%s/address", subsystem, name) < 0)
		return search_unknown(s, "an NVMe controller that is no PCI device and tells no address");
	return search_network(s, fabrics_server(address));
}

static int each_controller(const char *name, void *data)
{
	struct walk *walk = data;

	/* nvme0, and not nvme0n1 or nvme-subsys0. */
	if (strncmp(name, "nvme", 4) || !name[4] || name[4 + strspn(name + 4, "0123456789")])
		return 0;
	walk->n++;
	return search_nvme_controller(walk->search, walk->subsystem, name);
}

/* With multipath the disk lies below its subsystem, which has a link to each controller. */
static int search_nvme_subsystem(struct search *s, struct slice subsystem, unsigned *seen)
{
	char name[NAME_SIZE];
	struct walk walk = { .search = s, .subsystem = name };
	int r;

	if (!slice_store(subsystem, name, sizeof(name)))
		return 0;
	r = system_for_each_entry(s->sys, each_controller, &walk, SUBSYSTEM, name);
	*seen += walk.n;
	return r == -ENOMEM ? r : 0;
}

static int search_loop(struct search *s, const char *name)
{
	char file[SYSTEM_PATH_MAX];

	if (system_read(s->sys, file, sizeof(file), BLOCK "/loop/backing_file", name) <= 0)
		return search_unknown(s, "a loop device without a file");
	file[strcspn(file, "\n")] = '\0';
	return search_file(s, file);
}

/* The part of TARGET that starts with PREFIX, or an empty text. */
static struct slice component(const char *target, const char *prefix)
{
	struct slice rest = slice_of(target);

	while (rest.at) {
		struct slice part = slice_cut(&rest, '/');

		if (slice_starts(part, prefix))
			return part;
	}
	return (struct slice){ NULL, 0 };
}

/* A session of the kernel's own iSCSI has connections, connectionSESSION:N, that know the server. */
static int search_iscsi(struct search *s, struct slice run)
{
	struct slice number = slice_sub(run, strlen("session"), run.len);
	struct slice server = { NULL, 0 };
	char address[NAME_SIZE];

	if (system_read(s->sys, address, sizeof(address),
			"sys/class/iscsi_connection/connection%.*s:0/persistent_address", SLICE_ARGS(number)) > 0)
		server = slice_trim(slice_sub(slice_of(address), 0, strcspn(address, "\n")));
	return search_network(s, server);
}

/* The disk that NAME is a partition of, or NAME itself. */
static void whole_disk(struct system *sys, const char *target, const char *name, char *to, size_t size)
{
	struct slice rest = slice_of(target), part = { NULL, 0 }, before = part;

	if (system_exists(sys, BLOCK "/partition", name))
		while (rest.at) {
			before = part;
			part = slice_cut(&rest, '/');
		}
	if (!before.at || !slice_store(before, to, size))
		snprintf(to, size, "%s", name);
}

static bool starts(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Below /sys/devices/virtual, or without a PCI device in its path. */
static int search_virtual(struct search *s, const char *target, const char *name)
{
	struct slice subsystem = component(target, "nvme-subsys"), run = component(target, "session");
	char disk[NAME_SIZE];
	unsigned seen = 0;
	int r;

	/* "nvme-subsystem" is the directory of all of them. */
	if (slice_is(subsystem, "nvme-subsystem"))
		subsystem = component(strstr(target, "nvme-subsystem") + 1, "nvme-subsys");
	whole_disk(s->sys, target, name, disk, sizeof(disk));
	if (starts(disk, "loop"))
		return search_loop(s, disk);
	if (starts(disk, "nbd") || starts(disk, "rbd"))
		return search_network(s, (struct slice){ NULL, 0 });
	if (run.len)
		return search_iscsi(s, run);
	/* In memory, with nothing below. */
	if (starts(disk, "zram") || starts(disk, "ram"))
		return 0;
	r = subsystem.len ? search_nvme_subsystem(s, subsystem, &seen) : search_slaves(s, disk, &seen);
	if (r < 0 || seen || !strstr(target, "/virtual/"))
		/* What hangs on no PCI bus at all, such as a board's own SD card, cannot be taken. */
		return r;
	return search_unknown(s, "a virtual device that does not tell what it is made of");
}

int search_block(struct search *s, const char *name)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), BLOCK, name) >= sizeof(path) ||
	    s->sys->ops->readlink(s->sys, path, target, sizeof(target)) < 0)
		return search_unknown(s, "it is not in sysfs");
	if (++s->depth > SEARCH_DEPTH_MAX)
		return search_unknown(s, "too many devices on top of each other");
	r = search_sysfs_path(s, target, &seen);
	if (r == 0 && !seen)
		r = search_virtual(s, target, name);
	s->depth--;
	return r;
}

/* --- btrfs --- */

struct btrfs {
	struct search *search;
	const char *name;
	bool found;
};

static int each_member(const char *name, void *data)
{
	struct btrfs *btrfs = data;

	return search_block(btrfs->search, name);
}

static int each_file_system(const char *uuid, void *data)
{
	struct btrfs *btrfs = data;
	int r;

	if (!system_exists(btrfs->search->sys, "sys/fs/btrfs/%s/devices/%s", uuid, btrfs->name))
		return 0;
	btrfs->found = true;
	r = system_for_each_entry(btrfs->search->sys, each_member, btrfs, "sys/fs/btrfs/%s/devices", uuid);
	return r == -ENOMEM ? r : 0;
}

int search_btrfs(struct search *s, const char *name)
{
	struct btrfs btrfs = { .search = s, .name = name };
	int r = system_for_each_entry(s->sys, each_file_system, &btrfs, "sys/fs/btrfs");

	if (r == -ENOMEM)
		return r;
	return btrfs.found ? 0 : search_block(s, name);
}

/* --- from a path in /dev to a name in sysfs --- */

struct mapping {
	struct system *sys;
	const char *wanted;
	char *to;
	size_t size;
};

static int each_mapping(const char *name, void *data)
{
	struct mapping *m = data;
	char is[NAME_SIZE];

	if (system_read(m->sys, is, sizeof(is), BLOCK "/dm/name", name) <= 0)
		return 0;
	is[strcspn(is, "\n")] = '\0';
	return !strcmp(is, m->wanted) && slice_store(slice_of(name), m->to, m->size);
}

static bool is_block(struct system *sys, const char *name)
{
	return name[0] && !strchr(name, '/') && system_exists(sys, BLOCK, name);
}

bool search_block_name(struct system *sys, const char *path, char *to, size_t size)
{
	const char *mapped = "/dev/mapper/", *last;

	if (strncmp(path, "/dev/", 5))
		return false;
	/* A link of udev's, or the node itself. */
	if (system_link_name(sys, to, size, "%s", path + 1) == 0 && is_block(sys, to))
		return true;
	last = strrchr(path, '/') + 1;
	if (slice_store(slice_of(last), to, size) && is_block(sys, to))
		return true;
	/* /dev/cciss/c0d0 is cciss!c0d0. */
	if (slice_store(slice_of(path + 5), to, size)) {
		for (char *c = to; *c; c++)
			*c = *c == '/' ? '!' : *c;
		if (is_block(sys, to))
			return true;
	}
	/* Without a /dev, as in a captured machine, device mapper itself knows its names. */
	if (!strncmp(path, mapped, strlen(mapped))) {
		struct mapping m = { sys, path + strlen(mapped), to, size };

		return system_for_each_entry(sys, each_mapping, &m, "sys/class/block") > 0;
	}
	return false;
}
