/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way to name a device, and every way to get it wrong. */
#include "unit.h"

#include "config/selector.h"

static bool parse(const char *word, struct selector *s)
{
	struct complaint c = { 0 };

	memset(s, 0xaa, sizeof(*s));
	if (selector_parse(slice_of(word), s, &c))
		return true;
	row_string(word, "complaint", c.what, "none");
	return false;
}

static void addresses(void **state)
{
	static const struct {
		const char *word;
		struct address address;
		bool any;
	} rows[] = {
		{ "0000:01:00.0", { 0, 1, 0, 0 }, false },
		{ "01:00.0", { 0, 1, 0, 0 }, false },
		{ "1:0.0", { 0, 1, 0, 0 }, false },
		{ "FF:1F.7", { 0, 0xff, 0x1f, 7 }, false },
		{ "01:00.*", { 0, 1, 0, 0 }, true },
		{ "0000:01:1f.*", { 0, 1, 0x1f, 0 }, true },
		{ "1:01:00.0", { 1, 1, 0, 0 }, false },
		{ "10000:00:02.0", { 0x10000, 0, 2, 0 }, false },
		{ "fFfFfFfF:ff:1f.*", { 0xffffffff, 0xff, 0x1f, 0 }, true },
		{ "00000001:00:02.0", { 1, 0, 2, 0 }, false },
	};
	struct selector s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!parse(rows[i].word, &s))
			continue;
		row_number(rows[i].word, "kind", s.kind, SELECT_ADDRESS);
		row_string(rows[i].word, "address", address_name(s.address).at, address_name(rows[i].address).at);
		row_number(rows[i].word, "any function", s.any_function, rows[i].any);
		row_number(rows[i].word, "hops", s.n_hops, 0);
		row_number(rows[i].word, "conditions",
			   memcmp(&s.id, &id_pattern_any, sizeof(s.id)) != 0 || s.class.mask, false);
	}
	rows_done();
}

static void paths(void **state)
{
	static const struct {
		const char *word;
		struct address address;
		unsigned n;
		struct hop hops[3];
		bool any;
	} rows[] = {
		{ "00:1c.0/00.0", { 0, 0, 0x1c, 0 }, 1, { { 0, 0 } }, false },
		{ "0000:00:1c.4/1f.7", { 0, 0, 0x1c, 4 }, 1, { { 0x1f, 7 } }, false },
		{ "10000:e0:06.0/0.0", { 0x10000, 0xe0, 6, 0 }, 1, { { 0, 0 } }, false },
		{ "00:1c.0/00.0/02.0/00.*", { 0, 0, 0x1c, 0 }, 3, { { 0, 0 }, { 2, 0 }, { 0, 0 } }, true },
	};
	struct selector s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!parse(rows[i].word, &s))
			continue;
		row_number(rows[i].word, "kind", s.kind, SELECT_PATH);
		row_string(rows[i].word, "address", address_name(s.address).at, address_name(rows[i].address).at);
		row_number(rows[i].word, "any function", s.any_function, rows[i].any);
		row_number(rows[i].word, "hops", s.n_hops, rows[i].n);
		for (unsigned h = 0; h < rows[i].n; h++) {
			row_number(rows[i].word, "device", s.hops[h].device, rows[i].hops[h].device);
			row_number(rows[i].word, "function", s.hops[h].function, rows[i].hops[h].function);
		}
	}
	rows_done();
}

static void ids(void **state)
{
	static const struct {
		const char *word;
		struct id_pattern id;
	} rows[] = {
		{ "10de:1b80", { 0x10de, 0x1b80, ID_ANY, ID_ANY } },
		{ "10DE:1B80", { 0x10de, 0x1b80, ID_ANY, ID_ANY } },
		{ "10de:*", { 0x10de, ID_ANY, ID_ANY, ID_ANY } },
		{ "*:1b80", { ID_ANY, 0x1b80, ID_ANY, ID_ANY } },
		{ "10de:1b80:1043", { 0x10de, 0x1b80, 0x1043, ID_ANY } },
		{ "10de:1b80:1043:85aa", { 0x10de, 0x1b80, 0x1043, 0x85aa } },
		{ "10de:*:*:85aa", { 0x10de, ID_ANY, ID_ANY, 0x85aa } },
		{ "*:*:1043", { ID_ANY, ID_ANY, 0x1043, ID_ANY } },
		{ "ffff:0000", { 0xffff, 0, ID_ANY, ID_ANY } },
	};
	struct selector s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!parse(rows[i].word, &s))
			continue;
		row_number(rows[i].word, "kind", s.kind, SELECT_ID);
		row_number(rows[i].word, "vendor", s.id.vendor, rows[i].id.vendor);
		row_number(rows[i].word, "device", s.id.device, rows[i].id.device);
		row_number(rows[i].word, "subvendor", s.id.subvendor, rows[i].id.subvendor);
		row_number(rows[i].word, "subdevice", s.id.subdevice, rows[i].id.subdevice);
	}
	rows_done();
}

