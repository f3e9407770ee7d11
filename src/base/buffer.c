/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int buffer_reserve(struct buffer *buffer, size_t more)
{
	while (!buffer->error && buffer->room - buffer->len < more)
		buffer->error = array_grow((void **)&buffer->bytes, buffer->room, &buffer->room, 1);
	return buffer->error;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t len)
{
	if (!len || buffer_reserve(buffer, len) < 0)
		return;
	memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
}

void buffer_add_line(struct buffer *buffer, const struct linebuf *line)
{
	buffer_add(buffer, line->at, line->len);
	buffer_add(buffer, "\n", 1);
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof(*buffer));
}
