/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/nearest.h"

#include <string.h>

#define NAME_MAX_LEN 24 /* longer than any name of ours */
#define TOO_FAR 3

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/*
 * Letters to add, drop, change or swap with their neighbour to get from A to
 * B, which is in lower case; a table row at a time, with the two rows above
 * kept. The case of A does not count.
 */
static unsigned distance(struct slice a, struct slice b)
{
	unsigned rows[3][NAME_MAX_LEN + 1];

	if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
		return TOO_FAR;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3];
		const unsigned *higher = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			bool same = lower(a.at[i - 1]) == b.at[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a.at[i - 1]) == b.at[j - 2] && lower(a.at[i - 2]) == b.at[j - 1])
				row[j] = min3(row[j], higher[j - 2] + 1, row[j]);
		}
	}
	return rows[a.len % 3][b.len];
}

const char *nearest_name(struct slice word, const char *const *names, size_t n)
{
	const char *best = NULL;
	unsigned best_distance = TOO_FAR;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, slice_of(names[i]));

		/* A word of two or three letters that differs in two is another word. */
		if (d < best_distance && (d == 1 ? word.len > 1 : d + 1 < word.len)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}
