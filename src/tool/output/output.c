/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int may_replace(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

/* Takes over FD. */
static int fill(int fd, void (*print)(FILE *to, const void *data), const void *data)
{
	FILE *to = fdopen(fd, "w");
	bool bad;

	if (!to) {
		int r = -errno;

		close(fd);
		return r;
	}
	print(to, data);
	bad = fchmod(fd, 0644) < 0 || fflush(to) != 0 || ferror(to);
	if (bad) {
		int r = errno ? -errno : -EIO;

		fclose(to);
		return r;
	}
	return fclose(to) == 0 ? 0 : -errno;
}

int write_file(const char *path, void (*print)(FILE *to, const void *data), const void *data)
{
	char *part = NULL;
	int fd, r;

	r = may_replace(path);
	if (r < 0)
		return r;
	if (asprintf(&part, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(part, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		free(part);
		return r;
	}
	r = fill(fd, print, data);
	if (r == 0 && rename(part, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(part);
	free(part);
	return r;
}
