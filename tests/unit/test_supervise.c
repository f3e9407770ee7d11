/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bind/supervise.h"

#define STEPS 6

/* What step I does when it is run, and what is known afterwards. */
enum behaviour { WORKS, HANGS, HANGS_AGAINST_SIGNALS, CRASHES, SLOW };

struct trial {
	enum behaviour behaviour[STEPS];
	int runs[STEPS];     /* how often the step came back */
	int given_up[STEPS]; /* the error it was given up with */
	pid_t pids[STEPS];
};

static void step(void *data, size_t i)
{
	struct trial *t = data;

	t->pids[i] = getpid();
	switch (t->behaviour[i]) {
	case HANGS_AGAINST_SIGNALS:
		for (int s = 1; s < 32; s++)
			signal(s, SIG_IGN);
		/* fall through */
	case HANGS:
		for (;;)
			pause();
	case CRASHES:
		signal(SIGKILL, SIG_DFL);
		kill(getpid(), SIGKILL);
		break;
	case SLOW:
		usleep(300 * 1000);
		break;
	case WORKS:
		break;
	}
	t->runs[i]++;
}

static void timed_out(void *data, size_t i, int error)
{
	struct trial *t = data;

	t->given_up[i] = error;
}

static int setup(void **state)
{
	*state = supervise_memory(sizeof(struct trial));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	supervise_free(*state, sizeof(struct trial));
	return 0;
}

static void check(const struct trial *t)
{
	for (size_t i = 0; i < STEPS; i++) {
		int error = t->behaviour[i] == WORKS || t->behaviour[i] == SLOW ? 0
			    : t->behaviour[i] == CRASHES			? ECHILD
										: ETIMEDOUT;

		assert_int_equal(t->given_up[i], error);
		assert_int_equal(t->runs[i], error ? 0 : 1);
	}
}

static double run(struct trial *t, unsigned timeout)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	supervise(STEPS, timeout, step, timed_out, t);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

static void test_all_in_one_child(void **state)
{
	struct trial *t = *state;

	run(t, 5);
	check(t);
	assert_int_not_equal(t->pids[0], getpid());
	for (size_t i = 1; i < STEPS; i++)
		assert_int_equal(t->pids[i], t->pids[0]);
}

static void test_slow_is_not_stuck(void **state)
{
	struct trial *t = *state;

	/* Together longer than the timeout, each on its own not. */
	for (size_t i = 0; i < STEPS; i++)
		t->behaviour[i] = SLOW;
	run(t, 1);
	check(t);
}

static void test_hang_costs_its_step_only(void **state)
{
	struct trial *t = *state;

	t->behaviour[2] = HANGS;
	assert_true(run(t, 1) < 4);
	check(t);
	assert_int_not_equal(t->pids[3], t->pids[1]);
}

static void test_hang_that_ignores_signals(void **state)
{
	struct trial *t = *state;

	t->behaviour[0] = HANGS_AGAINST_SIGNALS;
	t->behaviour[5] = HANGS;
	run(t, 1);
	check(t);
}

static void test_crash_costs_its_step_only(void **state)
{
	struct trial *t = *state;

	t->behaviour[0] = CRASHES;
	t->behaviour[3] = CRASHES;
	t->behaviour[5] = CRASHES;
	run(t, 5);
	check(t);
}

/* After three steps that hang the others get a second each, whatever the timeout is. */
static void test_many_hangs_do_not_add_up(void **state)
{
	struct trial *t = *state;

	for (size_t i = 0; i < STEPS; i++)
		t->behaviour[i] = HANGS;
	assert_true(run(t, 2) < 3 * 2 + 3 * 1 + 2);
	check(t);
}

static void test_no_steps(void **state)
{
	struct trial *t = *state;

	supervise(0, 1, step, timed_out, t);
	assert_int_equal(t->runs[0], 0);
}

/* A child that was given up while it slept must not wake up and go on. */
static void test_given_up_child_is_dead(void **state)
{
	struct trial *t = *state;

	t->behaviour[1] = HANGS;
	run(t, 1);
	assert_int_equal(kill(t->pids[1], 0), -1);
	assert_int_equal(errno, ESRCH);
}

/* Without somebody to bound it a child does nothing more. */
static void test_orphan_stops(void **state)
{
	struct trial *t = *state;
	pid_t parent;

	for (size_t i = 0; i < STEPS; i++)
		t->behaviour[i] = SLOW;
	parent = fork();
	if (parent == 0) {
		supervise(STEPS, 5, step, timed_out, t);
		_exit(0);
	}
	assert_true(parent > 0);
	while (!t->pids[0])
		usleep(1000);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	usleep(600 * 1000);
	assert_int_equal(t->pids[2], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_in_one_child),
		TEST(test_slow_is_not_stuck),
		TEST(test_hang_costs_its_step_only),
		TEST(test_hang_that_ignores_signals),
		TEST(test_crash_costs_its_step_only),
		TEST(test_no_steps),
		TEST(test_many_hangs_do_not_add_up),
		TEST(test_given_up_child_is_dead),
		TEST(test_orphan_stops),
	};

	return cmocka_run_group_tests_name("supervise", tests, NULL, NULL);
}
