/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/zfs.h"

#include <blkid.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "tool/host/block.h"
#include "tool/host/udev.h"

/* Of a pool 255 bytes; of a dataset as many. */
#define POOL_SIZE 512
#define NAME_SIZE 256
#define GUID_SIZE 24
/* How long a disk may take to be read; it may have to spin up. */
#define PROBE_MS 20000

/* What the label of a disk tells. Cache and spare devices name no pool: both are empty. */
struct zfs_label {
	char pool[POOL_SIZE];
	char guid[GUID_SIZE]; /* the pool's, in decimal */
};

struct zfs_member {
	char block[NAME_SIZE];
	struct zfs_label label;
};

/* A pool that is being traced; a disk image on one of its volumes may have a label with the same name. */
struct zfs_pool {
	const char *name;
	const struct zfs_pool *above;
};

/* --- labels --- */

/* libblkid reads the disk PATH. Without the filter, traces of an older filesystem would hide the label. */
static bool probe_label(const char *path, struct zfs_label *ret)
{
	char *types[] = { "zfs_member", NULL };
	blkid_probe probe = blkid_new_probe_from_filename(path);
	const char *value;
	bool found;

	if (!probe)
		return false;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID);
	blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN, types);
	found = blkid_do_safeprobe(probe) == 0;
	if (found && blkid_probe_lookup_value(probe, "LABEL", &value, NULL) == 0)
		snprintf(ret->pool, sizeof(ret->pool), "%s", value);
	if (found && blkid_probe_lookup_value(probe, "UUID", &value, NULL) == 0)
		snprintf(ret->guid, sizeof(ret->guid), "%s", value);
	blkid_free_probe(probe);
	return found;
}

