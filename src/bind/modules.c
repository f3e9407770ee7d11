/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "config/cmdline.h"

#define MODULES_DEP_MAX (4 * 1024 * 1024)

static const char *const compressions[] = { ".xz", ".zst", ".gz" };

/* T without the ending of a compressed file. */
static struct text uncompressed(struct text t)
{
	for (size_t i = 0; i < COUNT_OF(compressions); i++) {
		size_t len = strlen(compressions[i]);

		if (t.len > len && text_is(text_slice(t, t.len - len, t.len), compressions[i]))
			return text_slice(t, 0, t.len - len);
	}
	return t;
}

static int load_file(struct door *door, const char *release, struct text path, const char *options)
{
	char full[DOOR_PATH_MAX];
	int n = snprintf(full, sizeof(full), "lib/modules/%s/%.*s", release, TEXT_ARGS(path));

	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	return door->ops->load_module(door, full, options, uncompressed(path).len != path.len);
}

/* "kernel/drivers/vfio/pci/vfio-pci.ko.xz" is the module vfio_pci. */
static bool is_module(struct text path, const char *name)
{
	struct text rest = path, base = path;
	size_t len = strlen(name);

	while (rest.at)
		base = text_cut(&rest, '/');
	base = uncompressed(base);
	if (base.len != len + 3 || !text_is(text_slice(base, len, base.len), ".ko"))
		return false;
	for (size_t i = 0; i < len; i++)
		/* Three bytes at least: it has a place. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		if ((base.at[i] == '-' ? '_' : base.at[i]) != name[i])
			return false;
	return true;
}

/* Where the image's own index says the module is. */
static int load_by_name(struct door *door, const char *release, const char *name, const char *options)
{
	char path[DOOR_PATH_MAX];
	struct text rest;
	char *bytes;
	int r;

	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", release);
	r = door->ops->slurp(door, path, MODULES_DEP_MAX, &bytes, &rest.len);
	if (r < 0)
		return r;
	rest.at = bytes;
	r = -ENOENT;
	while (rest.len && r == -ENOENT) {
		struct text line = text_cut(&rest, '\n'), file = text_cut(&line, ':');

		if (is_module(file, name))
			r = load_file(door, release, file, options);
	}
	free(bytes);
	return r;
}

/* As planned, or the same file after somebody unpacked it. */
static int load_as_planned(struct door *door, const char *release, struct text path, const char *options)
{
	int r = load_file(door, release, path, options);

	if (r == -ENOENT && uncompressed(path).len != path.len)
		r = load_file(door, release, uncompressed(path), options);
	return r;
}

/* Errors that tell more about the file's form than about the kernel's mind. */
static bool is_about_form(int r)
{
	return r == -ENOENT || r == -ENOEXEC || r == -EINVAL || r == -EOPNOTSUPP || r == -ENOSYS;
}

int module_load(struct door *door, const char *release, struct text cmdline, const struct plan_module *module)
{
	char options[PLAN_OPTIONS_SIZE * 2];
	int r = -ENOENT;

	if (module->kind == PLAN_BUILTIN || door_exists(door, "sys/module/%s", module->name))
		return 0;
	strcpy(options, module->options);
	if (!cmdline_module_options(cmdline, module->name, options, sizeof(options)))
		return -E2BIG;
	if (module->kind != PLAN_MISSING)
		r = load_as_planned(door, release, text_of(module->path), options);
	if (r == -ENOENT)
		r = load_by_name(door, release, module->name, options);
	if (r < 0 && is_about_form(r) && door->ops->modprobe(door, module->name) == 0)
		return 0;
	return r == -EEXIST ? 0 : r;
}
