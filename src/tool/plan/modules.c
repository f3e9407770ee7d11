/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/modules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/array.h"
#include "tool/plan/modprobe_d.h"
#include "tool/output/path.h"
#include "tool/command/command.h"

#define NAME_SIZE 64

static const char *const indexes[] = { "modules.dep.bin", "modules.builtin.bin" };

/* How each of them begins: a magic number, the version, and where in the file its tree has its root. */
#define INDEX_MAGIC 0xb007f457u
#define INDEX_VERSION_MAJOR 2u
#define INDEX_OFFSET_MASK 0x0fffffffu

/* usr/lib first: where /lib is a link, an absolute one must not lead out of the sysroot. */
static const char *const kernel_directories[] = { "usr/lib/modules", "lib/modules" };

static void unref_module(struct kmod_module **mod)
{
	kmod_module_unref(*mod);
}

static void free_paths(const char ***paths)
{
	free(*paths);
}

static int copy_string(const char *s, char **ret)
{
	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

static int find_directory(const char *sysroot, const char *release, char **ret)
{
	for (size_t i = 0; i < COUNT_OF(kernel_directories); i++) {
		char *path = path_join(sysroot, kernel_directories[i], release);

		if (!path)
			return -ENOMEM;
		if (access(path, X_OK) == 0) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	return -ENOENT;
}

/*
 * A dependency whose file is gone makes libkmod forget all dependencies of that
 * module and report success; only its log tells.
 */
static void on_log(void *data, int priority, const char *file, int line, const char *function, const char *format,
		   va_list args)
{
	struct modules *modules = data;
	char text[sizeof(modules->complaint)];
	const char *from = text;

	(void)file;
	(void)line;
	(void)function;
	if (priority > LOG_ERR || modules->complaint[0])
		return;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, "ctx=", 4) && strchr(text, ' '))
		from = strchr(text, ' ') + 1;
	snprintf(modules->complaint, sizeof(modules->complaint), "%s", from);
}

/* libkmod is given files, not directories: in those it would follow links out of the sysroot. */
static int open_context(struct modules *modules, const char *sysroot)
{
	CLEANUP(modprobe_files_done) struct modprobe_files files = { 0 };
	CLEANUP(free_paths) const char **paths = NULL;
	int r = modprobe_files(sysroot, &files);
	size_t n = 0;

	paths = r < 0 ? NULL : calloc(files.n + 1, sizeof(paths[0]));
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < files.n; i++)
		if (files.items[i].path)
			paths[n++] = files.items[i].path;
	modules->ctx = kmod_context_new(modules->dir, paths, &modules->said);
	return modules->ctx ? 0 : -ENOMEM;
}

static int open_contexts(struct modules *modules, const char *sysroot)
{
	const char *const none[] = { NULL };

	if (open_context(modules, sysroot) < 0)
		return -ENOMEM;
	modules->bare = kmod_context_new(modules->dir, none, NULL);
	if (!modules->bare)
		return -ENOMEM;
	kmod_set_log_fn(modules->ctx, on_log, modules);
	kmod_set_log_priority(modules->ctx, LOG_ERR);
	/* It can do without an index; those that matter have been looked at. */
	kmod_load_resources(modules->ctx);
	return 0;
}

static bool read_index_head(const char *path, uint32_t head[3], off_t *ret_size)
{
	FILE *file = fopen(path, "re");
	struct stat st = { 0 };
	bool whole;

	if (!file)
		return false;
	whole = fread(head, sizeof(head[0]), 3, file) == 3 && fstat(fileno(file), &st) == 0;
	fclose(file);
	*ret_size = st.st_size;
	return whole;
}

/*
 * False for an index that is of no use. RET_SAFE turns false for one that was
 * cut off, so that it lacks its root, which depmod writes last: libkmod looks
 * for that all the same, behind the end. Of damage further inside, what it does
 * not survive shows when planning_resolve() rehearses.
 */
static bool index_is_whole(const char *path, bool *ret_safe)
{
	uint32_t head[3], root;
	off_t size;

	if (!read_index_head(path, head, &size) || ntohl(head[0]) != INDEX_MAGIC)
		return false;
	root = ntohl(head[2]);
	/* The root of an index without names has no flags, and nothing is read of it. */
	if (ntohl(head[1]) >> 16 != INDEX_VERSION_MAJOR || !(root & ~INDEX_OFFSET_MASK) ||
	    (off_t)(root & INDEX_OFFSET_MASK) < size)
		return true;
	*ret_safe = false;
	return false;
}

static int check_indexes(struct modules *modules, bool *ret_safe)
{
	*ret_safe = true;
	for (size_t i = 0; i < COUNT_OF(indexes); i++) {
		CLEANUP(free_string) char *path = path_join(modules->dir, indexes[i], NULL);
		bool readable = path && access(path, R_OK) == 0;

		if (!path)
			return -ENOMEM;
		if ((readable && index_is_whole(path, ret_safe)) || modules->bad_index)
			continue;
		modules->bad_index = indexes[i];
		modules->index_damaged = readable;
	}
	return 0;
}

