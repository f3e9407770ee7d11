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
	size_t len = strlen(name);

	while (rest.at)
		base = slice_cut(&rest, '/');
	base = uncompressed(base);
	if (base.len != len + 3 || !slice_is(slice_sub(base, len, base.len), ".ko"))
		return false;
	for (size_t i = 0; i < len; i++)
		/* Three bytes at least: it has a place. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		if ((base.at[i] == '-' ? '_' : base.at[i]) != name[i])
			return false;
	return true;
}

/* Where the image's own index says the module is. */
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

/* As planned, or the same file after somebody unpacked it. */
static int load_as_planned(struct system *sys, const char *release, struct slice path, const char *options)
{
	int r = load_file(sys, release, path, options);

	if (r == -ENOENT && uncompressed(path).len != path.len)
		r = load_file(sys, release, uncompressed(path), options);
	return r;
}

/* Errors that tell more about the file's form than about the kernel's mind. */
static bool is_about_form(int r)
{
	return r == -ENOENT || r == -ENOEXEC || r == -EINVAL || r == -EOPNOTSUPP || r == -ENOSYS;
}

int module_load(struct system *sys, const char *release, struct slice cmdline, const struct plan_module *module)
{
	char options[MODULE_OPTIONS_SIZE];
	int r = -ENOENT;

	if (module->kind == PLAN_BUILTIN || system_exists(sys, "sys/module/%s", module->name))
		return 0;
	strcpy(options, module->options);
	module_options_remove_ids(module->name, options);
	if (!cmdline_module_options(cmdline, module->name, options, sizeof(options)))
		return -E2BIG;
	if (module->kind != PLAN_MISSING)
		r = load_as_planned(sys, release, slice_of(module->path), options);
	if (r == -ENOENT)
		r = load_by_name(sys, release, module->name, options);
	/* modprobe adds the options of modprobe.d and of the command line; the last ids= wins, and an empty one names
	 * none. */
	if (r < 0 && is_about_form(r) &&
	    sys->ops->modprobe(sys, module->name, module_takes_ids(module->name) ? "ids=" : NULL) == 0)
		return 0;
	return r == -EEXIST ? 0 : r;
}
