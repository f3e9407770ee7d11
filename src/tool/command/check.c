/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind check`: what the next boot will come to, while it can still be changed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/enumerate.h"
#include "tool/predict/prediction.h"
#include "tool/inspect/image.h"
#include "tool/command/context.h"
#include "tool/plan/builder.h"

static const char help[] = "Usage: earlybind check [OPTION]...\n"
			   "\n"
			   "Tell before the reboot what will become of every device that the configuration\n"
			   "names, what stands in the way, and whether the initramfs holds all of it. The\n"
			   "next boot is taken to have the kernel command line of this one, but for an\n"
			   "rd.earlybind=0: with that nothing is touched, and what is told, exit status\n"
			   "included, is what comes of it without.\n"
			   "\n"
			   "      --kernel R     the kernel that will boot; the running one unless given\n"
			   "      --all-images   look into the images of all kernels\n"
			   "      --no-image     look into none\n" TABLE_HELP "\n"
			   "Exit status: 0 all will be as asked for, 1 something will not, 2 wrong usage or a\n"
			   "configuration that cannot be read.\n";

struct check {
	struct context context; /* first, for set_option() */
	struct prediction f;
	struct plan_builder builder;
	struct host_needs root;
	const char *release; /* --kernel, or NULL */
	bool all_images, no_image;
};

/* --- modules --- */

static void on_report(void *data, enum level level, const struct rule *rule, const char *text)
{
	struct check *check = data;
	struct finding *finding = findings_say(&check->context.findings, FINDING_MODULE, level, V_NONE, "%s", text);

	if (rule)
		finding->line = context_origin(&check->context, &rule->origin);
}

/* A captured machine need not have its modules with it. */
static bool has_modules(struct check *check)
{
	const char *release = check->builder.release;

	return !check->context.sys.offline || system_exists(&check->context.sys, "lib/modules/%s", release) ||
	       system_exists(&check->context.sys, "usr/lib/modules/%s", release);
}

static int plan_modules(struct check *check)
{
	int r;

	check->builder.release = check->f.boot.machine.platform.release;
	check->builder.sysroot = check->context.options.sysroot;
	check->builder.config = &check->f.boot.config;
	check->builder.report = on_report;
	check->builder.data = check;
	if (!has_modules(check)) {
		findings_say(&check->context.findings, FINDING_MODULE, LEVEL_NOTE, V_NONE,
			     "not known whether the kernel has the modules: it has no directory in lib/modules here");
		return 0;
	}
	r = plan_build(&check->builder);
	return r < 0 ? r : plan_builder_fill(&check->builder, &check->f.boot.plan);
}

/* --- what the host stands on --- */

static int plan_roots(struct check *check)
{
	int r = host_needs_find(&check->context.sys, &check->root);

	/* Whoever takes no device loses none. */
	if (check->f.boot.config.n_rules)
		context_unresolved(&check->context, &check->root);
	return r < 0 ? r : plan_fill_needs(&check->root, &check->f.boot.plan);
}

/* Good to know even where no line comes near them. */
static void add_roots(struct check *check)
{
	for (size_t i = 0; i < check->root.n_devices; i++) {
		const struct needed_device *device = &check->root.devices[i];
		struct finding *finding = findings_say(&check->context.findings, FINDING_NEED, LEVEL_GOOD, V_NONE, "%s",
						       device->what);

		finding->device = findings_copy(&check->context.findings, address_name(device->address).at);
	}
}

/* --- devices --- */

static void add_claim(struct check *check, const struct decision *decision, const struct claim *claim, bool late)
{
	struct device now = decision->machine.devices[claim->device];
	struct finding *finding = context_claim(&check->context, decision, claim, TENSE_FUTURE);

	refresh_driver(&check->context.sys, &now);
	finding->driver = findings_copy(&check->context.findings, now.driver);
	finding->hotplug = late;
}

static void add_claims(struct check *check)
{
	const struct decision *boot = &check->f.boot, *later = &check->f.later;
	size_t from = check->context.findings.n;

	for (size_t i = 0; i < boot->matches.n_claims; i++)
		add_claim(check, boot, &boot->matches.claims[i], false);
	for (size_t i = 0; check->f.has_hotplugged && i < later->matches.n_claims; i++)
		if (later->matches.claims[i].hotplugged)
			add_claim(check, later, &later->matches.claims[i], true);
	findings_sort_devices(&check->context.findings, from);
	if (check->f.has_hotplugged)
		findings_say(
			&check->context.findings, FINDING_NOTICE, LEVEL_NOTE, V_NONE,
			"virtual functions, and what is behind a VMD, appear after the binder has run; they are judged "
			"as they will be then");
	/* A line is not without a device because that appears late. */
	context_rules(&check->context, check->f.has_hotplugged ? later : boot);
}

static void add_switches(struct check *check)
{
	const struct config *config = &check->f.boot.config;
	struct findings *findings = &check->context.findings;

	if (config->settings.off)
		findings_say(findings, FINDING_NOTICE, LEVEL_NOTE, V_DISABLED,
			     "rd.earlybind=0 is on this boot's command line; if the next one has it, nothing will be "
			     "touched: what "
			     "is said here is what comes of it without");
	if (!config->n_rules && !context_unreadable(config))
		findings_say(findings, FINDING_NOTICE, LEVEL_NOTE, V_NO_CONFIGURATION, "%s",
			     config->n_sources ? "the configuration names no device"
					       : "there is no /etc/earlybind.conf and no /etc/earlybind.d/*.conf");
}

/* --- all of it --- */

static int context(struct check *check)
{
	int r = prediction_read(&check->f, &check->context.sys, check->release);

	if (r < 0)
		return r;
	context_problems(&check->context, &check->f.boot.config);
	add_switches(check);
	r = plan_modules(check);
	r = r < 0 ? r : plan_roots(check);
	r = r < 0 ? r : prediction_judge(&check->f);
	if (r < 0)
		return r;
	context_platform(&check->context, &check->f.boot);
	add_claims(check);
	add_roots(check);
	if (!check->no_image)
		image_check(&check->context.findings, &check->context.sys, &check->f.boot.config, &check->f.boot.plan,
			    check->builder.release, check->all_images);
	return 0;
}

/* What keeps the sum from coming true. */
static const char *sum_condition(const struct findings *findings)
{
	bool image = false, other = false;

	for (size_t i = 0; i < findings->n; i++) {
		bool is_image = findings->items[i].kind == FINDING_IMAGE;

		image |= findings->items[i].level == LEVEL_PROBLEM && is_image;
		other |= findings->items[i].level == LEVEL_PROBLEM && !is_image;
	}
	if (image)
		return other ? " once the image is regenerated; see above for what stands in the way"
			     : " once the image is regenerated";
	return other ? "; see above for what stands in the way" : "";
}

static void print_sum(const struct findings *findings, bool off)
{
	size_t devices = 0, ready = 0;

	for (size_t i = 0; i < findings->n; i++) {
		devices += findings->items[i].kind == FINDING_DEVICE;
		ready += findings->items[i].kind == FINDING_DEVICE && findings->items[i].verdict == V_READY;
	}
	if (devices)
		printf("\n%zu device%s: %s%zu will be ready%s\n", devices, devices == 1 ? "" : "s",
		       off ? "none will be touched with rd.earlybind=0; without it " : "", ready,
		       sum_condition(findings));
}

/* One line for them all: they are there so that nobody takes them by mistake. */
static void print_roots(const struct check *check)
{
	struct linebuf line;

	linebuf_start(&line);
	for (size_t i = 0; i < check->root.n_devices; i++)
		linebuf_add(&line, "%s%s (%s)", i ? ", " : "", address_name(check->root.devices[i].address).at,
			    check->root.devices[i].what);
	if (line.len)
		print_wrapped("  the host stands on: ", "    ", line.at, 0);
}

static void print_good(const struct finding *f, const char *text)
{
	char first[16];

	snprintf(first, sizeof(first), "%s ", mark_of(f->level));
	print_wrapped(first, "  ", text, 0);
}

static void print_platform(const struct finding *f, const char *release)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s; kernel ", f->text);
	linebuf_add_escaped(&line, slice_of(release), PLATFORM_RELEASE_SIZE);
	print_good(f, line.at);
}

static int print(struct check *check, int status)
{
	const struct decision *decision = &check->f.boot;
	int r;

	if (table_is_bare(&check->context.options))
		return findings_print_all(&check->context.findings, check->context.command, &check->context.options,
					  status);
	for (size_t i = 0; i < check->context.findings.n; i++) {
		const struct finding *f = &check->context.findings.items[i];

		if (f->kind == FINDING_PLATFORM && f->level == LEVEL_GOOD)
			print_platform(f, decision->machine.platform.release);
		if (f->kind == FINDING_IMAGE && f->level == LEVEL_GOOD)
			print_good(f, f->text);
	}
	print_roots(check);
	if (decision->matches.n_claims || decision->config.n_rules)
		putchar('\n');
	r = findings_print_devices(&check->context.findings, check->context.command);
	if (r < 0)
		return r;
	findings_print_words(&check->context.findings, &check->context.sys, LEVEL_NOTE);
	print_sum(&check->context.findings, decision->config.settings.off);
	return STATUS_FINE;
}

static int check_run(struct check *check)
{
	int r = context_open(&check->context, check->context.command), status;

	if (r != STATUS_FINE)
		return r;
	r = context(check);
	if (r < 0)
		return r;
	/* What cannot be read at all is no configuration that could be checked. */
	status = context_unreadable(&check->f.boot.config) ? STATUS_USAGE : context_status(&check->context);
	r = status < 0 ? status : print(check, status);
	return r == STATUS_FINE ? status : r;
}

static void set_option(struct context *context, int c, const char *value)
{
	struct check *check = (struct check *)context;

	if (c == 'k')
		check->release = value;
	check->all_images |= c == 'A';
	check->no_image |= c == 'N';
}

static int check_main(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		TABLE_OPTIONS,
		{ "kernel", required_argument, NULL, 'k' },
		{ "all-images", no_argument, NULL, 'A' },
		{ "no-image", no_argument, NULL, 'N' },
		{ 0 },
	};
	struct check check = { .context = CONTEXT_OF(command) };
	int r;

	if (!context_options(&check.context, argc, argv, options, set_option, findings_print_columns, &r))
		return r;
	if (check.release && !release_is_valid(check.release))
		return usage_error(command, "--kernel wants the name of a directory of /lib/modules");
	r = check_run(&check);
	host_needs_done(&check.root);
	plan_builder_done(&check.builder);
	prediction_done(&check.f);
	context_done(&check.context);
	return r;
}

const struct command command_check = {
	.name = "check",
	.does = "before the reboot: what will become of the devices that are named",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = check_main,
};
