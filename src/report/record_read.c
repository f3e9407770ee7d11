/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/record_read.h"

#include <string.h>

static struct text value_of(struct text word, const char *key)
{
	size_t len = strlen(key);

	if (!text_starts(word, key) || word.len == len || word.at[len] != '=')
		return (struct text){ NULL, 0 };
	return text_slice(word, len + 1, word.len);
}

struct text record_value(struct text line, const char *key)
{
	struct text word, value;

	while ((word = text_word(&line)).len) {
		value = value_of(word, key);
		if (value.at)
			return value;
	}
	return (struct text){ NULL, 0 };
}

bool record_next(struct text *rest, const char *key, struct text *line)
{
	while (rest->at) {
		struct text words;

		*line = text_cut(rest, '\n');
		words = *line;
		if (value_of(text_word(&words), key).at)
			return true;
	}
	return false;
}
