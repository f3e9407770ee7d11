/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/needs.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "tool/host/mount.h"
#include "tool/host/search.h"

#define TABLE_MAX (16 * 1024 * 1024)
#define NAME_SIZE 256

/* What a system needs to boot and to let people log in. */
static const char *const places[] = { "/", "/usr", "/boot", "/boot/efi", "/efi", "/var" };

/* --- what is found --- */

static struct needed_device *find(const struct host_needs *root, struct address address)
{
	for (size_t i = 0; i < root->n_devices; i++)
		if (address_compare(root->devices[i].address, address) == 0)
			return &root->devices[i];
	return NULL;
}

const struct needed_device *host_needs_at(const struct host_needs *root, struct address address)
{
	return find(root, address);
}

static void read_identity(struct system *sys, struct needed_device *device)
{
	char modalias[128];
	ssize_t n = system_read(sys, modalias, sizeof(modalias), "sys/bus/pci/devices/%s/modalias",
				address_name(device->address).at);

	if (n < 0)
		device->error = (int)-n;
	else if (!identity_from_modalias((struct slice){ modalias, (size_t)n }, &device->identity))
		device->error = EINVAL;
}

static int add_device(struct search *s, struct address address, struct needed_device **ret)
{
	struct host_needs *root = s->root;
	int r = ARRAY_GROW(root->devices, root->n_devices, root->devices_room);

	if (r < 0)
		return r;
	*ret = &root->devices[root->n_devices++];
	**ret = (struct needed_device){ .address = address };
	read_identity(s->sys, *ret);
	return 0;
}

/* WHAT is one of the parts of LIST, which stand between commas. */
static bool has_part(const char *list, const char *what)
{
	size_t len = strlen(what);

	for (const char *at = list; (at = strstr(at, what)); at++)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

int search_found(struct search *s, struct address address)
{
	struct needed_device *device = find(s->root, address);
	size_t len;
	int r = device ? 0 : add_device(s, address, &device);

	if (r < 0 || has_part(device->what, s->what))
		return r;
	len = strlen(device->what);
	/* That it is stood on matters; the tenth thing on it does not. */
	if (len + 2 + strlen(s->what) < sizeof(device->what))
		snprintf(device->what + len, sizeof(device->what) - len, "%s%s", len ? ", " : "", s->what);
	return 0;
}

/* As root.h promises; a comma stands between two of them. */
static void make_plain(char *text, bool comma)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || (*text == ',' && !comma))
			*text = '?';
}

int search_unknown(struct search *s, const char *why)
{
	struct host_needs *root = s->root;
	struct unresolved_need unknown;
	int r;

	snprintf(unknown.what, sizeof(unknown.what), "%.*s: %s", (int)sizeof(unknown.what) / 2, s->what, why);
	make_plain(unknown.what, true);
	for (size_t i = 0; i < root->n_unresolved; i++)
		if (!strcmp(root->unresolved[i].what, unknown.what))
			return 0;
	r = ARRAY_GROW(root->unresolved, root->n_unresolved, root->unresolved_room);
	if (r == 0)
		root->unresolved[root->n_unresolved++] = unknown;
	return r;
}

void search_begin(struct search *s, const char *purpose, struct slice on)
{
	snprintf(s->what, sizeof(s->what), "%s on %.*s", purpose, on.len > 100 ? 100 : (int)on.len,
		 on.len ? on.at : "");
	make_plain(s->what, false);
	s->depth = 0;
}

/* --- mount tables --- */

/* A line that makes no sense is one that is not there. */
static int ignore_line(struct libmnt_table *table, const char *file, int line)
{
	(void)table;
	(void)file;
	(void)line;
	return 1;
}

/* Nobody knows what is in a table that is there. */
static int unreadable_table(struct search *s, const char *path, int error)
{
	char why[64];

	snprintf(s->what, sizeof(s->what), "the host, as /%s has it", path);
	snprintf(why, sizeof(why), "it cannot be read (%s)", errno_name(error));
	return search_unknown(s, why);
}

/* libmount reads what the door hands out. 0 or -ENOMEM; TABLE is empty where there is no such file. */
static int load_table(struct search *s, const char *path, struct libmnt_table *table)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *file;
	int r = s->sys->ops->read_all(s->sys, path, TABLE_MAX, &bytes, &len);

	if (r < 0 && r != -ENOENT && r != -ENOMEM)
		return unreadable_table(s, path, r);
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

