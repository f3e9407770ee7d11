/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text with a length, bounded lines, escaping. */
#include "unit.h"

#include <errno.h>

#include "base/errno_name.h"

static const struct slice nothing = { NULL, 0 };

static void cut_takes_parts(void **state)
{
	static const struct {
		const char *whole;
		const char *parts[4]; /* NULL-terminated */
	} rows[] = {
		{ "a", { "a" } },      { "a,b", { "a", "b" } }, { "a,", { "a", "" } },
		{ ",a", { "", "a" } }, { ",", { "", "" } },	{ ",,", { "", "", "" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice rest = slice_of(rows[i].whole);
		size_t n = 0;

		while (rest.at && n < 4) {
			struct slice part = slice_cut(&rest, ',');

			row_text(rows[i].whole, "part", part, rows[i].parts[n] ? rows[i].parts[n] : "(too many)");
			n++;
		}
		row_number(rows[i].whole, "end", rows[i].parts[n] == NULL, true);
	}
	rows_done();
}

static void cut_of_nothing(void **state)
{
	struct slice rest = nothing, part;

	(void)state;
	part = slice_cut(&rest, ',');
	assert_null(part.at);
	assert_null(rest.at);
	rest = slice_of("");
	part = slice_cut(&rest, ',');
	assert_non_null(part.at);
	assert_int_equal(part.len, 0);
	assert_null(rest.at);
}

static void words(void **state)
{
	static const struct {
		struct slice line;
		const char *words[4];
	} rows[] = {
		{ BYTES(""), { NULL } },
		{ BYTES(" \t\r\n "), { NULL } },
		{ BYTES("one"), { "one" } },
		{ BYTES("  one\ttwo \r"), { "one", "two" } },
		{ BYTES("a\vb \fc"), { "a\vb", "\fc" } },
		{ { NULL, 0 }, { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice rest = rows[i].line, word;
		size_t n = 0;

		while ((word = slice_word(&rest)).len && n < 3) {
			row_text("words", "word", word, rows[i].words[n] ? rows[i].words[n] : "(too many)");
			n++;
		}
		row_number("words", "end", rows[i].words[n] == NULL, true);
	}
	rows_done();
}

static void trim(void **state)
{
	(void)state;
	row_text("trim", "both ends", slice_trim(BYTES(" \t a b\r\n")), "a b");
	row_text("trim", "blanks", slice_trim(BYTES(" \t\r\n")), "");
	row_text("trim", "nothing", slice_trim(nothing), "");
	rows_done();
}

static void slice_stays_inside(void **state)
{
	static const struct {
		size_t from, to;
		const char *want;
	} rows[] = {
		{ 0, 4, "abcd" }, { 0, 99, "abcd" },	      { 1, 3, "bc" },	     { 4, 4, "" },
		{ 3, 1, "" },	  { SIZE_MAX, SIZE_MAX, "" }, { 2, SIZE_MAX, "cd" }, { 99, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_text("slice", rows[i].want, slice_sub(slice_of("abcd"), rows[i].from, rows[i].to), rows[i].want);
	row_text("slice", "nothing", slice_sub(nothing, 0, 5), "");
	rows_done();
}

static void comparing(void **state)
{
	(void)state;
	assert_true(slice_is(slice_of("abc"), "abc"));
	assert_false(slice_is(slice_of("ab"), "abc"));
	assert_false(slice_is(slice_of("abc"), "ab"));
	assert_false(slice_is(BYTES("ab\0"), "ab"));
	assert_true(slice_is(nothing, ""));
	assert_false(slice_is(nothing, "a"));
	assert_true(slice_starts(slice_of("abc"), "ab"));
	assert_false(slice_starts(slice_of("a"), "ab"));
	assert_false(slice_starts(nothing, "ab"));
}

static void hexadecimal(void **state)
{
	static const struct {
		struct slice t;
		unsigned digits;
		bool ok;
		uint32_t want;
	} rows[] = {
		{ BYTES("0"), 1, true, 0 },
		{ BYTES("fF"), 2, true, 0xff },
		{ BYTES("09afAF"), 6, true, 0x09afaf },
		{ BYTES("ffffffff"), 8, true, UINT32_MAX },
		{ BYTES("123"), 2, false, 0 },
		{ BYTES("100000000"), 9, false, 0 },
		{ BYTES("1"), 9, false, 0 },
		{ BYTES(""), 4, false, 0 },
		{ BYTES("0x1"), 8, false, 0 },
		{ BYTES("-1"), 8, false, 0 },
		{ BYTES("1 "), 8, false, 0 },
		{ BYTES("1\0"), 8, false, 0 },
		{ BYTES("/"), 8, false, 0 },
		{ BYTES(":"), 8, false, 0 },
		{ BYTES("@"), 8, false, 0 },
		{ BYTES("G"), 8, false, 0 },
		{ BYTES("`"), 8, false, 0 },
		{ BYTES("g"), 8, false, 0 },
		{ BYTES("\xff"), 8, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t value = 77;

		row_number(rows[i].t.at, "ok", slice_hex(rows[i].t, rows[i].digits, &value), rows[i].ok);
		row_number(rows[i].t.at, "value", value, rows[i].ok ? rows[i].want : 77);
	}
	rows_done();
}

static void decimal(void **state)
{
	static const struct {
		struct slice t;
		uint32_t max;
		bool ok;
		uint32_t want;
	} rows[] = {
		{ BYTES("0"), 0, true, 0 },
		{ BYTES("600"), 600, true, 600 },
		{ BYTES("601"), 600, false, 0 },
		{ BYTES("0000000010"), 10, true, 10 },
		{ BYTES("00000000010"), 10, false, 0 },
		{ BYTES("4294967295"), UINT32_MAX, true, UINT32_MAX },
		{ BYTES("4294967296"), UINT32_MAX, false, 0 },
		{ BYTES("9999999999"), UINT32_MAX, false, 0 },
		{ BYTES(""), 9, false, 0 },
		{ BYTES("-1"), 9, false, 0 },
		{ BYTES("+1"), 9, false, 0 },
		{ BYTES("1a"), 99, false, 0 },
		{ BYTES("1 "), 99, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t value = 77;

		row_number(rows[i].t.at, "ok", slice_decimal(rows[i].t, rows[i].max, &value), rows[i].ok);
		row_number(rows[i].t.at, "value", value, rows[i].ok ? rows[i].want : 77);
	}
	rows_done();
}

static void names(void **state)
{
	static const struct {
		struct slice t;
		bool ok;
	} rows[] = {
		{ BYTES("vfio-pci"), true },  { BYTES("mlx5_vfio_pci"), true },
		{ BYTES("8250_PCI"), true },  { BYTES(""), false },
		{ BYTES(".."), false },	      { BYTES("a/b"), false },
		{ BYTES("a b"), false },      { BYTES("a\n"), false },
		{ BYTES("a\0b"), false },     { BYTES("z{"), false },
		{ BYTES("@A"), false },	      { BYTES("[Z"), false },
		{ BYTES("9:"), false },	      { BYTES("`a"), false },
		{ BYTES("\xc3\xa4"), false }, { BYTES("-r"), false },
		{ BYTES("r-"), true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].t.at, "is a name", slice_is_name(rows[i].t), rows[i].ok);
	rows_done();
}

static void store_takes_what_fits(void **state)
{
	char to[4] = "xxx";

	(void)state;
	assert_false(slice_store(slice_of("four"), to, sizeof(to)));
	assert_false(slice_store(BYTES("a\0b"), to, sizeof(to)));
	assert_string_equal(to, "xxx");
	assert_true(slice_store(slice_of("abc"), to, sizeof(to)));
	assert_string_equal(to, "abc");
	assert_true(slice_store(nothing, to, sizeof(to)));
	assert_string_equal(to, "");
	assert_false(slice_store(nothing, to, 0));
}

/* --- lines --- */

#define LINE_SIZE sizeof(((struct linebuf *)0)->at)

static void fill(struct linebuf *line, size_t n)
{
	linebuf_start(line);
	for (size_t i = 0; i < n; i++)
		linebuf_add(line, "%c", 'a');
	assert_int_equal(line->len, n);
	assert_false(line->cut);
}

static void line_takes_just_what_fits(void **state)
{
	struct linebuf line;

	(void)state;
	fill(&line, LINE_SIZE - 4);
	linebuf_add(&line, "%s", "bcd");
	assert_false(line.cut);
	assert_int_equal(line.len, LINE_SIZE - 1);
	assert_string_equal(line.at + LINE_SIZE - 5, "abcd");
	/* Nothing more is no cut. */
	linebuf_add(&line, "%s", "");
	assert_false(line.cut);
	linebuf_add(&line, "e");
	assert_true(line.cut);
	assert_int_equal(strlen(line.at), LINE_SIZE - 1);
	assert_string_equal(line.at + LINE_SIZE - 5, "a...");
}

static void cut_line_shows_it(void **state)
{
	struct linebuf line;

	(void)state;
	fill(&line, LINE_SIZE - 4);
	linebuf_add(&line, "%s", "bcde");
	assert_true(line.cut);
	assert_int_equal(line.len, LINE_SIZE - 1);
	assert_string_equal(line.at + LINE_SIZE - 5, "a...");
	/* What follows is dropped too, or the line would read as if nothing were missing. */
	linebuf_add(&line, "more");
	linebuf_add_escaped(&line, slice_of("more"), 4);
	assert_string_equal(line.at + LINE_SIZE - 5, "a...");
	linebuf_start(&line);
	assert_false(line.cut);
	assert_string_equal(line.at, "");
}

static void line_longer_than_itself(void **state)
{
	static char big[4 * LINE_SIZE];
	struct linebuf line;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	linebuf_start(&line);
	linebuf_add(&line, "%s", big);
	assert_true(line.cut);
	assert_int_equal(strlen(line.at), LINE_SIZE - 1);
	assert_string_equal(line.at + LINE_SIZE - 5, "x...");
}

static void escaping(void **state)
{
	static const struct {
		struct slice t;
		size_t shown;
		const char *want;
	} rows[] = {
		{ BYTES("plain ~!"), 99, "plain ~!" },
		{ BYTES("a\nb"), 99, "a\\x0ab" },
		{ BYTES("\x1b[31m"), 99, "\\x1b[31m" },
		{ BYTES("\0\x1f \x7e\x7f\x80\xff"), 99, "\\x00\\x1f ~\\x7f\\x80\\xff" },
		{ BYTES("\\x0a"), 99, "\\x5cx0a" },
		{ BYTES("%s%n"), 99, "%s%n" },
		{ BYTES("abcd"), 4, "abcd" },
		{ BYTES("abcde"), 4, "abcd..." },
		{ BYTES("abc"), 0, "..." },
		{ BYTES(""), 0, "" },
		{ { NULL, 0 }, 9, "" },
	};
	struct linebuf line;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		linebuf_start(&line);
		linebuf_add_escaped(&line, rows[i].t, rows[i].shown);
		row_string("escaped", "text", line.at, rows[i].want);
	}
	rows_done();
}

static void errno_names(void **state)
{
	(void)state;
	assert_string_equal(errno_name(ENOENT), "ENOENT");
	assert_string_equal(errno_name(-EKEYREJECTED), "EKEYREJECTED");
	assert_string_equal(errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(errno_name(9999), "errno 9999");
	assert_string_equal(errno_name(-9998), "errno 9998");
}

static void growing(void **state)
{
	struct row {
		char bytes[100];
	} *items = NULL;
	size_t room = 0;

	(void)state;
	for (size_t n = 0; n < 100; n++) {
		assert_int_equal(ARRAY_GROW(items, n, room), 0);
		memset(&items[n], (int)n, sizeof(items[n]));
	}
	assert_int_equal(items[99].bytes[99], 99);
	room = SIZE_MAX / 100;
	assert_int_equal(ARRAY_GROW(items, room, room), -ENOMEM);
	assert_int_equal(room, SIZE_MAX / 100);
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_takes_parts),
		cmocka_unit_test(cut_of_nothing),
		cmocka_unit_test(words),
		cmocka_unit_test(trim),
		cmocka_unit_test(slice_stays_inside),
		cmocka_unit_test(comparing),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(decimal),
		cmocka_unit_test(names),
		cmocka_unit_test(store_takes_what_fits),
		cmocka_unit_test(line_takes_just_what_fits),
		cmocka_unit_test(cut_line_shows_it),
		cmocka_unit_test(line_longer_than_itself),
		cmocka_unit_test(escaping),
		cmocka_unit_test(errno_names),
		cmocka_unit_test(growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
