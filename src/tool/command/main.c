/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `earlybind` tool: finds the subcommand and runs it. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "tool/command/command.h"

#ifndef EARLYBIND_VERSION
#define EARLYBIND_VERSION "unknown"
#endif

/* The order is that of --help. */
static const struct command *const commands[] = {
	&command_check,	  &command_status, &command_groups, &command_suggest,
	&command_explain, &command_import, &command_plan,
};

static const char usage[] = "Usage: earlybind COMMAND [OPTION]...\n"
			    "       earlybind --help | --version\n"
			    "\n"
			    "Bind PCI devices to VFIO before any other driver can claim them.\n"
			    "\n"
			    "Commands:\n";

static const char usage_end[] = "\n"
				"`earlybind COMMAND --help` describes a command and its exit statuses.\n"
				"In general: 0 success, 1 a problem was found, 2 wrong usage.\n";

static int run(int argc, char **argv)
{
	const struct command *command = NULL;
	struct linebuf word;

	if (argc < 2)
		return usage_error(NULL, "a command is missing");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		fputs(usage, stdout);
		for (size_t i = 0; i < COUNT_OF(commands); i++)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->does);
		return print_help(usage_end);
	}
	if (!strcmp(argv[1], "--version"))
		return print_help("earlybind " EARLYBIND_VERSION "\n");
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (!strcmp(commands[i]->name, argv[1]))
			command = commands[i];
	if (command)
		return command->run(command, argc - 1, argv + 1);
	linebuf_start(&word);
	linebuf_add_escaped(&word, slice_of(argv[1]), 64);
	return usage_error(NULL, "unknown %s \"%s\"", argv[1][0] == '-' ? "option" : "command", word.at);
}

int main(int argc, char **argv)
{
	int status, bad;

	setlocale(LC_CTYPE, "");
	status = run(argc, argv);
	if (status < 0) {
		print_error("%s: %s", argv[1], strerror(-status));
		status = STATUS_PROBLEM;
	}
	/* Output is complete only once it has been written. */
	bad = ferror(stdout);
	errno = 0;
	if (fclose(stdout) != 0 || bad) {
		print_error("standard output: %s", strerror(errno ? errno : EIO));
		status = STATUS_PROBLEM;
	}
	return status;
}
