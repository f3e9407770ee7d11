/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/kmod_context.h"

#include <fcntl.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/plan/memory_file.h"

#define SAID_MAX (64 * 1024)

/*
 * libkmod reads the settings before it can be given a function to log with, and
 * prints what it does not understand as it stands. So standard error is a file
 * without a name for as long; where there is no such file, the words are lost.
 */
struct diverted {
	int file; /* or a negative errno: there is nothing to read */
	int kept; /* standard error itself, or -1: it is closed */
};

static void lose_words(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}

static struct diverted divert(void)
{
	struct diverted d = { .kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) };

	d.file = memory_file("libkmod", MFD_CLOEXEC);
	if (d.kept >= 0 && d.file >= 0)
		dup2(d.file, STDERR_FILENO);
	else if (d.kept >= 0)
		lose_words();
	return d;
}

static void restore(const struct diverted *d)
{
	if (d->kept < 0)
		return;
	dup2(d->kept, STDERR_FILENO);
	close(d->kept);
}

/* Where LINES names PATH, a newline in it would begin a line that libkmod did not say. */
static void hide_newlines(char *lines, const char *path)
{
	if (!path || !strchr(path, '\n'))
		return;
	for (char *at = strstr(lines, path); at; at = strstr(at, path))
		for (const char *end = at + strlen(path); at < end; at++)
			if (*at == '\n')
				*at = '?';
}

/* A line that did not fit is dropped as a whole. */
static void drop_part_of_line(struct kmod_said *said)
{
	char *last = strrchr(said->lines, '\n');

	said->more = true;
	said->lines[last ? last + 1 - said->lines : 0] = '\0';
}

static void read_said(int file, const char *dir, const char *const *paths, struct kmod_said *said)
{
	struct stat st;
	ssize_t n;

	if (file < 0 || fstat(file, &st) < 0 || st.st_size == 0)
		return;
	said->lines = malloc(SAID_MAX);
	if (!said->lines)
		return;
	n = pread(file, said->lines, SAID_MAX - 1, 0);
	said->lines[n < 0 ? 0 : n] = '\0';
	hide_newlines(said->lines, dir);
	for (size_t i = 0; paths[i]; i++)
		hide_newlines(said->lines, paths[i]);
	if (st.st_size > SAID_MAX - 1)
		drop_part_of_line(said);
}

struct kmod_ctx *kmod_context_new(const char *dir, const char *const *paths, struct kmod_said *ret_said)
{
	struct diverted d;
	struct kmod_ctx *ctx;

	/* It would make libkmod say what is no mistake, or keep it from saying what is one. */
	unsetenv("KMOD_LOG");
	d = divert();
	ctx = kmod_new(dir, paths);
	restore(&d);
	if (ctx)
		kmod_set_log_priority(ctx, -1);
	if (ret_said) {
		*ret_said = (struct kmod_said){ .error = d.file < 0 ? d.file : 0 };
		read_said(d.file, dir, paths, ret_said);
	}
	if (d.file >= 0)
		close(d.file);
	return ctx;
}

void kmod_context_unref(struct kmod_ctx **ctx)
{
	kmod_unref(*ctx);
}
