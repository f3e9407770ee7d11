/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/needs.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "tool/host/block.h"
#include "tool/host/fstab.h"
#include "tool/host/keyboard.h"
#include "tool/host/mount.h"
#include "tool/host/network.h"
#include "tool/host/trace.h"
#include "tool/host/uses.h"

#define TABLE_MAX (16 * 1024 * 1024)
#define NAME_SIZE 256

/* --- mount tables --- */

/* A line that makes no sense is one that is not there. */
static int ignore_line(struct libmnt_table *table, const char *file, int line)
{
	(void)table;
	(void)file;
	(void)line;
	return 1;
}

/* libmount parses what SYS reads. 0 or -ENOMEM; TABLE is empty where there is no such file. */
static int load_table(struct trace *t, const char *path, struct libmnt_table *table)
{
	char *bytes = NULL, why[64];
	size_t len = 0;
	FILE *file;
	int r = t->sys->ops->read_all(t->sys, path, TABLE_MAX, &bytes, &len);

	if (r < 0 && r != -ENOENT && r != -ENOMEM) {
		snprintf(t->what, sizeof(t->what), "/%s", path);
		snprintf(why, sizeof(why), "cannot be read (%s)", errno_name(r));
		return trace_unknown(t, why);
	}
	if (r < 0 || !len) {
		free(bytes);
		return r == -ENOMEM ? r : 0;
	}
	mnt_table_set_parser_errcb(table, ignore_line);
	file = fmemopen(bytes, len, "r");
	r = file ? mnt_table_parse_stream(table, file, path) : -ENOMEM;
	if (file)
		fclose(file);
	free(bytes);
	return r == -ENOMEM ? r : 0;
}

struct tables {
	struct libmnt_table *mounts, *swaps, *fstab;
};

static int load_tables(struct trace *t, struct tables *tables)
{
	int r;

	tables->mounts = mnt_new_table();
	tables->swaps = mnt_new_table();
	tables->fstab = mnt_new_table();
	if (!tables->mounts || !tables->swaps || !tables->fstab)
		return -ENOMEM;
	r = load_table(t, "proc/self/mountinfo", tables->mounts);
	r = r < 0 ? r : load_table(t, "proc/swaps", tables->swaps);
	return r < 0 ? r : load_table(t, "etc/fstab", tables->fstab);
}

/* --- as it is mounted now --- */

static int trace_places(struct trace *t)
{
	int r = 0;

	for (size_t i = 0; root_places[i] && r == 0; i++) {
		struct libmnt_fs *fs = mount_at(t->mounts, root_places[i]);

		if (!fs)
			continue;
		mount_begin(t, NEED_ROOT, root_places[i], fs);
		r = trace_mount(t, fs);
	}
	return r;
}

static int trace_swap(struct trace *t, struct libmnt_fs *fs)
{
	const char *source = mnt_fs_get_source(fs), *type = mnt_fs_get_swaptype(fs);
	char name[NAME_SIZE], known[NAME_SIZE];

	if (!source)
		return 0;
	trace_begin(t, NEED_ROOT, "swap", slice_of(source));
	if (type && !strcmp(type, "file"))
		return trace_file(t, source);
	if (!block_name(t->sys, source, name, sizeof(name)))
		return trace_unknown(t, "it is not in sysfs");
	block_known_name(t->sys, name, known, sizeof(known));
	trace_begin(t, NEED_ROOT, "swap", slice_of(known));
	return trace_block(t, name);
}

static int trace_swaps(struct trace *t, struct libmnt_table *swaps)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(swaps, iter, &fs) == 0)
		r = trace_swap(t, fs);
	mnt_free_iter(iter);
	return r;
}

/* Where the kernel looks for the image of a hibernated system: MAJOR:MINOR. */
static int trace_resume(struct trace *t)
{
	char number[32], name[NAME_SIZE], known[NAME_SIZE];

	if (system_read(t->sys, number, sizeof(number), "sys/power/resume") <= 0)
		return 0;
	number[strcspn(number, "\n")] = '\0';
	if (system_link_name(t->sys, name, sizeof(name), "sys/dev/block/%s", number) < 0)
		return 0;
	block_known_name(t->sys, name, known, sizeof(known));
	trace_begin(t, NEED_ROOT, "hibernation", slice_of(known));
	return trace_block(t, name);
}

/* --- all of it --- */

/*
 * Why the root is not that of a machine that boots, or NULL. An image may be
 * made for another machine: in a container, in a directory that is packed into
 * an image later, on a build host. What is below that root is the builder's
 * business. In a rescue system that has the machine's own disk mounted and
 * changed into, the mount table shows the disk.
 */
