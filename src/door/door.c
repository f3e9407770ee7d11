/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door/door.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct path {
	char at[DOOR_PATH_MAX];
};

static int path_format(struct path *path, const char *format, va_list args)
{
	int n = vsnprintf(path->at, sizeof(path->at), format, args);

	return n < 0 || (size_t)n >= sizeof(path->at) ? -ENAMETOOLONG : 0;
}

/* Format the path of the calling function; its last named argument is `format`. */
#define FORMAT_PATH(path, r)                                  \
	do {                                                  \
		va_list args;                                 \
		va_start(args, format);                       \
		(r) = path_format(path, format, args);        \
		va_end(args);                                 \
	} while (0)

ssize_t door_read(struct door *door, char *to, size_t size, const char *format, ...)
{
	struct path path;
	ssize_t n;

	FORMAT_PATH(&path, n);
	if (n < 0)
		return n;
	n = door->ops->read(door, path.at, to, size - 1);
	if (n >= 0)
		to[n] = '\0';
	return n;
}

int door_write(struct door *door, const char *data, const char *format, ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r < 0 ? r : door->ops->write(door, path.at, data, strlen(data));
}

int door_link_name(struct door *door, char *to, size_t size, const char *format, ...)
{
	char target[DOOR_PATH_MAX];
	const char *slash;
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	if (r >= 0)
		r = door->ops->link(door, path.at, target, sizeof(target));
	if (r < 0)
		return r;
	slash = strrchr(target, '/');
	return text_store(text_of(slash ? slash + 1 : target), to, size) ? 0 : -ENAMETOOLONG;
}

bool door_exists(struct door *door, const char *format, ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r == 0 && door->ops->exists(door, path.at);
}

int door_list(struct door *door, int (*each)(const char *name, void *data), void *data, const char *format, ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r < 0 ? r : door->ops->list(door, path.at, each, data);
}
