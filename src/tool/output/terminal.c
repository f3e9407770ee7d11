/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "base/slice.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 40
#define WIDTH_MAX 1000

static size_t width_from_environment(void)
{
	const char *columns = getenv("COLUMNS");
	uint32_t width;

	if (!columns || !slice_decimal(slice_of(columns), WIDTH_MAX, &width))
		return 0;
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

static size_t width_of_terminal(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 0;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

static void context(struct terminal *t)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool able = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");

	t->colors = able && (!no_color || !*no_color);
	t->glyphs = able && !strcmp(nl_langinfo(CODESET), "UTF-8");
	t->width = width_from_environment();
	if (!t->width && isatty(STDOUT_FILENO))
		t->width = width_of_terminal();
	t->bounded = t->width != 0;
	if (!t->width)
		t->width = WIDTH_DEFAULT;
}

const struct terminal *terminal(void)
{
	static struct terminal found;
	static bool looked;

	if (!looked)
		context(&found);
	looked = true;
	return &found;
}

const char *mark_of(enum level level)
{
	static const char *const glyphs[] = { "\u2714", "\u2022", "\u2718" };
	static const char *const plain[] = { "+", "-", "!" };

	return (terminal()->glyphs ? glyphs : plain)[level];
}

enum style style_of(enum level level)
{
	return level == LEVEL_GOOD ? STYLE_GOOD : level == LEVEL_NOTE ? STYLE_NOTE : STYLE_PROBLEM;
}

static const char *const styles[] = {
	[STYLE_PLAIN] = "",	   [STYLE_BOLD] = "\033[1m",  [STYLE_FAINT] = "\033[2m",
	[STYLE_GOOD] = "\033[32m", [STYLE_NOTE] = "\033[33m", [STYLE_PROBLEM] = "\033[1;31m",
};

const char *style_begin(enum style style)
{
	return terminal()->colors ? styles[style] : "";
}

const char *style_end(enum style style)
{
	return terminal()->colors && style != STYLE_PLAIN ? "\033[0m" : "";
}

const char *style_color(enum style style)
{
	return terminal()->colors ? styles[style] : NULL;
}

/* --- the user's own text --- */

/* What turns the direction of writing shows a line as another one than it is. */
static bool turns(wchar_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* The bytes of the character that TEXT begins with, if the locale can show it, else 0. */
static size_t shown_character(struct slice text)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, text.at, text.len, &state);

	/* (size_t)-1 and -2: no character. */
	return n && n <= text.len && c != '\\' && (c == '\t' || (iswprint((wint_t)c) && !turns(c))) ? n : 0;
}

/* UTF-8 in whatever locale, and none of the control characters that JSON lets pass. */
static bool is_utf8(const char *text)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before;
	size_t len = strlen(text), n = 1;
	mbstate_t state = { 0 };
	wchar_t c = 0;

	if (!utf8)
		return false;
	before = uselocale(utf8);
	for (; len && n && n <= len && (c < 0x80 || c > 0x9f); text += n, len -= n)
		n = mbrtowc(&c, text, len, &state);
	uselocale(before);
	freelocale(utf8);
	return !len && (c < 0x80 || c > 0x9f);
}

char *copy_own(const char *text, bool json)
{
	struct slice rest = slice_of(text);
	char *copy = malloc(4 * rest.len + 1), *end = copy;
	bool whole = json && is_utf8(text);

	while (copy && rest.len) {
		size_t n = whole ? rest.len : rest.at[0] == '\t' ? 0 : shown_character(rest);

		if (n)
			end = mempcpy(end, rest.at, n);
		else
			end += sprintf(end, "\\x%02x", (unsigned char)rest.at[0]);
		rest = slice_sub(rest, n ? n : 1, rest.len);
	}
	if (copy)
		*end = '\0';
	return copy;
}

/* --- wrapping --- */

/* The columns that a character of RET bytes takes at AT; a byte that is none takes one. */
static size_t character_columns(const char *at, size_t len, size_t *ret)
{
	mbstate_t state = { 0 };
	wchar_t c;
	int columns;

	*ret = mbrtowc(&c, at, len, &state);
	if (!*ret || *ret > len) {
		*ret = 1;
		return 1;
	}
	columns = wcwidth(c);
	return columns < 0 ? 1 : (size_t)columns;
}

static size_t text_columns(const char *text)
{
	size_t len = strlen(text), columns = 0, n;

	for (; len; text += n, len -= n)
		columns += character_columns(text, len, &n);
	return columns;
}

/* How many bytes of REST go into a line of ROOM columns: up to a blank, or the first word whole. */
static size_t fit(const char *rest, size_t len, size_t room)
{
	size_t end = 0, columns = 0, n;

	for (size_t i = 0; i <= len; i += n) {
		if (i == len || rest[i] == ' ') {
			if (columns > room && end)
				break;
			end = i;
			if (columns > room)
				break;
		}
		n = 1;
		columns += i < len ? character_columns(rest + i, len - i, &n) : 0;
	}
	return end;
}

static void print_paragraph(const char *first, const char *rest, const char *text, size_t len, size_t width)
{
	const char *before = first;

	do {
		size_t used = text_columns(before);
		size_t n = fit(text, len, width > used + 20 ? width - used : 20);

		printf("%s%.*s\n", before, (int)n, text);
		n += n < len;
		text += n;
		len -= n;
		before = rest;
	} while (len);
}

void print_wrapped(const char *first, const char *rest, const char *text, size_t width_max)
{
	const struct terminal *t = terminal();
	size_t width = t->width;

	if (width_max && (width > width_max || !t->bounded))
		width = width_max;
	for (;;) {
		const char *end = strstr(text, "\n\n");
		size_t len = end ? (size_t)(end - text) : strlen(text);

		print_paragraph(first, rest, text, len, width);
		if (!end)
			return;
		putchar('\n');
		text = end + 2;
		first = rest;
	}
}
