/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What standard output can show, and text that fits into it. */
#ifndef EARLYBIND_TOOL_OUTPUT_TERMINAL_H
#define EARLYBIND_TOOL_OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "decide/verdict.h"

struct terminal {
	bool colors;  /* a terminal, without NO_COLOR in the environment */
	bool glyphs;  /* a terminal whose locale is UTF-8; else plain ASCII */
	bool bounded; /* WIDTH is real: a terminal's, or COLUMNS in the environment */
	size_t width; /* columns */
};

/* Looked up once. */
const struct terminal *terminal(void);

/* One mark a level, of one column: unmissable without colours, too. */
const char *mark_of(enum level level);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_FAINT, STYLE_GOOD, STYLE_NOTE, STYLE_PROBLEM };
enum style style_of(enum level level);
/* The escape sequence that begins STYLE, or "" where there are no colours. */
const char *style_begin(enum style style);
const char *style_end(enum style style);
/* For libsmartcols, which ends it itself: NULL where there are no colours. */
const char *style_color(enum style style);

/*
 * Print a line of the user's own files: characters that the locale can show
 * and tabs as they are, all else as linebuf_add_escaped() has it.
 */
/*
 * The same for a cell of a table: tabs are not as they are. For JSON, which
 * says itself what in text is no text, all that is UTF-8 is. The caller's to
 * free; NULL when there is no memory.
 */
char *copy_own(const char *text, bool json);

/*
 * Print TEXT in lines that fit, FIRST before the first line and REST before
 * the others. An empty line in TEXT begins a new paragraph; WIDTH_MAX bounds
 * the lines on wide terminals, 0: nothing does.
 */
void print_wrapped(const char *first, const char *rest, const char *text, size_t width_max);

#endif