static const char *find_foreign_root(struct system *sys, struct libmnt_table *mounts)
{
	static const char *const containers[] = { "run/systemd/container", "run/host/container-manager", ".dockerenv",
						  "run/.containerenv" };
	struct libmnt_fs *fs = mount_at(mounts, "/");
	const char *dir = fs ? mnt_fs_get_root(fs) : NULL, *type = fs ? mnt_fs_get_fstype(fs) : NULL;

	for (size_t i = 0; i < COUNT_OF(containers); i++)
		if (system_exists(sys, "%s", containers[i]))
			return "the root is that of a container";
	if (!system_exists(sys, "sys/class/block"))
		return "/sys has no block devices, as in a chroot";
	/* btrfs boots from subvolumes, and OSTree from a directory of its own. */
	if (dir && type && strcmp(dir, "/") && strcmp(type, "btrfs") && strncmp(dir, "/ostree/", 8))
		return "the root is a directory of another system, as in a chroot";
	return NULL;
}

/* The mount table is that of a system that boots from here, whether or not its disks are known. */
static bool is_own_root(struct trace *t)
{
	struct libmnt_fs *fs = mount_at(t->mounts, "/");
	const char *type = fs ? mnt_fs_get_fstype(fs) : NULL;
	char name[NAME_SIZE];

	if (t->needs->n_devices)
		return true;
	return type && strcmp(type, "overlay") && strcmp(type, "tmpfs") && strcmp(type, "ramfs") &&
	       !mount_block_name(t->sys, fs, name, sizeof(name));
}

static int compare_devices(const void *a, const void *b)
{
	const struct needed_device *da = a, *db = b;

	return address_compare(da->address, db->address);
}

/* The reasons that weigh most come first: a device has the kind of its first one. */
static int trace_everything(struct trace *t, const struct tables *tables)
{
	bool own_root;
	int r = trace_places(t);

	/* An overlay or an image whose parts are another system's. */
	if (r == 0 && t->not_visible && !t->needs->n_devices) {
		t->needs->foreign_root = "parts of the root are not visible, as in a container";
		t->needs->n_unresolved = 0;
		return 0;
	}
	own_root = is_own_root(t);
	/* Swap is the running kernel's, whichever root this is. */
	r = r < 0 || !own_root ? r : trace_swaps(t, tables->swaps);
	r = r < 0 || !own_root ? r : trace_resume(t);
	r = r < 0 ? r : trace_fstab(t, tables->fstab, own_root);
	r = r < 0 || !own_root ? r : trace_crypttab(t);
	/* The network and the keyboard are the running machine's. */
	if (!mount_at(t->mounts, "/"))
		return r;
	r = r < 0 ? r : trace_default_route(t);
	return r < 0 ? r : trace_keyboard(t);
}

int host_needs_find(struct system *sys, bool uses, struct host_needs *needs)
{
	struct trace trace = { .sys = sys, .needs = needs, .file = trace_file };
	struct tables tables = { NULL, NULL, NULL };
	int r;

	*needs = (struct host_needs){ .n_devices = 0 };
	r = load_tables(&trace, &tables);
	trace.mounts = tables.mounts;
	if (r == 0)
		needs->foreign_root = find_foreign_root(sys, tables.mounts);
	if (needs->foreign_root)
		needs->n_unresolved = 0;
	else if (r == 0)
		r = trace_everything(&trace, &tables);
	if (r == 0 && !needs->n_devices && !needs->n_unresolved && !mount_at(tables.mounts, "/"))
		needs->foreign_root = "nothing is mounted on /, as in a chroot";
	if (r == 0 && uses && !needs->foreign_root)
		r = trace_uses(&trace);
	mnt_unref_table(tables.mounts);
	mnt_unref_table(tables.swaps);
	mnt_unref_table(tables.fstab);
	free(trace.volumes);
	free(trace.members);
	if (needs->n_devices > 1)
		qsort(needs->devices, needs->n_devices, sizeof(needs->devices[0]), compare_devices);
	return r;
}

const struct needed_device *host_needs_at(const struct host_needs *needs, struct address address)
{
	for (size_t i = 0; i < needs->n_devices; i++)
		if (address_compare(needs->devices[i].address, address) == 0)
			return &needs->devices[i];
	return NULL;
}

void host_needs_done(struct host_needs *needs)
{
	free(needs->devices);
	free(needs->unresolved);
	*needs = (struct host_needs){ .n_devices = 0 };
}
