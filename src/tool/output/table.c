/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/table.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool table_option(struct table_options *options, int c, const char *value)
{
	switch (c) {
	case 'J':
		options->json = true;
		return true;
	case 'n':
		options->noheadings = true;
		return true;
	case 'o':
		options->columns = value;
		return true;
	case 's':
		options->sysroot = value;
		return true;
	default:
		return false;
	}
}

bool table_is_bare(const struct table_options *options)
{
	return options->json || options->noheadings || options->columns;
}

void table_key(const struct table_column *column, char *to, size_t size)
{
	size_t n = 0;

	for (; column->name[n] && n + 1 < size; n++)
		to[n] = (char)tolower((unsigned char)column->name[n]);
	to[n] = '\0';
}

void print_columns(const struct table_column *columns, size_t n)
{
	puts("\nColumns (* shown by default):");
	for (size_t i = 0; i < n; i++)
		printf("%c %-10s %s\n", columns[i].shown == SHOWN_ON_REQUEST ? ' ' : '*', columns[i].name,
		       columns[i].help);
}

/* --- which columns --- */

struct choice {
	size_t columns[TABLE_COLUMNS_MAX];
	size_t n;
};

static bool choose(struct choice *choice, size_t column)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->columns[i] == column)
			return true;
	if (choice->n == TABLE_COLUMNS_MAX)
		return false;
	choice->columns[choice->n++] = column;
	return true;
}

static bool choose_by_name(struct choice *choice, const struct table_column *columns, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(columns[i].name) == name.len && !strncasecmp(columns[i].name, name.at, name.len))
			return choose(choice, i);
	return false;
}

static int bad_column(const struct command *command, struct slice name)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add_escaped(&line, name, 32);
	return usage_error(command, "unknown column \"%s\"", line.at);
}

static bool is_usual(const struct table_column *column)
{
	bool tight = terminal()->bounded && terminal()->width < TABLE_ROOMY;

	return column->shown == SHOWN || (column->shown == SHOWN_WITH_ROOM && !tight);
}

static int choose_columns(const struct command *command, const struct table_column *columns, size_t n,
			  const struct table_options *options, struct choice *choice)
{
	struct slice rest = slice_of(options->columns ? options->columns : "");
	bool more = slice_starts(rest, "+");

	if (more)
		rest = slice_sub(rest, 1, rest.len);
	for (size_t i = 0; i < n && (more || !options->columns); i++)
		if (is_usual(&columns[i]))
			choose(choice, i);
	while (options->columns && rest.at) {
		struct slice name = slice_cut(&rest, ',');

		if (!choose_by_name(choice, columns, n, name))
			return bad_column(command, name);
	}
	return STATUS_FINE;
}

/* --- the table --- */

static int add_column(struct table *table, size_t column)
{
	static const struct {
		int flags;
		double width;
	} kinds[] = {
		[COLUMN_TEXT] = { 0, 0 },
		[COLUMN_LONG] = { SCOLS_FL_TRUNC, 0.2 },
		[COLUMN_TREE] = { SCOLS_FL_TREE, 0 },
		[COLUMN_NUMBER] = { SCOLS_FL_RIGHT, 0 },
		[COLUMN_BOOL] = { SCOLS_FL_RIGHT, 0 },
	};
	const struct table_column *c = &table->columns[column];

	return scols_table_new_column(table->scols, c->name, kinds[c->kind].width, kinds[c->kind].flags) ? 0 : -ENOMEM;
}

static int set_up(struct table *table, const struct table_options *options)
{
	const struct terminal *t = terminal();

	table->scols = scols_new_table();
	if (!table->scols)
		return -ENOMEM;
	/* It would escape what is escaped, and show what turns the direction of writing. */
	scols_table_enable_noencoding(table->scols, 1);
	scols_table_enable_noheadings(table->scols, options->noheadings);
	scols_table_enable_colors(table->scols, t->colors);
	scols_table_enable_ascii(table->scols, !t->glyphs);
	scols_table_set_termforce(table->scols, t->bounded ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (t->bounded)
		scols_table_set_termwidth(table->scols, t->width);
	return 0;
}

int table_check_columns(const struct command *command, const struct table_column *columns, size_t n,
			const struct table_options *options)
{
	struct choice choice = { .n = 0 };

	return choose_columns(command, columns, n, options, &choice);
}

int table_open(struct table *table, const struct command *command, const struct table_column *columns, size_t n,
	       const struct table_options *options)
{
	struct choice choice = { .n = 0 };
	int r;

	*table = (struct table){ .columns = columns, .n = n };
	r = choose_columns(command, columns, n, options, &choice);
	if (r != STATUS_FINE)
		return r;
	r = set_up(table, options);
	for (size_t i = 0; i < n; i++)
		table->places[i] = -1;
	for (size_t i = 0; i < choice.n && r == 0; i++) {
		table->places[choice.columns[i]] = (int)i;
		r = add_column(table, choice.columns[i]);
	}
	return r < 0 ? r : STATUS_FINE;
}

void table_close(struct table *table)
{
	scols_unref_table(table->scols);
	table->scols = NULL;
}

struct libscols_line *table_row(struct table *table, struct libscols_line *parent)
{
	return scols_table_new_line(table->scols, parent);
}

int table_put_escaped(struct table *table, struct libscols_line *row, size_t column, const char *text)
{
	if (!row)
		return -ENOMEM;
	if (table->places[column] < 0 || !text || !*text)
		return 0;
	return scols_line_set_data(row, (size_t)table->places[column], text);
}

int table_put(struct table *table, struct libscols_line *row, size_t column, const char *text)
{
	char *own = text ? copy_own(text, false) : NULL;
	int r = text && !own ? -ENOMEM : table_put_escaped(table, row, column, own);

	free(own);
	return r;
}

int table_put_number(struct table *table, struct libscols_line *row, size_t column, long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", number);
	return table_put(table, row, column, text);
}

int table_put_bool(struct table *table, struct libscols_line *row, size_t column, bool value)
{
	return table_put(table, row, column, value ? "1" : "0");
}

void table_style(struct table *table, struct libscols_line *row, size_t column, enum style style)
{
	struct libscols_cell *cell = NULL;

	if (row && table->places[column] >= 0)
		cell = scols_line_get_cell(row, (size_t)table->places[column]);
	if (cell && style_color(style))
		scols_cell_set_color(cell, style_color(style));
}

int table_print(struct table *table)
{
	if (scols_table_is_empty(table->scols))
		return 0;
	return scols_print_table(table->scols);
}