static int load_tables(struct search *s, struct tables *tables)
{
	int r;

	tables->mounts = mnt_new_table();
	tables->swaps = mnt_new_table();
	tables->fstab = mnt_new_table();
	if (!tables->mounts || !tables->swaps || !tables->fstab)
		return -ENOMEM;
	r = load_table(s, "proc/self/mountinfo", tables->mounts);
	r = r < 0 ? r : load_table(s, "proc/swaps", tables->swaps);
	return r < 0 ? r : load_table(s, "etc/fstab", tables->fstab);
}

static void free_tables(struct tables *tables)
{
	mnt_unref_table(tables->mounts);
	mnt_unref_table(tables->swaps);
	mnt_unref_table(tables->fstab);
}

/* --- as it is mounted now --- */

static int search_places(struct search *s)
{
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(places) && r == 0; i++) {
		struct libmnt_fs *fs = mount_at(s->mounts, places[i]);
		char name[NAME_SIZE];
		const char *source;

		if (!fs)
			continue;
		source = mnt_fs_get_source(fs);
		if (mount_block_name(s->sys, fs, name, sizeof(name)))
			source = name;
		search_begin(s, places[i], slice_of(source ? source : "?"));
		r = search_mount(s, fs);
	}
	return r;
}

static int search_swap(struct search *s, struct libmnt_fs *fs)
{
	const char *source = mnt_fs_get_source(fs), *type = mnt_fs_get_swaptype(fs);
	char name[NAME_SIZE];

	if (!source)
		return 0;
	if (type && !strcmp(type, "file")) {
		search_begin(s, "swap", slice_of(source));
		return search_file(s, source);
	}
	if (!search_block_name(s->sys, source, name, sizeof(name))) {
		search_begin(s, "swap", slice_of(source));
		return search_unknown(s, "it is not in sysfs");
	}
	search_begin(s, "swap", slice_of(name));
	return search_block(s, name);
}

static int search_swaps(struct search *s, struct libmnt_table *swaps)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(swaps, iter, &fs) == 0)
		r = search_swap(s, fs);
	mnt_free_iter(iter);
	return r;
}

/* Where the kernel looks for the image of a hibernated system: MAJOR:MINOR. */
static int search_resume(struct search *s)
{
	char number[32], name[NAME_SIZE];

	if (system_read(s->sys, number, sizeof(number), "sys/power/resume") <= 0)
		return 0;
	number[strcspn(number, "\n")] = '\0';
	if (system_link_name(s->sys, name, sizeof(name), "sys/dev/block/%s", number) < 0)
		return 0;
	search_begin(s, "hibernation", slice_of(name));
	return search_block(s, name);
}

/* --- as fstab says --- */

