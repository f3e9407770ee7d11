/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/slice.h"

#include <stdio.h>
#include <string.h>

struct slice slice_of(const char *string)
{
	return (struct slice){ string, strlen(string) };
}

struct slice slice_sub(struct slice t, size_t from, size_t to)
{
	if (to > t.len)
		to = t.len;
	if (from > to)
		from = to;
	/* An empty slice may have no place at all, and then there is nothing to add to. */
	return (struct slice){ from ? t.at + from : t.at, to - from };
}

bool slice_is(struct slice t, const char *string)
{
	size_t len = strlen(string);

	return t.len == len && (len == 0 || memcmp(t.at, string, len) == 0);
}

bool slice_starts(struct slice t, const char *prefix)
{
	size_t len = strlen(prefix);

	return t.len >= len && memcmp(t.at, prefix, len) == 0;
}

bool slice_is_module(struct slice t, const char *module)
{
	size_t i = 0;

	while (i < t.len && module[i] && (t.at[i] == '-' ? '_' : t.at[i]) == module[i])
		i++;
	return i == t.len && !module[i];
}

struct slice slice_cut(struct slice *rest, char sep)
{
	struct slice part = *rest;
	const char *end;

	end = rest->len ? memchr(rest->at, sep, rest->len) : NULL;
	if (!end) {
		*rest = (struct slice){ NULL, 0 };
		return part;
	}
	part.len = (size_t)(end - part.at);
	*rest = (struct slice){ end + 1, rest->len - part.len - 1 };
	return part;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice t)
{
	while (t.len && is_blank(t.at[0])) {
		t.at++;
		t.len--;
	}
	while (t.len && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

struct slice slice_word(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	while (rest->len && is_blank(rest->at[0])) {
		rest->at++;
		rest->len--;
	}
	while (n < rest->len && !is_blank(rest->at[n]))
		n++;
	word = slice_sub(*rest, 0, n);
	*rest = slice_sub(*rest, n, rest->len);
	return word;
}

bool slice_hex(struct slice t, unsigned max_digits, uint32_t *ret)
{
	uint32_t value = 0;

	if (t.len == 0 || t.len > max_digits || max_digits > 8)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value << 4 | (uint32_t)(lower - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}

bool slice_decimal(struct slice t, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;

	if (t.len == 0 || t.len > 10)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(t.at[i] - '0');
	}
	if (value > max)
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool slice_is_name(struct slice t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_')
			return false;
	}
	return t.len > 0 && t.at[0] != '-';
}

bool slice_store(struct slice t, char *to, size_t size)
{
	if (t.len >= size || (t.len && memchr(t.at, '\0', t.len)))
		return false;
	if (t.len)
		memcpy(to, t.at, t.len);
	to[t.len] = '\0';
	return true;
}

void linebuf_start(struct linebuf *line)
{
	line->len = 0;
	line->cut = false;
	line->at[0] = '\0';
}

void linebuf_add(struct linebuf *line, const char *format, ...)
{
	size_t space = sizeof(line->at) - line->len;
	va_list args;
	int n;

	if (line->cut)
		return;
	va_start(args, format);
	n = vsnprintf(line->at + line->len, space, format, args);
	va_end(args);
	if (n < 0)
		return;
	line->len += (size_t)n;
	if ((size_t)n >= space) {
		line->cut = true;
		line->len = sizeof(line->at) - 1;
		memcpy(line->at + line->len - 3, "...", 4);
	}
}

void linebuf_add_escaped(struct linebuf *line, struct slice t, size_t shown)
{
	for (size_t i = 0; i < t.len && i < shown; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c < 0x20 || c >= 0x7f || c == '\\')
			linebuf_add(line, "\\x%02x", c);
		else
			linebuf_add(line, "%c", c);
	}
	if (t.len > shown)
		linebuf_add(line, "...");
}

void linebuf_add_escaped_list(struct linebuf *line, const char *format, va_list args)
{
	char text[2048];

	vsnprintf(text, sizeof(text), format, args);
	linebuf_add_escaped(line, slice_of(text), sizeof(text));
}
