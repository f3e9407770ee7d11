/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/run_in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of processor time: hundreds of times what a plan takes for the kernel of a distribution, which is 0.02 seconds. */
#define SECONDS_MAX 10

static void be_silent(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
}

static void act_alone(void (*act)(void *data), void *data)
{
	static const struct rlimit no_core = { 0, 0 }, time = { SECONDS_MAX, SECONDS_MAX };

	be_silent();
	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_CPU, &time);
	act(data);
	_exit(0);
}

int run_in_child(void (*act)(void *data), void *data, int *ret_signal)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		act_alone(act, data);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return 0;
}
