/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing arrays: `struct x *items; size_t n, room;`. The owner frees items.
 */
#ifndef EARLYBIND_BASE_ARRAY_H
#define EARLYBIND_BASE_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Make room for one more item of SIZE bytes; 0 or -ENOMEM, then nothing has changed. */
int array_grow(void **items, size_t n, size_t *room, size_t size);

#define ARRAY_GROW(array, n, room) array_grow((void **)&(array), (n), &(room), sizeof(*(array)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
