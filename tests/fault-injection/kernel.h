/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would do with the calls of a trapped binder that reach drivers: answered by the fake one. */
#ifndef EARLYBIND_TESTS_FAULTS_KERNEL_H
#define EARLYBIND_TESTS_FAULTS_KERNEL_H

#include "fake_kernel.h"
#include "trap.h"

struct trap_reply kernel_answer(struct fake *fake, const struct trap_call *call);

/* The paths and the data of CALL, for a person and for finding out which device it concerns. */
void kernel_describe(struct fake *fake, const struct trap_call *call, char *to, size_t size);

#endif
