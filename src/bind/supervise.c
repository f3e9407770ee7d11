/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 100	/* how often a working child is looked at */
#define FULL_TIMEOUTS 3 /* stuck steps that get the whole timeout */
#define GRACE_MS 100	/* for a child that was only slow to die of SIGKILL */

/* How far a child is; written by it, read by its parent. */
struct position {
	volatile size_t done; /* steps that came back */
};

struct child {
	pid_t pid;
	int life; /* a pipe whose other end only the child holds: its end is the child's */
};

void *supervise_memory(size_t size)
{
	void *memory = mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void supervise_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size ? size : 1);
}

/* Without its parent nobody would bound it or tell what it did: then it is better not done. */
static void run_steps(pid_t parent, size_t n, struct position *position, void (*step)(void *data, size_t i), void *data)
{
	for (size_t i = position->done; i < n && getppid() == parent; i++) {
		step(data, i);
		position->done = i + 1;
	}
}

static bool start_child(struct child *child, size_t n, struct position *position, void (*step)(void *data, size_t i),
			void *data)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe(ends) < 0)
		return false;
	/* A modprobe that outlives its parent must not keep the pipe open. */
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	child->pid = fork();
	if (child->pid == 0) {
		close(ends[0]);
		run_steps(parent, n, position, step, data);
		_exit(0);
	}
	close(ends[1]);
	child->life = ends[0];
	if (child->pid < 0)
		close(ends[0]);
	return child->pid > 0;
}

/* Wait for CHILD's end, but not for longer than MILLISECONDS. */
static bool is_gone(const struct child *child, int milliseconds)
{
	struct pollfd pollfd = { .fd = child->life, .events = POLLIN };
	int n;

	do
		n = poll(&pollfd, 1, milliseconds);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Until CHILD is gone, or has been in one step for TIMEOUT seconds. */
static bool wait_for_child(const struct child *child, unsigned timeout, const struct position *position)
{
	size_t seen = position->done;
	unsigned long idle = 0;

	while (idle < timeout * 1000ul) {
		if (is_gone(child, POLL_MS))
			return true;
		idle = position->done == seen ? idle + POLL_MS : 0;
		seen = position->done;
	}
	return false;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Watch CHILD until it ends or one step takes too long. 0 when nothing has to
 * be given up, else why the step at POSITION has to be.
 */
static int watch_child(struct child *child, unsigned timeout, const struct position *position)
{
	bool gone = wait_for_child(child, timeout, position);
	int error = ECHILD;

	if (!gone) {
		size_t late = position->done;

		/* It acts on the signal only when the kernel lets it go; then it must not go on. */
		kill(child->pid, SIGKILL);
		gone = is_gone(child, GRACE_MS);
		/* The step may have come back in the last moment. */
		error = position->done == late ? ETIMEDOUT : 0;
	}
	close(child->life);
	if (gone)
		reap(child->pid);
	return error;
}

size_t supervise(size_t n, unsigned timeout, void (*step)(void *data, size_t i),
		 void (*timed_out)(void *data, size_t i, int error), void *data)
{
	struct position *position = supervise_memory(sizeof(*position));
	unsigned hung = 0;
	struct child child;
	size_t done;

	while (position && position->done < n && start_child(&child, n, position, step, data)) {
		int error = watch_child(&child, hung < FULL_TIMEOUTS ? timeout : 1, position);

		if (position->done == n || !error)
			continue;
		timed_out(data, position->done++, error);
		hung++;
	}
	done = position ? position->done : 0;
	supervise_free(position, sizeof(*position));
	return done;
}
