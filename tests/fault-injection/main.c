/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The static binder on a fake kernel, with each of its system calls in turn
 * failing, killing it, or never coming back. usage: faults BINDER [JOBS]
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "kernel.h"
#include "machine.h"
#include "trap.h"

#define CALLS_MAX 4096
#define NUMBERS_MAX 512
#define SECONDS 30 /* for a whole run, on a busy machine; the binder's own timeout is one second */

/* The TIMES-th call NR of process ROLE. */
struct place {
	unsigned role;
	long nr;
	unsigned times;
	char what[200];
};

struct fault_trial {
	struct fake *fake;
	const struct place *place; /* where to strike, or NULL */
	struct trap_reply strike;
	bool struck;
	unsigned counts[TRAP_ROLES_MAX][NUMBERS_MAX];
	/* of a run that is only watched */
	struct place *seen;
	size_t n_seen;
};

static const struct kind {
	const char *name;
	struct trap_reply strike;
} kinds[] = {
	{ "EIO", { TRAP_ANSWER, -EIO } },	{ "ENOMEM", { TRAP_ANSWER, -ENOMEM } },
	{ "EACCES", { TRAP_ANSWER, -EACCES } }, { "EBUSY", { TRAP_ANSWER, -EBUSY } },
	{ "ENODEV", { TRAP_ANSWER, -ENODEV } }, { "EINTR", { TRAP_ANSWER, -EINTR } },
	{ "hang", { TRAP_HANG, 0 } },		{ "kill", { TRAP_KILL_ALL, 0 } },
	{ "kill one", { TRAP_KILL, 0 } },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* What the workers count together. */
struct sums {
	unsigned struck[KINDS];
	unsigned wrong[KINDS];
	unsigned missed; /* places that did not come up again */
};

static struct trap_reply handle(void *data, const struct trap_call *call)
{
	struct fault_trial *t = data;
	unsigned times = ++t->counts[call->role][call->nr % NUMBERS_MAX];

	if (t->seen && t->n_seen < CALLS_MAX) {
		struct place *p = &t->seen[t->n_seen++];

		*p = (struct place){ .role = call->role, .nr = call->nr, .times = times };
		kernel_describe(t->fake, call, p->what, sizeof(p->what));
	}
	if (t->place && t->place->role == call->role && t->place->nr == call->nr && t->place->times == times) {
		t->struck = true;
		return t->strike;
	}
	return kernel_answer(t->fake, call);
}

static struct trap run_binder(int binder, struct fault_trial *trial)
{
	struct trap trap = { .handle = handle, .data = trial };

	trap_run(&trap, binder, trial->fake->root, SECONDS);
	return trap;
}

/* --- what is to be tried --- */

/* These never do, and what starts the binder is not the binder's. */
static bool can_fail(const struct place *p)
{
	return p->nr != SYS_getpid && p->nr != SYS_getppid && p->nr != SYS_exit_group && p->nr != SYS_exit &&
	       p->nr != SYS_execveat && p->nr != SYS_rt_sigreturn;
}

/* Calls that may wait for a driver. The parent makes none: a call of its own that hangs is not bounded. */
static bool can_hang(const struct place *p)
{
	return p->role > 0 && (p->nr == SYS_write || p->nr == SYS_finit_module || p->nr == SYS_ioctl ||
			       (p->nr == SYS_openat && strstr(p->what, "dev/vfio/")));
}

static bool is_possible(const struct kind *kind, const struct place *place)
{
	if (kind->strike.verdict == TRAP_ANSWER)
		return can_fail(place);
	if (kind->strike.verdict == TRAP_HANG)
		return can_hang(place);
	return place->nr != SYS_execveat;
}

/* --- one trial --- */

struct reference {
	const struct scenario *scenario;
	struct state before, after;
	int status;
	struct place places[CALLS_MAX];
	size_t n_places;
};

static void watch(struct reference *ref, int binder)
{
	struct fault_trial trial = { .fake = ref->scenario->make(), .seen = ref->places };
	struct trap trap;

	state_read(trial.fake, &ref->before);
	trap = run_binder(binder, &trial);
	state_read(trial.fake, &ref->after);
	ref->n_places = trial.n_seen;
	ref->status = trap.status;
	if (trap.timed_out || !WIFEXITED(trap.status) || trial.n_seen == CALLS_MAX) {
		fprintf(stderr, "faults: %s: the run without a fault has failed\n%s", ref->scenario->name,
			ref->after.kmsg);
		exit(1);
	}
	fake_free(trial.fake);
}

/* Strike once; after a kill, run again undisturbed. How many things were wrong with that. */
static unsigned try(const struct reference *ref, const struct place *place, const struct kind *kind, int binder,
		    struct sums *sums)
{
	bool killed = kind->strike.verdict == TRAP_KILL_ALL || (kind->strike.verdict == TRAP_KILL && !place->role);
	struct fault_trial trial = { .fake = ref->scenario->make(), .place = place, .strike = kind->strike };
	struct check check = {
		.scenario = ref->scenario->name,
		.kind = kind->name,
		.role = place->role,
		.what = place->what,
		.before = &ref->before,
		.wanted = &ref->after,
		.error = (int)-kind->strike.value,
	};
	struct trap trap = run_binder(binder, &trial);

	if (killed && trial.struck) {
		check_killed(&check, trap.status, trap.timed_out);
		trial.place = NULL;
		trap = run_binder(binder, &trial);
	}
	state_read(trial.fake, &check.state);
	if (killed && trial.struck)
		check_second_run(&check, trap.status, trap.timed_out, ref->status);
	else if (trial.struck)
		check_faulty_run(&check, trap.status, trap.timed_out, ref->status);
	fake_free(trial.fake);
	__atomic_add_fetch(trial.struck ? &sums->struck[kind - kinds] : &sums->missed, 1, __ATOMIC_RELAXED);
	return check.wrong;
}

/* Every JOBS-th trial, from JOB on. */
static void work(const struct reference *ref, int binder, unsigned job, unsigned jobs, struct sums *sums)
{
	unsigned number = 0;

	for (size_t k = 0; k < KINDS; k++)
		for (size_t i = 0; i < ref->n_places; i++) {
			if (!is_possible(&kinds[k], &ref->places[i]) || number++ % jobs != job)
				continue;
			if (try(ref, &ref->places[i], &kinds[k], binder, sums))
				__atomic_add_fetch(&sums->wrong[k], 1, __ATOMIC_RELAXED);
		}
}

static bool run_jobs(const struct reference *ref, int binder, unsigned jobs, struct sums *sums)
{
	bool good = true;
	int status;

	fflush(stdout);
	for (unsigned job = 0; job < jobs; job++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(ref, binder, job, jobs, sums);
			fflush(stdout);
			_exit(0);
		}
		good &= pid > 0;
	}
	while (wait(&status) > 0)
		good &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return good;
}