static void classes(void **state)
{
	static const struct {
		const char *word;
		uint32_t value, mask;
	} rows[] = {
		{ "class=03", 0x030000, 0xff0000 },
		{ "class=0c03", 0x0c0300, 0xffff00 },
		{ "class=0C0330", 0x0c0330, 0xffffff },
		{ "class=00", 0, 0xff0000 },
	};
	struct selector s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!parse(rows[i].word, &s))
			continue;
		row_number(rows[i].word, "kind", s.kind, SELECT_CLASS);
		row_number(rows[i].word, "value", s.class.value, rows[i].value);
		row_number(rows[i].word, "mask", s.class.mask, rows[i].mask);
	}
	rows_done();
}

#define FUNCTION_MISSING "the function is missing: write .0 to .7, or .* for all of them"
#define NOT_A_DEVICE "not a device: write an address (0000:01:00.0), an ID (10de:1b80) or class=0300"
#define FUNCTION "a function is 0 to 7, or * for all of them"
#define DEVICE "a device number is 00 to 1f"
#define BUS "a bus number is 00 to ff"
#define DOMAIN "a domain is at most eight hexadecimal digits"
#define ADDRESS "an address is [domain:]bus:device.function"
#define ONLY_LAST "only the last part of a path can be .*"
#define PART "a part of an ID is four hexadecimal digits, or *"
#define CLASS "a class is 2, 4 or 6 hexadecimal digits: class, subclass, interface"

