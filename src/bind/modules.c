/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"

#define MODULES_DEP_MAX (4 * 1024 * 1024)

static const char *const compressions[] = { ".xz", ".zst", ".gz" };

/* T without the ending of a compressed file. */
static struct slice uncompressed(struct slice t)
{
	for (size_t i = 0; i < COUNT_OF(compressions); i++) {
		size_t len = strlen(compressions[i]);

		if (t.len > len && slice_is(slice_sub(t, t.len - len, t.len), compressions[i]))
			return slice_sub(t, 0, t.len - len);
	}
	return t;
}

static int load_file(struct system *sys, const char *release, struct slice path, const char *options)
{
	char full[SYSTEM_PATH_MAX];
	int n = snprintf(full, sizeof(full), "lib/modules/%s/%.*s", release, SLICE_ARGS(path));

	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	return sys->ops->load_module(sys, full, options, uncompressed(path).len != path.len);
}

/* "kernel/drivers/vfio/pci/vfio-pci.ko.xz" is the module vfio_pci. */
static bool is_module(struct slice path, const char *name)
{
	struct slice rest = path, base = path;

	while (rest.at)
		base = slice_cut(&rest, '/');
	base = uncompressed(base);
	return base.len > 3 && slice_is(slice_sub(base, base.len - 3, base.len), ".ko") &&
	       slice_is_module(slice_sub(base, 0, base.len - 3), name);
}

/* By the index in the image. */
static int load_by_name(struct system *sys, const char *release, const char *name, const char *options)
{
	char path[SYSTEM_PATH_MAX];
	struct slice rest;
	char *bytes;
	int r;

	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", release);
	r = sys->ops->read_all(sys, path, MODULES_DEP_MAX, &bytes, &rest.len);
	if (r < 0)
		return r;
	rest.at = bytes;
	r = -ENOENT;
	while (rest.len && r == -ENOENT) {
		struct slice line = slice_cut(&rest, '\n'), file = slice_cut(&line, ':');

		if (is_module(file, name))
			r = load_file(sys, release, file, options);
	}
	free(bytes);
	return r;
}

int module_load(struct system *sys, const char *release, struct slice cmdline, const struct plan_module *module)
{
	struct slice path = slice_of(module->path);
	char options[MODULE_OPTIONS_SIZE];
	int r = -ENOENT;

	if (module->kind == PLAN_BUILTIN || system_exists(sys, "sys/module/%s", module->name))
		return 0;
	strcpy(options, module->options);
	module_options_remove_ids(module->name, options);
	if (!cmdline_module_options(cmdline, module->name, options, sizeof(options)))
		return -E2BIG;
	if (module->kind != PLAN_MISSING) {
		r = load_file(sys, release, path, options);
		/* The image may have it unpacked. */
		if (r == -ENOENT && uncompressed(path).len != path.len)
			r = load_file(sys, release, uncompressed(path), options);
	}
	if (r == -ENOENT)
		r = load_by_name(sys, release, module->name, options);
	/*
	 * These errors may be about the form of the file, which the image's modprobe may know. It adds the options of
	 * modprobe.d and of the command line; the last ids= wins, and an empty one names none.
	 */
	if (r == -ENOENT || r == -ENOEXEC || r == -EINVAL || r == -EOPNOTSUPP || r == -ENOSYS)
		if (sys->ops->modprobe(sys, module->name, module_takes_ids(module->name) ? "ids=" : NULL) == 0)
			return 0;
	return r == -EEXIST ? 0 : r;
}
