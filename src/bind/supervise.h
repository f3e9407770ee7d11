/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounding what cannot be interrupted. A write to bind or unbind returns when
 * the driver does, which may be never; no signal ends it. So steps run in a
 * child, and a child that is stuck is given up and left behind.
 */
#ifndef EARLYBIND_BIND_SUPERVISE_H
#define EARLYBIND_BIND_SUPERVISE_H

#include <stddef.h>

/*
 * Run STEP(data, 0) to STEP(data, n - 1) in order, in one child; results must
 * be written to memory from supervise_memory(). A step that takes longer than
 * TIMEOUT seconds, or kills the child, is given up: GAVE_UP(data, i, error) is
 * called in this process with ETIMEDOUT or ECHILD, and the steps behind it run
 * in a fresh child. After three of them the others get one second each, so
 * that many stuck devices cannot add up to an endless boot. The number of
 * steps that were dealt with: less than N when no child could be started.
 */
size_t supervise(size_t n, unsigned timeout, void (*step)(void *data, size_t i),
		 void (*timed_out)(void *data, size_t i, int error), void *data);

/* Zeroed memory that children share, or NULL. */
void *supervise_memory(size_t size);
void supervise_free(void *memory, size_t size);

#endif
