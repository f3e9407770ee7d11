/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/block.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "tool/host/network.h"
#include "tool/host/udev.h"
#include "tool/host/zfs.h"

#define NAME_SIZE 256
#define BLOCK "sys/class/block/%s"

/* --- devices made of devices --- */

struct walk {
	struct trace *trace;
	const char *subsystem; /* of NVMe controllers */
	unsigned n;
};

/* A live system has a link to it in the class's directory, too; a captured one need not. */
#define SUBSYSTEM "sys/devices/virtual/nvme-subsystem/%s"

static int each_slave(const char *name, void *data)
{
	struct walk *walk = data;

	walk->n++;
	return trace_block(walk->trace, name);
}

/* dm, md, bcache and drbd list their parts. */
static int trace_slaves(struct trace *t, const char *name, unsigned *seen)
{
	struct walk walk = { .trace = t };
	int r = system_for_each_entry(t->sys, each_slave, &walk, BLOCK "/slaves", name);

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

static int trace_nvme_controller(struct trace *t, const char *subsystem, const char *name)
{
	char target[SYSTEM_PATH_MAX], path[SYSTEM_PATH_MAX], address[NAME_SIZE];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), SUBSYSTEM "/%s", subsystem, name) >= sizeof(path) ||
	    t->sys->ops->readlink(t->sys, path, target, sizeof(target)) < 0)
		return 0;
	r = trace_sysfs_path(t, target, &seen);
	if (r < 0 || seen)
		return r;
	if (system_read(t->sys, address, sizeof(address), SUBSYSTEM "/%s/address", subsystem, name) < 0)
		return trace_unknown(t, "an NVMe controller without a PCI device or an address");
	return trace_network(t, fabrics_server(address));
}

static int each_controller(const char *name, void *data)
{
	struct walk *walk = data;

	/* nvme0, and not nvme0n1 or nvme-subsys0. */
	if (strncmp(name, "nvme", 4) || !name[4] || name[4 + strspn(name + 4, "0123456789")])
		return 0;
	walk->n++;
	return trace_nvme_controller(walk->trace, walk->subsystem, name);
}

/* With multipath the disk lies below its subsystem, which has a link to each controller. */
static int trace_nvme_subsystem(struct trace *t, struct slice subsystem, unsigned *seen)
{
	char name[NAME_SIZE];
	struct walk walk = { .trace = t, .subsystem = name };
	int r;

	if (!slice_store(subsystem, name, sizeof(name)))
		return 0;
	r = system_for_each_entry(t->sys, each_controller, &walk, SUBSYSTEM, name);
	*seen += walk.n;
	return r == -ENOMEM ? r : 0;
}

static int trace_loop(struct trace *t, const char *name)
{
	char file[SYSTEM_PATH_MAX];

	if (system_read(t->sys, file, sizeof(file), BLOCK "/loop/backing_file", name) <= 0)
		return trace_unknown(t, "a loop device without a file");
	file[strcspn(file, "\n")] = '\0';
	return t->file(t, file);
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
static int trace_iscsi(struct trace *t, struct slice run)
{
	struct slice number = slice_sub(run, strlen("session"), run.len);
	struct slice server = { NULL, 0 };
	char address[NAME_SIZE];

	if (system_read(t->sys, address, sizeof(address),
			"sys/class/iscsi_connection/connection%.*s:0/persistent_address", SLICE_ARGS(number)) > 0)
		server = slice_trim(slice_sub(slice_of(address), 0, strcspn(address, "\n")));
	return trace_network(t, server);
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

/* A volume that cryptsetup opened and that holds data, so that a key or a passphrase was needed. */
static int note_encryption(struct trace *t, const char *name)
{
	static const char *const without_key[] = { "CRYPT-PLAIN-", "CRYPT-VERITY-", "CRYPT-INTEGRITY-" };
	char uuid[NAME_SIZE], own[VOLUME_NAME_SIZE];

	if (system_read(t->sys, uuid, sizeof(uuid), BLOCK "/dm/uuid", name) <= 0 || strncasecmp(uuid, "CRYPT-", 6))
		return 0;
	for (size_t i = 0; i < COUNT_OF(without_key); i++)
		if (starts(uuid, without_key[i]))
			return 0;
	block_known_name(t->sys, name, own, sizeof(own));
	return trace_volume(t, own);
}

/* Below /sys/devices/virtual, or without a PCI device in its path. */
static int trace_virtual(struct trace *t, const char *target, const char *name)
{
	struct slice subsystem = component(target, "nvme-subsys"), run = component(target, "session");
	char disk[NAME_SIZE];
	unsigned seen = 0;
	int r;

	/* "nvme-subsystem" is the directory of all of them. */
	if (slice_is(subsystem, "nvme-subsystem"))
		subsystem = component(strstr(target, "nvme-subsystem") + 1, "nvme-subsys");
	whole_disk(t->sys, target, name, disk, sizeof(disk));
	if (starts(disk, "loop"))
		return trace_loop(t, disk);
	if (starts(disk, "zd"))
		return trace_zvol(t, disk);
	if (starts(disk, "nbd") || starts(disk, "rbd"))
		return trace_network(t, (struct slice){ NULL, 0 });
	if (run.len)
		return trace_iscsi(t, run);
	/* In memory, with nothing below. */
	if (starts(disk, "zram") || starts(disk, "ram"))
		return 0;
	r = note_encryption(t, disk);
	if (r < 0)
		return r;
	r = subsystem.len ? trace_nvme_subsystem(t, subsystem, &seen) : trace_slaves(t, disk, &seen);
	if (r < 0 || seen || !strstr(target, "/virtual/"))
		/* A device on no PCI bus at all, such as a board's own SD card, cannot be taken. */
		return r;
	return trace_unknown(t, "a virtual device whose parts are unknown");
}

int trace_block(struct trace *t, const char *name)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), BLOCK, name) >= sizeof(path) ||
	    t->sys->ops->readlink(t->sys, path, target, sizeof(target)) < 0)
		return trace_unknown(t, "it is not in sysfs");
	if (t->depth >= TRACE_DEPTH_MAX || ++t->steps > TRACE_STEPS_MAX)
		return trace_unknown(t, "too many layers of devices");
	t->depth++;
	r = trace_sysfs_path(t, target, &seen);
	if (r == 0 && !seen)
		r = trace_virtual(t, target, name);
	t->depth--;
	return r;
}

