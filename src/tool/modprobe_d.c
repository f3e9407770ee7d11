/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/modprobe_d.h"

#include <dirent.h>
#include <errno.h>
#include <libkmod.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"
#include "tool/kmod_context.h"
#include "tool/path.h"
#include "tool/tool.h"

const char *const modprobe_folders[MODPROBE_FOLDERS] = {
	"etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d",
};

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
	if (asprintf(&file.path, "/%s/%s", folder, name) < 0)
		return -ENOMEM;
	file.name = file.path + strlen(file.path) - strlen(name);
	files->items[files->n++] = file;
	return 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) && !strcmp(name + len - strlen(end), end);
}

/* A file that modprobe heeds; a link that leads nowhere counts, since it hides others of its name. */
static bool is_settings_file(DIR *dir, const char *name)
{
	struct stat st;

	if (name[0] == '.' || !(ends_with(name, ".conf") || ends_with(name, ".alias")))
		return false;
	return fstatat(dirfd(dir), name, &st, 0) < 0 || !S_ISDIR(st.st_mode);
}

static int list_folder(const char *sysroot, const char *folder, struct settings_files *files)
{
	CLEANUP(free_string) char *path = path_join(sysroot, folder, NULL);
	const struct dirent *entry;
	DIR *dir;
	int r = path ? 0 : -ENOMEM;

	dir = path ? opendir(path) : NULL;
	while (dir && r == 0 && (entry = readdir(dir)))
		if (is_settings_file(dir, entry->d_name) && !is_hidden(files, entry->d_name))
			r = add_file(files, folder, entry->d_name);
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

/* What the running system's command line adds stands behind the file's own lines: cut it off. */
static int read_options(const char *path, const char *shown, const struct modprobe_reader *reader)
{
	const char *const none[] = { NULL }, *const paths[] = { path, NULL };
	CLEANUP(kmod_context_unref) struct kmod_ctx *bare = kmod_context_new(NULL, none, NULL);
	CLEANUP(kmod_context_unref) struct kmod_ctx *ctx = kmod_context_new(NULL, paths, NULL);
	struct kmod_config_iter *iter;
	size_t n;

	if (!ctx || !bare)
		return -ENOMEM;
	n = count_options(ctx) - count_options(bare);
	iter = kmod_config_get_options(ctx);
	while (n-- && iter && kmod_config_iter_next(iter))
		reader->option(shown, kmod_config_iter_get_key(iter), kmod_config_iter_get_value(iter), reader->data);
	kmod_config_iter_free_iter(iter);
	return 0;
}

/* libkmod passes over a file that it cannot read. A link that leads nowhere says nothing. */
static int read_file(const char *path, const char *shown, const struct modprobe_reader *reader)
{
	if (access(path, R_OK) == 0)
		return read_options(path, shown, reader);
	if (errno != ENOENT)
		reader->unreadable(shown, -errno, reader->data);
	return 0;
}

int modprobe_each(const char *sysroot, const char *file, const struct modprobe_reader *reader)
{
	CLEANUP(settings_files_done) struct settings_files files = { 0 };
	int r = 0;

	if (file)
		return read_file(file, file, reader);
	for (size_t i = 0; i < MODPROBE_FOLDERS && r == 0; i++)
		r = list_folder(sysroot, modprobe_folders[i], &files);
	if (files.n)
		qsort(files.items, files.n, sizeof(files.items[0]), compare_names);
	for (size_t i = 0; i < files.n && r == 0; i++) {
		CLEANUP(free_string) char *path = path_join(sysroot, files.items[i].path + 1, NULL);

		r = path ? read_file(path, files.items[i].path, reader) : -ENOMEM;
	}
	/* The analyzer knows no cleanup attribute. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return r;
}
