/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind explain`: what the verdicts mean, and what to do. */
#include "tool/output/explanation.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/array.h"
#include "config/nearest.h"
#include "tool/output/json.h"
#include "tool/output/remedy.h"
#include "tool/output/table.h"

#define TEXT_WIDTH 88

static const char help[] = "Usage: earlybind explain [OPTION]... [VERDICT]...\n"
			   "\n"
			   "Tell what a verdict of the boot log, of check or of status means, how it comes\n"
			   "about and what to do. Without a verdict, list them with a line each.\n"
			   "\n"
			   "  -a, --all          explain all of them\n"
			   "      --mdoc         print the manual page earlybind-verdicts(7)\n"
			   "  -o, --output LIST  show these columns; +LIST adds to the usual ones\n"
			   "  -J, --json         print JSON\n"
			   "  -n, --noheadings   print no headings\n"
			   "  -h, --help         this text\n"
			   "\n"
			   "Exit status: 0 fine, 2 wrong usage or no such verdict.\n";

enum { COL_VERDICT, COL_LEVEL, COL_BRIEF, COL_MEANS, COL_CAUSES, COL_REMEDY };

static const struct table_column columns[] = {
	[COL_VERDICT] = { "VERDICT", "its word", COLUMN_TEXT, SHOWN },
	[COL_LEVEL] = { "LEVEL", "good, note or problem", COLUMN_TEXT, SHOWN },
	[COL_BRIEF] = { "BRIEF", "what it means, in a line", COLUMN_LONG, SHOWN },
	[COL_MEANS] = { "MEANS", "what it means", COLUMN_LONG, SHOWN_ON_REQUEST },
	[COL_CAUSES] = { "CAUSES", "how it comes about", COLUMN_LONG, SHOWN_ON_REQUEST },
	[COL_REMEDY] = { "REMEDY", "what to do", COLUMN_LONG, SHOWN_ON_REQUEST },
};

static const struct explanations *const parts[] = {
	&explain_platform, &explain_naming, &explain_before, &explain_after, &explain_notes,
};

const struct explanation *explanation_of(enum verdict verdict)
{
	for (size_t p = 0; p < COUNT_OF(parts); p++)
		for (size_t i = 0; i < parts[p]->n; i++)
			if (parts[p]->rows[i].verdict == verdict)
				return &parts[p]->rows[i];
	return NULL;
}

const char *level_word(enum level level)
{
	return level == LEVEL_GOOD ? "good" : level == LEVEL_NOTE ? "note" : "problem";
}

/* --- one verdict --- */

static void print_headed(const char *heading, const char *text)
{
	printf("\n  %s%s%s\n", style_begin(STYLE_BOLD), heading, style_end(STYLE_BOLD));
	print_wrapped("    ", "    ", text, TEXT_WIDTH);
}

static void print_way(const struct remedy_step *remedy_step, const char *parameter)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s: ", remedy_step->where);
	remedy_fill(&line, remedy_step->text, parameter);
	print_wrapped("    - ", "      ", line.at, TEXT_WIDTH);
}

static void print_ways(const struct explanation *e)
{
	static const enum remedy order[] = { REMEDY_FIRMWARE_IOMMU, REMEDY_FIRMWARE_REMAPPING, REMEDY_ADD_PARAMETER,
					     REMEDY_REMOVE_PARAMETER, REMEDY_REGENERATE };

	for (size_t h = 0; h < COUNT_OF(order); h++) {
		if (!(e->how & order[h]))
			continue;
		printf("\n  %s%s%s\n", style_begin(STYLE_BOLD), remedy_title(order[h]), style_end(STYLE_BOLD));
		for (size_t i = 0; i < n_remedy_steps; i++)
			if (remedy_steps[i].how == order[h])
				print_way(&remedy_steps[i], e->parameter);
	}
}

static void print_explanation(const struct explanation *e)
{
	enum level level = verdict_level(e->verdict);

	printf("%s%s%s (%s): %s\n", style_begin(style_of(level)), verdict_word(e->verdict), style_end(style_of(level)),
	       level_word(level), e->brief);
	print_headed("What it means", e->means);
	print_headed("How it comes about", e->causes);
	print_headed("What to do", e->todo);
	print_ways(e);
}

static enum verdict find_verdict(const char *word)
{
	for (enum verdict v = V_OUT_OF_MEMORY; v < V_COUNT; v++)
		if (!strcmp(verdict_word(v), word))
			return v;
	return V_COUNT;
}

/* STATUS_USAGE after saying that there is no such verdict. */
static int unknown_verdict(const struct command *command, const char *word)
{
	const char *known[V_COUNT], *near;
	struct linebuf line;

	for (enum verdict v = V_OUT_OF_MEMORY; v < V_COUNT; v++)
		known[v - V_OUT_OF_MEMORY] = verdict_word(v);
	near = nearest_name(slice_of(word), known, V_COUNT - V_OUT_OF_MEMORY);
	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(word), 48);
	return near ? usage_error(command, "unknown verdict \"%s\"; did you mean \"%s\"?", line.at, near)
		    : usage_error(command, "unknown verdict \"%s\"", line.at);
}

static int check_words(const struct command *command, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (find_verdict(words[i]) == V_COUNT)
			return unknown_verdict(command, words[i]);
	return STATUS_FINE;
}

static int explain_words(char **words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			putchar('\n');
		print_explanation(explanation_of(find_verdict(words[i])));
	}
	return STATUS_FINE;
}

static int explain_all(void)
{
	const char *between = "";

	for (size_t p = 0; p < COUNT_OF(parts); p++)
		for (size_t i = 0; i < parts[p]->n; i++) {
			fputs(between, stdout);
			print_explanation(&parts[p]->rows[i]);
			between = "\n";
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
		[COL_MEANS] = e->means,
		[COL_CAUSES] = e->causes,
		[COL_REMEDY] = e->todo,
	};
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(texts) && r == 0; i++)
		r = table_put(table, row, i, texts[i]);
	table_style(table, row, COL_VERDICT, style_of(level));
	return r;
}

static int add_all(struct table *table)
{
	int r = 0;

	for (size_t p = 0; p < COUNT_OF(parts); p++)
		for (size_t i = 0; i < parts[p]->n && r == 0; i++)
			r = add_row(table, &parts[p]->rows[i]);
	return r;
}

static void json_row(struct json *json, const struct explanation *e)
{
	const char *texts[] = {
		[COL_VERDICT] = verdict_word(e->verdict),
		[COL_LEVEL] = level_word(verdict_level(e->verdict)),
		[COL_BRIEF] = e->brief,
		[COL_MEANS] = e->means,
		[COL_CAUSES] = e->causes,
		[COL_REMEDY] = e->todo,
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
		json_row(&json, explanation_of(find_verdict(words[i])));
	for (size_t p = 0; p < COUNT_OF(parts) && !n; p++)
		for (size_t i = 0; i < parts[p]->n; i++, verdicts++)
			json_row(&json, &parts[p]->rows[i]);
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

	if (r == 0 && !n)
		r = add_all(&table);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_row(&table, explanation_of(find_verdict(words[i])));
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
	return all ? explain_all() : explain_words(words, n);
}

static int explain_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		OPTION_HELP,
		{ "all", no_argument, NULL, 'a' },
		{ "mdoc", no_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'J' },
		{ "noheadings", no_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct table_options table = { .sysroot = "/" };
	bool all = false, mdoc = false;
	int c;

	while ((c = next_option(command, argc, argv, options)) != -1) {
		if (c == 'h') {
			print_help(command->help);
			print_columns(columns, COUNT_OF(columns));
			return STATUS_FINE;
		}
		all |= c == 'a';
		mdoc |= c == 'm';
		if (c == '?')
			return STATUS_USAGE;
		table_option(&table, c, optarg);
	}
	if ((all || mdoc) && no_more_words(command, argc, argv) != STATUS_FINE)
		return STATUS_USAGE;
	if (!mdoc)
		return explain(command, &table, all, argv + optind, (size_t)(argc - optind));
	if (all || table_is_bare(&table))
		return usage_error(command, "--mdoc takes no other option");
	print_mdoc(stdout);
	return STATUS_FINE;
}

const struct command command_explain = {
	.name = "explain",
	.does = "what a verdict means, and what to do",
	.help = help,
	.shorts = "aJno:",
	.run = explain_main,
};
