/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"

/* Unpacking takes 1 to 3 s; a person waits no longer than this. */
#define SECONDS_MAX 20

/* Run in the directory, which LSINITRD unpacks into and UNMKINITRAMFS is given. */
static const struct unpacker {
	const char *path;
	const char *option;
	bool wants_directory;
} unpackers[] = {
	{ "/usr/bin/unmkinitramfs", NULL, true },
	{ "/usr/bin/lsinitrd", "--unpack", false },
};

static const struct unpacker *find_unpacker(void)
{
	for (size_t i = 0; i < COUNT_OF(unpackers); i++)
		if (access(unpackers[i].path, X_OK) == 0)
			return &unpackers[i];
	return NULL;
}

/* --- being interrupted --- */

/*
 * From the directory's making to its removal these wait, and are let in then: so
 * neither it nor the program that fills it outlives this one.
 */
static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
static sigset_t before;

/* One that is ignored would stay pending for ever. */
static void hold_signals(void)
{
	struct sigaction action;
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&held, ends[i]);
	sigprocmask(SIG_BLOCK, &held, &before);
}

static void let_signals_in(void)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool is_interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (sigismember(&pending, ends[i]) && !sigismember(&before, ends[i]))
			return true;
	return false;
}

/* --- the program --- */

static void run_unpacker(const struct unpacker *unpacker, const char *image, const char *dir)
{
	char *argv[5] = { (char *)unpacker->path };
	size_t n = 1;
	int null = open("/dev/null", O_RDWR);

	if (unpacker->option)
		argv[n++] = (char *)unpacker->option;
	argv[n++] = (char *)image;
	if (unpacker->wants_directory)
		argv[n++] = (char *)dir;
	setpgid(0, 0);
	let_signals_in();
	if (null < 0 || chdir(dir) < 0)
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execv(unpacker->path, argv);
	_exit(127);
}

/* With all that it started: they hold the directory. */
static int wait_for(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int status;

	for (unsigned waited = 0; waited < SECONDS_MAX * 100 && !is_interrupted(); waited++) {
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
		if (ended < 0 && errno != EINTR)
			return -errno;
		nanosleep(&pause, NULL);
	}
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return is_interrupted() ? -EINTR : -ETIMEDOUT;
}

static int unpack_into(const struct unpacker *unpacker, const char *image, const char *dir)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_unpacker(unpacker, image, dir);
	/* Here as well, so that it is so by the time of a kill. */
	setpgid(pid, pid);
	return wait_for(pid);
}

int unpack_image(const char *image, char dir[UNPACK_SIZE])
{
	const struct unpacker *unpacker = find_unpacker();
	char *whole;
	int r;

	if (!unpacker)
		return -ENOENT;
	/* The program runs in another directory. */
	whole = realpath(image, NULL);
	if (!whole)
		return -errno;
	strcpy(dir, "/tmp/earlybind-check.XXXXXX");
	hold_signals();
	if (!mkdtemp(dir)) {
		let_signals_in();
		free(whole);
		return -EIO;
	}
	r = unpack_into(unpacker, whole, dir);
	free(whole);
	if (r < 0)
		unpack_remove(dir);
	return r;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path) < 0 && errno != ENOENT;
}

void unpack_remove(const char *dir)
{
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	let_signals_in();
}
