/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/udev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

#define ENTRY_MAX (256 * 1024)
#define VALUE_SIZE 512

/* udev writes blanks and other unsafe bytes as \xHH. */
static void decode(char *text)
{
	char *to = text;
	uint32_t byte;

	while (*text)
		if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3] &&
		    slice_hex((struct slice){ text + 2, 2 }, 2, &byte) && byte) {
			*to++ = (char)byte;
			text += 4;
		} else {
			*to++ = *text++;
		}
	*to = '\0';
}

/* The rest of the first line that begins with PREFIX and KEY. */
static bool find_line(struct system *sys, const char *name, const char *prefix, const char *key, char *to, size_t size)
{
	char number[32], path[64], *bytes = NULL;
	bool found = false;
	struct slice rest;
	size_t len = 0;

	if (system_read(sys, number, sizeof(number), "sys/class/block/%s/dev", name) <= 0)
		return false;
	number[strcspn(number, "\n")] = '\0';
	if ((size_t)snprintf(path, sizeof(path), "run/udev/data/b%s", number) >= sizeof(path) ||
	    sys->ops->read_all(sys, path, ENTRY_MAX, &bytes, &len) < 0)
		return false;
	rest = (struct slice){ bytes, len };
	while (rest.at && !found) {
		struct slice line = slice_cut(&rest, '\n');

		if (!slice_starts(line, prefix))
			continue;
		line = slice_sub(line, strlen(prefix), line.len);
		found = slice_starts(line, key) && slice_store(slice_sub(line, strlen(key), line.len), to, size);
	}
	free(bytes);
	if (found)
		decode(to);
	return found;
}

bool udev_property(struct system *sys, const char *name, const char *key, char *to, size_t size)
{
	char start[64];

	snprintf(start, sizeof(start), "%s=", key);
	return find_line(sys, name, "E:", start, to, size);
}

bool udev_link(struct system *sys, const char *name, const char *prefix, char *to, size_t size)
{
	return find_line(sys, name, "S:", prefix, to, size);
}

struct search {
	struct system *sys;
	const char *key, *value;
	char *to;
	size_t size;
};

static int each_block(const char *name, void *data)
{
	struct search *s = data;
	char value[VALUE_SIZE];

	return udev_property(s->sys, name, s->key, value, sizeof(value)) && !strcmp(value, s->value) &&
	       slice_store(slice_of(name), s->to, s->size);
}

bool udev_find_block(struct system *sys, const char *key, const char *value, char *to, size_t size)
{
	struct search search = { sys, key, value, to, size };

	return system_for_each_entry(sys, each_block, &search, "sys/class/block") > 0;
}
