/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every result is one verdict: a short stable word, the facts, the remedy. The
 * verdicts and their texts are in src/verdicts/verdicts.txt.
 */
#ifndef EARLYBIND_DECIDE_VERDICT_H
#define EARLYBIND_DECIDE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "generated/verdict_list.h"

enum verdict {
	V_UNDECIDED, /* no reason against the device so far; the initial value, never reported */
	VERDICT_LIST V_COUNT,
	V_NONE,		/* of a message that is not about a verdict */
	V_UNKNOWN_WORD, /* of verdict_of_word(): a word of another version, or a misspelled one */
};

enum level {
	LEVEL_GOOD,    /* as requested */
	LEVEL_NOTE,    /* for information */
	LEVEL_PROBLEM, /* a request that cannot be met */
};

/* Where the facts call for another remedy than the usual one. */
enum remedy_case { CASE_USUAL, REMEDY_CASE_LIST };

/* The stable word, as in the log and the record. */
const char *verdict_word(enum verdict verdict);
enum verdict verdict_of_word(struct slice word);
enum level verdict_level(enum verdict verdict);
/* What to do, as the end of a log line; NULL if nothing can be done. */
const char *verdict_remedy(enum verdict verdict);
/* The same for WHICH case; the usual remedy if the verdict has none for it. */
const char *verdict_remedy_for(enum verdict verdict, enum remedy_case which);

/* A set of notes; of another verdict the bit is 0. */
typedef uint32_t notes_t;
#define NOTE(verdict)                                                                                                  \
	((verdict) >= V_FIRST_NOTE && (verdict) <= V_LAST_NOTE ? (notes_t)1 << ((verdict)-V_FIRST_NOTE) : 0)

#endif
