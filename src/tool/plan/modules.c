/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/modules.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "config/cmdline.h"
#include "tool/output/path.h"
#include "tool/plan/kernel.h"

#define NAME_SIZE 64

static void unref_module(struct kmod_module **mod)
{
	kmod_module_unref(*mod);
}

static int copy_string(const char *s, char **ret)
{
	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

static void module_done(struct module *module)
{
	free(module->name);
	free(module->path);
	free(module->options);
	free(module->ids);
	free(module->install);
	free(module->remove);
}

void modules_done(struct modules *modules)
{
	for (size_t i = 0; i < modules->n; i++)
		module_done(&modules->items[i]);
	free(modules->items);
	*modules = (struct modules){ 0 };
}

static bool is_builtin(struct kmod_module *mod)
{
	return kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
}

/*
 * libkmod appends the options of the running system's command line to those of
 * modprobe.d, but they belong to the machine that boots: cut them off.
 */
static int get_options(struct modules *modules, struct kmod_module *mod, char **ret)
{
	CLEANUP(unref_module) struct kmod_module *bare = NULL;
	const char *options = kmod_module_get_options(mod);
	const char *tail = NULL;
	size_t len = options ? strlen(options) : 0;

	if (kmod_module_new_from_name(modules->kernel->bare, kmod_module_get_name(mod), &bare) == 0)
		tail = kmod_module_get_options(bare);
	if (options && tail && len >= strlen(tail) && !strcmp(options + len - strlen(tail), tail))
		len -= strlen(tail);
	while (len && options[len - 1] == ' ')
		len--;
	*ret = len ? strndup(options, len) : NULL;
	return len && !*ret ? -ENOMEM : 0;
}

/* modules.dep holds paths below the kernel's directory; libkmod has made them whole. */
static const char *relative_path(const struct modules *modules, const char *path)
{
	const char *dir = kmod_get_dirname(modules->kernel->ctx);
	size_t len = strlen(dir);

	if (!strncmp(path, dir, len) && path[len] == '/')
		return path + len + 1;
	return path;
}

/*
 * vfio-pci must not take what no line names. An empty ids= stays, so that the binder can tell that there was a list.
 */
static int empty_ids(struct module *module)
{
	CLEANUP(free_string) char *kept = NULL;
	char *options;

	if (!module->options)
		return 0;
	kept = strdup(module->options);
	if (!kept)
		return -ENOMEM;
	if (!module_options_remove_ids(module->name, kept))
		return 0;
	if (asprintf(&options, "%s%sids=", kept + strspn(kept, " "), kept[strspn(kept, " ")] ? " " : "") < 0)
		return -ENOMEM;
	module->ids = module->options;
	module->options = options;
	return 0;
}

static int describe(struct modules *modules, struct kmod_module *mod, struct module *module)
{
	const char *path = kmod_module_get_path(mod);
	int r;

	module->kind = MODULE_LOAD;
	if (is_builtin(mod))
		module->kind = MODULE_BUILTIN;
	else if (!path || access(path, R_OK) < 0)
		module->kind = MODULE_MISSING;
	module->blacklisted = kernel_blacklists(modules->kernel, module->name);
	r = path ? copy_string(relative_path(modules, path), &module->path) : 0;
	r = r < 0 ? r : get_options(modules, mod, &module->options);
	r = r < 0 ? r : empty_ids(module);
	r = r < 0 ? r : copy_string(kmod_module_get_install_commands(mod), &module->install);
	return r < 0 ? r : copy_string(kmod_module_get_remove_commands(mod), &module->remove);
}

static const struct module *find(const struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->n; i++)
		if (!strcmp(modules->items[i].name, name))
			return &modules->items[i];
	return NULL;
}

/* MOD may be NULL: a name that the kernel does not have. */
static int add(struct modules *modules, const char *name, struct kmod_module *mod)
{
	struct module module = { .kind = MODULE_MISSING };
	int r;

	if (find(modules, name))
		return 0;
	r = ARRAY_GROW(modules->items, modules->n, modules->room);
	r = r < 0 ? r : copy_string(name, &module.name);
	if (r == 0 && mod)
		r = describe(modules, mod, &module);
	if (r < 0) {
		module_done(&module);
		return r;
	}
	modules->items[modules->n++] = module;
	return 0;
}

/* libkmod passes no data to the function below. */
static struct modules *walk_modules;
static int walk_error;

static void on_action(struct kmod_module *mod, bool install, const char *options)
{
	int r = 0;

	(void)install;
	(void)options;
	/* What is built in needs no loading. */
	if (!is_builtin(mod))
		r = add(walk_modules, kmod_module_get_name(mod), mod);
	if (r < 0 && walk_error == 0)
		walk_error = r;
}

/* MOD and its needs in load order: dependencies, softdeps of modprobe.d and of the modules. */
static int walk(struct modules *modules, struct kmod_module *mod)
{
	int r;

	modules->kernel->logged = false;
	walk_modules = modules;
	walk_error = 0;
	r = kmod_module_probe_insert_module(mod, KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED, NULL, NULL, NULL,
					    on_action);
	walk_modules = NULL;
	if (walk_error < 0)
		return walk_error;
	return r == 0 && modules->kernel->logged ? -ENOENT : r;
}

/* The module in the kernel's indexes; RET is NULL if they do not have it. */
static int look_up(const struct modules *modules, const char *name, struct kmod_module **ret)
{
	struct kmod_module *mod = NULL;
	int r = 0;

	if (modules->kernel->ctx)
		r = kmod_module_new_from_name(modules->kernel->ctx, name, &mod);
	/* libkmod takes any name; whether modules.dep or modules.builtin have it shows here. */
	if (mod && !kmod_module_get_path(mod) && !is_builtin(mod)) {
		kmod_module_unref(mod);
		mod = NULL;
	}
	*ret = mod;
	return r;
}

bool modules_has(const struct modules *modules, const char *name)
{
	CLEANUP(unref_module) struct kmod_module *mod = NULL;

	return look_up(modules, name, &mod) == 0 && mod;
}

int modules_want(struct modules *modules, const char *name, const struct module **ret)
{
	CLEANUP(unref_module) struct kmod_module *mod = NULL;
	char plain[NAME_SIZE];
	int r, added;

	snprintf(plain, sizeof(plain), "%s", name);
	for (char *c = plain; *c; c++)
		*c = *c == '-' ? '_' : *c;
	*ret = find(modules, plain);
	if (*ret)
		return 0;
	r = look_up(modules, plain, &mod);
	if (mod && !is_builtin(mod))
		r = walk(modules, mod);
	added = add(modules, plain, mod);
	if (added < 0)
		return added;
	*ret = find(modules, plain);
	return r;
}

int modules_want_iommu(struct modules *modules, const char *name)
{
	size_t from = modules->n, kept = modules->n;
	const struct module *module;

	if (modules_want(modules, name, &module) == -ENOMEM)
		return -ENOMEM;
	for (size_t i = from; i < modules->n; i++) {
		modules->items[i].for_iommu = true;
		if (modules->items[i].kind == MODULE_LOAD)
			modules->items[kept++] = modules->items[i];
		else
			module_done(&modules->items[i]);
	}
	modules->n = kept;
	return 0;
}
