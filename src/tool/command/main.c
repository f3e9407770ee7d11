/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `earlybind` tool: finds the subcommand and runs it. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "tool/command/command.h"

/* The order is that of --help. */
static const struct command *const commands[] = {
	&command_check,	  &command_status, &command_groups, &command_suggest,
	&command_explain, &command_import, &command_plan,
};

static const char usage[] = "Usage: earlybind COMMAND [OPTION]...\n"
			    "       earlybind --help | --version\n"
			    "\n"
			    "Hand PCI devices to VFIO before any other driver can touch them.\n"
			    "\n"
			    "Commands:\n";

static const char usage_end[] = "\n"
				"`earlybind COMMAND --help` tells what a command takes.\n"
				"Exit status: 0 fine, 1 something will not work, 2 wrong usage or, of check, a\n"
				"configuration that cannot be read.\n";

void say_line(const struct linebuf *line)
{
	fprintf(stderr, "%s\n", line->at);
}

void say(const char *format, ...)
{
	va_list args;

	fputs("earlybind: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int usage_error(const struct command *command, const char *format, ...)
{
	const char *name = command ? command->name : "";
	va_list args;

	fprintf(stderr, "earlybind%s%s: ", command ? " " : "", name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; try `earlybind %s%s--help`\n", name, command ? " " : "");
	return STATUS_USAGE;
}

static int bad_word(const struct command *command, const char *what, const char *word)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(word), 64);
	return usage_error(command, "%s \"%s\"", what, line.at);
}

int print_help(const char *text)
{
	fputs(text, stdout);
	return STATUS_FINE;
}

static int help(void)
{
	fputs(usage, stdout);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->does);
	return print_help(usage_end);
}

static int version(void)
{
	puts("earlybind " EARLYBIND_VERSION);
	return STATUS_FINE;
}

/* The option that getopt(3) takes next: it leaves what stands from AT on in place until it has looked at it. */
static const char *option_from(int at, int argc, char **argv)
{
	while (at < argc - 1 && (argv[at][0] != '-' || !argv[at][1]))
		at++;
	return argv[at];
}

int next_option(const struct command *command, int argc, char **argv, const struct option *options)
{
	const char *word = optind < argc ? option_from(optind, argc, argv) : "";
	char shorts[32];
	int c;

	opterr = 0;
	snprintf(shorts, sizeof(shorts), ":h%s", command->shorts ? command->shorts : "");
	c = getopt_long(argc, argv, shorts, options, NULL);
	if (c == ':')
		bad_word(command, "a value is missing after", word);
	else if (c == '?')
		bad_word(command, "unknown option", word);
	return c == ':' ? '?' : c;
}

int no_more_words(const struct command *command, int argc, char **argv)
{
	if (optind == argc)
		return STATUS_FINE;
	return bad_word(command, "unexpected word", argv[optind]);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return usage_error(NULL, "a command is missing");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help();
	if (!strcmp(argv[1], "--version"))
		return version();
	if (argv[1][0] == '-')
		return bad_word(NULL, "unknown option", argv[1]);
	command = find(argv[1]);
	if (!command)
		return bad_word(NULL, "unknown command", argv[1]);
	return command->run(command, argc - 1, argv + 1);
}

/* What was printed counts only once it has been written. */
static int finish_output(void)
{
	int bad = ferror(stdout);

	errno = 0;
	if (fclose(stdout) == 0 && !bad)
		return 0;
	return errno ? -errno : -EIO;
}

int main(int argc, char **argv)
{
	int status, r;

	setlocale(LC_CTYPE, "");
	status = dispatch(argc, argv);
	if (status < 0) {
		say("%s: %s", argv[1], strerror(-status));
		status = STATUS_PROBLEM;
	}
	r = finish_output();
	if (r < 0) {
		say("standard output: %s", strerror(-r));
		status = STATUS_PROBLEM;
	}
	return status;
}
