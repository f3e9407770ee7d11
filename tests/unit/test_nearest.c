/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": close enough to help, never far-fetched. */
#include "unit.h"

#include "config/nearest.h"

static const char *const names[] = { "id=", "class=", "driver=", "group", "leave-bound", "optional", "even-if-needed" };

static void suggestions(void **state)
{
	static const struct {
		const char *word;
		const char *want;
	} rows[] = {
		{ "driver=", "driver=" },
		{ "drvier=", "driver=" },
		{ "drive=", "driver=" },
		{ "drivers=", "driver=" },
		{ "driver", "driver=" },
		{ "class", "class=" },
		{ "calss=", "class=" },
		{ "grp", NULL },
		{ "grou", "group" },
		{ "Group", "group" },
		{ "groups", "group" },
		{ "leave_bound", "leave-bound" },
		{ "leavebound", "leave-bound" },
		{ "optinal", "optional" },
		{ "evenifneeded", "even-if-needed" },
		{ "ids=", "id=" },
		{ "di=", "id=" },
		{ "id", "id=" },
		{ "ID=", "id=" },
		{ "DRIVER=", "driver=" },
		{ "Leave-Bound", "leave-bound" },
		{ "i", NULL },
		{ "", NULL },
		{ "xyz", NULL },
		{ "10de:1b80", NULL },
		/* Longer than every name: not even looked at. */
		{ "leave-boundleave-boundleave-bound", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_string(rows[i].word, "suggestion", nearest_name(slice_of(rows[i].word), names, COUNT_OF(names)),
			   rows[i].want);
	row_string("nothing", "suggestion", nearest_name((struct slice){ NULL, 0 }, names, COUNT_OF(names)), NULL);
	row_string("no names", "suggestion", nearest_name(slice_of("group"), names, 0), NULL);
	rows_done();
}

/* An empty word is nearest to nothing, however short the names are. */
static void nothing_is_near_an_empty_word(void **state)
{
	static const char *const shortest[] = { "ab", "a", "" };

	(void)state;
	assert_null(nearest_name(slice_of(""), shortest, COUNT_OF(shortest)));
}

static void nearest_of_two(void **state)
{
	static const char *const close[] = { "abcdefgh", "abcdefxx", "abcdefg" };

	(void)state;
	assert_string_equal(nearest_name(slice_of("abcdefx"), close, COUNT_OF(close)), "abcdefxx");
	assert_string_equal(nearest_name(slice_of("abcdefg"), close, COUNT_OF(close)), "abcdefg");
}

static void names_at_the_bound(void **state)
{
	static const char *const longest[] = { "abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwxy" };

	(void)state;
	assert_string_equal(nearest_name(slice_of("abcdefghijklmnopqrstuvw_"), longest, COUNT_OF(longest)), longest[0]);
	assert_null(nearest_name(slice_of(longest[1]), longest, COUNT_OF(longest)));
	/* A name beyond the bound is passed over, not overrun. */
	assert_null(nearest_name(slice_of("abcdefghijklmnopqrstuvwxy"), longest + 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suggestions),
		cmocka_unit_test(nothing_is_near_an_empty_word),
		cmocka_unit_test(nearest_of_two),
		cmocka_unit_test(names_at_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
