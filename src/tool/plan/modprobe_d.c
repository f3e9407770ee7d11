/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/modprobe_d.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "system/system.h"
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
	if (fstatat(tree->root, below, &named, 0) < 0 || real.st_dev != named.st_dev || real.st_ino != named.st_ino)
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

static bool is_settings_name(const char *name)
{
	const char *end = strrchr(name, '.');

	return name[0] != '.' && end && (!strcmp(end, ".conf") || !strcmp(end, ".alias"));
}

/* A link that leads nowhere is none: it hides others of its name, as a file does. */
static bool leads_to_directory(const struct tree *tree, const char *dir, const char *name)
{
	CLEANUP(free_string) char *path = path_join("", dir, name);
	char resolved[SYSTEM_PATH_MAX];
	struct stat st;

	return path && offline_resolve(tree->root, path + 1, true, resolved) == 0 &&
	       fstatat(tree->root, resolved, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int list_directory(const struct tree *tree, const char *path, struct modprobe_files *files)
{
	char resolved[SYSTEM_PATH_MAX];
	const struct dirent *entry;
	int fd = -1, r = 0;
	DIR *dir;

	if (offline_resolve(tree->root, path, true, resolved) == 0)
		fd = openat(tree->root, resolved, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
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
