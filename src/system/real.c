/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running system or a captured machine: plain system calls below a root directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "system/module_call.h"
#include "system/system.h"

/* A path for the kernel, relative to the root's descriptor. */
struct place {
	char at[SYSTEM_PATH_MAX];
};

static int find_place(struct system *sys, const char *path, bool follow_last, struct place *ret)
{
	if (sys->offline)
		return offline_resolve(sys->root, path, follow_last, ret->at);
	return slice_store(slice_of(path), ret->at, sizeof(ret->at)) ? 0 : -ENAMETOOLONG;
}

static int open_below(struct system *sys, const char *path, int flags)
{
	struct place place;
	int fd = find_place(sys, path, true, &place);

	if (fd < 0)
		return fd;
	do
		fd = openat(sys->root, place.at, flags | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* R is what looking at PATH came to; absence is an answer, and so is that something is no link or no file. */
static ssize_t noted(struct system *sys, const char *path, ssize_t r)
{
	struct system_failures *f = &sys->failures;

	if (r >= 0 || r == -ENOENT || r == -ENOTDIR || r == -EISDIR || r == -EINVAL)
		return r;
	if (f->count++ == 0) {
		f->error = (int)-r;
		slice_store(slice_of(path), f->first, sizeof(f->first));
	}
	return r;
}

static ssize_t read_once(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t real_read(struct system *sys, const char *path, char *to, size_t size)
{
	int fd = open_below(sys, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return noted(sys, path, fd);
	n = read_once(fd, to, size);
	close(fd);
	return noted(sys, path, n);
}

static bool is_special(struct system *sys, const char *path)
{
	struct place place;
	struct stat st;

	return find_place(sys, path, true, &place) == 0 && fstatat(sys->root, place.at, &st, 0) == 0 &&
	       !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int real_read_all(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	/* Should it become a FIFO now, opening it does not wait. */
	int fd = is_special(sys, path) ? -ENXIO : open_below(sys, path, O_RDONLY | O_NONBLOCK);
	struct buffer buffer = { .bytes = NULL };
	ssize_t n;

	if (fd == -ENXIO)
		return fd;
	if (fd < 0)
		return (int)noted(sys, path, fd);
	buffer_reserve(&buffer, 4096);
	do {
		n = buffer_reserve(&buffer, 1);
		if (n == 0)
			n = read_once(fd, buffer.bytes + buffer.len,
				      (buffer.room < limit ? buffer.room : limit) - buffer.len);
		if (n > 0)
			buffer.len += (size_t)n;
	} while (n > 0 && buffer.len < limit);
	close(fd);
	if (n < 0) {
		buffer_done(&buffer);
		return (int)noted(sys, path, n);
	}
	*ret = buffer.bytes;
	*ret_len = buffer.len;
	return 0;
}

static int write_all_at_once(int fd, const char *data, size_t len)
{
	ssize_t n;

	/* sysfs acts on each write(2): what did not go in at once must not be sent after it. */
	do
		n = write(fd, data, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int open_and_write(struct system *sys, const char *path, int flags, const char *data, size_t len)
{
	int fd = open_below(sys, path, O_WRONLY | flags);
	int r;

	if (fd < 0)
		return fd;
	r = write_all_at_once(fd, data, len);
	close(fd);
	return r;
}

static int real_write(struct system *sys, const char *path, const char *data, size_t len)
{
	/* Sysfs knows no truncation; in a captured machine it makes the file read back as written. */
	return open_and_write(sys, path, sys->offline ? O_TRUNC : 0, data, len);
}

static int real_log(struct system *sys, const char *record, size_t len)
{
	/* Opened for each record: of one open file the kernel drops more than 10 in 5 s, silently. */
	return open_and_write(sys, "dev/kmsg", O_APPEND, record, len);
}

static int real_readlink(struct system *sys, const char *path, char *to, size_t size)
{
	struct place place;
	ssize_t n = find_place(sys, path, false, &place);

	if (n < 0)
		return (int)n;
	n = readlinkat(sys->root, place.at, to, size);
	if (n < 0)
		return (int)noted(sys, path, -errno);
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	to[n] = '\0';
	return 0;
}

static int real_for_each_entry(struct system *sys, const char *path, int (*each)(const char *name, void *data),
			       void *data)
{
	int fd = open_below(sys, path, O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	int r = 0;
	DIR *dir;

	if (fd < 0)
		return (int)noted(sys, path, fd);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return (int)noted(sys, path, -ENOMEM);
	}
	for (errno = 0; r == 0 && (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = each(entry->d_name, data);
	if (r == 0 && errno)
		r = (int)noted(sys, path, -errno);
	closedir(dir);
	return r;
}

static bool real_exists(struct system *sys, const char *path)
{
	struct place place;

	if (find_place(sys, path, true, &place) < 0)
		return false;
	return noted(sys, path, faccessat(sys->root, place.at, F_OK, 0) < 0 ? -errno : 0) == 0;
}

static int real_mkdir(struct system *sys, const char *path)
{
	struct place place;
	struct stat there;
	int r = find_place(sys, path, false, &place);

	if (r < 0)
		return r;
	if (mkdirat(sys->root, place.at, 0755) == 0)
		return 0;
	if (errno != EEXIST || fstatat(sys->root, place.at, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	/* A link may lead to where somebody else keeps what we write. */
	return S_ISDIR(there.st_mode) ? 0 : -ENOTDIR;
}

static int write_fully(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_and_rename(struct system *sys, const char *fresh, const char *place, const char *data, size_t len)
{
	int fd, r;

	/* A run that was killed may have left its half; anything else by that name goes as well. */
	unlinkat(sys->root, fresh, 0);
	fd = openat(sys->root, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = write_fully(fd, data, len);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(sys->root, fresh, sys->root, place) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(sys->root, fresh, 0);
	return r;
}

#define FRESH ".new"

static int real_replace_file(struct system *sys, const char *path, const char *data, size_t len)
{
	const size_t max = NAME_MAX - strlen(FRESH);
	struct place place, fresh;
	const char *slash, *name;
	int r = find_place(sys, path, false, &place), kept;

	if (r < 0)
		return r;
	/* Written in the same directory; a name that leaves no room for more loses its end. */
	slash = strrchr(place.at, '/');
	name = slash ? slash + 1 : place.at;
	kept = (int)(name - place.at) + (int)(strlen(name) < max ? strlen(name) : max);
	if (snprintf(fresh.at, sizeof(fresh.at), "%.*s" FRESH, kept, place.at) >= (int)sizeof(fresh.at))
		return -ENAMETOOLONG;
	return write_and_rename(sys, fresh.at, place.at, data, len);
}

static int open_or_make(struct system *sys, const char *path, int flags)
{
	struct place place;
	int fd = find_place(sys, path, true, &place);

	if (fd < 0)
		return fd;
	fd = openat(sys->root, place.at, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0644);
	return fd < 0 ? -errno : fd;
}

static int real_append(struct system *sys, const char *path, const char *data, size_t len)
{
	int fd = open_or_make(sys, path, O_WRONLY | O_APPEND);
	int r;

	if (fd < 0)
		return fd;
	r = write_all_at_once(fd, data, len);
	close(fd);
	return r;
}

static void real_sleep_ms(struct system *sys, unsigned milliseconds)
{
	(void)sys;
	poll(NULL, 0, (int)milliseconds);
}

#define LOCK_POLL_MS 20

/* A lock of fcntl(2): a child that hangs in the kernel must not keep it, as it would one of flock(2). */
static int real_lock(struct system *sys, const char *path, unsigned seconds)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	unsigned long left = seconds * 1000ul / LOCK_POLL_MS;
	int fd = open_or_make(sys, path, O_RDWR);
	int r;

	if (fd < 0)
		return fd;
	while (fcntl(fd, F_SETLK, &whole) < 0) {
		r = errno == EAGAIN || errno == EACCES ? -ETIMEDOUT : -errno;
		if (r != -ETIMEDOUT || left-- == 0) {
			close(fd);
			return r;
		}
		real_sleep_ms(sys, LOCK_POLL_MS);
	}
	/* Closing it would release the lock. */
	return 0;
}

static int real_load_module(struct system *sys, const char *path, const char *options, bool compressed)
{
	int fd, r;

	if (sys->offline)
		return -EPERM;
	fd = open_below(sys, path, O_RDONLY);
	if (fd < 0)
		return fd;
	r = module_call(fd, options, compressed) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int real_modprobe(struct system *sys, const char *name, const char *option)
{
	static const char *const places[] = { "/sbin/modprobe", "/usr/sbin/modprobe", "/bin/modprobe" };
	int status;
	pid_t pid;

	if (sys->offline)
		return -EPERM;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		for (size_t i = 0; i < COUNT_OF(places); i++)
			execl(places[i], "modprobe", "-q", name, option, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static void real_try_group(struct system *sys, unsigned group, struct trial *ret)
{
	if (sys->offline)
		*ret = (struct trial){ TRIAL_NOT_MADE, 0 };
	else
		vfio_try_group(sys->root, group, ret);
}

static const struct system_ops real_ops = {
	.read = real_read,
	.read_all = real_read_all,
	.write = real_write,
	.log = real_log,
	.readlink = real_readlink,
	.for_each_entry = real_for_each_entry,
	.exists = real_exists,
	.mkdir = real_mkdir,
	.replace_file = real_replace_file,
	.append = real_append,
	.lock = real_lock,
	.sleep_ms = real_sleep_ms,
	.load_module = real_load_module,
	.modprobe = real_modprobe,
	.try_group = real_try_group,
};

int system_open(struct system *sys, const char *root)
{
	struct stat here, running;
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &here) < 0 || stat("/", &running) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	/* The running system by any name: "//" is one, too. */
	*sys = (struct system){
		.ops = &real_ops,
		.root = fd,
		.offline = here.st_dev != running.st_dev || here.st_ino != running.st_ino,
	};
	return 0;
}

void system_close(struct system *sys)
{
	if (sys->root >= 0)
		close(sys->root);
	sys->root = -1;
}
