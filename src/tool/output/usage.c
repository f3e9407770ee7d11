/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/usage.h"

#include <getopt.h>
#include <stdio.h>

#define WORD_SHOWN 64

void print_error_line(const struct linebuf *line)
{
	fprintf(stderr, "%s\n", line->at);
}

void print_error(const char *format, ...)
{
	va_list args;

	fputs("earlybind: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int print_help(const char *text)
{
	fputs(text, stdout);
	return STATUS_FINE;
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

int release_error(const struct command *command, const char *release)
{
	struct linebuf word;

	linebuf_start(&word);
	linebuf_add_escaped(&word, slice_of(release), WORD_SHOWN);
	return usage_error(command, "\"%s\" is not an installed kernel release", word.at);
}

int next_option(const struct command *command, int argc, char **argv, const struct option *options)
{
	struct linebuf word;
	char shorts[32];
	int c, at = optind;

	/* getopt(3) takes the next option from here, and leaves the words before it in place until then. */
	while (at < argc - 1 && (argv[at][0] != '-' || !argv[at][1]))
		at++;
	linebuf_start(&word);
	if (at < argc)
		linebuf_add_escaped(&word, slice_of(argv[at]), WORD_SHOWN);
	opterr = 0;
	snprintf(shorts, sizeof(shorts), ":h%s", command->shorts ? command->shorts : "");
	c = getopt_long(argc, argv, shorts, options, NULL);
	if (c == ':')
		usage_error(command, "option \"%s\" requires an argument", word.at);
	else if (c == '?')
		usage_error(command, "unknown option \"%s\"", word.at);
	return c == ':' ? '?' : c;
}

bool sysroot_option(const struct command *command, int argc, char **argv, const char **sysroot, int *ret)
{
	static const struct option options[] = {
		OPTION_HELP,
		{ "sysroot", required_argument, NULL, 's' },
		{ 0 },
	};
	int c;

	while ((c = next_option(command, argc, argv, options)) == 's')
		*sysroot = optarg;
	*ret = c == 'h' ? print_help(command->help) : STATUS_USAGE;
	return c == -1;
}

int no_more_words(const struct command *command, int argc, char **argv)
{
	struct linebuf word;

	if (optind == argc)
		return STATUS_FINE;
	linebuf_start(&word);
	linebuf_add_escaped(&word, slice_of(argv[optind]), WORD_SHOWN);
	return usage_error(command, "unexpected word \"%s\"", word.at);
}
