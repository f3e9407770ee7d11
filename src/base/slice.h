/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from elsewhere: bytes with a length, never assumed to end in NUL and
 * never trusted. Nothing here allocates.
 */
#ifndef EARLYBIND_BASE_SLICE_H
#define EARLYBIND_BASE_SLICE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *at;
	size_t len;
};

/* For printf's "%.*s"; a slice longer than INT_MAX never gets this far. */
#define SLICE_ARGS(t) (int)(t).len, (t).at

struct slice slice_of(const char *string);
struct slice slice_sub(struct slice t, size_t from, size_t to);
bool slice_is(struct slice t, const char *string);
bool slice_starts(struct slice t, const char *prefix);
/* T is the name of MODULE, which has underscores where T may have dashes. */
bool slice_is_module(struct slice t, const char *module);

/*
 * Cut the part before the first SEP off REST and return it; REST continues
 * after the separator. Without a separator the whole of REST is returned and
 * REST becomes empty with at == NULL, which tells "a,": one more empty part,
 * from "a": no more parts.
 */
struct slice slice_cut(struct slice *rest, char sep);

/* The next word between blanks, or an empty slice at the end of REST. */
struct slice slice_word(struct slice *rest);
struct slice slice_trim(struct slice t);

/* True when T is 1 to MAX_DIGITS (at most 8) hexadecimal digits, nothing else. */
bool slice_hex(struct slice t, unsigned max_digits, uint32_t *ret);
/* True when T is a decimal number not above MAX. */
bool slice_decimal(struct slice t, uint32_t max, uint32_t *ret);

/* Letters, digits, '-' and '_', the first no '-': safe as part of a path, and no option to modprobe. */
bool slice_is_name(struct slice t);

/*
 * Store T in TO (SIZE bytes, NUL-terminated); false if it does not fit, or
 * holds a NUL: as a string it would differ from what was checked.
 */
bool slice_store(struct slice t, char *to, size_t size);

/*
 * A line that is being written: bounded, always NUL-terminated. What does not
 * fit is dropped, and the line then ends in "...".
 */
struct linebuf {
	size_t len;
	bool cut;
	char at[880]; /* with "<30>earlybind: " below the 900 bytes that /dev/kmsg takes on every kernel */
};

void linebuf_start(struct linebuf *line);
void linebuf_add(struct linebuf *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * Add bytes from a file, a device or the command line. Control characters,
 * backslashes and everything that is not ASCII come out as \xHH, so that
 * no log line can be forged; SHOWN bounds how many bytes are shown.
 */
void linebuf_add_escaped(struct linebuf *line, struct slice t, size_t shown);
/* The same for what FORMAT makes of ARGS, of which 2047 bytes are shown. */
void linebuf_add_escaped_list(struct linebuf *line, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

#endif
