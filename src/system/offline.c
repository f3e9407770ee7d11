/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths of a captured machine. Its links are whatever was captured, absolute
 * ones too; followed by the kernel they would lead out of the tree, into the
 * machine that looks at it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "system/system.h"

#define LINKS_MAX 40 /* as many as the kernel follows */

struct resolving {
	int root;
	struct slice rest;		   /* components still to come */
	char pending[SYSTEM_PATH_MAX * 2]; /* holds REST once a link has been met */
	char *to;
	size_t len;
	unsigned links;
};

static void go_up(struct resolving *r)
{
	while (r->len && r->to[r->len - 1] != '/')
		r->len--;
	if (r->len)
		r->len--;
	r->to[r->len] = '\0';
}

static int go_down(struct resolving *r, struct slice name)
{
	if (r->len + name.len + 2 > SYSTEM_PATH_MAX)
		return -ENAMETOOLONG;
	if (r->len)
		r->to[r->len++] = '/';
	memcpy(r->to + r->len, name.at, name.len);
	r->len += name.len;
	r->to[r->len] = '\0';
	return 0;
}

/* Put the link's target in front of what is still to come. */
static int follow(struct resolving *r, const char *target, size_t len)
{
	char rest[SYSTEM_PATH_MAX];

	if (++r->links > LINKS_MAX)
		return -ELOOP;
	if (!slice_store(r->rest, rest, sizeof(rest)) || len + strlen(rest) + 2 > sizeof(r->pending))
		return -ENAMETOOLONG;
	memcpy(r->pending, target, len);
	r->pending[len] = '/';
	strcpy(r->pending + len + 1, rest);
	r->rest = slice_of(r->pending);
	if (target[0] == '/')
		r->to[r->len = 0] = '\0';
	else
		go_up(r);
	return 0;
}

static int enter(struct resolving *r, struct slice name, bool follow_it)
{
	char target[SYSTEM_PATH_MAX];
	ssize_t n;
	int error;

	if (!name.len || slice_is(name, "."))
		return 0;
	if (slice_is(name, "..")) {
		go_up(r);
		return 0;
	}
	error = go_down(r, name);
	if (error < 0 || !follow_it)
		return error;
	n = readlinkat(r->root, r->to, target, sizeof(target));
	/* No link, or nothing at all: the operation itself will tell. */
	if (n < 0)
		return 0;
	return (size_t)n == sizeof(target) ? -ENAMETOOLONG : follow(r, target, (size_t)n);
}

int offline_resolve(int root, const char *path, bool follow_last, char to[SYSTEM_PATH_MAX])
{
	struct resolving r = { .root = root, .rest = slice_of(path), .to = to };
	int error = 0;

	to[0] = '\0';
	while (r.rest.at && error == 0) {
		struct slice name = slice_cut(&r.rest, '/');

		error = enter(&r, name, r.rest.len || follow_last);
	}
	if (error == 0 && !r.len)
		strcpy(to, ".");
	return error;
}
