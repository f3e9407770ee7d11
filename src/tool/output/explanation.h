/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every verdict means, how it comes about and what to do about it: the
 * one source of `earlybind explain`, of the remedies that check and status
 * give, and of the manual page earlybind-verdicts(7).
 *
 * In the texts, words between backquotes are literal: a command, a parameter,
 * a file, a line of the configuration. An empty line ends a paragraph.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_EXPLANATION_H
#define EARLYBIND_TOOL_OUTPUT_EXPLANATION_H

#include <stdio.h>

#include "decide/verdict.h"

/* Instructions that several verdicts share; see howto.h. */
enum remedy {
	REMEDY_NONE = 0,
	REMEDY_ADD_PARAMETER = 1 << 0,
	REMEDY_REMOVE_PARAMETER = 1 << 1,
	REMEDY_FIRMWARE_IOMMU = 1 << 2,
	REMEDY_FIRMWARE_REMAPPING = 1 << 3,
	REMEDY_REGENERATE = 1 << 4,
};

struct explanation {
	enum verdict verdict;
	const char *brief; /* one line */
	const char *means;
	const char *causes;
	const char *todo;
	unsigned how;	       /* enum howto */
	const char *parameter; /* of REMEDY_ADD_PARAMETER and REMEDY_REMOVE_PARAMETER */
};

struct explanations {
	const struct explanation *rows;
	size_t n;
};

/* One table for each part of the list of verdicts. */
extern const struct explanations explain_platform, explain_naming, explain_before, explain_after, explain_notes;

/* NULL for what is no verdict that anybody gets to see. */
const struct explanation *explanation_of(enum verdict verdict);

/* "problem", "note" or "good" */
const char *level_word(enum level level);

/* The manual page, complete. */
void print_mdoc(FILE *to);

#endif
