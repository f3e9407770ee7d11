/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the subcommands share. A subcommand is one row of the table in main.c
 * and one file that defines its `struct command`.
 */
#ifndef EARLYBIND_TOOL_COMMAND_COMMAND_H
#define EARLYBIND_TOOL_COMMAND_COMMAND_H

#include "base/slice.h"

#ifndef EARLYBIND_VERSION
#define EARLYBIND_VERSION "unknown"
#endif

enum exit_status {
	STATUS_FINE = 0,
	STATUS_PROBLEM = 1, /* something will not work; said on standard error */
	STATUS_USAGE = 2,
};

struct command {
	const char *name;
	const char *does;   /* one line of the list in --help */
	const char *help;   /* what `earlybind NAME --help` prints */
	const char *shorts; /* short options beside -h, for getopt(3), or NULL */
	/* ARGV[0] is the command's name. An exit status, or a negative errno that was not said yet. */
	int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command command_check, command_status, command_groups, command_explain, command_plan;
extern const struct command command_import, command_suggest;

/* One line on standard error. SAY begins it with "earlybind: ". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_line(const struct linebuf *line);

/* Print TEXT on standard output; STATUS_FINE. */
int print_help(const char *text);

struct option;
/*
 * getopt_long(3) that says itself, in one line, what is wrong: '?' then. Words
 * may stand before options; from optind on they are left in argv at the end.
 * Every table holds OPTION_HELP.
 */
int next_option(const struct command *command, int argc, char **argv, const struct option *options);
/* For a command that takes options only: STATUS_USAGE, after saying so, when a word is left. */
int no_more_words(const struct command *command, int argc, char **argv);
/* STATUS_USAGE after saying what is wrong with the command line. */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* clang-format off */
#define OPTION_HELP { "help", no_argument, NULL, 'h' }
/* clang-format on */

#endif
