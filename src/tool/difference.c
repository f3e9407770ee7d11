/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/record.h"
#include "tool/tool.h"

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

const char *config_difference(const struct config *a, const struct config *b)
{
	const char *name = first_other(a, b);

	return name ? name : first_other(b, a);
}

/* --- the program --- */

static void run_diff(const char *sysroot, const char *name, bool then, bool now)
{
	const char *root = strcmp(sysroot, "/") ? sysroot : "";
	char *old = NULL, *new = NULL, *old_label = NULL, *new_label = NULL;

	if (asprintf(&old, "%s/" RECORD_CONFIG "/%s", root, name) < 0 || asprintf(&new, "%s/etc/%s", root, name) < 0 ||
	    asprintf(&old_label, "--label=%s (this boot)", name) < 0 ||
	    asprintf(&new_label, "--label=/etc/%s (now)", name) < 0)
		_exit(127);
	execlp("diff", "diff", "-u", old_label, new_label, then ? old : "/dev/null", now ? new : "/dev/null",
	       (char *)NULL);
	_exit(127);
}

static bool print_file(const char *sysroot, const char *name, const struct config *then, const struct config *now)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_diff(sysroot, name, find_source(then, name), find_source(now, name));
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) < 2;
}

bool print_difference(const char *sysroot, const struct config *then, const struct config *now)
{
	bool printed = true;

	for (size_t i = 0; i < then->n_sources; i++)
		if (!same_bytes(&then->sources[i], find_source(now, then->sources[i].name)))
			printed &= print_file(sysroot, then->sources[i].name, then, now);
	for (size_t i = 0; i < now->n_sources; i++)
		if (!find_source(then, now->sources[i].name))
			printed &= print_file(sysroot, now->sources[i].name, then, now);
	return printed;
}
