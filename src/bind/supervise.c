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
#define FULL_TIMEOUTS 3 /* steps that time out after the whole timeout */
#define GRACE_MS 100	/* for a child that was only slow to die of SIGKILL */

struct child {
	pid_t pid;
	int life; /* a pipe whose other end only the child holds: it closes when the child ends */
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

/* DONE counts the steps that have returned: the child writes it, its parent reads it. */
static bool start_child(struct child *child, size_t n, volatile size_t *done, void (*step)(void *data, size_t i),
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
		/* Without its parent nothing would bound a step or report what it did. */
		while (*done < n && getppid() == parent) {
			step(data, *done);
			++*done;
		}
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

/*
 * Watch CHILD until it ends, or has been in one step for TIMEOUT seconds. 0 if
 * no step is to be abandoned, else why the step at DONE is.
 */
static int watch_child(struct child *child, unsigned timeout, const volatile size_t *done)
{
	unsigned long idle = 0;
	size_t seen = *done, now;
	int error = ECHILD;
	bool gone = false;

	while (!gone && idle < timeout * 1000ul) {
		gone = is_gone(child, POLL_MS);
		now = *done;
		idle = now == seen ? idle + POLL_MS : 0;
		seen = now;
	}
	if (!gone) {
		/* A child that hangs in the kernel dies when the call returns, and does not continue. */
		kill(child->pid, SIGKILL);
		gone = is_gone(child, GRACE_MS);
		/* The step may have returned in the last moment. */
		error = *done == seen ? ETIMEDOUT : 0;
	}
	close(child->life);
	while (gone && waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return error;
}

size_t supervise(size_t n, unsigned timeout, void (*step)(void *data, size_t i),
		 void (*timed_out)(void *data, size_t i, int error), void *data)
{
	volatile size_t *done = supervise_memory(sizeof(*done));
	unsigned hung = 0;
	struct child child;
	size_t result;

	while (done && *done < n && start_child(&child, n, done, step, data)) {
		int error = watch_child(&child, hung < FULL_TIMEOUTS ? timeout : 1, done);

		if (*done == n || !error)
			continue;
		timed_out(data, (*done)++, error);
		hung++;
	}
	result = done ? *done : 0;
	supervise_free((void *)done, sizeof(*done));
	return result;
}