static void mistakes(void **state)
{
	static const struct {
		const char *word;
		size_t at;
		const char *part; /* what is quoted */
		const char *what;
	} rows[] = {
		/* addresses */
		{ "01:00", 0, "01:00", FUNCTION_MISSING },
		{ "0000:01:00", 0, "0000:01:00", FUNCTION_MISSING },
		{ "01:00.8", 6, "8", FUNCTION },
		{ "01:00.00", 6, "00", FUNCTION },
		{ "01:00.a", 6, "a", FUNCTION },
		{ "01:00.", 6, "", FUNCTION },
		{ "01:00.**", 6, "**", FUNCTION },
		{ "01:00.0.0", 6, "0.0", FUNCTION },
		{ "01:20.0", 3, "20", DEVICE },
		{ "01:000.0", 3, "000", DEVICE },
		{ "01:.0", 3, "", DEVICE },
		{ "01:*.0", 3, "*", DEVICE },
		{ "1:2:3:04.0", 4, "3:04", DEVICE },
		{ "100:00.0", 0, "100", BUS },
		{ "0000:0x1:00.0", 5, "0x1", BUS },
		{ ":00.0", 0, "", BUS },
		{ "10de:1b80.", 0, "10de", BUS },
		{ "123456789:01:00.0", 0, "123456789", DOMAIN },
		{ ":01:00.0", 0, "", DOMAIN },
		{ "pci:01:00.0", 0, "pci", DOMAIN },
		{ "01.00.0", 0, "01.00.0", ADDRESS },
		{ ".", 0, ".", ADDRESS },
		{ "/dev/sda", 0, "", ADDRESS },
		/* paths */
		{ "00:1c.0/", 8, "", FUNCTION_MISSING },
		{ "00:1c.0/00", 8, "00", FUNCTION_MISSING },
		{ "00:1c.0//00.0", 8, "", FUNCTION_MISSING },
		{ "00:1c/00.0", 3, "1c", FUNCTION_MISSING },
		{ "00:1c.*/00.0", 6, "*", ONLY_LAST },
		{ "00:1c.0/00.*/00.0", 11, "*", ONLY_LAST },
		{ "00:1c.0/20.0", 8, "20", DEVICE },
		{ "00:1c.0/01:00.0", 8, "01:00", DEVICE },
		{ "00:1c.0/00.9", 11, "9", FUNCTION },
		/* IDs */
		{ "10de:", 5, "", PART },
		{ ":1b80", 0, "", PART },
		{ "10de:1b8", 5, "1b8", PART },
		{ "10de:1b800", 5, "1b800", PART },
		{ "10de:1b8g", 5, "1b8g", PART },
		{ "10de:1b80:", 10, "", PART },
		{ "10de:1b80:1043:**", 15, "**", PART },
		{ "0x10de:0x1b80", 0, "0x10de", "write the ID without 0x" },
		{ "10de:0X1b80", 5, "0X1b80", "write the ID without 0x" },
		{ "10de:1b80:1043:85aa:0000", 20, "0000", "an ID has at most vendor:device:subvendor:subdevice" },
		{ "10de:1b80:1043:85aa:", 20, "", "an ID has at most vendor:device:subvendor:subdevice" },
		{ "*:*", 0, "*:*", "this ID matches every device; name a vendor, or use class=" },
		{ "*:*:*:*", 0, "*:*:*:*", "this ID matches every device; name a vendor, or use class=" },
		/* classes */
		{ "class=", 6, "", CLASS },
		{ "class=3", 6, "3", CLASS },
		{ "class=030", 6, "030", CLASS },
		{ "class=03000", 6, "03000", CLASS },
		{ "class=0300000", 6, "0300000", CLASS },
		{ "class=vg", 6, "vg", CLASS },
		/* neither */
		{ "", 0, "", NOT_A_DEVICE },
		{ "gpu", 0, "gpu", NOT_A_DEVICE },
		{ "*", 0, "*", NOT_A_DEVICE },
		{ "10de", 0, "10de", NOT_A_DEVICE },
		{ "class", 0, "class", NOT_A_DEVICE },
		{ "\xff\x01", 0, "\xff\x01", NOT_A_DEVICE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct slice word = slice_of(rows[i].word);
		struct selector s = { .n_hops = 77 };
		struct complaint c = { .instead = "?" };

		row_number(rows[i].word, "is a selector", selector_parse(word, &s, &c), false);
		row_number(rows[i].word, "column", (long long)c.at, (long long)rows[i].at);
		row_text(rows[i].word, "part", slice_sub(word, c.at, c.at + c.len), rows[i].part);
		row_number(rows[i].word, "length", (long long)c.len, (long long)strlen(rows[i].part));
		row_string(rows[i].word, "complaint", c.what, rows[i].what);
		row_string(rows[i].word, "instead", c.instead, NULL);
		row_number(rows[i].word, "result untouched", s.n_hops, 77);
	}
	rows_done();
}

static void longest_path(void **state)
{
	char word[7 + (HOPS_MAX + 1) * 5 + 1] = "00:1c.0";
	struct complaint c;
	struct selector s;

	(void)state;
	for (unsigned i = 0; i < HOPS_MAX; i++)
		strcat(word, "/01.0");
	assert_true(selector_parse(slice_of(word), &s, &c));
	assert_int_equal(s.n_hops, HOPS_MAX);
	strcat(word, "/02.0");
	assert_false(selector_parse(slice_of(word), &s, &c));
	assert_string_equal(c.what, "a path has at most 16 bridges");
	assert_int_equal(c.at, strlen(word) - 4);
}

static void id_alone(void **state)
{
	struct id_pattern id = id_pattern_any;
	struct complaint c;

	(void)state;
	assert_true(id_pattern_parse(slice_of("1000:0072"), &id, &c));
	assert_int_equal(id.vendor, 0x1000);
	/* As a selector this word would have been taken for something else. */
	assert_false(id_pattern_parse(slice_of("1000"), &id, &c));
	assert_string_equal(c.what, "an ID is vendor:device");
	assert_false(id_pattern_parse(slice_of(""), &id, &c));
	assert_string_equal(c.what, PART);
	assert_false(id_pattern_parse((struct slice){ NULL, 0 }, &id, &c));
	assert_int_equal(c.at, 0);
}

static void fitting(void **state)
{
	static const struct identity id = { 0x10de, 0x1b80, 0x1043, 0x85aa, 0x030002 };
	static const struct {
		const char *word;
		bool fits;
	} rows[] = {
		{ "10de:1b80", true },		 { "10de:*", true },	 { "*:1b80", true },
		{ "10de:1b80:1043:85aa", true }, { "*:*:1043:*", true }, { "*:*:*:85aa", true },
		{ "10df:1b80", false },		 { "10de:1b81", false }, { "10de:1b80:1044", false },
		{ "10de:1b80:*:85ab", false },	 { "class=03", true },	 { "class=0300", true },
		{ "class=030002", true },	 { "class=04", false },	 { "class=0302", false },
		{ "class=030000", false },	 { "class=00", false },
	};
	struct selector s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (parse(rows[i].word, &s))
			row_number(rows[i].word, "fits",
				   id_pattern_fits(&s.id, &id) && class_pattern_fits(&s.class, &id), rows[i].fits);
	rows_done();
}

/* Whatever the bytes, the answer is a selector or a complaint about a part of them. */
static void garbage(void **state)
{
	static const char letters[] = "0123456789abcdefABCDEF:./*=xclass \t\xff";

	(void)state;
	for (uint32_t seed = 1; seed <= 20000; seed++) {
		struct complaint c = { .at = SIZE_MAX };
		struct selector s = { .n_hops = 0 };
		uint32_t state = seed * 2654435761u | 1;
		size_t len = noise(&state) % 40;
		char *word = malloc(len + 1);

		assert_non_null(word);
		for (size_t i = 0; i < len; i++)
			word[i] = letters[noise(&state) % sizeof(letters)];
		/* Moved to memory of just that size, so that a read beyond it is seen. */
		word = realloc(word, len ? len : 1);
		if (selector_parse((struct slice){ word, len }, &s, &c)) {
			assert_in_range(s.n_hops, 0, HOPS_MAX);
		} else {
			assert_non_null(c.what);
			assert_true(c.at <= len && c.len <= len - c.at);
		}
		free(word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(paths),	 cmocka_unit_test(ids),
		cmocka_unit_test(classes),   cmocka_unit_test(mistakes), cmocka_unit_test(longest_path),
		cmocka_unit_test(id_alone),  cmocka_unit_test(fitting),	 cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
