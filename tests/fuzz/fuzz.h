/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz entries share. An entry is one file, fuzz_NAME.c, with
 * LLVMFuzzerTestOneInput() in it, and a directory seeds/NAME; nothing else has to
 * know of it. It looks for more than crashes: what must hold of every input.
 */
#ifndef EARLYBIND_TESTS_FUZZ_H
#define EARLYBIND_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of exactly that size, so that a byte read behind it is found; the caller frees it. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

/* What a person gets to see is one line of printable ASCII, and bounded. */
static inline void fuzz_check_line(const struct linebuf *line)
{
	MUST(line->len < sizeof(line->at) && line->at[line->len] == '\0');
	for (size_t i = 0; i < line->len; i++)
		MUST(line->at[i] >= ' ' && line->at[i] <= '~');
}

/* Part of WHOLE, or empty. */
static inline void fuzz_check_inside(struct slice part, struct slice whole)
{
	if (part.len)
		MUST(part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

#endif
