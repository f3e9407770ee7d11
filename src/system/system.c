/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/system.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

struct path {
	char at[SYSTEM_PATH_MAX];
};

static int path_format(struct path *path, const char *format, va_list args)
{
	int n = vsnprintf(path->at, sizeof(path->at), format, args);

	return n < 0 || (size_t)n >= sizeof(path->at) ? -ENAMETOOLONG : 0;
}

/* Format the path of the calling function; its last named argument is `format`. */
#define FORMAT_PATH(path, r)                                                                                           \
	do {                                                                                                           \
		va_list args;                                                                                          \
		va_start(args, format);                                                                                \
		(r) = path_format(path, format, args);                                                                 \
		va_end(args);                                                                                          \
	} while (0)

ssize_t system_read(struct system *sys, char *to, size_t size, const char *format, ...)
{
	struct path path;
	ssize_t n;

	FORMAT_PATH(&path, n);
	if (n < 0)
		return n;
	n = sys->ops->read(sys, path.at, to, size - 1);
	if (n >= 0)
		to[n] = '\0';
	return n;
}

int system_write(struct system *sys, const char *data, const char *format, ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r < 0 ? r : sys->ops->write(sys, path.at, data, strlen(data));
}

int system_link_name(struct system *sys, char *to, size_t size, const char *format, ...)
{
	char target[SYSTEM_PATH_MAX];
	const char *slash;
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	if (r >= 0)
		r = sys->ops->readlink(sys, path.at, target, sizeof(target));
	if (r < 0)
		return r;
	slash = strrchr(target, '/');
	return slice_store(slice_of(slash ? slash + 1 : target), to, size) ? 0 : -ENAMETOOLONG;
}

bool system_exists(struct system *sys, const char *format, ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r == 0 && sys->ops->exists(sys, path.at);
}

int system_for_each_entry(struct system *sys, int (*each)(const char *name, void *data), void *data, const char *format,
			  ...)
{
	struct path path;
	int r;

	FORMAT_PATH(&path, r);
	return r < 0 ? r : sys->ops->for_each_entry(sys, path.at, each, data);
}

/* klibc has no clock_gettime(); nothing sets the clock this early. */
unsigned long system_clock(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (unsigned long)now.tv_sec * 1000000ul + (unsigned long)now.tv_usec;
}
