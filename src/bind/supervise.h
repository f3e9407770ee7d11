/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounding what cannot be interrupted. A write to bind or unbind returns when
 * the driver does, which may be never; no signal ends it. So steps run in a
 * child process, and a child that hangs is abandoned.
 */
#ifndef EARLYBIND_BIND_SUPERVISE_H
#define EARLYBIND_BIND_SUPERVISE_H

#include <stddef.h>

/*
 * Run STEP(data, 0) to STEP(data, n - 1) in order, in one child; they write
 * their results to memory from supervise_memory(). If a step takes longer than
 * TIMEOUT seconds, or kills the child, TIMED_OUT(data, i, error) is called in
 * this process with ETIMEDOUT or ECHILD, and the steps after it run in a new
 * child. After three such steps the others get one second each, so that many
 * devices that hang cannot add up to an endless boot. Returns how many steps
 * ran or timed out: less than N if no child could be started.
 */
size_t supervise(size_t n, unsigned timeout, void (*step)(void *data, size_t i),
		 void (*timed_out)(void *data, size_t i, int error), void *data);

/* Zeroed memory that children share, or NULL. */
void *supervise_memory(size_t size);
void supervise_free(void *memory, size_t size);

#endif