int modules_open_unread(struct modules *modules, const char *sysroot, const char *release)
{
	*modules = (struct modules){ 0 };
	return find_directory(sysroot, release, &modules->dir);
}

int modules_open(struct modules *modules, const char *sysroot, const char *release)
{
	bool safe = true;
	int r = modules_open_unread(modules, sysroot, release);

	r = r < 0 ? r : check_indexes(modules, &safe);
	return r < 0 || !safe ? r : open_contexts(modules, sysroot);
}

static void module_done(struct module *module)
{
	free(module->name);
	free(module->path);
	free(module->options);
	free(module->install);
	free(module->remove);
}

void modules_close(struct modules *modules)
{
	for (size_t i = 0; i < modules->n; i++)
		module_done(&modules->items[i]);
	free(modules->items);
	kmod_unref(modules->ctx);
	kmod_unref(modules->bare);
	free(modules->said.lines);
	free(modules->dir);
	*modules = (struct modules){ 0 };
}

static unsigned count_blacklisted(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_config_iter *iter = kmod_config_get_blacklists(ctx);
	unsigned n = 0;

	while (iter && kmod_config_iter_next(iter))
		/* Behind a next() that said yes there is a key. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
		 */
		n += !strcmp(kmod_config_iter_get_key(iter), name);
	kmod_config_iter_free_iter(iter);
	return n;
}

/*
 * libkmod puts the options of the running system's command line behind those
 * of modprobe.d, but they belong to the machine that boots: cut them off.
 */
static int get_options(struct modules *modules, struct kmod_module *mod, char **ret)
{
	CLEANUP(unref_module) struct kmod_module *bare = NULL;
	const char *options = kmod_module_get_options(mod);
	const char *tail = NULL;
	size_t len = options ? strlen(options) : 0;

	if (kmod_module_new_from_name(modules->bare, kmod_module_get_name(mod), &bare) == 0)
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
	const char *dir = kmod_get_dirname(modules->ctx);
	size_t len = strlen(dir);

	if (!strncmp(path, dir, len) && path[len] == '/')
		return path + len + 1;
	return path;
}

static int describe(struct modules *modules, struct kmod_module *mod, struct module *module)
{
	const char *path = kmod_module_get_path(mod);
	unsigned blacklisted;
	int r;

	module->kind = MODULE_LOAD;
	if (kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN)
		module->kind = MODULE_BUILTIN;
	else if (!path || access(path, R_OK) < 0)
		module->kind = MODULE_MISSING;
	blacklisted = count_blacklisted(modules->ctx, module->name);
	module->blacklisted = blacklisted > count_blacklisted(modules->bare, module->name);
	r = path ? copy_string(relative_path(modules, path), &module->path) : 0;
	r = r < 0 ? r : get_options(modules, mod, &module->options);
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

/* libkmod hands nothing through to the function below, hence these. */
static struct modules *walk_modules;
static int walk_error;

static void on_action(struct kmod_module *mod, bool install, const char *options)
{
	int r = 0;

	(void)install;
	(void)options;
	/* What is built in needs no loading, whoever wanted it. */
	if (kmod_module_get_initstate(mod) != KMOD_MODULE_BUILTIN)
		r = add(walk_modules, kmod_module_get_name(mod), mod);
	if (r < 0 && walk_error == 0)
		walk_error = r;
}

/* MOD and its needs in load order: dependencies, softdeps of modprobe.d and of the modules. */
static int walk(struct modules *modules, struct kmod_module *mod)
{
	int r;

	walk_modules = modules;
	walk_error = 0;
	r = kmod_module_probe_insert_module(mod, KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED, NULL, NULL, NULL,
					    on_action);
	walk_modules = NULL;
	if (walk_error < 0)
		return walk_error;
	return r == 0 && modules->complaint[0] ? -ENOENT : r;
}

static void underscores(const char *name, char *to)
{
	snprintf(to, NAME_SIZE, "%s", name);
	for (; *to; to++)
		if (*to == '-')
			*to = '_';
}

/* RET stays NULL when the kernel does not have NAME. */
static int look_up(struct modules *modules, const char *name, struct kmod_module **ret)
{
	CLEANUP(unref_module) struct kmod_module *mod = NULL;
	int r = kmod_module_new_from_name(modules->ctx, name, &mod);

	if (r < 0)
		return r;
	/* libkmod takes any name; what modules.dep or modules.builtin say of it tells. */
	if (kmod_module_get_path(mod) || kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN)
		*ret = kmod_module_ref(mod);
	return 0;
}

static int resolve(struct modules *modules, const char *name)
{
	CLEANUP(unref_module) struct kmod_module *mod = NULL;
	int found = 0, added;

	modules->complaint[0] = '\0';
	if (modules->ctx)
		found = look_up(modules, name, &mod);
	if (mod && kmod_module_get_initstate(mod) != KMOD_MODULE_BUILTIN)
		found = walk(modules, mod);
	added = add(modules, name, mod);
	return added < 0 ? added : found;
}

int modules_want(struct modules *modules, const char *name, const struct module **ret)
{
	char plain[NAME_SIZE];
	int r;

	underscores(name, plain);
	r = find(modules, plain) ? 0 : resolve(modules, plain);
	if (r != -ENOMEM)
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
