/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which settings of other tools there are, and which tool a given file belongs to. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/predict.h"
#include "tool/import/import.h"
#include "tool/inspect/other_binders.h"
#include "tool/output/path.h"
#include "tool/output/usage.h"

#define SETTINGS_MAX (256 * 1024)
#define UNRAID_FILE "boot/config/vfio-pci.cfg"

/* The whole of PATH; RET is the caller's. 0 or a negative errno. */
static int read_text(struct system *sys, const char *path, char **ret, struct slice *ret_text)
{
	int r = sys->ops->read_all(sys, path, SETTINGS_MAX, ret, &ret_text->len);

	ret_text->at = *ret;
	return r;
}

static int cannot_read(struct import *import, int error)
{
	import_unreadable(import, error);
	return error == -ENOMEM ? error : 0;
}

/* The first line that is neither empty nor a comment: it tells what a file is. */
static struct slice first_line(struct slice text)
{
	while (text.at) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (line.len && line.at[0] != '#')
			return line;
	}
	return (struct slice){ "", 0 };
}

/* A line of TEXT, comments apart, has a parameter of the kernel command line that names devices. */
static bool has_parameter(struct slice text)
{
	static const char *const names[] = { "vfio-pci.ids=", "vfio_pci.ids=", "rd.qubes.hide_pci=" };

	while (text.at) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (!line.len || line.at[0] == '#')
			continue;
		for (size_t i = 0; i < line.len; i++)
			for (size_t j = 0; j < COUNT_OF(names); j++)
				if (slice_starts(slice_sub(line, i, line.len), names[j]))
					return true;
	}
	return false;
}

static bool is_modprobe_word(struct slice word)
{
	static const char *const words[] = { "options", "alias", "blacklist", "install", "remove", "softdep" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

static int import_text(struct import *import, const char *path, struct slice text)
{
	struct slice first = first_line(text), rest = first, word = slice_word(&rest);
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct address address;
	bool found;
	int r;

	if (slice_starts(slice_of(name), "pci-") && address_from_name(slice_of(name + 4), &address))
		return import_driverctl(import, name, text);
	if (slice_starts(first, "BIND=") || slice_starts(first, "VFS="))
		return import_unraid(import, text);
	if (has_parameter(text))
		return import_boot_loader(import, text);
	if (word.len && word.len == first.len)
		return import_addresses(import, text);
	if (!is_modprobe_word(word)) {
		import_cannot(import, first, "not a setting that binds devices to VFIO; see `earlybind import --help`");
		return 0;
	}
	r = import_modprobe(import, path, true, &found);
	if (r == 0 && !found)
		import_cannot(import, slice_of("options vfio-pci"), "this file has no such line with ids=");
	return r;
}

int import_file(struct import *import, const char *path)
{
	CLEANUP(free_string) char *bytes = NULL;
	char whole[PATH_MAX];
	struct system sys;
	struct slice text;
	int r;

	import_from(import, path);
	if (!realpath(path, whole))
		return cannot_read(import, -errno);
	r = system_open(&sys, "/");
	if (r < 0)
		return cannot_read(import, r);
	r = read_text(&sys, whole + 1, &bytes, &text);
	system_close(&sys);
	return r < 0 ? cannot_read(import, r) : import_text(import, path, text);
}

struct override {
	struct import *import;
	char **names;
	size_t n, room;
};

static int add_override(const char *name, void *data)
{
	struct override *override = data;

	return import_keep(&override->names, &override->n, &override->room, name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int import_overrides(struct import *import)
{
	struct override override = { .import = import };
	int r = system_for_each_entry(&import->devices.sys, add_override, &override, "etc/driverctl.d");

	r = r == -ENOENT ? 0 : r;
	if (override.n)
		qsort(override.names, override.n, sizeof(override.names[0]), compare_names);
	for (size_t i = 0; i < override.n; i++) {
		CLEANUP(free_string) char *name = override.names[i], *bytes = NULL;
		char path[SYSTEM_PATH_MAX];
		struct slice text;

		if (r < 0)
			continue;
		snprintf(path, sizeof(path), "/etc/driverctl.d/%s", name);
		import_from(import, path);
		r = read_text(&import->devices.sys, path + 1, &bytes, &text);
		r = r < 0 ? cannot_read(import, r) : import_driverctl(import, name, text);
	}
	free(override.names);
	return r;
}

/* A form that holds no list of devices. */
static int on_form(void *data, const char *file, const char *what)
{
	struct import *import = data;

	import_from(import, file);
	import_cannot(import, slice_of(what), "it may bind devices, but cannot be turned into lines; read the file");
	return import_remove(import, "what binds devices in %s", file);
}

static bool has_line(const struct import *import, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < import->n_lines; i++)
		if (!strncmp(import->lines[i], name, len))
			return true;
	return false;
}

/* By whatever means: what a VFIO driver has now and none of the sources names. */
static int import_bound(struct import *import)
{
	const struct machine *machine = &import->devices.machine;
	const struct slice none = { NULL, 0 };
	int r = 0;

	import_from(import, "the drivers that devices have now");
	for (size_t i = 0; i < machine->n_devices && r == 0; i++) {
		const struct address_name name = address_name(machine->devices[i].address);
		char driver[DRIVER_SIZE];

		if (system_link_name(&import->devices.sys, driver, sizeof(driver), "sys/bus/pci/devices/%s/driver",
				     name.at) < 0 ||
		    !predict_is_vfio(driver) || has_line(import, name.at))
			continue;
		r = import_device(import, slice_of(name.at), none, "");
	}
	return r;
}

int import_system(struct import *import)
{
	struct slice cmdline = slice_of(import->devices.machine.platform.cmdline), text;
	CLEANUP(free_string) char *bytes = NULL;
	bool found;
	int r;

	r = import_modprobe(import, NULL, !import_has_ids(cmdline), &found);
	if (r == 0)
		import_from(import, "the kernel command line");
	r = r < 0 ? r : import_cmdline(import, cmdline);
	r = r < 0 ? r : import_overrides(import);
	if (r < 0)
		return r;
	r = other_binders_forms(&import->devices.sys, import->sysroot, on_form, import);
	if (r < 0)
		return r;
	import_from(import, "/" UNRAID_FILE);
	r = read_text(&import->devices.sys, UNRAID_FILE, &bytes, &text);
	if (r == 0)
		r = import_unraid(import, text);
	else
		r = r == -ENOENT ? 0 : cannot_read(import, r);
	r = r < 0 ? r : import_bound(import);
	if (r == 0 && !import->n_lines && !import->problem)
		print_error("found nothing that binds a device to VFIO: looked at the kernel command line, modprobe.d, "
			    "/etc/modules, /etc/modules-load.d, /etc/driverctl.d, /etc/udev/rules.d, "
			    "/etc/initramfs-tools, /etc/dracut.conf.d, /" UNRAID_FILE
			    " and at the drivers that devices have now");
	return r;
}
