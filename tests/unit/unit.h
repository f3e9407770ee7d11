/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the table tests share. A row that differs is printed and counted, and
 * the table goes on; rows_done() at its end fails the test.
 */
#ifndef EARLYBIND_TESTS_UNIT_H
#define EARLYBIND_TESTS_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/slice.h"

/* The bytes of a literal, NULs inside it included. */
#define BYTES(literal) ((struct slice){ literal, sizeof(literal) - 1 })

static unsigned rows_wrong;

static inline void row_string(const char *row, const char *what, const char *got, const char *want)
{
	if (got == want || (got && want && !strcmp(got, want)))
		return;
	rows_wrong++;
	fprintf(stderr, "%s: %s\n\tis     <%s>\n\tshould <%s>\n", row, what, got ? got : "(null)",
		want ? want : "(null)");
}

static inline void row_number(const char *row, const char *what, long long got, long long want)
{
	if (got == want)
		return;
	rows_wrong++;
	fprintf(stderr, "%s: %s is %lld, should be %lld\n", row, what, got, want);
}

/* T against a string; bytes that cannot be printed are compared all the same. */
static inline void row_text(const char *row, const char *what, struct slice got, const char *want)
{
	if (slice_is(got, want))
		return;
	rows_wrong++;
	fprintf(stderr, "%s: %s\n\tis     <%.*s>\n\tshould <%s>\n", row, what, (int)got.len, got.len ? got.at : "",
		want);
}

static inline void rows_done(void)
{
	unsigned wrong = rows_wrong;

	rows_wrong = 0;
	assert_int_equal(wrong, 0);
}

/* Deterministic noise: the same bytes for the same SEED on every machine. */
static inline uint32_t noise(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#endif
