/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind explain`: what the verdicts mean, and what to do. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "config/nearest.h"
#include "tool/command/command.h"
#include "tool/output/explanation.h"
#include "tool/output/json.h"
#include "tool/output/remedy.h"
#include "tool/output/table.h"

#define TEXT_WIDTH 88

static const char help[] = "Usage: earlybind explain [OPTION]... [VERDICT]...\n"
			   "\n"
			   "Explain verdicts of the boot log, of check and of status: their meaning, their\n"
			   "causes, and what to do. Without a verdict, list all of them.\n"
			   "\n"
			   "  -a, --all          explain all verdicts\n"
			   "  -o, --output LIST  show these columns; +LIST adds to the default ones\n"
			   "  -J, --json         print JSON\n"
			   "  -n, --noheadings   print no headings\n"
			   "  -h, --help         print this help\n"
			   "\n"
			   "Exit status: 0 success, 2 wrong usage or unknown verdict.\n";

enum { COL_VERDICT, COL_LEVEL, COL_BRIEF, COL_MEANING, COL_CAUSES, COL_REMEDY };

static const struct table_column columns[] = {
	[COL_VERDICT] = { "VERDICT", "its word", COLUMN_TEXT, SHOWN },
	[COL_LEVEL] = { "LEVEL", "good, note or problem", COLUMN_TEXT, SHOWN },
	[COL_BRIEF] = { "BRIEF", "its meaning in a line", COLUMN_LONG, SHOWN },
	[COL_MEANING] = { "MEANING", "what it means", COLUMN_LONG, SHOWN_ON_REQUEST },
	[COL_CAUSES] = { "CAUSES", "what causes it", COLUMN_LONG, SHOWN_ON_REQUEST },
	[COL_REMEDY] = { "REMEDY", "what to do", COLUMN_LONG, SHOWN_ON_REQUEST },
};

/* --- one verdict --- */

static void print_headed(const char *heading, const char *text)
{
	printf("\n  %s%s%s\n", style_begin(STYLE_BOLD), heading, style_end(STYLE_BOLD));
	print_wrapped("    ", "    ", text, TEXT_WIDTH);
}

/* The steps of E, each kind with the places that it is done at. */
static void print_steps(const struct explanation *e)
{
	for (size_t t = 0; t < n_remedy_titles; t++) {
		if (!(e->steps & remedy_titles[t].how))
			continue;
		printf("\n  %s%s%s\n", style_begin(STYLE_BOLD), remedy_titles[t].title, style_end(STYLE_BOLD));
		for (size_t i = 0; i < n_remedy_steps; i++) {
			struct linebuf line;

			if (remedy_steps[i].how != remedy_titles[t].how)
				continue;
			linebuf_start(&line);
			linebuf_add(&line, "%s: ", remedy_steps[i].where);
			remedy_fill(&line, remedy_steps[i].text, e->parameter);
			print_wrapped("    - ", "      ", line.at, TEXT_WIDTH);
		}
	}
}

static void print_explanation(const struct explanation *e)
{
	enum level level = verdict_level(e->verdict);

	printf("%s%s%s (%s): %s\n", style_begin(style_of(level)), verdict_word(e->verdict), style_end(style_of(level)),
	       level_word(level), e->brief);
	print_headed("Meaning", e->meaning);
	print_headed("Causes", e->causes);
	print_headed("What to do", e->remedy);
	print_steps(e);
}

/* STATUS_USAGE after reporting the first of WORDS that is no verdict, else STATUS_FINE. */
static int check_words(const struct command *command, char **words, size_t n)
{
	const char *known[V_COUNT], *near;
	struct linebuf line;
	size_t i = 0;

	while (i < n && verdict_of_word(slice_of(words[i])) != V_UNKNOWN_WORD)
		i++;
	if (i == n)
		return STATUS_FINE;
	for (enum verdict v = V_UNDECIDED + 1; v < V_COUNT; v++)
		known[v - 1] = verdict_word(v);
	near = nearest_name(slice_of(words[i]), known, V_COUNT - 1);
	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(words[i]), 48);
	return near ? usage_error(command, "unknown verdict \"%s\"; did you mean \"%s\"?", line.at, near)
		    : usage_error(command, "unknown verdict \"%s\"", line.at);
}

/* Those that WORDS name, or all. */
static int print_explanations(char **words, size_t n)
{
	for (size_t i = 0; i < (n ? n : V_COUNT - 1); i++) {
		if (i)
			putchar('\n');
		print_explanation(explanation_of(n ? verdict_of_word(slice_of(words[i])) : (enum verdict)i + 1));
	}
	return STATUS_FINE;
}

/* --- the list --- */

static int add_row(struct table *table, const struct explanation *e)
{
	struct libscols_line *row = table_row(table, NULL);
	enum level level = verdict_level(e->verdict);
	const char *texts[] = {
		[COL_VERDICT] = verdict_word(e->verdict),
		[COL_LEVEL] = level_word(level),
		[COL_BRIEF] = e->brief,
		[COL_MEANING] = e->meaning,
		[COL_CAUSES] = e->causes,
		[COL_REMEDY] = e->remedy,
	};
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(texts) && r == 0; i++)
		r = table_put(table, row, i, texts[i]);
	table_style(table, row, COL_VERDICT, style_of(level));
	return r;
}

static void json_row(struct json *json, const struct explanation *e)
{
	const char *texts[] = {
		[COL_VERDICT] = verdict_word(e->verdict),
		[COL_LEVEL] = level_word(verdict_level(e->verdict)),
		[COL_BRIEF] = e->brief,
		[COL_MEANING] = e->meaning,
		[COL_CAUSES] = e->causes,
		[COL_REMEDY] = e->remedy,
	};

	json_object(json, NULL);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		char key[16];

		table_key(&columns[i], key, sizeof(key));
		if (json_wants(json, key))
			json_text(json, key, texts[i]);
	}
	json_end_object(json);
}

static int print_json(const struct command *command, const struct table_options *options, char **words, size_t n)
{
	long long verdicts = (long long)n;
	struct json json;
	int r = table_check_columns(command, columns, COUNT_OF(columns), options);

	if (r != STATUS_FINE)
		return r;
	json_begin(&json, command, options);
	json_array(&json, "verdicts");
	for (size_t i = 0; i < n; i++)
		json_row(&json, explanation_of(verdict_of_word(slice_of(words[i]))));
	for (enum verdict v = V_UNDECIDED + 1; !n && v < V_COUNT; v++, verdicts++)
		json_row(&json, explanation_of(v));
	json_end_array(&json);
	json_object(&json, "summary");
	json_number(&json, "verdicts", verdicts);
	json_number(&json, "status", STATUS_FINE);
	json_end_object(&json);
	return json_end(&json);
}

/* Those that WORDS name, or all when there is no word. */
static int list(const struct command *command, const struct table_options *options, char **words, size_t n)
{
	struct table table;
	int r = table_open(&table, command, columns, COUNT_OF(columns), options);

	for (enum verdict v = V_UNDECIDED + 1; !n && v < V_COUNT && r == 0; v++)
		r = add_row(&table, explanation_of(v));
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_row(&table, explanation_of(verdict_of_word(slice_of(words[i]))));
	if (r == 0)
		r = table_print(&table);
	table_close(&table);
	return r;
}

static int explain(const struct command *command, const struct table_options *options, bool all, char **words, size_t n)
{
	int r = check_words(command, words, n);

	if (r != STATUS_FINE)
		return r;
	if (options->json)
		return print_json(command, options, words, n);
	if (table_is_bare(options) || (!n && !all))
		return list(command, options, words, n);
	return print_explanations(words, n);
}

static int explain_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		OPTION_HELP,
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'J' },
		{ "noheadings", no_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct table_options table = { .sysroot = "/" };
	bool all = false;
	int c;

	while ((c = next_option(command, argc, argv, options)) != -1) {
		if (c == 'h') {
			print_help(command->help);
			print_columns(columns, COUNT_OF(columns));
			return STATUS_FINE;
		}
		all |= c == 'a';
		if (c == '?')
			return STATUS_USAGE;
		table_option(&table, c, optarg);
	}
	if (all && no_more_words(command, argc, argv) != STATUS_FINE)
		return STATUS_USAGE;
	return explain(command, &table, all, argv + optind, (size_t)(argc - optind));
}

const struct command command_explain = {
	.name = "explain",
	.does = "print what a verdict means, its causes, and what to do",
	.help = help,
	.shorts = "aJno:",
	.run = explain_main,
};
