/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind explain`: what the verdicts mean, and what to do. */
#include "tool/explain.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/grow.h"
#include "config/nearest.h"
#include "tool/howto.h"
#include "tool/table.h"

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
			   "  -h, --help         this text\n";

enum { COL_VERDICT, COL_KIND, COL_BRIEF, COL_MEANS, COL_CAUSES, COL_REMEDY };

static const struct table_column columns[] = {
	[COL_VERDICT] = { "VERDICT", "its word", COLUMN_TEXT, true },
	[COL_KIND] = { "KIND", "good, note or problem", COLUMN_TEXT, true },
	[COL_BRIEF] = { "BRIEF", "what it means, in a line", COLUMN_LONG, true },
	[COL_MEANS] = { "MEANS", "what it means", COLUMN_LONG, false },
	[COL_CAUSES] = { "CAUSES", "how it comes about", COLUMN_LONG, false },
	[COL_REMEDY] = { "REMEDY", "what to do", COLUMN_LONG, false },
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

static void print_way(const struct way *way, const char *parameter)
{
	char text[1024];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s: ", way->where);
	const char *rest = way->text, *gap;

	while ((gap = strstr(rest, "%s")) && n < sizeof(text)) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s%s", (int)(gap - rest), rest, parameter);
		rest = gap + 2;
	}
	if (n < sizeof(text))
		snprintf(text + n, sizeof(text) - n, "%s", rest);
	print_wrapped("    - ", "      ", text, TEXT_WIDTH);
}

static void print_ways(const struct explanation *e)
{
	static const enum howto order[] = { HOW_FIRMWARE_IOMMU, HOW_FIRMWARE_REMAPPING, HOW_ADD_PARAMETER,
					    HOW_REMOVE_PARAMETER, HOW_REGENERATE };

	for (size_t h = 0; h < COUNT_OF(order); h++) {
		if (!(e->how & order[h]))
			continue;
		printf("\n  %s%s%s\n", style_begin(STYLE_BOLD), howto_title(order[h]), style_end(STYLE_BOLD));
		for (size_t i = 0; i < n_ways; i++)
			if (ways[i].how == order[h])
				print_way(&ways[i], e->parameter);
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
	for (enum verdict v = V_NONE; v < V_COUNT; v++)
		if (!strcmp(verdict_word(v), word))
			return v;
	return V_COUNT;
}

static int explain_words(const struct command *command, char **words, size_t n)
{
	const char *known[V_COUNT];

	for (enum verdict v = V_NONE; v < V_COUNT; v++)
		known[v] = verdict_word(v);
	for (size_t i = 0; i < n; i++) {
		enum verdict v = find_verdict(words[i]);
		const char *near = v == V_COUNT ? nearest_name(text_of(words[i]), known, V_COUNT) : NULL;
		struct line line;

		if (v == V_COUNT) {
			line_start(&line);
			line_add_escaped(&line, text_of(words[i]), 48);
			return near ? usage_error(command, "unknown verdict \"%s\"; did you mean \"%s\"?", line.at, near)
				    : usage_error(command, "unknown verdict \"%s\"", line.at);
		}
		if (i)
			putchar('\n');
		print_explanation(explanation_of(v));
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
		[COL_VERDICT] = verdict_word(e->verdict), [COL_KIND] = level_word(level), [COL_BRIEF] = e->brief,
		[COL_MEANS] = e->means,			  [COL_CAUSES] = e->causes,	  [COL_REMEDY] = e->todo,
	};
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(texts) && r == 0; i++)
		r = table_put(table, row, i, texts[i]);
	table_style(table, row, COL_VERDICT, style_of(level));
	return r;
}

static int list(const struct command *command, const struct table_options *options)
{
	struct table table;
	int r = table_open(&table, command, "verdicts", columns, COUNT_OF(columns), options);

	for (size_t p = 0; p < COUNT_OF(parts); p++)
		for (size_t i = 0; i < parts[p]->n && r == 0; i++)
			r = add_row(&table, &parts[p]->rows[i]);
	if (r == 0)
		r = table_print(&table);
	table_close(&table);
	return r;
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
	if (optind < argc && !all && !mdoc)
		return explain_words(command, argv + optind, (size_t)(argc - optind));
	if (no_more_words(command, argc, argv) != STATUS_FINE)
		return STATUS_USAGE;
	if (mdoc)
		print_mdoc(stdout);
	else
		return all ? explain_all() : list(command, &table);
	return STATUS_FINE;
}

const struct command command_explain = {
	.name = "explain",
	.does = "what a verdict means, and what to do",
	.help = help,
	.shorts = "aJno:",
	.run = explain_main,
};
