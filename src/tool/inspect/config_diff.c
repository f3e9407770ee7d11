/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/config_diff.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/plan/memory_file.h"
#include "tool/output/terminal.h"
#include "tool/command/command.h"

/* As a shell has it for a program that is not there. */
#define DIFF_FAILED 127

static const struct source *find_source(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_sources; i++)
		if (!strcmp(config->sources[i].name, name))
			return &config->sources[i];
	return NULL;
}

static bool same_bytes(const struct source *a, const struct source *b)
{
	return a && b && a->len == b->len && (!a->len || !memcmp(a->bytes, b->bytes, a->len));
}

/* The first of A's files that B has not, or not so. */
static const char *first_other(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < a->n_sources; i++)
		if (!same_bytes(&a->sources[i], find_source(b, a->sources[i].name)))
			return a->sources[i].name;
	return NULL;
}

const char *config_changed_file(const struct config *a, const struct config *b)
{
	const char *name = first_other(a, b);

	return name ? name : first_other(b, a);
}

/* --- the program --- */

/* SOURCE's bytes as a file that the program can read: its descriptor, or a negative number. */
static int make_file(const struct source *source)
{
	int fd = memory_file("earlybind", 0);

	if (fd >= 0 && source && source->len && write(fd, source->bytes, source->len) != (ssize_t)source->len) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* What was read is compared, and no path opened again: one of a captured machine may lead out of it. */
static void run_diff(const char *name, const struct source *then, const struct source *now)
{
	char *old = NULL, *new = NULL, *old_label = NULL, *new_label = NULL;
	int old_file = make_file(then), new_file = make_file(now);

	if (old_file < 0 || new_file < 0 || asprintf(&old, "/dev/fd/%d", old_file) < 0 ||
	    asprintf(&new, "/dev/fd/%d", new_file) < 0 || asprintf(&old_label, "--label=%s (this boot)", name) < 0 ||
	    asprintf(&new_label, "--label=/etc/%s (now)", name) < 0)
		_exit(DIFF_FAILED);
	execlp("diff", "diff", "-u", old_label, new_label, old, new, (char *)NULL);
	_exit(DIFF_FAILED);
}

/* Takes over FD. */
static void print_output(int fd)
{
	FILE *from = fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (from && (n = getline(&line, &room, from)) > 0)
		print_own((struct slice){ line, (size_t)n - (line[n - 1] == '\n') });
	free(line);
	if (from)
		fclose(from);
	else
		close(fd);
}

static bool print_file(const char *name, const struct config *then, const struct config *now)
{
	int ends[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		if (dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(DIFF_FAILED);
		run_diff(name, find_source(then, name), find_source(now, name));
	}
	close(ends[1]);
	print_output(ends[0]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) != DIFF_FAILED;
}

void config_diff_print(const struct config *then, const struct config *now)
{
	bool printed = true;

	for (size_t i = 0; i < then->n_sources; i++)
		if (!same_bytes(&then->sources[i], find_source(now, then->sources[i].name)))
			printed &= print_file(then->sources[i].name, then, now);
	for (size_t i = 0; i < now->n_sources; i++)
		if (!find_source(then, now->sources[i].name))
			printed &= print_file(now->sources[i].name, then, now);
	if (!printed)
		say("what differs cannot be shown: the program diff is not installed, or cannot be run, or this kernel "
		    "has no "
		    "memfd_create");
}