/* These name one device in the world; /dev/sda or a label may name another on the machine that makes an image. */
static bool is_unique(const char *source)
{
	static const char *const prefixes[] = { "UUID=", "PARTUUID=", "/dev/disk/by-uuid/", "/dev/disk/by-partuuid/",
						"/dev/disk/by-id/" };

	for (size_t i = 0; i < COUNT_OF(prefixes); i++)
		if (!strncmp(source, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* TAG=VALUE as udev's link; anything else as it is. */
static void path_of_source(const char *source, char *to, size_t size)
{
	static const struct {
		const char *tag, *dir;
	} tags[] = {
		{ "UUID=", "by-uuid" },
		{ "PARTUUID=", "by-partuuid" },
		{ "LABEL=", "by-label" },
		{ "PARTLABEL=", "by-partlabel" },
	};

	for (size_t i = 0; i < COUNT_OF(tags); i++)
		if (!strncmp(source, tags[i].tag, strlen(tags[i].tag))) {
			snprintf(to, size, "/dev/disk/%s/%s", tags[i].dir, source + strlen(tags[i].tag));
			return;
		}
	snprintf(to, size, "%s", source);
}

static const char *purpose_of(struct libmnt_fs *fs)
{
	const char *target = mnt_fs_get_target(fs);

	if (mnt_fs_is_swaparea(fs))
		return "swap";
	for (size_t i = 0; target && i < COUNT_OF(places); i++)
		if (!strcmp(target, places[i]))
			return places[i];
	return NULL;
}

/* What is not there is not this machine's. */
static int search_entry(struct search *s, struct libmnt_fs *fs, bool at_home)
{
	const char *source = mnt_fs_get_source(fs), *purpose = purpose_of(fs), *type = mnt_fs_get_fstype(fs);
	char path[SYSTEM_PATH_MAX], name[NAME_SIZE];

	if (!source || !purpose || (!at_home && !is_unique(source)))
		return 0;
	path_of_source(source, path, sizeof(path));
	if (!search_block_name(s->sys, path, name, sizeof(name)))
		return 0;
	search_begin(s, purpose, slice_of(name));
	return type && !strcmp(type, "btrfs") ? search_btrfs(s, name) : search_block(s, name);
}

static int search_fstab(struct search *s, struct libmnt_table *fstab, bool at_home)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(fstab, iter, &fs) == 0)
		r = search_entry(s, fs, at_home);
	mnt_free_iter(iter);
	return r;
}

/* --- all of it --- */

/*
 * An image may be made for another machine: in a container, in a directory that
 * is packed into an image later, on a build host. What is below that root is
 * the builder's business. A rescue system that has the machine's own disk
 * mounted and changed into is no such case: there the mount table says so.
 */
static bool is_directory(struct libmnt_fs *fs)
{
	const char *dir = fs ? mnt_fs_get_root(fs) : NULL, *type = fs ? mnt_fs_get_fstype(fs) : NULL;

	/* btrfs boots from subvolumes, and OSTree from a directory of its own. */
	return dir && type && strcmp(dir, "/") && strcmp(type, "btrfs") && strncmp(dir, "/ostree/", 8);
}

static const char *find_elsewhere(struct system *sys, struct libmnt_table *mounts)
{
	static const char *const containers[] = { "run/systemd/container", "run/host/container-manager", ".dockerenv",
						  "run/.containerenv" };

	for (size_t i = 0; i < COUNT_OF(containers); i++)
		if (system_exists(sys, "%s", containers[i]))
			return "it is in a container";
	if (!system_exists(sys, "sys/class/block"))
		return "there is no /sys to tell its devices";
	if (is_directory(mount_at(mounts, "/")))
		return "it is a directory of another system";
	return NULL;
}

/* The mount table tells of a system that boots from here, whether or not its disks are known. */
static bool is_at_home(struct search *s)
{
	struct libmnt_fs *fs = mount_at(s->mounts, "/");
	const char *type = fs ? mnt_fs_get_fstype(fs) : NULL;
	char name[NAME_SIZE];

	if (s->root->n_devices)
		return true;
	return type && strcmp(type, "overlay") && strcmp(type, "tmpfs") && strcmp(type, "ramfs") &&
	       !mount_block_name(s->sys, fs, name, sizeof(name));
}

static int compare_devices(const void *a, const void *b)
{
	const struct needed_device *da = a, *db = b;

	return address_compare(da->address, db->address);
}

static int search_everything(struct search *s, const struct tables *tables)
{
	bool at_home;
	int r = search_places(s);

	/* An overlay or an image whose parts are another system's. */
	if (r == 0 && s->out_of_sight && !s->root->n_devices) {
		s->root->foreign_root = "what it is made of is out of sight";
		s->root->n_unresolved = 0;
		return 0;
	}
	at_home = is_at_home(s);
	/* Swap is the running kernel's, whoever's root this is. */
	r = r < 0 || !at_home ? r : search_swaps(s, tables->swaps);
	r = r < 0 || !at_home ? r : search_resume(s);
	return r < 0 ? r : search_fstab(s, tables->fstab, at_home);
}

int host_needs_find(struct system *sys, struct host_needs *root)
{
	struct search search = { .sys = sys, .root = root };
	struct tables tables = { NULL, NULL, NULL };
	int r;

	*root = (struct host_needs){ .n_devices = 0 };
	r = load_tables(&search, &tables);
	search.mounts = tables.mounts;
	if (r == 0)
		root->foreign_root = find_elsewhere(sys, tables.mounts);
	if (root->foreign_root)
		root->n_unresolved = 0;
	else if (r == 0)
		r = search_everything(&search, &tables);
	if (r == 0 && !root->n_devices && !root->n_unresolved && !mount_at(tables.mounts, "/"))
		root->foreign_root = "nothing is mounted on /";
	free_tables(&tables);
	if (root->n_devices > 1)
		qsort(root->devices, root->n_devices, sizeof(root->devices[0]), compare_devices);
	return r;
}

void host_needs_done(struct host_needs *root)
{
	free(root->devices);
	free(root->unresolved);
	*root = (struct host_needs){ .n_devices = 0 };
}
