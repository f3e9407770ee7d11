/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration's files: what they mean, and how every mistake in them reads. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

/* The texts of all problems kept, a line each (static buffer). */
static const char *problems_of(const struct config *config)
{
	static char all[CONFIG_PROBLEMS_MAX * 880];

	all[0] = '\0';
	for (size_t i = 0; i < config->n_problems; i++) {
		struct linebuf line;

		linebuf_start(&line);
		problem_format(&config->problems[i], &line);
		strcat(strcat(all, line.at), "\n");
	}
	return all;
}

static void parse(struct config *config, struct slice bytes)
{
	config_init(config);
	assert_int_equal(config_parse(config, "earlybind.conf", bytes), 0);
}

/* --- rules --- */

enum { SKIP = 1, GROUP = 2, LEAVE = 4, OPTIONAL = 8, ROOT = 16, AUTO = 32 };

static int flags_of(const struct rule *rule)
{
	return (rule->skip ? SKIP : 0) | (rule->group ? GROUP : 0) | (rule->leave_bound ? LEAVE : 0) |
	       (rule->optional ? OPTIONAL : 0) | (rule->even_if_needed ? ROOT : 0) | (rule->driver_auto ? AUTO : 0);
}

#define DRIVER_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"

static void one_rule(void **state)
{
	static const struct {
		const char *line;
		const char *selector;
		unsigned column;
		int flags;
		const char *driver;
		int32_t vendor;
		uint32_t class;
	} rows[] = {
		{ "01:00.0", "01:00.0", 1, 0, "vfio-pci", ID_ANY, 0 },
		{ "  01:00.*\t", "01:00.*", 3, 0, "vfio-pci", ID_ANY, 0 },
		{ "00:1c.0/00.0 group", "00:1c.0/00.0", 1, GROUP, "vfio-pci", ID_ANY, 0 },
		{ "10DE:1B80", "10DE:1B80", 1, 0, "vfio-pci", 0x10de, 0 },
		{ "class=0c03", "class=0c03", 1, 0, "vfio-pci", ID_ANY, 0x0c0300 },
		{ "01:00.0 id=1000:0072", "01:00.0", 1, 0, "vfio-pci", 0x1000, 0 },
		{ "01:00.0 class=01 id=1000:*", "01:00.0", 1, 0, "vfio-pci", 0x1000, 0x010000 },
		{ "class=0c03 id=1000:*", "class=0c03", 1, 0, "vfio-pci", 0x1000, 0x0c0300 },
		{ "1000:0072 class=01", "1000:0072", 1, 0, "vfio-pci", 0x1000, 0x010000 },
		{ "01:00.0 group leave-bound optional even-if-needed driver=auto", "01:00.0", 1,
		  GROUP | LEAVE | OPTIONAL | ROOT | AUTO, "vfio-pci", ID_ANY, 0 },
		{ "01:00.0 group group", "01:00.0", 1, GROUP, "vfio-pci", ID_ANY, 0 },
		{ "01:00.0 driver=pci-stub", "01:00.0", 1, 0, "pci-stub", ID_ANY, 0 },
		{ "01:00.0 driver=" DRIVER_63, "01:00.0", 1, 0, DRIVER_63, ID_ANY, 0 },
		{ "skip 04:00.0", "04:00.0", 6, SKIP, "vfio-pci", ID_ANY, 0 },
		{ "\tskip\t\t10de:* optional class=03", "10de:*", 8, SKIP | OPTIONAL, "vfio-pci", 0x10de, 0x030000 },
		{ "01:00.0 # comment", "01:00.0", 1, 0, "vfio-pci", ID_ANY, 0 },
		{ "01:00.0\t#group", "01:00.0", 1, 0, "vfio-pci", ID_ANY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;
		const struct rule *rule;

		parse(&config, slice_of(rows[i].line));
		row_string(rows[i].line, "problems", problems_of(&config), "");
		row_number(rows[i].line, "rules", (long long)config.n_rules, 1);
		if (config.n_rules == 1) {
			rule = &config.rules[0];
			row_text(rows[i].line, "selector", rule->selector_text, rows[i].selector);
			row_number(rows[i].line, "line", rule->origin.line, 1);
			row_number(rows[i].line, "column", rule->origin.column, rows[i].column);
			row_string(rows[i].line, "file", rule->origin.file, "earlybind.conf");
			row_number(rows[i].line, "flags", flags_of(rule), rows[i].flags);
			row_string(rows[i].line, "driver", rule_driver(rule), rows[i].driver);
			row_number(rows[i].line, "vendor", rule->selector.id.vendor, rows[i].vendor);
			row_number(rows[i].line, "class", rule->selector.class.value, rows[i].class);
		}
		config_done(&config);
	}
	rows_done();
}

static void lines_without_meaning(void **state)
{
	static const struct slice rows[] = {
		BYTES(""),	   BYTES("\n"),	       BYTES("\r\n\r\n"),     BYTES("# all\n#comments"),
		BYTES("   \t \n"), BYTES("  # later"), BYTES("\xef\xbb\xbf"), BYTES("\xef\xbb\xbf# comment\r\n"),
		{ NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;

		parse(&config, rows[i]);
		row_string("nothing", "problems", problems_of(&config), "");
		row_number("nothing", "rules", (long long)config.n_rules, 0);
		config_done(&config);
	}
	rows_done();
}

/* What editors on other systems leave in a file. */
static void tolerated(void **state)
{
	static const struct slice rows[] = {
		BYTES("# GPU\n01:00.0\n\n02:00.0 id=10de:1b80\n"),
		BYTES("# GPU\r\n01:00.0\r\n\r\n02:00.0 id=10DE:1B80\r\n"),
		BYTES("# GPU\n01:00.0\n\n02:00.0 id=10de:1b80"),
		BYTES("\xef\xbb\xbf# GPU\r\n01:00.0\r\n\r\n02:00.0\tid=10de:1B80\t\r"),
		BYTES("# GPU \xc3\xbc\n01:00.0 # \xff\n#\n02:00.0 id=10de:1b80 # x"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;

		parse(&config, rows[i]);
		row_string("tolerated", "problems", problems_of(&config), "");
		row_number("tolerated", "rules", (long long)config.n_rules, 2);
		if (config.n_rules == 2) {
			row_text("tolerated", "selector", config.rules[0].selector_text, "01:00.0");
			row_number("tolerated", "line", config.rules[0].origin.line, 2);
			row_number("tolerated", "line", config.rules[1].origin.line, 4);
			row_number("tolerated", "device", config.rules[1].selector.id.device, 0x1b80);
		}
		config_done(&config);
	}
	rows_done();
}

/* --- settings --- */

static void settings(void **state)
{
	static const struct {
		const char *text;
		bool optional;
		enum on_failure on_failure;
		unsigned timeout;
		bool rescue;
	} rows[] = {
		{ "", false, ON_FAILURE_NATIVE, 10, true },
		{ "set iommu optional", true, ON_FAILURE_NATIVE, 10, true },
		{ "set iommu required", false, ON_FAILURE_NATIVE, 10, true },
		{ "set on-failure no-driver", false, ON_FAILURE_NO_DRIVER, 10, true },
		{ "set on-failure native", false, ON_FAILURE_NATIVE, 10, true },
		{ "set timeout 1", false, ON_FAILURE_NATIVE, 1, true },
		{ "\tset  timeout\t600 # seconds\r\n", false, ON_FAILURE_NATIVE, 600, true },
		{ "set rescue off", false, ON_FAILURE_NATIVE, 10, false },
		{ "set rescue on", false, ON_FAILURE_NATIVE, 10, true },
		/* the last one counts */
		{ "set iommu optional\nset timeout 5\nset iommu required\nset timeout 7", false, ON_FAILURE_NATIVE, 7,
		  true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;

		parse(&config, slice_of(rows[i].text));
		row_string(rows[i].text, "problems", problems_of(&config), "");
		row_number(rows[i].text, "iommu optional", config.settings.iommu_optional, rows[i].optional);
		row_number(rows[i].text, "on failure", config.settings.on_failure, rows[i].on_failure);
		row_number(rows[i].text, "timeout", config.settings.timeout, rows[i].timeout);
		row_number(rows[i].text, "rescue", config.settings.rescue, rows[i].rescue);
		row_number(rows[i].text, "off", config.settings.off, false);
		row_number(rows[i].text, "debug", config.settings.debug, false);
		config_done(&config);
	}
	rows_done();
}

/* --- mistakes --- */

#define CONF "earlybind.conf:1:"
#define NOT_A_DEVICE "not a device: write an address (0000:01:00.0), an ID (10de:1b80) or class=0300"
#define LONG_VALUE "v123456789v123456789v123456789v123456789v123456789"

static void mistakes(void **state)
{
	static const struct {
		struct slice line;
		const char *want;
	} rows[] = {
		/* selectors: the column is the part's, also when the part is empty */
		{ BYTES("gpu"), CONF "1: \"gpu\": " NOT_A_DEVICE "\n" },
		{ BYTES("  01:00.9"), CONF "9: \"9\": a function is 0 to 7, or * for all of them\n" },
		{ BYTES("01:00."), CONF "7: \"01:00.\": a function is 0 to 7, or * for all of them\n" },
		{ BYTES(" 10de:"), CONF "7: \"10de:\": a part of an ID is four hexadecimal digits, or *\n" },
		{ BYTES("00:1c.0/"), CONF "9: \"00:1c.0/\": the function is missing: write .0 to .7, or .* for all of "
					  "them\n" },
		{ BYTES("01:.0"), CONF "4: \"01:.0\": a device number is 00 to 1f\n" },
		{ BYTES("\tclass=3"), CONF "8: \"3\": a class is 2, 4 or 6 hexadecimal digits: class, subclass, "
					   "interface\n" },
		{ BYTES("class="), CONF "7: \"class=\": a class is 2, 4 or 6 hexadecimal digits: class, subclass, "
					"interface\n" },
		{ BYTES("01:00.0#x"), CONF "7: \"0#x\": a function is 0 to 7, or * for all of them\n" },
		{ BYTES("10de:1b80,10de:10f0"), CONF "6: \"1b80,10de\": a part of an ID is four hexadecimal digits, or "
						     "*\n" },
		/* options */
		{ BYTES("01:00.0 drvier=auto"),
		  CONF "9: \"drvier=auto\": unknown option; did you mean \"driver=\"?\n" },
		{ BYTES("01:00.0 ids=10de:1b80"),
		  CONF "9: \"ids=10de:1b80\": unknown option; did you mean \"id=\"?\n" },
		{ BYTES("01:00.0 groups"), CONF "9: \"groups\": unknown option; did you mean \"group\"?\n" },
		{ BYTES("01:00.0 group=on"), CONF "9: \"group=on\": unknown option; did you mean \"group\"?\n" },
		{ BYTES("01:00.0 01:00.1"),
		  CONF "9: \"01:00.1\": a line names one device; write this one on a line of its own\n" },
		{ BYTES("03:00.0 1000:0072"),
		  CONF "9: \"1000:0072\": a line names one device; write id= before the ID that this one must have\n" },
		{ BYTES("01:00.0 driver=vfio_pci"),
		  CONF "16: \"vfio_pci\": no driver has this name; did you mean \"vfio-pci\"?\n" },
		{ BYTES("01:00.0 frobnicate"), CONF "9: \"frobnicate\": unknown option\n" },
		{ BYTES("01:00.0 id="), CONF "9: \"id=\": the value is missing\n" },
		{ BYTES("01:00.0 class="), CONF "9: \"class=\": the value is missing\n" },
		{ BYTES("01:00.0 driver="), CONF "9: \"driver=\": the value is missing\n" },
		{ BYTES("01:00.0 id=10de"), CONF "12: \"10de\": an ID is vendor:device\n" },
		{ BYTES("01:00.0 id=10de:"), CONF "17: \"10de:\": a part of an ID is four hexadecimal digits, or *\n" },
		{ BYTES("01:00.0 id=0x10de:1b80"), CONF "12: \"0x10de\": write the ID without 0x\n" },
		{ BYTES("01:00.0 id=*:*"), CONF "12: \"*:*\": this ID matches every device; name a vendor, or use "
						"class=\n" },
		{ BYTES("01:00.0 id=10de:1b80 id=10de:1b81"),
		  CONF "25: \"10de:1b81\": this line already names an ID\n" },
		{ BYTES("10de:1b80 id=10de:1b81"), CONF "14: \"10de:1b81\": this line already names an ID\n" },
		{ BYTES("*:1b80 id=10de:1b81"), CONF "11: \"10de:1b81\": this line already names an ID\n" },
		{ BYTES("*:*:1043 id=10de:1b81"), CONF "13: \"10de:1b81\": this line already names an ID\n" },
		{ BYTES("*:*:*:85aa id=10de:1b81"), CONF "15: \"10de:1b81\": this line already names an ID\n" },
		{ BYTES("01:00.0 class=03 class=04"), CONF "24: \"04\": this line already names a class\n" },
		{ BYTES("class=03 class=04"), CONF "16: \"04\": this line already names a class\n" },
		{ BYTES("01:00.0 class=0x03"), CONF "15: \"0x03\": a class is 2, 4 or 6 hexadecimal digits: class, "
						    "subclass, interface\n" },
		{ BYTES("01:00.0 driver=../evil"), CONF "16: \"../evil\": not a driver's name: letters, digits, - and "
							"_, such as vfio-pci\n" },
		{ BYTES("01:00.0 driver=" DRIVER_63 "x"),
		  CONF "16: \"a23456789b23456789c23456789d23456789e2345"
		       "6789f23...\": not a driver's name: letters, digits, - and _, "
		       "such as vfio-pci\n" },
		{ BYTES("01:00.0 driver=a driver=b"), CONF "25: \"b\": this line already names a driver\n" },
		{ BYTES("01:00.0 driver=a driver=auto"), CONF "25: \"auto\": this line already names a driver\n" },
		{ BYTES("01:00.0 driver=auto driver=a"), CONF "28: \"a\": this line already names a driver\n" },
		/* skip */
		{ BYTES("skip"), CONF "1: \"skip\": skip needs a device\n" },
		{ BYTES("  skip \t\r"), CONF "3: \"skip\": skip needs a device\n" },
		{ BYTES("skip # 01:00.0"), CONF "1: \"skip\": skip needs a device\n" },
		{ BYTES("skip skip"), CONF "6: \"skip\": " NOT_A_DEVICE "\n" },
		{ BYTES("skip 01:00.0 group"), CONF "14: \"group\": has no meaning on a skip line\n" },
		{ BYTES("skip 01:00.0 driver=auto"), CONF "14: \"driver=auto\": has no meaning on a skip line\n" },
		{ BYTES("skip 01:00.0 leave-bound even-if-needed"),
		  CONF "14: \"leave-bound\": has no meaning on a skip "
		       "line\n" CONF "26: \"even-if-needed\": has no meaning on a skip "
		       "line\n" },
		/* settings */
		{ BYTES("set"), CONF "1: \"set\": needs a setting: iommu, on-failure, timeout or rescue\n" },
		{ BYTES("set iomu optional"), CONF "5: \"iomu\": unknown setting; did you mean \"iommu\"?\n" },
		{ BYTES("set colour red"), CONF "5: \"colour\": unknown setting\n" },
		{ BYTES("set iommu"), CONF "5: \"iommu\": iommu must be required or optional\n" },
		{ BYTES("set iommu maybe"), CONF "11: \"maybe\": iommu must be required or optional\n" },
		{ BYTES("set iommu=optional"), CONF "5: \"iommu=optional\": unknown setting\n" },
		{ BYTES("set on-failure panic"), CONF "16: \"panic\": on-failure must be native or no-driver\n" },
		{ BYTES("set timeout 0"), CONF "13: \"0\": timeout must be 1 to 600 seconds\n" },
		{ BYTES("set timeout 601"), CONF "13: \"601\": timeout must be 1 to 600 seconds\n" },
		{ BYTES("set timeout -1"), CONF "13: \"-1\": timeout must be 1 to 600 seconds\n" },
		{ BYTES("set timeout 10s"), CONF "13: \"10s\": timeout must be 1 to 600 seconds\n" },
		{ BYTES("set rescue yes"), CONF "12: \"yes\": rescue must be on or off\n" },
		{ BYTES("set timeout 5 6"), CONF "15: \"6\": a setting has one value\n" },
		/* bytes that are not ours */
		{ BYTES("01:00.0 \x1b[2Jx"), CONF "9: \"\\x1b[2Jx\": unknown option\n" },
		{ BYTES("01:00.0 a\0b"), CONF "9: \"a\\x00b\": unknown option\n" },
		{ BYTES("\0\0"), CONF "1: \"\\x00\\x00\": " NOT_A_DEVICE "\n" },
		{ BYTES("\xc2\xa0"
			"01:00.0"),
		  CONF "1: \"\\xc2\\xa001\": a bus number is 00 to ff\n" },
		{ BYTES("01:00.0 back\\slash"), CONF "9: \"back\\x5cslash\": unknown option\n" },
		{ BYTES("01:00.0 " LONG_VALUE), CONF "9: \"v123456789v123456789v123456789v123456789v1234567...\": "
						     "unknown option\n" },
		/* every mistake of a line is reported at once */
		{ BYTES("01:00.0 foo class=zz groupp"),
		  CONF "9: \"foo\": unknown option\n" CONF "19: \"zz\": a class is 2, 4 or 6 hexadecimal digits: "
		       "class, subclass, interface\n" CONF "22: \"groupp\": unknown option; did you mean "
		       "\"group\"?\n" },
		{ BYTES("0x10de:1b80 id=10de:1b80 groupp"),
		  CONF "1: \"0x10de\": write the ID without 0x\n" CONF "26: \"groupp\": unknown option; did you mean "
		       "\"group\"?\n" },
		/* an encoding that cannot be read as bytes */
		{ BYTES("\xff\xfe"
			"0\0"),
		  "earlybind.conf: the file is UTF-16; save it as UTF-8 or plain ASCII\n" },
		{ BYTES("\xfe\xff\0"
			"0"),
		  "earlybind.conf: the file is UTF-16; save it as UTF-8 or plain ASCII\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config, untouched;

		config_init(&untouched);
		parse(&config, rows[i].line);
		row_string(rows[i].line.at, "problems", problems_of(&config), rows[i].want);
		/* but what a skip line protects stays protected */
		row_number(rows[i].line.at, "rules", (long long)config.n_rules,
			   slice_starts(rows[i].line, "skip 01:00.0 "));
		row_number(rows[i].line.at, "settings",
			   memcmp(&config.settings, &untouched.settings, sizeof(config.settings)), 0);
		config_done(&config);
	}
	rows_done();
}

static void a_mistake_costs_its_line_only(void **state)
{
	static const char text[] = "01:00.0\n"
				   "02:00.0 drvier=auto\n"
				   "set iommu maybe\r\n"
				   "03:00.0 id=1000:0072 group\n"
				   "\n"
				   "set timeout 20\n"
				   "0x10de:1b80\n"
				   "skip 04:00.0";
	struct config config;

	(void)state;
	parse(&config, slice_of(text));
	assert_string_equal(problems_of(&config),
			    "earlybind.conf:2:9: \"drvier=auto\": unknown option; did you mean \"driver=\"?\n"
			    "earlybind.conf:3:11: \"maybe\": iommu must be required or optional\n"
			    "earlybind.conf:7:1: \"0x10de\": write the ID without 0x\n");
	assert_int_equal(config.n_rules, 3);
	assert_int_equal(config.rules[1].origin.line, 4);
	assert_int_equal(config.rules[2].origin.line, 8);
	assert_int_equal(config.settings.timeout, 20);
	config_done(&config);
}

static void problem_text_with_errno_and_name(void **state)
{
	struct problem problem = { .origin = { .file = "earlybind.d/a\nb.conf" },
				   .what = "cannot be read",
				   .error = EACCES };
	struct linebuf line;

	(void)state;
	linebuf_start(&line);
	problem_format(&problem, &line);
	assert_string_equal(line.at, "earlybind.d/a\\x0ab.conf: cannot be read (EACCES)");
}

/* --- bounds --- */

/* A line of LEN bytes that names a device: spaces in front of "01:00.0". */
static char *long_line(size_t len, const char *end)
{
	char *bytes = malloc(len + strlen(end) + 1);

	assert_non_null(bytes);
	memset(bytes, ' ', len);
	memcpy(bytes + len - 7, "01:00.0", 7);
	strcpy(bytes + len, end);
	return bytes;
}

static void line_length(void **state)
{
	static const struct {
		size_t len;
		const char *end;
		bool ok;
	} rows[] = {
		{ CONFIG_LINE_MAX, "", true },	      { CONFIG_LINE_MAX, "\n", true },
		{ CONFIG_LINE_MAX, "\r\n", true },    { CONFIG_LINE_MAX + 1, "", false },
		{ CONFIG_LINE_MAX + 1, "\n", false }, { CONFIG_LINE_MAX + 1, "\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *bytes = long_line(rows[i].len, rows[i].end);
		struct config config;

		parse(&config, slice_of(bytes));
		row_number(rows[i].end, "rules", (long long)config.n_rules, rows[i].ok);
		row_string(rows[i].end, "problems", problems_of(&config),
			   rows[i].ok
				   ? ""
				   : "earlybind.conf:1:1: \"                \": the line is longer than 1024 bytes\n");
		config_done(&config);
		free(bytes);
	}
	rows_done();
}

static void too_many_rules(void **state)
{
	const size_t n = CONFIG_RULES_MAX + 3;
	char *bytes = malloc(n * 8 + 1);
	struct config config;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		memcpy(bytes + i * 8, "01:00.0\n", 8);
	parse(&config, (struct slice){ bytes, n * 8 });
	assert_int_equal(config.n_rules, CONFIG_RULES_MAX);
	assert_int_equal(config.problems_total, 3);
	assert_int_equal(config.rules[CONFIG_RULES_MAX - 1].origin.line, CONFIG_RULES_MAX);
	assert_string_equal(
		problems_of(&config),
		"earlybind.conf:4097:1: \"01:00.0\": more than 4096 lines name devices; this one is ignored\n"
		"earlybind.conf:4098:1: \"01:00.0\": more than 4096 lines name devices; this one is ignored\n"
		"earlybind.conf:4099:1: \"01:00.0\": more than 4096 lines name devices; this one is ignored\n");
	config_done(&config);
	free(bytes);
}

static void too_many_problems(void **state)
{
	char bytes[2 * (CONFIG_PROBLEMS_MAX + 8) + 16] = "";
	struct config config;

	(void)state;
	for (unsigned i = 0; i < CONFIG_PROBLEMS_MAX + 8; i++)
		strcat(bytes, "x\n");
	strcat(bytes, "01:00.0");
	parse(&config, slice_of(bytes));
	assert_int_equal(config.n_problems, CONFIG_PROBLEMS_MAX);
	assert_int_equal(config.problems_total, CONFIG_PROBLEMS_MAX + 8);
	assert_int_equal(config.problems[CONFIG_PROBLEMS_MAX - 1].origin.line, CONFIG_PROBLEMS_MAX);
	/* What is right is used all the same. */
	assert_int_equal(config.n_rules, 1);
	config_done(&config);
}

static void garbage(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 3000; seed++) {
		static const char letters[] = "0123456789abcdef:./*= \t\r\n\n#";
		uint32_t s = seed * 2654435761u | 1;
		size_t len = noise(&s) % 3000;
		bool words = seed % 2;
		char *bytes = malloc(len ? len : 1);
		struct config config;

		assert_non_null(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = words ? letters[noise(&s) % (sizeof(letters) - 1)] : (char)noise(&s);
		parse(&config, (struct slice){ bytes, len });
		for (size_t i = 0; i < config.n_problems; i++) {
			const struct problem *p = &config.problems[i];
			struct linebuf line;

			linebuf_start(&line);
			problem_format(p, &line);
			assert_false(line.cut);
			for (size_t j = 0; j < line.len; j++)
				assert_in_range(line.at[j], 0x20, 0x7e);
			if (p->word.len)
				assert_true(p->word.at >= bytes && p->word.at + p->word.len <= bytes + len);
			assert_in_range(p->origin.column, p->origin.line ? 1 : 0, CONFIG_LINE_MAX + 1);
		}
		config_done(&config);
		free(bytes);
	}
}

/* --- files --- */

struct dir {
	char root[32];
	struct system sys;
	struct config config;
};

static int directory_make(void **state)
{
	struct dir *f = calloc(1, sizeof(*f));
	char etc[64];

	assert_non_null(f);
	strcpy(f->root, "/tmp/earlybind-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(etc, sizeof(etc), "%s/etc", f->root);
	assert_int_equal(mkdir(etc, 0755), 0);
	assert_int_equal(system_open(&f->sys, f->root), 0);
	config_init(&f->config);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int directory_drop(void **state)
{
	struct dir *f = *state;

	config_done(&f->config);
	system_close(&f->sys);
	nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static int file_open(struct dir *f, const char *path)
{
	return openat(f->sys.root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void file_make(struct dir *f, const char *path, const void *bytes, size_t len)
{
	int fd = file_open(f, path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void file_say(struct dir *f, const char *path, const char *text)
{
	file_make(f, path, text, strlen(text));
}

static void directory_say(struct dir *f, const char *path)
{
	assert_int_equal(mkdirat(f->sys.root, path, 0755), 0);
}

static void special_say(struct dir *f, const char *path, mode_t type)
{
	assert_int_equal(mknodat(f->sys.root, path, type | 0644, 0), 0);
}

static void link_say(struct dir *f, const char *target, const char *path)
{
	assert_int_equal(symlinkat(target, f->sys.root, path), 0);
}

static void load(struct dir *f)
{
	assert_int_equal(config_load(&f->config, &f->sys, "etc"), 0);
}

static void no_files(void **state)
{
	struct dir *f = *state;

	load(f);
	assert_string_equal(problems_of(&f->config), "");
	assert_int_equal(f->config.n_sources, 0);
	assert_int_equal(f->config.n_rules, 0);
}

static void empty_file(void **state)
{
	struct dir *f = *state;

	file_say(f, "etc/earlybind.conf", "");
	directory_say(f, "etc/earlybind.d");
	load(f);
	assert_string_equal(problems_of(&f->config), "");
	assert_int_equal(f->config.n_sources, 1);
	assert_int_equal(f->config.sources[0].len, 0);
	assert_non_null(f->config.sources[0].bytes);
}

static void dropins_in_name_order(void **state)
{
	static const char *const names[] = { "20-b.conf", "10-a.conf", "B.conf", "a.conf", "100.conf", "x.conf.conf" };
	static const char *const ignored[] = { ".hidden.conf", ".conf",	 "c.conf~", "c.conf.bak",     "c.cfg",
					       "conf",	       "c.CONF", "README",  "c.conf.dpkg-old" };
	static const char *const want[] = { "earlybind.conf",	      "earlybind.d/10-a.conf", "earlybind.d/100.conf",
					    "earlybind.d/20-b.conf",  "earlybind.d/B.conf",    "earlybind.d/a.conf",
					    "earlybind.d/x.conf.conf" };
	struct dir *f = *state;
	char path[64];

	directory_say(f, "etc/earlybind.d");
	file_say(f, "etc/earlybind.conf", "01:00.0\n");
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "etc/earlybind.d/%s", names[i]);
		file_say(f, path, "# comment\n01:00.0 optional");
	}
	for (size_t i = 0; i < COUNT_OF(ignored); i++) {
		snprintf(path, sizeof(path), "etc/earlybind.d/%s", ignored[i]);
		file_say(f, path, "no configuration at all");
	}
	load(f);
	assert_string_equal(problems_of(&f->config), "");
	assert_int_equal(f->config.n_sources, COUNT_OF(want));
	assert_int_equal(f->config.n_rules, COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		row_string(want[i], "source", f->config.sources[i].name, want[i]);
		row_string(want[i], "rule", f->config.rules[i].origin.file, want[i]);
		row_number(want[i], "line", f->config.rules[i].origin.line, i ? 2 : 1);
	}
	rows_done();
}

static void dropins_alone(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.d");
	file_say(f, "etc/earlybind.d/gpu.conf", "01:00.0\nset timeout 3\n02:00.8\n");
	load(f);
	assert_string_equal(problems_of(&f->config),
			    "earlybind.d/gpu.conf:3:7: \"8\": a function is 0 to 7, or * for all of them\n");
	assert_int_equal(f->config.n_rules, 1);
	assert_int_equal(f->config.settings.timeout, 3);
}

/* The last file wins, as the last line does. */
static void dropin_overrides_setting(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.d");
	file_say(f, "etc/earlybind.conf", "set timeout 3\nset rescue off\n");
	file_say(f, "etc/earlybind.d/1.conf", "set timeout 4");
	load(f);
	assert_int_equal(f->config.settings.timeout, 4);
	assert_false(f->config.settings.rescue);
}

static void directories_instead_of_files(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.conf");
	directory_say(f, "etc/earlybind.d");
	directory_say(f, "etc/earlybind.d/a.conf");
	file_say(f, "etc/earlybind.d/b.conf", "01:00.0");
	load(f);
	assert_string_equal(problems_of(&f->config), "earlybind.conf: is a directory, not a file (EISDIR)\n"
						     "earlybind.d/a.conf: is a directory, not a file (EISDIR)\n");
	assert_int_equal(f->config.n_rules, 1);
}

/* Opening the FIFO would wait for a writer. */
static void special_files_instead_of_files(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.d");
	special_say(f, "etc/earlybind.d/1.conf", S_IFIFO);
	special_say(f, "etc/earlybind.d/2.conf", S_IFSOCK);
	link_say(f, "/nowhere", "etc/earlybind.d/3.conf");
	link_say(f, "1.conf", "etc/earlybind.d/4.conf");
	link_say(f, "earlybind.d/5.conf", "etc/earlybind.conf");
	file_say(f, "etc/earlybind.d/6.conf", "01:00.0");
	alarm(10);
	load(f);
	alarm(0);
	assert_string_equal(problems_of(&f->config),
			    "earlybind.conf: is a link to a file that does not exist (ENOENT)\n"
			    "earlybind.d/1.conf: is not a regular file (ENXIO)\n"
			    "earlybind.d/2.conf: is not a regular file (ENXIO)\n"
			    "earlybind.d/3.conf: is a link to a file that does not exist (ENOENT)\n"
			    "earlybind.d/4.conf: is not a regular file (ENXIO)\n");
	assert_int_equal(f->config.n_rules, 1);
	assert_int_equal(f->sys.failures.count, 0);
}

static void file_instead_of_directory(void **state)
{
	struct dir *f = *state;

	file_say(f, "etc/earlybind.conf", "01:00.0");
	file_say(f, "etc/earlybind.d", "02:00.0");
	load(f);
	assert_string_equal(problems_of(&f->config), "earlybind.d: cannot be read (ENOTDIR)\n");
	assert_int_equal(f->config.n_rules, 1);
}

static void broken_links(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.d");
	assert_int_equal(symlinkat("loop.conf", f->sys.root, "etc/earlybind.d/loop.conf"), 0);
	assert_int_equal(symlinkat("nowhere", f->sys.root, "etc/earlybind.d/void.conf"), 0);
	assert_int_equal(symlinkat("/dev/null", f->sys.root, "etc/earlybind.d/zero.conf"), 0);
	load(f);
	assert_string_equal(problems_of(&f->config),
			    "earlybind.d/loop.conf: cannot be read (ELOOP)\n"
			    "earlybind.d/void.conf: is a link to a file that does not exist (ENOENT)\n"
			    /* no way out of a captured machine */
			    "earlybind.d/zero.conf: is a link to a file that does not exist (ENOENT)\n");
}

/* A system that refuses one file: root may read everything. */
static struct system_ops refusing;
static const struct system_ops *willing;

static int refuse(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	return strstr(path, "secret") ? -EACCES : willing->read_all(sys, path, limit, ret, ret_len);
}

static void unreadable_file(void **state)
{
	struct dir *f = *state;

	directory_say(f, "etc/earlybind.d");
	file_say(f, "etc/earlybind.d/1-secret.conf", "01:00.0");
	file_say(f, "etc/earlybind.d/2.conf", "02:00.0");
	willing = f->sys.ops;
	refusing = *willing;
	refusing.read_all = refuse;
	f->sys.ops = &refusing;
	load(f);
	assert_string_equal(problems_of(&f->config), "earlybind.d/1-secret.conf: cannot be read (EACCES)\n");
	assert_int_equal(f->config.n_rules, 1);
	assert_int_equal(f->config.n_sources, 2);
	assert_null(f->config.sources[0].bytes);
}

static void path_too_long(void **state)
{
	struct dir *f = *state;
	char dir[SYSTEM_PATH_MAX - 10];

	memset(dir, 'e', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(config_load(&f->config, &f->sys, dir), 0);
	assert_string_equal(problems_of(&f->config), "earlybind.conf: cannot be read (ENAMETOOLONG)\n"
						     "earlybind.d: cannot be read (ENAMETOOLONG)\n");
}

static void too_many_dropins(void **state)
{
	struct dir *f = *state;
	char path[64];

	directory_say(f, "etc/earlybind.d");
	for (unsigned i = 0; i < 257; i++) {
		snprintf(path, sizeof(path), "etc/earlybind.d/%03u.conf", i);
		file_say(f, path, "01:00.0");
	}
	load(f);
	assert_string_equal(problems_of(&f->config), "earlybind.d: more than 256 drop-ins; some of them are ignored\n");
	assert_int_equal(f->config.n_rules, 256);
}

#define MIB (1024 * 1024)

static void file_of_ten_mib(void **state)
{
	static const char line[] = "# a line of 32 bytes, end and all\n";
	const size_t size = sizeof(line) - 1;
	struct dir *f = *state;
	char *bytes = malloc(10 * MIB), want[128];

	assert_non_null(bytes);
	for (size_t i = 0; i < 10 * MIB; i++)
		bytes[i] = line[i % size];
	memcpy(bytes, "01:00.0\n#", 9);
	memcpy(bytes + 2 * MIB, "\n02:00.0\n#", 10);
	file_make(f, "etc/earlybind.conf", bytes, 10 * MIB);
	free(bytes);
	load(f);
	/* One more line since the first was split in two. */
	snprintf(want, sizeof(want),
		 "earlybind.conf:%zu:1: the file is larger than 1 MiB; the rest, from this line on, is ignored\n",
		 MIB / size + 1 + 1);
	assert_string_equal(problems_of(&f->config), want);
	assert_int_equal(f->config.n_rules, 1);
	assert_true(f->config.sources[0].len <= MIB);
	assert_true(f->config.sources[0].len > MIB - size);
}

static void file_of_just_one_mib(void **state)
{
	struct dir *f = *state;
	char *bytes = malloc(MIB + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i <= MIB; i++)
		bytes[i] = i % 64 == 63 ? '\n' : ' ';
	memcpy(bytes + MIB - 8, "01:00.0\n", 8);
	file_make(f, "etc/earlybind.conf", bytes, MIB);
	load(f);
	assert_string_equal(problems_of(&f->config), "");
	assert_int_equal(f->config.n_rules, 1);
	config_done(&f->config);
	/* A byte more, after the last complete line: that line is still used. */
	config_init(&f->config);
	file_make(f, "etc/earlybind.conf", bytes, MIB + 1);
	free(bytes);
	load(f);
	assert_string_equal(
		problems_of(&f->config),
		"earlybind.conf:16385:1: the file is larger than 1 MiB; the rest, from this line on, is ignored\n");
	assert_int_equal(f->config.n_rules, 1);
}

static void one_endless_line(void **state)
{
	struct dir *f = *state;
	char *bytes = malloc(2 * MIB);

	assert_non_null(bytes);
	memset(bytes, 'x', 2 * MIB);
	file_make(f, "etc/earlybind.conf", bytes, 2 * MIB);
	free(bytes);
	load(f);
	assert_string_equal(
		problems_of(&f->config),
		"earlybind.conf:1:1: the file is larger than 1 MiB; the rest, from this line on, is ignored\n");
	assert_int_equal(f->config.n_rules, 0);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, directory_make, directory_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_rule),
		cmocka_unit_test(lines_without_meaning),
		cmocka_unit_test(tolerated),
		cmocka_unit_test(settings),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(a_mistake_costs_its_line_only),
		cmocka_unit_test(problem_text_with_errno_and_name),
		cmocka_unit_test(line_length),
		cmocka_unit_test(too_many_rules),
		cmocka_unit_test(too_many_problems),
		cmocka_unit_test(garbage),
		file_test(no_files),
		file_test(empty_file),
		file_test(dropins_in_name_order),
		file_test(dropins_alone),
		file_test(dropin_overrides_setting),
		file_test(directories_instead_of_files),
		file_test(special_files_instead_of_files),
		file_test(file_instead_of_directory),
		file_test(broken_links),
		file_test(unreadable_file),
		file_test(path_too_long),
		file_test(too_many_dropins),
		file_test(file_of_ten_mib),
		file_test(file_of_just_one_mib),
		file_test(one_endless_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
