/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/nearest.h"

#include <string.h>

#define NAME_MAX_LEN 24 /* longer than every name there is */
#define TOO_FAR 3

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edit distance, one row of the table at a time. */
static unsigned distance(struct text a, struct text b)
{
	unsigned row[NAME_MAX_LEN + 1];

	if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
		return TOO_FAR;
	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned above = row[j];
			unsigned same = a.at[i - 1] == b.at[j - 1] ? 0 : 1;

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + same);
			diagonal = above;
		}
	}
	return row[b.len];
}

const char *nearest_name(struct text word, const char *const *names, size_t n)
{
	const char *best = NULL;
	unsigned best_distance = TOO_FAR;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, text_of(names[i]));

		/* Two letters off is not a likeness in a word of two or three. */
		if (d < best_distance && d < word.len - (word.len ? 1 : 0)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}
