/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that grow. Zeroed at the start, freed by buffer_done(). If memory runs
 * out, ERROR becomes -ENOMEM, and nothing is added from then on.
 */
#ifndef EARLYBIND_BASE_BUFFER_H
#define EARLYBIND_BASE_BUFFER_H

#include <stddef.h>

#include "base/slice.h"

struct buffer {
	char *bytes;
	size_t len, room;
	int error;
};

/* Make room for MORE bytes: 0 or -ENOMEM. */
int buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const char *bytes, size_t len);
/* LINE and a newline. */
void buffer_add_line(struct buffer *buffer, const struct linebuf *line);
void buffer_done(struct buffer *buffer);

#endif
