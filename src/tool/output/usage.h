/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all subcommands share: options, help, exit statuses and messages on standard error. */
#ifndef EARLYBIND_TOOL_OUTPUT_USAGE_H
#define EARLYBIND_TOOL_OUTPUT_USAGE_H

#include <stdbool.h>

#include "base/slice.h"

enum exit_status {
	STATUS_FINE = 0,
	STATUS_PROBLEM = 1, /* a problem, which is reported */
	STATUS_USAGE = 2,
};

/* A subcommand is one row of the table in main.c and one file that defines this. */
struct command {
	const char *name;
	const char *does;   /* one line of the list in --help */
	const char *help;   /* what `earlybind NAME --help` prints */
	const char *shorts; /* short options beside -h, for getopt(3), or NULL */
	/* ARGV[0] is the command's name. An exit status, or a negative errno that was not reported yet. */
	int (*run)(const struct command *command, int argc, char **argv);
};

/* "earlybind: " and the message, a line on standard error. What comes from files is to be escaped. */
void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* LINE as it is, when it begins with the file or the device that it is about. */
void print_error_line(const struct linebuf *line);

/* Print TEXT on standard output; STATUS_FINE. */
int print_help(const char *text);

/* Print an error about the command line, COMMAND's or if that is NULL the tool's; STATUS_USAGE. */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for RELEASE, a kernel that cannot be one. */
int release_error(const struct command *command, const char *release);

struct option;
/*
 * getopt_long(3) that reports errors itself, in one line: '?' then. Words may
 * stand before options; from optind on they are left in argv at the end. Every
 * table holds OPTION_HELP.
 */
int next_option(const struct command *command, int argc, char **argv, const struct option *options);
/*
 * The options of a command that takes words, from optind on, and no option but
 * --sysroot. False when there is nothing more to do, RET being the exit status.
 */
bool sysroot_option(const struct command *command, int argc, char **argv, const char **sysroot, int *ret);
/* For a command that takes options only: STATUS_USAGE after an error when a word is left, else STATUS_FINE. */
int no_more_words(const struct command *command, int argc, char **argv);

/* clang-format off */
#define OPTION_HELP { "help", no_argument, NULL, 'h' }
/* clang-format on */

#endif
