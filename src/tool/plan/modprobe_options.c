/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/modprobe_options.h"

#include <errno.h>
#include <libkmod.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tool/plan/kernel.h"
#include "tool/plan/modprobe_d.h"

static size_t count_options(struct kmod_ctx *ctx)
{
	struct kmod_config_iter *iter = kmod_config_get_options(ctx);
	size_t n = 0;

	while (iter && kmod_config_iter_next(iter))
		n++;
	kmod_config_iter_free_iter(iter);
	return n;
}

/* libkmod passes over a file that it cannot read, and a link that leads nowhere has no options. 0 or -ENOMEM. */
static int read_file(const char *path, const char *shown, const struct modprobe_reader *reader)
{
	const char *const none[] = { NULL }, *const paths[] = { path, NULL };
	CLEANUP(kmod_context_unref) struct kmod_ctx *bare = NULL, *ctx = NULL;
	struct kmod_config_iter *iter;
	size_t n;

	if (access(path, R_OK) < 0) {
		if (errno != ENOENT)
			reader->unreadable(shown, -errno, reader->data);
		return 0;
	}
	bare = kmod_context_of_files(none);
	ctx = kmod_context_of_files(paths);
	if (!ctx || !bare)
		return -ENOMEM;
	/* The options of the running system's command line come after the file's own: leave them out. */
	n = count_options(ctx) - count_options(bare);
	iter = kmod_config_get_options(ctx);
	while (n-- && iter && kmod_config_iter_next(iter))
		reader->option(shown, kmod_config_iter_get_key(iter), kmod_config_iter_get_value(iter), reader->data);
	kmod_config_iter_free_iter(iter);
	return 0;
}

int modprobe_each_option(const char *sysroot, const char *file, const struct modprobe_reader *reader)
{
	CLEANUP(modprobe_files_done) struct modprobe_files files = { 0 };
	int r;

	if (file)
		return read_file(file, file, reader);
	r = modprobe_files(sysroot, &files);
	for (size_t i = 0; i < files.n && r == 0; i++) {
		const struct modprobe_file *listed = &files.items[i];

		if (listed->error < 0)
			reader->unreadable(listed->shown, listed->error, reader->data);
		if (listed->path)
			r = read_file(listed->path, listed->shown, reader);
	}
	/* The analyzer knows no cleanup attribute. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return r;
}