/* In a child, which is given up if the disk does not answer: nothing interrupts such a read. 1: it is a member. */
static int probe_in_child(const char *path, struct zfs_label *ret)
{
	struct zfs_label label = { "", "" };
	struct pollfd poll_fd = { .events = POLLIN };
	int fds[2], r = 0;
	pid_t pid;

	if (pipe(fds) < 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		/* Whoever reads this program's output does not wait for its child. */
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		if (probe_label(path, &label) && write(fds[1], &label, sizeof(label)) != sizeof(label))
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	poll_fd.fd = fds[0];
	if (pid > 0 && poll(&poll_fd, 1, PROBE_MS) != 1) {
		kill(pid, SIGKILL);
		r = -ETIMEDOUT;
	} else if (pid > 0) {
		r = read(fds[0], ret, sizeof(*ret)) == sizeof(*ret);
		waitpid(pid, NULL, 0);
	}
	close(fds[0]);
	return r;
}

/* Whether it can be read at all: it has a medium, and is no suspended volume, which would block. */
static bool may_be_read(struct system *sys, const char *name)
{
	char text[32];

	if (system_read(sys, text, sizeof(text), "sys/class/block/%s/size", name) <= 0 || !strcmp(text, "0\n"))
		return false;
	return system_read(sys, text, sizeof(text), "sys/class/block/%s/dm/suspended", name) <= 0 || text[0] == '0';
}

/* A partition for ZFS, by its type. */
static bool is_zfs_partition(struct system *sys, const char *name)
{
	char type[64];

	return udev_property(sys, name, "ID_PART_ENTRY_TYPE", type, sizeof(type)) &&
	       (!strcmp(type, "6a898cc3-1dd2-11b2-99a6-080020736631") || !strcmp(type, "0xbf"));
}

/*
 * udev does not see that ZFS writes a label. When zpool partitions a disk for a
 * pool, udev finds nothing in the partition, or what the disk held before. Other
 * disks are not read: they may be asleep.
 */
static bool may_be_outdated(struct system *sys, const char *name, bool has_type)
{
	char table[64];

	return has_type ? is_zfs_partition(sys, name)
			: !udev_property(sys, name, "ID_PART_TABLE_TYPE", table, sizeof(table));
}

/* What udev has found, or what the disk itself tells. */
static int read_label(struct trace *t, const char *name, struct zfs_label *ret)
{
	struct system *sys = t->sys;
	char type[64], path[NAME_SIZE + 8];
	bool has_type = udev_property(sys, name, "ID_FS_TYPE", type, sizeof(type));
	int r;

	if (has_type && !strcmp(type, "zfs_member")) {
		/* Of a label with unusual characters only the encoded property is exact. */
		if (!udev_property(sys, name, "ID_FS_LABEL_ENC", ret->pool, sizeof(ret->pool)))
			udev_property(sys, name, "ID_FS_LABEL", ret->pool, sizeof(ret->pool));
		udev_property(sys, name, "ID_FS_UUID", ret->guid, sizeof(ret->guid));
		return 1;
	}
	if (sys->offline || t->disk_hung || !may_be_outdated(sys, name, has_type) || !may_be_read(sys, name))
		return 0;
	snprintf(path, sizeof(path), "/dev/%s", name);
	for (char *c = path + 5; *c; c++)
		*c = *c == '!' ? '/' : *c;
	r = probe_in_child(path, ret);
	t->disk_hung = r == -ETIMEDOUT;
	return r > 0;
}

static int each_block(const char *name, void *data)
{
	struct trace *t = data;
	struct zfs_label label = { "", "" };
	int r;

	if (!read_label(t, name, &label))
		return 0;
	r = ARRAY_GROW(t->members, t->n_members, t->members_room);
	if (r < 0)
		return r;
	t->members[t->n_members] = (struct zfs_member){ .label = label };
	snprintf(t->members[t->n_members++].block, NAME_SIZE, "%s", name);
	return 0;
}

/* Once: thousands of filesystems may be in one pool. */
static int find_members(struct trace *t)
{
	int r;

	if (t->members_known)
		return 0;
	r = system_for_each_entry(t->sys, each_block, t, "sys/class/block");
	t->members_known = r != -ENOMEM;
	return r == -ENOMEM ? r : 0;
}

/* --- pools --- */

/*
 * Two pools may have one name: that of the host, and that of a guest on a disk of
 * its own. Only the GUID, which an imported pool has since OpenZFS 2.2, tells them
 * apart. What names no pool may be any's.
 */
static bool belongs(const struct zfs_label *label, const char *pool, const char *guid)
{
	if (guid[0] && label->guid[0])
		return !strcmp(label->guid, guid);
	return !label->pool[0] || !strcmp(label->pool, pool);
}

/* POOL is NULL: any. */
static int trace_members(struct trace *t, const char *pool)
{
	char guid[GUID_SIZE] = "";
	unsigned n = 0, loops;
	int r = find_members(t);

	if (pool && system_read(t->sys, guid, sizeof(guid), "proc/spl/kstat/zfs/%s/guid", pool) > 0)
		guid[strcspn(guid, "\n")] = '\0';
	for (size_t i = 0; i < t->n_members && r == 0; i++) {
		if (pool && !belongs(&t->members[i].label, pool, guid))
			continue;
		loops = t->n_loops;
		r = trace_block(t, t->members[i].block);
		n += t->n_loops == loops;
	}
	if (r == 0 && t->disk_hung)
		r = trace_unknown(t, "a disk that may be in a ZFS pool does not answer");
	if (r < 0 || n)
		return r;
	return trace_unknown(t, "no disk with the label of this ZFS pool is known");
}

struct slice pool_of(const char *dataset)
{
	return slice_sub(slice_of(dataset), 0, strcspn(dataset, "/@"));
}

/* POOL is NULL: any. */
static int trace_pool_once(struct trace *t, const char *pool)
{
	const struct zfs_pool *above = t->pools, here = { pool ? pool : "", above };
	int r;

	for (const struct zfs_pool *at = above; at; at = at->above)
		if (!strcmp(at->name, here.name) || !at->name[0]) {
			t->n_loops++;
			return 0;
		}
	if (t->depth >= TRACE_DEPTH_MAX)
		return trace_unknown(t, "too many layers of devices");
	t->depth++;
	t->pools = &here;
	r = trace_members(t, pool);
	t->pools = above;
	t->depth--;
	return r;
}

int trace_pool(struct trace *t, const char *dataset)
{
	char pool[POOL_SIZE];

	if (!slice_store(pool_of(dataset), pool, sizeof(pool)) || !pool[0])
		return trace_unknown(t, "this is no name of a ZFS pool");
	return trace_pool_once(t, pool);
}

int trace_zvol_link(struct trace *t, const char *link)
{
	char volume[POOL_SIZE];

	snprintf(volume, sizeof(volume), "%s", link);
	/* The name of a pool may have blanks, and no plus signs, which udev's rule puts in their place. */
	for (char *c = volume; *c && *c != '/'; c++)
		*c = *c == '+' ? ' ' : *c;
	return trace_pool(t, volume);
}

int trace_zvol(struct trace *t, const char *name)
{
	char link[POOL_SIZE];

	if (udev_link(t->sys, name, "zvol/", link, sizeof(link)))
		return trace_zvol_link(t, link);
	return trace_pool_once(t, NULL); /* It may be any pool's. */
}
