/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file. */
#include "config/config.h"
#include "fuzz.h"

/* Length of line NUMBER of BYTES, from 1, without its end. */
static size_t line_length(struct slice bytes, unsigned number)
{
	struct slice rest = bytes, line = bytes;

	for (; number; number--) {
		MUST(rest.at);
		line = slice_cut(&rest, '\n');
	}
	return line.len;
}

static void check_problem(const struct problem *problem, struct slice bytes)
{
	struct linebuf line;

	MUST(problem->what);
	fuzz_check_inside(problem->word, bytes);
	/* A mark for the end of an empty part may stand right behind the line. */
	if (problem->origin.line) {
		MUST(problem->origin.column >= 1);
		MUST(problem->origin.column <= line_length(bytes, problem->origin.line) + 1);
	}
	linebuf_start(&line);
	problem_format(problem, &line);
	fuzz_check_line(&line);
}

static void check_rule(const struct rule *rule, struct slice bytes)
{
	fuzz_check_inside(rule->selector_text, bytes);
	MUST(rule->selector_text.len > 0);
	MUST(rule->origin.line >= 1 && rule->origin.column >= 1);
	MUST(rule->selector.n_hops <= HOPS_MAX);
	/* It becomes part of a path. */
	MUST(slice_is_name(slice_of(rule_driver(rule))));
	MUST(!(rule->skip && (rule->group || rule->driver[0])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct slice bytes = { copy, size };
	struct config config, again;

	config_init(&config);
	config_init(&again);
	MUST(config_parse(&config, "earlybind.conf", bytes) == 0);
	MUST(config.n_problems <= CONFIG_PROBLEMS_MAX && config.n_problems <= config.problems_total);
	MUST(config.n_rules <= CONFIG_RULES_MAX + CONFIG_RULES_RESERVE);
	MUST(config.settings.timeout >= 1 && config.settings.timeout <= 600);
	for (size_t i = 0; i < config.n_problems; i++)
		check_problem(&config.problems[i], bytes);
	for (size_t i = 0; i < config.n_rules; i++)
		check_rule(&config.rules[i], bytes);
	/* A file without its last newline means the same. */
	if (size && copy[size - 1] == '\n') {
		MUST(config_parse(&again, "earlybind.conf", slice_sub(bytes, 0, size - 1)) == 0);
		MUST(again.n_rules == config.n_rules && again.problems_total == config.problems_total);
	}
	config_done(&again);
	config_done(&config);
	free(copy);
	return 0;
}
