/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/verdict.h"

#include <stddef.h>

#include "base/array.h"
#include "generated/verdict_table.h"

/* All words and remedies; the rows hold offsets, which are smaller than pointers. */
static const char strings[] = VERDICT_STRINGS;

static const struct row {
	uint16_t word;
	uint16_t remedy; /* 0: none */
	uint8_t level;
} rows[V_COUNT] = { [V_UNDECIDED] = { 0, 0, LEVEL_PROBLEM }, VERDICT_ROWS };

static const struct {
	uint8_t verdict, which;
	uint16_t remedy;
} cases[] = { REMEDY_CASE_ROWS };

const char *verdict_word(enum verdict verdict)
{
	return strings + rows[verdict].word;
}

enum verdict verdict_of_word(struct slice word)
{
	for (enum verdict v = V_UNDECIDED + 1; v < V_COUNT; v++)
		if (slice_is(word, verdict_word(v)))
			return v;
	return V_UNKNOWN_WORD;
}

enum level verdict_level(enum verdict verdict)
{
	return rows[verdict].level;
}

const char *verdict_remedy_for(enum verdict verdict, enum remedy_case which)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (cases[i].verdict == verdict && cases[i].which == which)
			return strings + cases[i].remedy;
	return rows[verdict].remedy ? strings + rows[verdict].remedy : NULL;
}

const char *verdict_remedy(enum verdict verdict)
{
	return verdict_remedy_for(verdict, CASE_USUAL);
}
