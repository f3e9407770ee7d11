/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/boot_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX (4 * 1024 * 1024)
#define PREFIX "earlybind: "

int boot_log_read(struct system *sys, struct boot_log *boot_log)
{
	*boot_log = (struct boot_log){ NULL, 0 };
	return sys->ops->read_all(sys, BOOT_LOG_PATH, LOG_MAX, &boot_log->bytes, &boot_log->len);
}

void boot_log_done(struct boot_log *boot_log)
{
	free(boot_log->bytes);
	*boot_log = (struct boot_log){ NULL, 0 };
}

/* Without " [earlybind.conf:3]" at its end. */
static struct slice without_origin(struct slice words)
{
	for (size_t i = words.len; i >= 2 && words.len && words.at[words.len - 1] == ']'; i--)
		if (words.at[i - 1] == '[' && words.at[i - 2] == ' ')
			return slice_sub(words, 0, i - 2);
	return words;
}

struct slice boot_log_of_device(const struct boot_log *boot_log, const char *device, enum verdict verdict)
{
	struct slice rest = { boot_log->bytes, boot_log->len }, found = { "", 0 };
	char head[64], word[40];

	snprintf(head, sizeof(head), PREFIX "%s ", device);
	snprintf(word, sizeof(word), "%s:", verdict_word(verdict));
	while (rest.at) {
		struct slice line = slice_cut(&rest, '\n');

		if (!slice_starts(line, head))
			continue;
		line = slice_sub(line, strlen(head), line.len);
		/* The ID is missing where nobody could read it. */
		while (line.len && !slice_starts(line, word))
			slice_word(&line), line = slice_trim(line);
		if (line.len)
			found = without_origin(slice_trim(slice_sub(line, strlen(word), line.len)));
	}
	return found;
}

struct slice boot_log_next(const struct boot_log *boot_log, enum verdict verdict, size_t *from)
{
	struct slice rest = { boot_log->bytes, boot_log->len };
	char head[64];

	snprintf(head, sizeof(head), PREFIX "%s: ", verdict_word(verdict));
	rest = *from < boot_log->len ? slice_sub(rest, *from, rest.len) : (struct slice){ NULL, 0 };
	while (rest.at) {
		struct slice line = slice_cut(&rest, '\n');

		*from += line.len + 1;
		if (slice_starts(line, head))
			return slice_sub(line, strlen(head), line.len);
	}
	return (struct slice){ "", 0 };
}
