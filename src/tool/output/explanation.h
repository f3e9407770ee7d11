/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every verdict means, its causes and what to do: the texts of
 * src/verdicts/, from which earlybind-verdicts(7) is made as well.
 *
 * In the texts, words between backquotes are literal: a command, a parameter,
 * a file, a line of the configuration.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_EXPLANATION_H
#define EARLYBIND_TOOL_OUTPUT_EXPLANATION_H

#include "decide/verdict.h"
#include "generated/steps_list.h"

/* Steps that several verdicts share, see remedy.h: bits of a set. */
enum remedy { REMEDY_LIST };

struct explanation {
	enum verdict verdict;
	const char *brief; /* one line, a phrase */
	const char *meaning, *causes, *remedy;
	unsigned steps;	       /* of enum remedy */
	const char *parameter; /* that the steps add or remove, or NULL */
	bool explain_only;     /* check and status do not offer the steps */
};

/* NULL for what is no verdict that users see. */
const struct explanation *explanation_of(enum verdict verdict);

/* "problem", "note" or "good" */
const char *level_word(enum level level);

#endif
