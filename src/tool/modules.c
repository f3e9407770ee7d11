/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/modules.h"

#include <dirent.h>
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/grow.h"
#include "tool/tool.h"

#define NAME_SIZE 64

static const char *const indexes[] = { "modules.dep.bin", "modules.builtin.bin" };

/* usr/lib first: where /lib is a link, an absolute one must not lead out of the sysroot. */
static const char *const kernel_folders[] = { "usr/lib/modules", "lib/modules" };

/* In modprobe's order: a name found in an earlier folder hides it in the later ones. */
static const char *const settings_folders[] = {
	"etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d",
};

static void free_string(char **s)
{
	free(*s);
}

static void unref_module(struct kmod_module **mod)
{
	kmod_module_unref(*mod);
}

static int copy_string(const char *s, char **ret)
{
	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

/* ROOT/FOLDER or ROOT/FOLDER/NAME; NULL when there is no memory. */
static char *join(const char *root, const char *folder, const char *name)
{
	size_t len = strlen(root);
	char *path;

	while (len && root[len - 1] == '/')
		len--;
	if (asprintf(&path, "%.*s/%s%s%s", (int)len, root, folder, name ? "/" : "", name ? name : "") < 0)
		return NULL;
	return path;
}

static int find_folder(const char *sysroot, const char *release, char **ret)
{
	for (size_t i = 0; i < COUNT_OF(kernel_folders); i++) {
		char *path = join(sysroot, kernel_folders[i], release);

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

static void free_paths(char *(*paths)[COUNT_OF(settings_folders) + 1])
{
	for (size_t i = 0; i < COUNT_OF(*paths); i++)
		free((*paths)[i]);
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

static int open_contexts(struct modules *modules, const char *sysroot)
{
	CLEANUP(free_paths) char *paths[COUNT_OF(settings_folders) + 1] = { NULL };
	const char *const none[] = { NULL };

	for (size_t i = 0; i < COUNT_OF(settings_folders); i++) {
		paths[i] = join(sysroot, settings_folders[i], NULL);
		if (!paths[i])
			return -ENOMEM;
	}
	modules->ctx = kmod_new(modules->folder, (const char *const *)paths);
	modules->bare = kmod_new(modules->folder, none);
	if (!modules->ctx || !modules->bare)
		return -ENOMEM;
	kmod_set_log_fn(modules->ctx, on_log, modules);
	/* An unreadable index is for modules_lacks_index() to find. */
	kmod_load_resources(modules->ctx);
	return 0;
}

int modules_open(struct modules *modules, const char *sysroot, const char *release)
{
	int r;

	*modules = (struct modules){ 0 };
	r = find_folder(sysroot, release, &modules->folder);
	return r < 0 ? r : open_contexts(modules, sysroot);
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
	free(modules->folder);
	*modules = (struct modules){ 0 };
}

const char *modules_lacks_index(const struct modules *modules)
{
	for (size_t i = 0; i < COUNT_OF(indexes); i++) {
		CLEANUP(free_string) char *path = join(modules->folder, indexes[i], NULL);

		if (path && access(path, R_OK) < 0)
			return indexes[i];
	}
	return NULL;
}

static unsigned count_blacklisted(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_config_iter *iter = kmod_config_get_blacklists(ctx);
	unsigned n = 0;

	while (iter && kmod_config_iter_next(iter))
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
	if (tail && len >= strlen(tail) && !strcmp(options + len - strlen(tail), tail))
		len -= strlen(tail);
	while (len && options[len - 1] == ' ')
		len--;
	*ret = len ? strndup(options, len) : NULL;
	return len && !*ret ? -ENOMEM : 0;
}

/* modules.dep holds paths below the kernel's folder; libkmod has made them whole. */
static const char *relative_path(const struct modules *modules, const char *path)
{
	const char *folder = kmod_get_dirname(modules->ctx);
	size_t len = strlen(folder);

	if (!strncmp(path, folder, len) && path[len] == '/')
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
	r = GROW(modules->items, modules->n, modules->room);
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

/* modprobe.d one file at a time, since libkmod does not tell where a setting stands. */

struct settings_file {
	char *path; /* below the sysroot, with a slash in front */
	const char *name;
};

struct settings_files {
	struct settings_file *items;
	size_t n, room;
};

static void settings_files_done(struct settings_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->items[i].path);
	free(files->items);
}

static bool is_hidden(const struct settings_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (!strcmp(files->items[i].name, name))
			return true;
	return false;
}

static int add_file(struct settings_files *files, const char *folder, const char *name)
{
	struct settings_file file;
	int r = GROW(files->items, files->n, files->room);

	if (r < 0)
		return r;
	file.path = join("", folder, name);
	if (!file.path)
		return -ENOMEM;
	file.name = file.path + strlen(file.path) - strlen(name);
	files->items[files->n++] = file;
	return 0;
}

static int list_folder(const char *sysroot, const char *folder, struct settings_files *files)
{
	CLEANUP(free_string) char *path = join(sysroot, folder, NULL);
	const struct dirent *entry;
	DIR *dir;
	int r = path ? 0 : -ENOMEM;

	dir = path ? opendir(path) : NULL;
	while (dir && r == 0 && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len > 5 && !strcmp(entry->d_name + len - 5, ".conf") && !is_hidden(files, entry->d_name))
			r = add_file(files, folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	const struct settings_file *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

static size_t count_options(struct kmod_ctx *ctx)
{
	struct kmod_config_iter *iter = kmod_config_get_options(ctx);
	size_t n = 0;

	while (iter && kmod_config_iter_next(iter))
		n++;
	kmod_config_iter_free_iter(iter);
	return n;
}

static void unref_context(struct kmod_ctx **ctx)
{
	kmod_unref(*ctx);
}

/* What the running system's command line adds stands behind the file's own lines: cut it off. */
static int read_options(const char *path, const char *shown,
			void (*each)(const char *file, const char *module, const char *options, void *data), void *data)
{
	const char *const none[] = { NULL }, *const paths[] = { path, NULL };
	CLEANUP(unref_context) struct kmod_ctx *bare = kmod_new(NULL, none);
	CLEANUP(unref_context) struct kmod_ctx *ctx = kmod_new(NULL, paths);
	struct kmod_config_iter *iter;
	size_t n;

	if (!ctx || !bare)
		return -ENOMEM;
	n = count_options(ctx) - count_options(bare);
	iter = kmod_config_get_options(ctx);
	while (n-- && iter && kmod_config_iter_next(iter))
		each(shown, kmod_config_iter_get_key(iter), kmod_config_iter_get_value(iter), data);
	kmod_config_iter_free_iter(iter);
	return 0;
}

int modules_each_option(const char *sysroot, const char *file,
			void (*each)(const char *file, const char *module, const char *options, void *data),
			void *data)
{
	CLEANUP(settings_files_done) struct settings_files files = { 0 };
	int r = 0;

	if (file)
		return read_options(file, file, each, data);
	for (size_t i = 0; i < COUNT_OF(settings_folders) && r == 0; i++)
		r = list_folder(sysroot, settings_folders[i], &files);
	if (files.n)
		qsort(files.items, files.n, sizeof(files.items[0]), compare_names);
	for (size_t i = 0; i < files.n && r == 0; i++) {
		CLEANUP(free_string) char *path = join(sysroot, files.items[i].path + 1, NULL);

		r = path ? read_options(path, files.items[i].path, each, data) : -ENOMEM;
	}
	return r;
}
