/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/bootlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX (4 * 1024 * 1024)
#define PREFIX "earlybind: "

int bootlog_read(struct door *door, struct bootlog *bootlog)
{
	*bootlog = (struct bootlog){ NULL, 0 };
	return door->ops->slurp(door, BOOTLOG_PATH, LOG_MAX, &bootlog->bytes, &bootlog->len);
}

void bootlog_done(struct bootlog *bootlog)
{
	free(bootlog->bytes);
	*bootlog = (struct bootlog){ NULL, 0 };
}

/* Without " [earlybind.conf:3]" at its end. */
static struct text without_origin(struct text words)
{
	for (size_t i = words.len; i >= 2 && words.len && words.at[words.len - 1] == ']'; i--)
		if (words.at[i - 1] == '[' && words.at[i - 2] == ' ')
			return text_slice(words, 0, i - 2);
	return words;
}

struct text bootlog_of_device(const struct bootlog *bootlog, const char *device, enum verdict verdict)
{
	struct text rest = { bootlog->bytes, bootlog->len }, found = { "", 0 };
	char head[64], word[40];

	snprintf(head, sizeof(head), PREFIX "%s ", device);
	snprintf(word, sizeof(word), "%s:", verdict_word(verdict));
	while (rest.at) {
		struct text line = text_cut(&rest, '\n');

		if (!text_starts(line, head))
			continue;
		line = text_slice(line, strlen(head), line.len);
		/* The ID is missing where nobody could read it. */
		while (line.len && !text_starts(line, word))
			text_word(&line), line = text_trim(line);
		if (line.len)
			found = without_origin(text_trim(text_slice(line, strlen(word), line.len)));
	}
	return found;
}

struct text bootlog_next(const struct bootlog *bootlog, enum verdict verdict, size_t *from)
{
	struct text rest = { bootlog->bytes, bootlog->len };
	char head[64];

	snprintf(head, sizeof(head), PREFIX "%s: ", verdict_word(verdict));
	rest = *from < bootlog->len ? text_slice(rest, *from, rest.len) : (struct text){ NULL, 0 };
	while (rest.at) {
		struct text line = text_cut(&rest, '\n');

		*from += line.len + 1;
		if (text_starts(line, head))
			return text_slice(line, strlen(head), line.len);
	}
	return (struct text){ "", 0 };
}
