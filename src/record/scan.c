/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "record/record.h"

static struct slice value_of(struct slice word, const char *key)
{
	size_t len = strlen(key);

	if (!slice_starts(word, key) || word.len == len || word.at[len] != '=')
		return (struct slice){ NULL, 0 };
	return slice_sub(word, len + 1, word.len);
}

struct slice record_value(struct slice row, const char *key)
{
	struct slice word, value;

	while ((word = slice_word(&row)).len) {
		value = value_of(word, key);
		if (value.at)
			return value;
	}
	return (struct slice){ NULL, 0 };
}

bool record_next(struct slice *rest, const char *key, struct slice *row)
{
	while (rest->at) {
		struct slice words;

		*row = slice_cut(rest, '\n');
		words = *row;
		if (value_of(slice_word(&words), key).at)
			return true;
	}
	return false;
}
