/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/array.h"

#include <string.h>

int array_grow(void **items, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 16;
	void *moved;

	if (n < *room)
		return 0;
	if (more > SIZE_MAX / size)
		return -ENOMEM;
	/* klibc's realloc() copies to NULL when memory runs out. */
	moved = malloc(more * size);
	if (!moved)
		return -ENOMEM;
	if (n)
		memcpy(moved, *items, n * size);
	free(*items);
	*items = moved;
	*room = more;
	return 0;
}