/* --- btrfs --- */

struct btrfs {
	struct trace *trace;
	const char *name;
	bool found;
};

static int each_member(const char *name, void *data)
{
	struct btrfs *btrfs = data;

	return trace_block(btrfs->trace, name);
}

static int each_file_system(const char *uuid, void *data)
{
	struct btrfs *btrfs = data;
	int r;

	if (!system_exists(btrfs->trace->sys, "sys/fs/btrfs/%s/devices/%s", uuid, btrfs->name))
		return 0;
	btrfs->found = true;
	r = system_for_each_entry(btrfs->trace->sys, each_member, btrfs, "sys/fs/btrfs/%s/devices", uuid);
	return r == -ENOMEM ? r : 0;
}

int trace_btrfs(struct trace *t, const char *name)
{
	struct btrfs btrfs = { .trace = t, .name = name };
	int r = system_for_each_entry(t->sys, each_file_system, &btrfs, "sys/fs/btrfs");

	if (r == -ENOMEM)
		return r;
	return btrfs.found ? 0 : trace_block(t, name);
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

bool block_name(struct system *sys, const char *path, char *to, size_t size)
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

void block_known_name(struct system *sys, const char *name, char *to, size_t size)
{
	char own[NAME_SIZE];

	if (system_read(sys, own, sizeof(own), BLOCK "/dm/name", name) > 0)
		own[strcspn(own, "\n")] = '\0';
	else
		own[0] = '\0';
	snprintf(to, size, "%s", own[0] ? own : name);
}

/* --- from fstab and crypttab --- */

bool block_of_source(struct system *sys, const char *source, char *to, size_t size)
{
	static const struct {
		const char *tag, *dir, *property;
	} tags[] = {
		{ "UUID=", "by-uuid", "ID_FS_UUID" },
		{ "PARTUUID=", "by-partuuid", "ID_PART_ENTRY_UUID" },
		{ "LABEL=", "by-label", "ID_FS_LABEL_ENC" },
		{ "PARTLABEL=", "by-partlabel", "ID_PART_ENTRY_NAME" },
	};
	char value[NAME_SIZE], path[SYSTEM_PATH_MAX];

	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		const char *dir = "/dev/disk/", *at = source;
		size_t tag = strlen(tags[i].tag), by = strlen(tags[i].dir);

		if (starts(source, tags[i].tag))
			at += tag;
		else if (starts(source, dir) && starts(source + strlen(dir), tags[i].dir) &&
			 source[strlen(dir) + by] == '/')
			at += strlen(dir) + by + 1;
		else
			continue;
		/* fstab and crypttab may have the value in quotes. */
		if (!slice_store(slice_sub(slice_of(at), *at == '"', strlen(at) - (*at == '"' && strlen(at) > 1)),
				 value, sizeof(value)))
			return false;
		snprintf(path, sizeof(path), "/dev/disk/%s/%s", tags[i].dir, value);
		/* Links need a /dev, which a captured machine does not have. */
		return block_name(sys, path, to, size) || udev_find_block(sys, tags[i].property, value, to, size);
	}
	return block_name(sys, source, to, size);
}
