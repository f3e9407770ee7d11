/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/mount.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "tool/host/block.h"
#include "tool/host/network.h"
#include "tool/host/zfs.h"

#define NAME_SIZE 256

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

#define IS_ONE_OF(word, ...)                                                                                           \
	is_one_of(word, (const char *const[]){ __VA_ARGS__ }, COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

static struct slice option(struct libmnt_fs *fs, const char *name)
{
	struct slice value = { NULL, 0 };
	char *at = NULL;
	size_t len = 0;

	if (mnt_fs_get_option(fs, name, &at, &len) == 0)
		value = (struct slice){ at, len };
	return value;
}

/* --- block devices --- */

bool mount_block_name(struct system *sys, struct libmnt_fs *fs, char *to, size_t size)
{
	const char *source = mnt_fs_get_srcpath(fs);
	dev_t number = mnt_fs_get_devno(fs);

	/* btrfs and others have a number of their own, which is no device's. */
	if (major(number) && system_link_name(sys, to, size, "sys/dev/block/%u:%u", major(number), minor(number)) == 0)
		return true;
	return source && block_name(sys, source, to, size);
}

static int trace_disk(struct trace *t, struct libmnt_fs *fs, const char *type)
{
	char name[NAME_SIZE];

	if (!mount_block_name(t->sys, fs, name, sizeof(name))) {
		char why[96];

		snprintf(why, sizeof(why), "%s cannot be traced", type);
		return trace_unknown(t, why);
	}
	return !strcmp(type, "btrfs") ? trace_btrfs(t, name) : trace_block(t, name);
}

/* The source of bcachefs lists all of its devices. */
static int trace_list(struct trace *t, const char *source)
{
	struct slice rest = slice_of(source);
	int r = 0;

	while (rest.at && r == 0) {
		char path[SYSTEM_PATH_MAX], name[NAME_SIZE];

		if (!slice_store(slice_cut(&rest, ':'), path, sizeof(path)) ||
		    !block_name(t->sys, path, name, sizeof(name)))
			r = trace_unknown(t, "one of its devices is not in sysfs");
		else
			r = trace_block(t, name);
	}
	return r;
}

/* --- file systems --- */

/* In a container or in a build the path may be another system's. */
static int trace_not_visible(struct trace *t)
{
	t->not_visible = true;
	return trace_unknown(t, "its parts are not visible here");
}

/* One directory of an overlay, as the option writes it. */
static int trace_layer(struct trace *t, struct slice dir)
{
	char path[SYSTEM_PATH_MAX];

	if (!dir.len)
		return 0;
	if (dir.at[0] != '/' || !slice_store(dir, path, sizeof(path)))
		return trace_not_visible(t);
	return trace_file(t, path);
}

static int trace_overlay(struct trace *t, struct libmnt_fs *fs)
{
	struct slice lower = option(fs, "lowerdir");
	int r = trace_layer(t, option(fs, "upperdir"));

	if (!lower.len)
		return r < 0 ? r : trace_unknown(t, "the layers of the overlay are unknown");
	while (lower.at && r == 0)
		r = trace_layer(t, slice_cut(&lower, ':'));
	return r;
}

int trace_mount(struct trace *t, struct libmnt_fs *fs)
{
	const char *type = mnt_fs_get_fstype(fs), *source = mnt_fs_get_source(fs);

	if (!type)
		return 0;
	if (IS_ONE_OF(type, "rootfs", "tmpfs", "ramfs"))
		return trace_unknown(t, "it is in memory, and its source is unknown");
	if (!strcmp(type, "overlay"))
		return trace_overlay(t, fs);
	if (IS_ONE_OF(type, "nfs", "nfs4", "cifs", "smb3", "ceph"))
		return trace_network(t, option(fs, "addr"));
	if (!strcmp(type, "zfs") && source)
		return trace_pool(t, source);
	if (!strcmp(type, "bcachefs") && source)
		return trace_list(t, source);
	return trace_disk(t, fs, type);
}

void mount_begin(struct trace *t, enum need_kind kind, const char *purpose, struct libmnt_fs *fs)
{
	const char *source = mnt_fs_get_source(fs), *type = mnt_fs_get_fstype(fs);
	char name[NAME_SIZE], known[NAME_SIZE];
	struct slice on = slice_of(source ? source : "?");

	if (type && source && !strcmp(type, "zfs")) {
		on = pool_of(source);
	} else if (mount_block_name(t->sys, fs, name, sizeof(name))) {
		block_known_name(t->sys, name, known, sizeof(known));
		on = slice_of(known);
	}
	trace_begin(t, kind, purpose, on);
}

struct libmnt_fs *mount_at(struct libmnt_table *mounts, const char *target)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs, *found = NULL;

	/* What was mounted last lies on top; an automount point is below what it mounts. */
	while (iter && mnt_table_next_fs(mounts, iter, &fs) == 0) {
		const char *at = mnt_fs_get_target(fs), *type = mnt_fs_get_fstype(fs);

		if (at && type && !strcmp(at, target) && strcmp(type, "autofs") != 0)
			found = fs;
	}
	mnt_free_iter(iter);
	return found;
}

/* --- files --- */

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strcmp(dir, "/") || (!strncmp(path, dir, len) && (path[len] == '/' || !path[len]));
}

static struct libmnt_fs *mount_of(struct libmnt_table *mounts, const char *path)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs, *found = NULL;
	size_t longest = 0;

	while (iter && mnt_table_next_fs(mounts, iter, &fs) == 0) {
		const char *at = mnt_fs_get_target(fs), *type = mnt_fs_get_fstype(fs);

		if (!at || !type || !strcmp(type, "autofs") || !is_below(path, at) || strlen(at) < longest)
			continue;
		longest = strlen(at);
		found = fs;
	}
	mnt_free_iter(iter);
	return found;
}

int trace_file(struct trace *t, const char *path)
{
	struct libmnt_fs *fs = mount_of(t->mounts, path);
	int r;

	if (!fs || path[0] != '/' || !t->sys->ops->exists(t->sys, path + 1))
		return trace_not_visible(t);
	if (t->depth >= TRACE_DEPTH_MAX)
		return trace_unknown(t, "too many layers of file systems");
	t->depth++;
	r = trace_mount(t, fs);
	t->depth--;
	return r;
}
