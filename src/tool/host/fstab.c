/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/fstab.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/errno_name.h"
#include "config/cmdline.h"
#include "tool/host/block.h"
#include "tool/host/mount.h"
#include "tool/host/zfs.h"

#define NAME_SIZE 256
#define CRYPTTAB_MAX (1024 * 1024)

/* What a system needs to boot and to let people log in. */
const char *const root_places[] = { "/", "/usr", "/boot", "/boot/efi", "/efi", "/var", NULL };

/* --- fstab --- */

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

static bool has_option(struct libmnt_fs *fs, const char *name)
{
	char *value;
	size_t len;

	return mnt_fs_get_option(fs, name, &value, &len) == 0;
}

/* A boot neither fails nor stops without it. A network filesystem's server is no device. */
static bool is_optional(struct libmnt_fs *fs)
{
	static const char *const options[] = { "nofail", "noauto", "_netdev", "x-systemd.automount" };

	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (has_option(fs, options[i]))
			return true;
	return mnt_fs_is_netfs(fs) || mnt_fs_is_pseudofs(fs);
}

static const char *root_purpose(struct libmnt_fs *fs)
{
	const char *target = mnt_fs_get_target(fs);

	if (mnt_fs_is_swaparea(fs))
		return "swap";
	for (size_t i = 0; target && root_places[i]; i++)
		if (!strcmp(target, root_places[i]))
			return root_places[i];
	return NULL;
}

static int trace_entry(struct trace *t, struct libmnt_fs *fs, bool own_root)
{
	const char *source = mnt_fs_get_source(fs), *purpose = root_purpose(fs), *type = mnt_fs_get_fstype(fs);
	const char *volume = "/dev/zvol/";
	enum need_kind kind = purpose ? NEED_ROOT : NEED_MOUNT;
	char name[NAME_SIZE], known[NAME_SIZE];

	if (!source || (!own_root && !is_unique(source)) || (!purpose && is_optional(fs)))
		return 0;
	if (!purpose)
		purpose = mnt_fs_get_target(fs);
	if (!purpose)
		return 0;
	if (type && !strcmp(type, "zfs")) {
		trace_begin(t, kind, purpose, pool_of(source));
		return trace_pool(t, source);
	}
	if (block_of_source(t->sys, source, name, sizeof(name))) {
		block_known_name(t->sys, name, known, sizeof(known));
		trace_begin(t, kind, purpose, slice_of(known));
		return type && !strcmp(type, "btrfs") ? trace_btrfs(t, name) : trace_block(t, name);
	}
	if (strncmp(source, volume, strlen(volume)))
		return 0;
	trace_begin(t, kind, purpose, pool_of(source + strlen(volume)));
	return trace_zvol_link(t, source + strlen(volume));
}

int trace_fstab(struct trace *t, struct libmnt_table *fstab, bool own_root)
{
	int r = 0;

	/* A device has the reason that weighs most, whatever the order of the lines. */
	for (int root = 1; root >= 0 && r == 0; root--) {
		struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
		struct libmnt_fs *fs;

		r = iter ? 0 : -ENOMEM;
		while (r == 0 && mnt_table_next_fs(fstab, iter, &fs) == 0)
			if ((root_purpose(fs) != NULL) == root)
				r = trace_entry(t, fs, own_root);
		mnt_free_iter(iter);
	}
	return r;
}

/* --- crypttab --- */

struct volume {
	struct slice name, source, key, options;
};

/* Whether the comma-separated OPTIONS has NAME, or NAME=VALUE. */
static bool has_word(struct slice options, const char *name)
{
	while (options.at) {
		struct slice word = slice_cut(&options, ',');

		if (slice_is(slice_cut(&word, '='), name))
			return true;
	}
	return false;
}

/* A hardware token or a program has the key. */
static bool is_token(struct slice option)
{
	static const char *const tokens[] = { "tpm2-device", "fido2-device", "pkcs11-uri", "keyscript" };

	for (size_t i = 0; i < COUNT_OF(tokens); i++)
		if (slice_is(option, tokens[i]))
			return true;
	return false;
}

/* A key file of "none" or "-" is none. */
static bool asks_for_passphrase(const struct volume *volume)
{
	struct slice options = volume->options;

	while (options.at) {
		struct slice word = slice_cut(&options, ',');

		if (is_token(slice_cut(&word, '=')))
			return false;
	}
	return !volume->key.len || slice_is(volume->key, "none") || slice_is(volume->key, "-");
}

static bool is_waited_for(const struct volume *volume)
{
	return !has_word(volume->options, "nofail") && !has_word(volume->options, "noauto") &&
	       !has_word(volume->options, "_netdev");
}

