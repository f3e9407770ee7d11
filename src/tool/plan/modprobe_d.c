/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/modprobe_d.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "system/system.h"
#include "tool/plan/kernel.h"
#include "tool/output/path.h"

/* In modprobe's order: a name found in an earlier directory hides it in the later ones. */
static const char *const directories[] = {
	"etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d",
};

/* The tree that is looked at. */
struct tree {
	const char *path;
	int root; /* descriptor of its directory */
};

void modprobe_files_done(struct modprobe_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->items[i].shown);
		free(files->items[i].path);
	}
	free(files->items);
	*files = (struct modprobe_files){ 0 };
}

static bool is_hidden(const struct modprobe_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (!strcmp(files->items[i].name, name))
			return true;
	return false;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Where SHOWN is. The path that names it is preferred where it leads to the
 * same, since libkmod goes by the names of the files that it is given.
 */
static int place(const struct tree *tree, struct modprobe_file *file)
{
	const char *below = file->shown + 1;
	char resolved[SYSTEM_PATH_MAX];
	struct stat real, named;

	file->error = offline_resolve(tree->root, below, true, resolved);
	if (file->error < 0)
		return 0;
	if (fstatat(tree->root, resolved, &real, AT_SYMLINK_NOFOLLOW) < 0) {
		file->error = errno == ENOENT ? 0 : -errno;
		return 0;
	}
	if (!S_ISREG(real.st_mode))
		return 0;
	if (fstatat(tree->root, below, &named, 0) < 0 || !is_same(&real, &named))
		below = resolved;
	file->path = path_join(tree->path, below, NULL);
	return file->path ? 0 : -ENOMEM;
}

static int add_file(struct modprobe_files *files, const struct tree *tree, const char *dir, const char *name)
{
	struct modprobe_file *file;
	int r = ARRAY_GROW(files->items, files->n, files->room);

	if (r < 0)
		return r;
	file = &files->items[files->n];
	*file = (struct modprobe_file){ .shown = path_join("", dir, name) };
	if (!file->shown)
		return -ENOMEM;
	files->n++;
	file->name = file->shown + strlen(file->shown) - strlen(name);
	return place(tree, file);
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) && !strcmp(name + len - strlen(end), end);
}

static bool is_settings_name(const char *name)
{
	return name[0] != '.' && (ends_with(name, ".conf") || ends_with(name, ".alias"));
}

static bool is_directory(const struct tree *tree, const char *path)
{
	struct stat st;

	return fstatat(tree->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* A link that leads nowhere counts, since it hides others of its name. */
static bool leads_to_directory(const struct tree *tree, const char *dir, const char *name)
{
	CLEANUP(free_string) char *path = path_join("", dir, name);
	char resolved[SYSTEM_PATH_MAX];

	return path && offline_resolve(tree->root, path + 1, true, resolved) == 0 && is_directory(tree, resolved);
}

static DIR *open_directory(const struct tree *tree, const char *path)
{
	char resolved[SYSTEM_PATH_MAX];
	int fd = -1;
	DIR *dir;

	if (offline_resolve(tree->root, path, true, resolved) == 0)
		fd = openat(tree->root, resolved, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static int list_directory(const struct tree *tree, const char *path, struct modprobe_files *files)
{
	DIR *dir = open_directory(tree, path);
	const struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir)))
		if (is_settings_name(entry->d_name) && !is_hidden(files, entry->d_name) &&
		    !leads_to_directory(tree, path, entry->d_name))
			r = add_file(files, tree, path, entry->d_name);
	if (dir)
		closedir(dir);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	const struct modprobe_file *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

int modprobe_files(const char *sysroot, struct modprobe_files *files)
{
	const struct tree tree = { sysroot, open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	int r = 0;

	*files = (struct modprobe_files){ 0 };
	if (tree.root < 0)
		return 0;
	for (size_t i = 0; i < COUNT_OF(directories) && r == 0; i++)
		r = list_directory(&tree, directories[i], files);
	close(tree.root);
	if (files->n)
		qsort(files->items, files->n, sizeof(files->items[0]), compare_names);
	return r;
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
	CLEANUP(kmod_context_unref) struct kmod_ctx *bare = kmod_context_of_files(none);
	CLEANUP(kmod_context_unref) struct kmod_ctx *ctx = kmod_context_of_files(paths);
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

static int read_listed(const struct modprobe_file *file, const struct modprobe_reader *reader)
{
	if (file->error < 0)
		reader->unreadable(file->shown, file->error, reader->data);
	return file->path ? read_file(file->path, file->shown, reader) : 0;
}

int modprobe_each(const char *sysroot, const char *file, const struct modprobe_reader *reader)
{
	CLEANUP(modprobe_files_done) struct modprobe_files files = { 0 };
	int r;

	if (file)
		return read_file(file, file, reader);
	r = modprobe_files(sysroot, &files);
	for (size_t i = 0; i < files.n && r == 0; i++)
		r = read_listed(&files.items[i], reader);
	/* The analyzer knows no cleanup attribute. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return r;
}
