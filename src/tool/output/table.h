/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables and trees of the commands that a person reads, on libsmartcols, with
 * the feel of lsblk: -o chooses columns, +X adds to the default ones, --json and
 * --noheadings are for programs.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_TABLE_H
#define EARLYBIND_TOOL_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/output/terminal.h"
#include "tool/output/usage.h"

#define TABLE_COLUMNS_MAX 24
#define TABLE_ROOMY 100 /* columns of a terminal from which on SHOWN_WITH_ROOM is shown */

struct libscols_table;
struct libscols_line;

enum column_kind {
	COLUMN_TEXT,
	COLUMN_LONG,   /* cut to fit a terminal */
	COLUMN_TREE,   /* holds the tree's branches */
	COLUMN_NUMBER, /* to the right */
	COLUMN_BOOL,   /* likewise "1" or "0" */
};

enum column_shown { SHOWN_ON_REQUEST, SHOWN, SHOWN_WITH_ROOM };

struct table_column {
	const char *name; /* in capitals; JSON has the key in small letters */
	const char *help;
	enum column_kind kind;
	enum column_shown shown; /* unless -o says otherwise */
};

/* What the options of every such command set. */
struct table_options {
	const char *columns; /* -o, or NULL */
	bool json, noheadings;
	const char *sysroot; /* "/" */
};

/* Rows for the command's own table of options; OPTION_HELP is among them. */
#define TABLE_OPTIONS                                                                                                  \
	OPTION_HELP, { "json", no_argument, NULL, 'J' }, { "noheadings", no_argument, NULL, 'n' },                     \
		{ "output", required_argument, NULL, 'o' },                                                            \
	{                                                                                                              \
		"sysroot", required_argument, NULL, 's'                                                                \
	}
#define TABLE_SHORTS "Jno:"
#define TABLE_HELP                                                                                                     \
	"  -o, --output LIST  show these columns; +LIST adds to the default ones\n"                                    \
	"  -J, --json         print JSON\n"                                                                            \
	"  -n, --noheadings   print no headings\n"                                                                     \
	"      --sysroot DIR  inspect the system in DIR instead of this one\n"                                         \
	"  -h, --help         print this help\n"

/* True when C was one of the above. */
bool table_option(struct table_options *options, int c, const char *value);
/* For a program rather than a person: one table, and nothing around it. */
bool table_is_bare(const struct table_options *options);

/* The key of a column in JSON: its name in small letters. */
void table_key(const struct table_column *column, char *to, size_t size);

/* Print the list of columns below a command's help. */
void print_columns(const struct table_column *columns, size_t n);

struct table {
	struct libscols_table *scols;
	const struct table_column *columns;
	size_t n;
	int places[TABLE_COLUMNS_MAX]; /* of each column in what is shown, or -1 */
};

/*
 * A table with the columns that OPTIONS choose. STATUS_FINE, STATUS_USAGE after
 * an error about an unknown column, or -ENOMEM. The caller calls table_close()
 * in every case.
 */
int table_open(struct table *table, const struct command *command, const struct table_column *columns, size_t n,
	       const struct table_options *options);
/* For JSON, which has no table: STATUS_FINE, or STATUS_USAGE after an error about an unknown column. */
int table_check_columns(const struct command *command, const struct table_column *columns, size_t n,
			const struct table_options *options);
void table_close(struct table *table);

/* A new row, below PARENT of a tree or NULL; NULL when there is no memory. */
struct libscols_line *table_row(struct table *table, struct libscols_line *parent);
/*
 * TEXT may come from a file or a device: copy_own() makes it safe to show. NULL
 * is an empty cell. 0 or -ENOMEM; a ROW that is NULL is -ENOMEM, too.
 */
int table_put(struct table *table, struct libscols_line *row, size_t column, const char *text);
/* Likewise, but what there is to escape in TEXT linebuf_add_escaped() has escaped. */
int table_put_escaped(struct table *table, struct libscols_line *row, size_t column, const char *text);
int table_put_number(struct table *table, struct libscols_line *row, size_t column, long long number);
int table_put_bool(struct table *table, struct libscols_line *row, size_t column, bool value);
void table_style(struct table *table, struct libscols_line *row, size_t column, enum style style);

/* 0 or a negative errno. An empty table prints nothing. */
int table_print(struct table *table);

#endif
