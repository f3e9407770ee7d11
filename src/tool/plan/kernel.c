/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/kernel.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "tool/output/path.h"
#include "tool/plan/modprobe_d.h"

static const char *const indexes[] = { "modules.dep.bin", "modules.builtin.bin" };

/* usr/lib first: where /lib is a link, an absolute one must not lead out of the sysroot. */
static const char *const directories[] = { "usr/lib/modules", "lib/modules" };

static int find_directory(const char *sysroot, const char *release, char **ret)
{
	for (size_t i = 0; i < COUNT_OF(directories); i++) {
		char *path = path_join(sysroot, directories[i], release);

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

/* libkmod does without an index that is missing or empty, and would find no module. */
static int check_indexes(struct kernel *kernel)
{
	for (size_t i = 0; i < COUNT_OF(indexes) && !kernel->bad_index; i++) {
		CLEANUP(free_string) char *path = path_join(kernel->dir, indexes[i], NULL);
		struct stat st;

		if (!path)
			return -ENOMEM;
		if (access(path, R_OK) < 0 || stat(path, &st) < 0 || !st.st_size)
			kernel->bad_index = indexes[i];
	}
	return 0;
}

/*
 * A dependency whose file is missing makes libkmod forget all dependencies of
 * that module and report success; only its log tells.
 */
static void on_log(void *data, int priority, const char *file, int line, const char *function, const char *format,
		   va_list args)
{
	struct kernel *kernel = data;

	(void)file;
	(void)line;
	(void)function;
	kernel->logged |= priority <= LOG_ERR;
	fputs("libkmod: ", stderr);
	vfprintf(stderr, format, args);
}

struct kmod_ctx *kmod_context_of_files(const char *const *paths)
{
	/* NULL would be the running kernel's directory. */
	return kmod_new("/dev/null", paths);
}

/* libkmod is given files, not directories: in those it would follow links out of the sysroot. */
static struct kmod_ctx *open_context(const char *dir, const char *sysroot)
{
	CLEANUP(modprobe_files_done) struct modprobe_files files = { 0 };
	struct kmod_ctx *ctx = NULL;
	const char **paths = NULL;
	size_t n = 0;

	if (modprobe_files(sysroot, &files) == 0)
		paths = calloc(files.n + 1, sizeof(paths[0]));
	for (size_t i = 0; paths && i < files.n; i++)
		if (files.items[i].path)
			paths[n++] = files.items[i].path;
	if (paths)
		ctx = kmod_new(dir, paths);
	free(paths);
	/* The analyzer knows no cleanup attribute. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return ctx;
}

int kernel_open(struct kernel *kernel, const char *sysroot, const char *release)
{
	const char *const none[] = { NULL };
	int r;

	*kernel = (struct kernel){ 0 };
	r = find_directory(sysroot, release, &kernel->dir);
	r = r < 0 ? r : check_indexes(kernel);
	if (r < 0)
		return r;
	kernel->ctx = open_context(kernel->dir, sysroot);
	kernel->bare = kmod_context_of_files(none);
	if (!kernel->ctx || !kernel->bare)
		return -ENOMEM;
	kmod_set_log_fn(kernel->ctx, on_log, kernel);
	/* Faster with the indexes in memory; libkmod does without, too. */
	kmod_load_resources(kernel->ctx);
	return 0;
}

void kernel_close(struct kernel *kernel)
{
	kmod_unref(kernel->ctx);
	kmod_unref(kernel->bare);
	free(kernel->dir);
	*kernel = (struct kernel){ 0 };
}

void kmod_context_unref(struct kmod_ctx **ctx)
{
	kmod_unref(*ctx);
}

static unsigned count_blacklisted(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_config_iter *iter = kmod_config_get_blacklists(ctx);
	unsigned n = 0;

	while (iter && kmod_config_iter_next(iter))
		/* After a next() that returned true there is a key.
		 * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
		 */
		n += !strcmp(kmod_config_iter_get_key(iter), name);
	kmod_config_iter_free_iter(iter);
	return n;
}

bool kernel_blacklists(const struct kernel *kernel, const char *name)
{
	return count_blacklisted(kernel->ctx, name) > count_blacklisted(kernel->bare, name);
}
