/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door to a real machine, or to a captured one: plain system calls below a root directory. */
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

#include "system/system.h"
#include "system/module_call.h"

/* A path that can be given to the kernel together with the root's descriptor. */
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

static int slurp_fd(int fd, size_t limit, char **ret, size_t *ret_len)
{
	size_t len = 0, room = 4096;
	char *bytes = malloc(room);
	ssize_t n = bytes ? 1 : -ENOMEM;

	while (n > 0 && len < limit) {
		if (len == room) {
			char *more = realloc(bytes, room * 2);

			if (!more) {
				n = -ENOMEM;
				break;
			}
			bytes = more;
			room *= 2;
		}
		n = read_once(fd, bytes + len, (room < limit ? room : limit) - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0) {
		free(bytes);
		return (int)n;
	}
	*ret = bytes;
	*ret_len = len;
	return 0;
}

static int real_slurp(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	int fd = open_below(sys, path, O_RDONLY | O_NONBLOCK);
	int r;

	if (fd < 0)
		return (int)noted(sys, path, fd);
	r = slurp_fd(fd, limit, ret, ret_len);
	close(fd);
	return (int)noted(sys, path, r);
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
	/* Anew for each record: the kernel drops more than 10 in 5 s of one open file, silently. */
	return open_and_write(sys, "dev/kmsg", O_APPEND, record, len);
}

static int real_link(struct system *sys, const char *path, char *to, size_t size)
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

static int real_list(struct system *sys, const char *path, int (*each)(const char *name, void *data), void *data)
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

static int real_make_directory(struct system *sys, const char *path)
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
	/* Behind a link somebody else may keep what we write. */
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

/* Where what is to become PLACE is written, in the same directory; a name that leaves no room for more loses its end.
 */
static int find_fresh(const char *place, char to[SYSTEM_PATH_MAX])
{
	const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;
	size_t len = strlen(name), max = NAME_MAX - strlen(FRESH);
	int kept = (int)(name - place) + (int)(len < max ? len : max);

	return snprintf(to, SYSTEM_PATH_MAX, "%.*s" FRESH, kept, place) < SYSTEM_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int real_put(struct system *sys, const char *path, const char *data, size_t len)
{
	struct place place, fresh;
	int r = find_place(sys, path, false, &place);

	r = r < 0 ? r : find_fresh(place.at, fresh.at);
	return r < 0 ? r : write_and_rename(sys, fresh.at, place.at, data, len);
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

static void real_pause(struct system *sys, unsigned milliseconds)
{
	(void)sys;
	poll(NULL, 0, (int)milliseconds);
}

#define LOCK_LOOK_MS 20

/* A lock of fcntl(2): a child that is stuck in the kernel must not keep it, as it would one of flock(2). */
static int real_lock(struct system *sys, const char *path, unsigned seconds)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	unsigned long left = seconds * 1000ul / LOCK_LOOK_MS;
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
		real_pause(sys, LOCK_LOOK_MS);
	}
	/* Closing it would give the lock back. */
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

static int real_modprobe(struct system *sys, const char *name)
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
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			execl(places[i], "modprobe", "-q", name, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static void real_prove(struct system *sys, unsigned group, struct trial *ret)
{
	if (sys->offline)
		*ret = (struct trial){ TRIAL_NOT_MADE, 0 };
	else
		vfio_try_group(sys->root, group, ret);
}

static const struct system_ops real_ops = {
	.read = real_read,
	.read_all = real_slurp,
	.write = real_write,
	.log = real_log,
	.readlink = real_link,
	.for_each_entry = real_list,
	.exists = real_exists,
	.mkdir = real_make_directory,
	.replace_file = real_put,
	.append = real_append,
	.lock = real_lock,
	.sleep_ms = real_pause,
	.load_module = real_load_module,
	.modprobe = real_modprobe,
	.try_group = real_prove,
};

/* By any name: "//" is the running system too. 1, 0 or a negative errno. */
static int is_running_system(int fd)
{
	struct stat here, root;

	if (fstat(fd, &here) < 0 || stat("/", &root) < 0)
		return -errno;
	return here.st_dev == root.st_dev && here.st_ino == root.st_ino;
}

int system_open(struct system *sys, const char *root)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), running;

	if (fd < 0)
		return -errno;
	running = is_running_system(fd);
	if (running < 0) {
		close(fd);
		return running;
	}
	*sys = (struct system){ .ops = &real_ops, .root = fd, .offline = !running };
	return 0;
}

void system_close(struct system *sys)
{
	if (sys->root >= 0)
		close(sys->root);
	sys->root = -1;
}
