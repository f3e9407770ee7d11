/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel command line, and what rd.earlybind* on it says. */
#include "unit.h"

#include "config/cmdline.h"
#include "config/config.h"

static void parameters(void **state)
{
	static const struct {
		struct slice line;
		const char *want[4][2]; /* name, value or NULL */
	} rows[] = {
		{ BYTES(""), { { NULL } } },
		{ BYTES(" \t\n\r"), { { NULL } } },
		{ BYTES("quiet"), { { "quiet", NULL } } },
		{ BYTES("a b\tc\n"), { { "a", NULL }, { "b", NULL }, { "c", NULL } } },
		{ BYTES("a=1 b= =2"), { { "a", "1" }, { "b", "" }, { "", "2" } } },
		{ BYTES("a=b=c"), { { "a", "b=c" } } },
		{ BYTES("a=\"b c\" d"), { { "a", "b c" }, { "d", NULL } } },
		{ BYTES("\"a=b c\" d"), { { "a", "b c" }, { "d", NULL } } },
		{ BYTES("a=b\" \"c"), { { "a", "b\" \"c" } } },
		{ BYTES("a=x\"b c\""), { { "a", "x\"b c\"" } } },
		{ BYTES("a=\"b c"), { { "a", "b c" } } },
		{ BYTES("a=\""), { { "a", "" } } },
		{ BYTES("\"\" a"), { { "", NULL }, { "a", NULL } } },
		{ BYTES("\""), { { "", NULL } } },
		{ BYTES("a -- b"), { { "a", NULL } } },
		{ BYTES("--a b"), { { "--a", NULL }, { "b", NULL } } },
		{ BYTES("a --=b"), { { "a", NULL }, { "--", "b" } } },
		{ BYTES("a\0b"), { { "a", NULL }, { "b", NULL } } },
		{ { NULL, 0 }, { { NULL } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *row = rows[i].line.at;
		struct slice rest = rows[i].line, name, value;
		size_t n = 0;

		while (cmdline_next(&rest, &name, &value) && n < 3) {
			const char *want = rows[i].want[n][0];

			row_text(row, "name", name, want ? want : "(too many)");
			row_number(row, "has a value", value.at != NULL, rows[i].want[n][1] != NULL);
			if (rows[i].want[n][1])
				row_text(row, "value", value, rows[i].want[n][1]);
			n++;
		}
		row_number(row, "end", rows[i].want[n][0] == NULL, true);
	}
	rows_done();
}

static void words_of_lists(void **state)
{
	static const struct {
		const char *name, *word, *contrary;
		bool says;
	} rows[] = {
		{ "a", "1", NULL, true },    { "a", "2", NULL, true },	{ "a", "3", NULL, true },
		{ "a", "2,3", NULL, false }, { "a", "4", NULL, false }, { "a", "1", "3", false },
		{ "a", "3", "1", true },     { "a", "2", "3", false },	{ "b", "", NULL, false },
		{ "c", "", NULL, true },     { "d", "z", NULL, true },	{ "d", "x y", NULL, true },
		{ "e", "5", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].name, rows[i].word,
			   cmdline_says(slice_of("a=1 b a=2,3 c= \"d=x y,z\" -- a=4 e=5"), rows[i].name, rows[i].word,
					rows[i].contrary),
			   rows[i].says);
	rows_done();
}

static void module_options(void **state)
{
	static const struct {
		const char *line, *module, *before, *want;
	} rows[] = {
		{ "quiet", "vfio_pci", "", "" },
		{ "vfio_pci.disable_vga=1", "vfio_pci", "", "disable_vga=1" },
		{ "vfio-pci.disable_vga=1", "vfio_pci", "", "disable_vga=1" },
		{ "vfio-pci.disable_vga", "vfio_pci", "", "disable_vga" },
		{ "vfio-pci.ids=", "vfio_pci", "", "ids=" },
		{ "vfio.a=1 vfio_pcj.a=1 xvfio_pci.b=2 vfio_pcix.c=3 vfio_pci. vfio_pci vfio_pc", "vfio_pci", "", "" },
		{ "vfio_pci.a=1 quiet vfio-pci.b=2", "vfio_pci", "c=3", "c=3 a=1 b=2" },
		{ "vfio_pci.a=\"b c\" \"vfio_pci.d=e f\"", "vfio_pci", "", "a=\"b c\" d=\"e f\"" },
		{ "vfio_pci.a=\"b\tc\"", "vfio_pci", "", "a=\"b\tc\"" },
		{ "vfio_iommu_type1.allow_unsafe_interrupts=1", "vfio_iommu_type1", "", "allow_unsafe_interrupts=1" },
		{ "-- vfio_pci.a=1", "vfio_pci", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char to[128];

		strcpy(to, rows[i].before);
		row_number(rows[i].line, "fits",
			   cmdline_module_options(slice_of(rows[i].line), rows[i].module, to, sizeof(to)), true);
		row_string(rows[i].line, "options", to, rows[i].want);
	}
	rows_done();
}

static void module_options_that_do_not_fit(void **state)
{
	const struct slice line = slice_of("vfio_pci.a=1 vfio_pci.b=2");
	char to[8] = "";

	(void)state;
	assert_true(cmdline_module_options(line, "vfio_pci", to, sizeof(to)));
	assert_string_equal(to, "a=1 b=2");
	to[0] = '\0';
	assert_false(cmdline_module_options(line, "vfio_pci", to, sizeof(to) - 1));
}

static void switches(void **state)
{
	static const struct {
		const char *line;
		bool off, debug;
		const char *problem;
	} rows[] = {
		{ "quiet splash", false, false, NULL },
		{ "rd.earlybind=0", true, false, NULL },
		{ "rd.earlybind=no", true, false, NULL },
		{ "rd.earlybind=off", true, false, NULL },
		{ "rd.earlybind=1", false, false, NULL },
		{ "rd.earlybind", false, false, NULL },
		{ "rd.earlybind=0 rd.earlybind=on", false, false, NULL },
		{ "rd.earlybind=yes rd.earlybind=0", true, false, NULL },
		{ "rd.earlybind.debug", false, true, NULL },
		{ "rd.earlybind.debug=1", false, true, NULL },
		{ "rd.earlybind.debug rd.earlybind.debug=0", false, false, NULL },
		{ "root=/dev/sda rd.earlybind=\"0\" quiet", true, false, NULL },
		{ "quiet -- rd.earlybind=0", false, false, NULL },
		{ "rd.earlybindx=0 earlybind=0 xrd.earlybind=0", false, false, NULL },
		/* this value, too, disables it */
		{ "rd.earlybind=", true, false, NULL },
		{ "quiet rd.earlybind=false", true, false, NULL },
		{ "rd.earlybind=O", true, false, NULL },
		{ "rd.earlybind", false, false, NULL },
		{ "rd.earlybind.debug=2", false, false, "command line: \"rd.earlybind.debug\": is 0 or 1" },
		{ "rd.earlybind.tkae=01:00.0", false, false,
		  "command line: \"rd.earlybind.tkae\": unknown parameter; did you mean \"rd.earlybind.take\"?" },
		{ "ro \"rd.earlybind.skp=01:00.0\"", false, false,
		  "command line: \"rd.earlybind.skp\": unknown parameter; did you mean \"rd.earlybind.skip\"?" },
		{ "rd.earlybind.frobnicate", false, false,
		  "command line: \"rd.earlybind.frobnicate\": unknown parameter" },
		{ "rd.earlybind.", false, false,
		  "command line: \"rd.earlybind.\": unknown parameter; did you mean \"rd.earlybind\"?" },
		{ "rd.earlybind.a\x1b[2Jb", false, false,
		  "command line: \"rd.earlybind.a\\x1b[2Jb\": unknown parameter" },
		{ "rd.earlybind.take", false, false,
		  "command line: \"rd.earlybind.take\": needs devices: an address, an ID or class=, separated by "
		  "commas" },
		{ "a rd.earlybind.skip=", false, false,
		  "command line: \"rd.earlybind.skip\": needs devices: an address, an ID or class=, separated by "
		  "commas" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;
		struct linebuf line;

		config_init(&config);
		linebuf_start(&line);
		assert_int_equal(config_parse_cmdline(&config, slice_of(rows[i].line)), 0);
		row_number(rows[i].line, "off", config.settings.off, rows[i].off);
		row_number(rows[i].line, "debug", config.settings.debug, rows[i].debug);
		row_number(rows[i].line, "problems", (long long)config.problems_total, rows[i].problem != NULL);
		if (config.n_problems)
			problem_format(&config.problems[0], &line);
		row_string(rows[i].line, "problem", line.at, rows[i].problem ? rows[i].problem : "");
		row_number(rows[i].line, "rules", (long long)config.n_rules, 0);
		config_done(&config);
	}
	rows_done();
}

static void lists(void **state)
{
	static const char cmdline[] = "quiet rd.earlybind.take=01:00.0,10de:1b80,class=03 ro "
				      "rd.earlybind.skip=\"02:00.*,00:1c.0/00.0\"";
	static const struct {
		const char *text;
		enum selector_kind kind;
		bool skip;
	} rows[] = {
		{ "01:00.0", SELECT_ADDRESS, false },  { "10de:1b80", SELECT_ID, false },
		{ "class=03", SELECT_CLASS, false },   { "02:00.*", SELECT_ADDRESS, true },
		{ "00:1c.0/00.0", SELECT_PATH, true },
	};
	struct config config;

	(void)state;
	config_init(&config);
	assert_int_equal(config_parse_cmdline(&config, slice_of(cmdline)), 0);
	assert_int_equal(config.problems_total, 0);
	assert_int_equal(config.n_rules, COUNT_OF(rows));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct rule *rule = &config.rules[i];

		row_text(rows[i].text, "text", rule->selector_text, rows[i].text);
		row_number(rows[i].text, "kind", rule->selector.kind, rows[i].kind);
		row_number(rows[i].text, "skip", rule->skip, rows[i].skip);
		row_string(rows[i].text, "file", rule->origin.file, "command line");
		row_number(rows[i].text, "line", rule->origin.line, 0);
		row_string(rows[i].text, "driver", rule_driver(rule), "vfio-pci");
	}
	rows_done();
	config_done(&config);
}

/* A word that is wrong costs that word only. */
static void bad_words_in_lists(void **state)
{
	static const char *const want[] = {
		"command line: \"01:00.9\": a function is 0 to 7, or * for all of them",
		"command line: \"rd.earlybind.take\": not a device: write an address (0000:01:00.0), an ID "
		"(10de:1b80) or class=0300",
		"command line: \"gpu\": not a device: write an address (0000:01:00.0), an ID (10de:1b80) or "
		"class=0300",
	};
	struct config config;

	(void)state;
	config_init(&config);
	assert_int_equal(config_parse_cmdline(&config, slice_of("rd.earlybind.take=01:00.9,02:00.0,,gpu")), 0);
	assert_int_equal(config.n_rules, 1);
	assert_true(slice_is(config.rules[0].selector_text, "02:00.0"));
	assert_int_equal(config.n_problems, COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		struct linebuf line;

		linebuf_start(&line);
		problem_format(&config.problems[i], &line);
		row_string("list", "problem", line.at, want[i]);
	}
	rows_done();
	config_done(&config);
}

static void garbage(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 2000; seed++) {
		static const char prefix[] = "rd.earlybind.take=";
		uint32_t s = seed * 2654435761u | 1;
		size_t len = sizeof(prefix) - 1 + noise(&s) % 200;
		char *bytes = malloc(len);
		struct config config;

		assert_non_null(bytes);
		memcpy(bytes, prefix, sizeof(prefix) - 1);
		for (size_t i = sizeof(prefix) - 1; i < len; i++)
			bytes[i] = (char)noise(&s);
		config_init(&config);
		assert_int_equal(config_parse_cmdline(&config, (struct slice){ bytes, len }), 0);
		for (size_t i = 0; i < config.n_problems; i++) {
			struct linebuf line;

			linebuf_start(&line);
			problem_format(&config.problems[i], &line);
			for (size_t j = 0; j < line.len; j++)
				assert_in_range(line.at[j], 0x20, 0x7e);
		}
		config_done(&config);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters),	      cmocka_unit_test(words_of_lists),
		cmocka_unit_test(module_options),     cmocka_unit_test(module_options_that_do_not_fit),
		cmocka_unit_test(switches),	      cmocka_unit_test(lists),
		cmocka_unit_test(bad_words_in_lists), cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