/* The next volume of crypttab; false at its end. */
static bool next_volume(struct slice *rest, struct volume *ret)
{
	while (rest->at) {
		struct slice line = slice_cut(rest, '\n');

		*ret = (struct volume){ .name = slice_word(&line) };
		ret->source = slice_word(&line);
		ret->key = slice_word(&line);
		ret->options = slice_word(&line);
		if (ret->source.len && ret->name.at[0] != '#')
			return true;
	}
	return false;
}

/* A device that is not present is not this machine's. FOUND: it is. */
static int trace_source(struct trace *t, const char *purpose, struct slice source, bool *found)
{
	char path[SYSTEM_PATH_MAX], name[NAME_SIZE];

	*found = false;
	if (!slice_store(source, path, sizeof(path)) || !block_of_source(t->sys, path, name, sizeof(name)))
		return 0;
	*found = true;
	trace_begin(t, NEED_MOUNT, purpose, slice_of(name));
	return trace_block(t, name);
}

/* A key is a file; or, for systemd, PATH:DEVICE; or, for Debian's passdev, DEVICE:PATH[:SECONDS]. */
static int trace_key(struct trace *t, const struct volume *volume)
{
	struct slice rest = volume->key;
	char purpose[NAME_SIZE], path[SYSTEM_PATH_MAX];
	bool found;
	int r = 0;

	snprintf(purpose, sizeof(purpose), "key of %.*s", volume->name.len > 64 ? 64 : (int)volume->name.len,
		 volume->name.at);
	if (slice_starts(volume->key, "/") && !slice_starts(volume->key, "/dev/") &&
	    slice_store(volume->key, path, sizeof(path)) && t->sys->ops->exists(t->sys, path + 1)) {
		trace_begin(t, NEED_MOUNT, purpose, slice_of(path));
		return trace_file(t, path);
	}
	while (rest.at && r == 0)
		r = trace_source(t, purpose, slice_cut(&rest, ':'), &found);
	return r;
}

static int read_crypttab(struct trace *t, char **ret, size_t *ret_len)
{
	int r = t->sys->ops->read_all(t->sys, "etc/crypttab", CRYPTTAB_MAX, ret, ret_len);
	char why[64];

	if (r == 0 || r == -ENOMEM)
		return r;
	*ret = NULL;
	*ret_len = 0;
	if (r == -ENOENT)
		return 0;
	trace_begin(t, NEED_MOUNT, "/etc/crypttab", (struct slice){ NULL, 0 });
	snprintf(why, sizeof(why), "cannot be read (%s)", errno_name(r));
	return trace_unknown(t, why);
}

int trace_crypttab(struct trace *t)
{
	struct volume volume;
	char *bytes = NULL;
	struct slice rest;
	size_t len = 0;
	int r = read_crypttab(t, &bytes, &len);

	rest = (struct slice){ bytes, len };
	t->only_new = true;
	while (r == 0 && next_volume(&rest, &volume)) {
		char name[VOLUME_NAME_SIZE];
		bool found;

		if (!is_waited_for(&volume) || !slice_store(volume.name, name, sizeof(name)))
			continue;
		r = trace_source(t, name, volume.source, &found);
		r = r < 0 || !found ? r : trace_key(t, &volume);
		r = r < 0 || !found ? r : trace_volume(t, name);
	}
	t->only_new = false;
	free(bytes);
	return r;
}

/* Without an entry, the initramfs knows the volume from the kernel command line. */
static bool cmdline_has_key(struct slice cmdline)
{
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value)) {
		if (slice_is(name, "rd.luks.key") || slice_is(name, "cryptkey"))
			return true;
		if (!slice_is(name, "rd.luks.options"))
			continue;
		/* It may begin with UUID=. */
		while (value.at) {
			struct slice word = slice_cut(&value, ',');

			while (word.at)
				if (is_token(slice_cut(&word, '=')))
					return true;
		}
	}
	return false;
}

bool find_passphrase(struct trace *t, struct slice cmdline, char *name, size_t size)
{
	char *bytes = NULL;
	size_t len = 0;
	bool found = false;

	if (t->sys->ops->read_all(t->sys, "etc/crypttab", CRYPTTAB_MAX, &bytes, &len) < 0)
		len = 0;
	for (size_t i = 0; i < t->n_volumes && !found; i++) {
		struct slice rest = { bytes, len };
		struct volume volume;
		bool listed = false;

		while (!listed && next_volume(&rest, &volume))
			listed = slice_is(volume.name, t->volumes[i].at);
		found = listed ? asks_for_passphrase(&volume) : !cmdline_has_key(cmdline);
		if (found)
			snprintf(name, size, "%s", t->volumes[i].at);
	}
	free(bytes);
	return found;
}
