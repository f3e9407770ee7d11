/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of a machine after the binder met a fault. */
#ifndef EARLYBIND_TESTS_FAULTS_CHECK_H
#define EARLYBIND_TESTS_FAULTS_CHECK_H

#include "machine.h"

struct check {
	const char *scenario, *kind, *what; /* what struck, and which call */
	unsigned role;
	int error;			     /* the errno of the fault; 0: it was none */
	const struct state *before, *wanted; /* without and after the binder, undisturbed */
	struct state state;
	unsigned wrong; /* what did not hold; each is printed */
};

/* The processes of the binder were killed. */
void check_killed(struct check *c, int status, int timed_out);
/* A run after that: everything is as if nothing had happened. */
void check_second_run(struct check *c, int status, int timed_out, int wanted_status);
/* It met one fault, or one of its processes was killed. */
void check_faulty_run(struct check *c, int status, int timed_out, int wanted_status);

#endif
