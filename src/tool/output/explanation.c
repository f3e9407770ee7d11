/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/explanation.h"

#include <stddef.h>

#include "generated/explanations.h"

static const struct explanation rows[V_COUNT] = { EXPLANATION_ROWS };

const struct explanation *explanation_of(enum verdict verdict)
{
	return verdict > V_UNDECIDED && verdict < V_COUNT ? &rows[verdict] : NULL;
}

const char *level_word(enum level level)
{
	return level == LEVEL_GOOD ? "good" : level == LEVEL_NOTE ? "note" : "problem";
}