/* --- all of them --- */

static unsigned passed, failed, faults, kills;

static void report(const struct reference *ref, const struct sums *sums)
{
	for (size_t k = 0; k < KINDS; k++) {
		bool kill = kinds[k].strike.verdict >= TRAP_KILL;

		printf("%-8s %-8s %4u %s, %u wrong\n", ref->scenario->name, kinds[k].name, sums->struck[k],
		       kill ? "kills" : "faults", sums->wrong[k]);
		*(kill ? &kills : &faults) += sums->struck[k];
		*(sums->wrong[k] || !sums->struck[k] ? &failed : &passed) += 1;
	}
	/* Only how often the parent looks at its child can differ. */
	if (sums->missed > 50) {
		printf("%s: %u calls did not come up again\n", ref->scenario->name, sums->missed);
		failed++;
	}
}

int main(int argc, char **argv)
{
	unsigned jobs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
	struct reference *ref = calloc(1, sizeof(*ref));
	struct sums *sums = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int binder = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (binder < 0 || !ref || sums == MAP_FAILED || jobs == 0 || jobs > 64) {
		fprintf(stderr, "usage: faults BINDER [JOBS]\n");
		return 2;
	}
	for (size_t i = 0; i < n_scenarios; i++) {
		memset(sums, 0, sizeof(*sums));
		ref->scenario = &scenarios[i];
		watch(ref, binder);
		printf("%s: %zu system calls\n", ref->scenario->name, ref->n_places);
		failed += !run_jobs(ref, binder, jobs, sums);
		report(ref, sums);
	}
	free(ref);
	printf("%u faults injected, %u kills\n%u passed, %u failed\n", faults, kills, passed, failed);
	return failed != 0;
}
