/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `options vfio-pci ids=` in modprobe.d, as libkmod reads it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"
#include "tool/import/import.h"
#include "tool/plan/modprobe_options.h"

/* The last ids= has effect: modprobe passes all options in order, and the kernel keeps one. */
struct last {
	struct import *import;
	char *file;
	char *ids;
	int error;
};

static void replace(struct last *last, const char *file, struct slice ids)
{
	if (last->ids) {
		import_from(last->import, last->file);
		import_note(last->import, slice_of(last->ids), "has no effect: a later ids= overrides it");
	}
	free(last->file);
	free(last->ids);
	last->file = strdup(file);
	last->ids = ids.len ? strndup(ids.at, ids.len) : strdup("");
	if (!last->file || !last->ids)
		last->error = -ENOMEM;
}

static void on_option(const char *file, const char *module, const char *options, void *data)
{
	struct slice rest = slice_of(options), name, value;
	struct last *last = data;
	bool ids = false; /* the option before was ids= */

	if (strcmp(module, "vfio_pci"))
		return;
	while (!last->error && cmdline_next(&rest, &name, &value)) {
		bool lost = ids && !value.at && import_is_id(name);

		if (lost || (slice_is(name, "id") && value.at)) {
			import_from(last->import, file);
			last->error = import_lost_ids(last->import, lost ? name : value, lost);
		} else if (slice_is(name, "ids") && value.at) {
			replace(last, file, value);
		}
		ids = lost || slice_is(name, "ids");
	}
}

static void on_unreadable(const char *file, int error, void *data)
{
	struct last *last = data;

	import_from(last->import, file);
	import_unreadable(last->import, error);
}

int import_modprobe(struct import *import, const char *file, bool in_force, bool *ret_found)
{
	struct last last = { .import = import };
	const struct modprobe_reader reader = { on_option, on_unreadable, &last };
	int r = modprobe_each_option(import->sysroot, file, &reader);

	if (r == 0)
		r = last.error;
	*ret_found = r == 0 && last.ids;
	if (*ret_found)
		import_from(import, last.file);
	if (*ret_found && in_force)
		r = import_ids(import, slice_of(last.ids));
	else if (*ret_found)
		import_note(import, slice_of(last.ids), "has no effect: ids= on the kernel command line overrides it");
	if (*ret_found && r == 0)
		r = import_remove(import, "ids= of `options vfio-pci` in %s", last.file);
	free(last.file);
	free(last.ids);
	return r;
}
