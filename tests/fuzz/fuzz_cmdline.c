/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel command line: what it says to earlybind, and to modules. */
#include "config/cmdline.h"
#include "config/config.h"
#include "fuzz.h"

static void check_walk(struct slice cmdline)
{
	struct slice rest = cmdline, name, value;
	size_t left = rest.len + 1;

	while (cmdline_next(&rest, &name, &value)) {
		/* It comes to an end. */
		MUST(rest.len < left);
		left = rest.len;
		fuzz_check_inside(name, cmdline);
		fuzz_check_inside(value, cmdline);
	}
}

static void check_config(struct slice cmdline)
{
	struct config config;
	struct linebuf line;

	config_init(&config);
	MUST(config_parse_cmdline(&config, cmdline) == 0);
	for (size_t i = 0; i < config.n_problems; i++) {
		fuzz_check_inside(config.problems[i].word, cmdline);
		MUST(config.problems[i].origin.column <= cmdline.len + 1);
		linebuf_start(&line);
		problem_format(&config.problems[i], &line);
		fuzz_check_line(&line);
	}
	for (size_t i = 0; i < config.n_rules; i++)
		fuzz_check_inside(config.rules[i].selector_text, cmdline);
	config_done(&config);
}

static void check_options(struct slice cmdline, size_t size)
{
	char *options = malloc(size);

	MUST(options);
	strcpy(options, "a=1");
	if (cmdline_module_options(cmdline, "vfio_pci", options, size))
		MUST(strlen(options) < size && !strncmp(options, "a=1", 3));
	free(options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct slice cmdline = { copy, size };

	check_walk(cmdline);
	check_config(cmdline);
	check_options(cmdline, 16);
	check_options(cmdline, 2048);
	free(copy);
	return 0;
}
