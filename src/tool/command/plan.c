/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind plan`: what the binder has to load on a given kernel, while a person can still read what is missing. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/config.h"
#include "config/plan.h"
#include "system/system.h"
#include "tool/output/output.h"
#include "tool/plan/builder.h"
#include "tool/plan/drivers.h"
#include "tool/host/needs.h"
#include "tool/inspect/sysroot.h"
#include "tool/command/command.h"

struct plan_run {
	struct plan_builder builder;
	const char *output; /* NULL: standard output */
	struct config config;
	struct host_needs needs;
	struct plan plan;
	struct system sys;
};

static const char help[] = "Usage: earlybind plan --kernel RELEASE [OPTION]...\n"
			   "\n"
			   "Print the modules that earlybind-boot has to load on that kernel, in order, and\n"
			   "the devices that the host depends on; the initramfs hooks store it as\n"
			   "/etc/earlybind.plan. Problems are reported on standard error; the plan is\n"
			   "written nevertheless.\n"
			   "\n"
			   "  --kernel RELEASE   the kernel, a directory of /lib/modules\n"
			   "  --sysroot DIR      inspect the system in DIR instead of this one\n"
			   "  --output FILE      write the plan to FILE\n"
			   "  --help             print this help\n"
			   "\n"
			   "Exit status: 0 success, 1 a problem was reported or the plan was not written,\n"
			   "2 wrong usage.\n";

static void on_report(void *data, enum level level, const struct rule *rule, const char *text)
{
	struct linebuf line;

	(void)data;
	(void)level;
	if (!rule) {
		print_error("%s", text);
		return;
	}
	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(rule->origin.file), 128);
	linebuf_add(&line, ":%u: %s", rule->origin.line, text);
	print_error_line(&line);
}

/* --- configuration, and what the host depends on --- */

static int load_config(const struct command *command, struct plan_run *run)
{
	int r;

	/* Not necessarily a running system: dracut makes images for trees in which nothing is mounted. */
	r = sysroot_open(&run->sys, command, run->builder.sysroot);
	if (r != STATUS_FINE)
		return r;
	r = config_load(&run->config, &run->sys, "etc");
	r = r < 0 ? r : host_needs_find(&run->sys, false, &run->needs);
	return r < 0 ? r : plan_fill_needs(&run->needs, &run->plan);
}

static void print_config_errors(struct plan_run *run)
{
	const struct config *config = &run->config;

	for (size_t i = 0; i < config->n_problems; i++) {
		struct linebuf line;

		linebuf_start(&line);
		problem_format(&config->problems[i], &line);
		print_error_line(&line);
	}
	if (config->problems_total > config->n_problems)
		print_error("%zu more configuration errors are not shown", config->problems_total - config->n_problems);
	if (config->problems_total)
		run->builder.problem = true;
}

/* Loudly, while it can be changed. Without a line, no device is taken. */
static void print_unknown(struct plan_run *run)
{
	const struct plan *plan = &run->plan;
	bool any = false;

	for (size_t i = 0; i < plan->n_needs && run->config.n_rules; i++) {
		if (plan->needs[i].kind != NEED_UNKNOWN)
			continue;
		print_error("what the host needs is unknown: %s", plan->needs[i].what);
		any = true;
	}
	if (any)
		print_error("no storage controller will be bound unless its line has even-if-needed");
}

/* --- output --- */

static void print_text(FILE *to, const void *data)
{
	const struct buffer *text = data;

	fwrite(text->bytes, 1, text->len, to);
}

static int write_plan(struct plan_run *run)
{
	struct buffer text = { .bytes = NULL };
	struct linebuf name;
	int r = plan_builder_fill(&run->builder, &run->plan), written = 0;

	r = r < 0 ? r : drivers_fill(&run->sys, &run->builder.kernel, &run->plan);
	if (r == 0) {
		plan_format(&run->plan, &text);
		r = text.error;
	}
	if (r == 0 && !run->output)
		print_text(stdout, &text);
	else if (r == 0)
		written = write_file(run->output, print_text, &text);
	if (written < 0) {
		linebuf_start(&name);
		linebuf_add_escaped(&name, slice_of(run->output), 256);
		print_error("%s: %s", name.at,
			    written == -EEXIST ? "exists and is not a regular file" : strerror(-written));
		run->builder.problem = true;
	}
	buffer_done(&text);
	return r;
}

static int make_plan(const struct command *command, struct plan_run *run)
{
	int r;

	r = load_config(command, run);
	if (r != STATUS_FINE)
		return r;
	print_config_errors(run);
	print_unknown(run);
	r = plan_build(&run->builder);
	r = r < 0 ? r : write_plan(run);
	if (r < 0)
		return r;
	return run->builder.problem ? STATUS_PROBLEM : STATUS_FINE;
}

static int plan_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		OPTION_HELP,
		{ "kernel", required_argument, NULL, 'k' },
		{ "sysroot", required_argument, NULL, 's' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct plan_run run = { .builder = { .sysroot = "/", .report = on_report }, .sys = { .root = -1 } };
	int c, r;

	while ((c = next_option(command, argc, argv, options)) != -1)
		switch (c) {
		case 'h':
			return print_help(command->help);
		case 'k':
			run.builder.release = optarg;
			break;
		case 's':
			run.builder.sysroot = optarg;
			break;
		case 'o':
			run.output = optarg;
			break;
		default:
			return STATUS_USAGE;
		}
	if (no_more_words(command, argc, argv) != STATUS_FINE)
		return STATUS_USAGE;
	if (!run.builder.release)
		return usage_error(command, "option \"--kernel\" is required");
	if (!release_is_valid(run.builder.release))
		return release_error(command, run.builder.release);
	config_init(&run.config);
	run.builder.config = &run.config;
	r = make_plan(command, &run);
	plan_builder_done(&run.builder);
	host_needs_done(&run.needs);
	plan_done(&run.plan);
	if (run.sys.root >= 0)
		system_close(&run.sys);
	config_done(&run.config);
	return r;
}

const struct command command_plan = {
	.name = "plan",
	.does = "print the modules that an initramfs needs (for its hooks)",
	.help = help,
	.run = plan_main,
};
