/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From file systems and files down to block devices and servers. */
#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "tool/host/mount.h"

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

static bool name_of_number(struct system *sys, dev_t number, char *to, size_t size)
{
	return major(number) &&
	       system_link_name(sys, to, size, "sys/dev/block/%u:%u", major(number), minor(number)) == 0;
}

bool mount_block_name(struct system *sys, struct libmnt_fs *fs, char *to, size_t size)
{
	const char *source = mnt_fs_get_srcpath(fs);

	/* btrfs and others have a number of their own, which is no device's. */
	return name_of_number(sys, mnt_fs_get_devno(fs), to, size) ||
	       (source && search_block_name(sys, source, to, size));
}

static int search_disk(struct search *s, struct libmnt_fs *fs, const char *type)
{
	char name[NAME_SIZE];

	if (!mount_block_name(s->sys, fs, name, sizeof(name))) {
		char why[96];

		snprintf(why, sizeof(why), "the devices below %s are not known", type);
		return search_unknown(s, why);
	}
	return !strcmp(type, "btrfs") ? search_btrfs(s, name) : search_block(s, name);
}

/* The source of bcachefs lists all of its devices. */
static int search_list(struct search *s, const char *source)
{
	struct slice rest = slice_of(source);
	int r = 0;

	while (rest.at && r == 0) {
		char path[SYSTEM_PATH_MAX], name[NAME_SIZE];

		if (!slice_store(slice_cut(&rest, ':'), path, sizeof(path)) ||
		    !search_block_name(s->sys, path, name, sizeof(name)))
			r = search_unknown(s, "one of its devices is not in sysfs");
		else
			r = search_block(s, name);
	}
	return r;
}

/* --- file systems --- */

/* In a container or in a build the path may be another system's. */
static int search_out_of_sight(struct search *s)
{
	s->out_of_sight = true;
	return search_unknown(s, "what it is made of is out of sight");
}

/* One directory of an overlay, as the option writes it. */
static int search_layer(struct search *s, struct slice dir)
{
	char path[SYSTEM_PATH_MAX];

	if (!dir.len)
		return 0;
	if (dir.at[0] != '/' || !slice_store(dir, path, sizeof(path)))
		return search_out_of_sight(s);
	return search_file(s, path);
}

static int search_overlay(struct search *s, struct libmnt_fs *fs)
{
	struct slice lower = option(fs, "lowerdir");
	int r = search_layer(s, option(fs, "upperdir"));

	if (!lower.len)
		return r < 0 ? r : search_unknown(s, "the overlay does not tell its layers");
	while (lower.at && r == 0)
		r = search_layer(s, slice_cut(&lower, ':'));
	return r;
}

int search_mount(struct search *s, struct libmnt_fs *fs)
{
	const char *type = mnt_fs_get_fstype(fs), *source = mnt_fs_get_source(fs);

	if (!type)
		return 0;
	if (IS_ONE_OF(type, "rootfs", "tmpfs", "ramfs"))
		return search_unknown(s, "it is in memory, and where it was loaded from is not known");
	if (!strcmp(type, "overlay"))
		return search_overlay(s, fs);
	if (IS_ONE_OF(type, "nfs", "nfs4", "cifs", "smb3", "ceph"))
		return search_network(s, option(fs, "addr"));
	if (!strcmp(type, "bcachefs") && source)
		return search_list(s, source);
	return search_disk(s, fs, type);
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

int search_file(struct search *s, const char *path)
{
	struct libmnt_fs *fs = mount_of(s->mounts, path);
	int r;

	if (!fs || path[0] != '/' || !s->sys->ops->exists(s->sys, path + 1))
		return search_out_of_sight(s);
	if (++s->depth > SEARCH_DEPTH_MAX)
		return search_unknown(s, "too many file systems on top of each other");
	r = search_mount(s, fs);
	s->depth--;
	return r;
}
