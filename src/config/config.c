/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a configuration, and how its problems are shown. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "base/array.h"

#define WORD_SHOWN 48

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->settings.rescue = true;
	config->settings.timeout = 10;
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->n_sources; i++) {
		free(config->sources[i].name);
		free(config->sources[i].bytes);
	}
	free(config->sources);
	free(config->rules);
	memset(config, 0, sizeof(*config));
}

void config_add_problem(struct config *config, const struct problem *problem)
{
	config->problems_total++;
	if (config->n_problems < CONFIG_PROBLEMS_MAX)
		config->problems[config->n_problems++] = *problem;
}

int config_add_rule(struct config *config, const struct rule *rule)
{
	/* Lines that protect, and those of the boot menu, still fit after a file full of devices. */
	bool reserved = rule->skip || !strcmp(rule->origin.file, CONFIG_CMDLINE);
	int r;

	if (config->n_rules >= CONFIG_RULES_MAX + (reserved ? CONFIG_RULES_RESERVE : 0)) {
		config_add_problem(config, &(struct problem){
						   .origin = rule->origin,
						   .word = rule->selector_text,
						   .what = "more than " AS_TEXT(
							   CONFIG_RULES_MAX) " lines name devices; this one is ignored",
					   });
		return 0;
	}
	r = ARRAY_GROW(config->rules, config->n_rules, config->rules_room);
	if (r < 0)
		return r;
	config->rules[config->n_rules++] = *rule;
	return 0;
}

const char *rule_driver(const struct rule *rule)
{
	return rule->driver[0] ? rule->driver : DRIVER_DEFAULT;
}

void problem_format(const struct problem *problem, struct linebuf *line)
{
	linebuf_add_escaped(line, slice_of(problem->origin.file), 128);
	if (problem->origin.line)
		linebuf_add(line, ":%u:%u", problem->origin.line, problem->origin.column);
	linebuf_add(line, ": ");
	if (problem->word.len) {
		linebuf_add(line, "\"");
		linebuf_add_escaped(line, problem->word, WORD_SHOWN);
		linebuf_add(line, "\": ");
	}
	linebuf_add(line, "%s", problem->what);
	if (problem->error)
		linebuf_add(line, " (%s)", errno_name(problem->error));
	if (problem->instead)
		linebuf_add(line, "; did you mean \"%s\"?", problem->instead);
}
