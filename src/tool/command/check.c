/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind check`: what the next boot will do, while it can still be changed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/enumerate.h"
#include "tool/predict/prediction.h"
#include "decide/verify.h"
#include "report/message.h"
#include "tool/inspect/devices.h"
#include "tool/inspect/image.h"
#include "tool/inspect/integration.h"
#include "tool/inspect/other_binders.h"
#include "tool/command/command.h"
#include "tool/command/context.h"
#include "tool/plan/builder.h"
#include "tool/plan/drivers.h"

static const char help[] = "Usage: earlybind check [OPTION]...\n"
			   "\n"
			   "Show before a reboot what will happen to every device that the configuration\n"
			   "names, what the problems are, and whether the initramfs contains the current\n"
			   "configuration. check assumes that the next boot has this boot's kernel command\n"
			   "line. With rd.earlybind=0 on it nothing is bound; check then shows, exit status\n"
			   "included, what happens without it.\n"
			   "\n"
			   "      --kernel R     the kernel that will boot (default: the running one)\n"
			   "      --all-images   check the images of all kernels\n"
			   "      --no-image     check no image\n" TABLE_HELP "\n"
			   "Exit status: 0 every request will be met, 1 a request will not be met, 2 wrong\n"
			   "usage or a configuration that cannot be read.\n";

struct check {
	struct context context; /* first, for set_option() */
	struct prediction prediction;
	struct plan_builder builder;
	struct host_needs needs;
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

static int plan_modules(struct check *check)
{
	struct system *sys = &check->context.sys;
	struct plan *plan = &check->prediction.boot.plan;
	const char *release = check->prediction.boot.machine.platform.release;
	int r;

	check->builder.release = release;
	check->builder.sysroot = check->context.options.sysroot;
	check->builder.config = &check->prediction.boot.config;
	check->builder.report = on_report;
	check->builder.data = check;
	/* A captured machine need not have its modules with it. */
	if (sys->offline && !system_exists(sys, "lib/modules/%s", release) &&
	    !system_exists(sys, "usr/lib/modules/%s", release)) {
		findings_say(&check->context.findings, FINDING_MODULE, LEVEL_NOTE, V_NONE,
			     "modules unknown: /lib/modules has no directory for this kernel");
		slice_store(slice_of(release), plan->kernel, sizeof(plan->kernel));
		return drivers_fill(sys, &check->builder.kernel, plan);
	}
	r = plan_build(&check->builder);
	r = r < 0 ? r : plan_builder_fill(&check->builder, plan);
	return r < 0 ? r : drivers_fill(sys, &check->builder.kernel, plan);
}

/* --- what the host needs --- */

static int plan_needs(struct check *check)
{
	struct plan *plan = &check->prediction.boot.plan;
	int r = host_needs_find(&check->context.sys, true, &check->needs);

	r = r < 0 ? r : plan_fill_needs(&check->needs, plan);
	/* Without a line, no device is bound. */
	if (check->prediction.boot.config.n_rules)
		context_unknown_needs(&check->context, plan, LEVEL_PROBLEM);
	return r;
}

static struct finding *add_need(struct check *check, enum level level, const struct needed_device *device,
				const char *after)
{
	struct finding *finding = findings_say(&check->context.findings, FINDING_NEED, level, V_NONE, "%s%s",
					       device->what, after);

	finding->about = findings_copy(&check->context.findings, need_kind_word(device->kind));
	finding->device = findings_copy(&check->context.findings, address_name(device->address).at);
	return finding;
}

/* Good to know even where no line names them. */
static void add_needs(struct check *check)
{
	for (size_t i = 0; i < check->needs.n_devices; i++)
		if (need_is_protected(check->needs.devices[i].kind))
			add_need(check, LEVEL_GOOD, &check->needs.devices[i], "");
}

/* What the host loses with a device that will be bound. */
static void add_use(struct check *check, const struct decision *decision, const struct claim *claim)
{
	static const char *const losses[] = {
		[NEED_IN_USE] = ": the host uses it now and will not have it after the next boot",
		[NEED_CONSOLE] = ": the host will have no such console after the next boot",
	};
	const struct needed_device *device = host_needs_at(&check->needs,
							   decision->machine.devices[claim->device].address);

	/* Of the only display the verdict's own note says it. */
	if (device && !need_is_protected(device->kind) && device->kind != NEED_DISPLAY && claim->verdict == V_READY)
		add_need(check, LEVEL_NOTE, device, losses[device->kind]);
}

/* --- devices --- */

static void add_claim(struct check *check, const struct decision *decision, const struct claim *claim, bool late)
{
	struct device now = decision->machine.devices[claim->device];
	struct finding *finding = context_claim(&check->context, decision, claim, TENSE_FUTURE);

	add_use(check, decision, claim);
	refresh_driver(&check->context.sys, &now);
	finding->driver = findings_copy(&check->context.findings, now.driver);
	finding->hotplug = late;
}

static void add_claims(struct check *check)
{
	const struct decision *boot = &check->prediction.boot, *later = &check->prediction.later;
	size_t from = check->context.findings.n;

	for (size_t i = 0; i < boot->matches.n_claims; i++)
		add_claim(check, boot, &boot->matches.claims[i], false);
	for (size_t i = 0; check->prediction.has_hotplugged && i < later->matches.n_claims; i++)
		if (later->matches.claims[i].hotplugged)
			add_claim(check, later, &later->matches.claims[i], true);
	findings_sort_devices(&check->context.findings, from);
	if (check->prediction.has_hotplugged)
		findings_say(&check->context.findings, FINDING_NOTICE, LEVEL_NOTE, V_NONE,
			     "virtual functions and devices behind a VMD appear after the binder has run; their "
			     "verdicts are "
			     "those of that moment");
	/* A line whose device appears later does have one. */
	context_rules(&check->context, check->prediction.has_hotplugged ? later : boot);
}

/* The binder cannot know of functions that no line names: before their driver makes them there are none. */
static void add_lost_functions(struct check *check)
{
	const struct decision *boot = &check->prediction.boot;

	for (size_t i = 0; i < boot->matches.n_claims; i++) {
		const struct claim *claim = &boot->matches.claims[i];
		const struct device *device = &boot->machine.devices[claim->device];

		if (claim->verdict == V_READY && device_has_functions(&check->context.sys, device))
			findings_say(&check->context.findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE,
				     "%s has virtual functions now, which exist only while its own driver has it: they "
				     "will be missing after the next boot",
				     address_name(device->address).at);
	}
}

static void add_switches(struct check *check)
{
	const struct config *config = &check->prediction.boot.config;
	struct findings *findings = &check->context.findings;

	if (config->settings.off)
		findings_say(findings, FINDING_NOTICE, LEVEL_NOTE, V_DISABLED,
			     "rd.earlybind=0 is on this boot's command line; with it the next boot will bind nothing. "
			     "The verdicts are those without it");
	if (!config->n_rules && !context_unreadable(config))
		findings_say(findings, FINDING_NOTICE, LEVEL_NOTE, V_NO_CONFIGURATION, "%s",
			     config->n_sources ? "the configuration names no device"
					       : "there is no /etc/earlybind.conf and no /etc/earlybind.d/*.conf");
}

/* --- what else binds devices --- */

static void on_other(void *data, enum level level, const char *text)
{
	struct check *check = data;

	findings_say(&check->context.findings, FINDING_NOTICE, level, V_NONE, "%s", text);
}

static int add_other_binders(struct check *check)
{
	const struct decision *boot = &check->prediction.boot;
	enum verdict ids = verify_ids(&boot->plan, &boot->machine.platform);
	const struct other_binders other = {
		.sys = &check->context.sys,
		.sysroot = check->context.options.sysroot,
		.cmdline = slice_of(boot->machine.platform.cmdline),
		.config = &boot->config,
		.plan = &boot->plan,
		.report = on_other,
		.data = check,
	};
	struct linebuf line;

	if (ids != V_UNDECIDED) {
		linebuf_start(&line);
		message_run(boot, ids, &line);
		findings_say(&check->context.findings, FINDING_NOTICE, verdict_level(ids), ids, "%s", line.at);
	}
	return other_binders_check(&other);
}

/* --- all of it --- */

static int judge(struct check *check)
{
	int r = prediction_read(&check->prediction, &check->context.sys, check->release);
	enum images images;

	if (r < 0)
		return r;
	context_problems(&check->context, &check->prediction.boot.config);
	add_switches(check);
	r = plan_modules(check);
	r = r < 0 ? r : plan_needs(check);
	r = r < 0 ? r : prediction_judge(&check->prediction);
	if (r < 0)
		return r;
	context_platform(&check->context, &check->prediction.boot);
	add_claims(check);
	add_lost_functions(check);
	add_needs(check);
	r = add_other_binders(check);
	if (r < 0)
		return r;
	if (check->no_image)
		return 0;
	images = image_check(&check->context.findings, &check->context.sys, &check->prediction.boot.config,
			     &check->prediction.boot.plan, check->builder.release, check->all_images);
	integration_check(&check->context.findings, &check->context.sys, images);
	return 0;
}

/* "2 of 3 devices will be ready", and what that depends on. */
static void print_summary(const struct findings *findings, bool off)
{
	size_t devices = 0, ready = 0;
	bool image = false, other = false;

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		devices += f->kind == FINDING_DEVICE;
		ready += f->kind == FINDING_DEVICE && f->verdict == V_READY;
		image |= f->level == LEVEL_PROBLEM && f->kind == FINDING_IMAGE;
		other |= f->level == LEVEL_PROBLEM && f->kind != FINDING_IMAGE;
	}
	if (devices)
		printf("\n%s%zu of %zu device%s will be ready%s%s\n",
		       off ? "with rd.earlybind=0 no device will be bound; without it, " : "", ready, devices,
		       devices == 1 ? "" : "s", image ? " once the image is regenerated" : "",
		       other ? "; the problems are listed above" : "");
}

/* One line for them all: a warning before somebody names one of them. */
static void print_needs(const struct check *check)
{
	struct linebuf line;

	linebuf_start(&line);
	for (size_t i = 0; i < check->needs.n_devices; i++)
		if (need_is_protected(check->needs.devices[i].kind))
			linebuf_add(&line, "%s%s (%s)", line.len ? ", " : "",
				    address_name(check->needs.devices[i].address).at, check->needs.devices[i].what);
	if (line.len)
		print_wrapped("  the host needs: ", "    ", line.at, 0);
}

static void print_good(const struct finding *f, const char *release)
{
	struct linebuf line;
	char first[16];

	linebuf_start(&line);
	linebuf_add(&line, "%s", f->text);
	if (f->kind == FINDING_PLATFORM) {
		linebuf_add(&line, "; kernel ");
		linebuf_add_escaped(&line, slice_of(release), RELEASE_SIZE);
	}
	snprintf(first, sizeof(first), "%s ", mark_of(f->level));
	print_wrapped(first, "  ", line.at, 0);
}

static int print(struct check *check, int status)
{
	const struct decision *decision = &check->prediction.boot;
	int r;

	if (table_is_bare(&check->context.options))
		return findings_print_all(&check->context.findings, check->context.command, &check->context.options,
					  status);
	for (size_t i = 0; i < check->context.findings.n; i++) {
		const struct finding *f = &check->context.findings.items[i];

		if (f->level == LEVEL_GOOD && (f->kind == FINDING_PLATFORM || f->kind == FINDING_IMAGE))
			print_good(f, decision->machine.platform.release);
	}
	print_needs(check);
	if (decision->matches.n_claims || decision->config.n_rules)
		putchar('\n');
	r = findings_print_devices(&check->context.findings, check->context.command);
	if (r < 0)
		return r;
	findings_print_words(&check->context.findings, &check->context.sys, LEVEL_NOTE);
	print_summary(&check->context.findings, decision->config.settings.off);
	return STATUS_FINE;
}

static int check_run(struct check *check)
{
	int r = context_open(&check->context, check->context.command), status;

	if (r != STATUS_FINE)
		return r;
	r = judge(check);
	if (r < 0)
		return r;
	/* A configuration that cannot be read cannot be checked. */
	status = context_unreadable(&check->prediction.boot.config) ? STATUS_USAGE : context_status(&check->context);
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
		return release_error(command, check.release);
	r = check_run(&check);
	host_needs_done(&check.needs);
	plan_builder_done(&check.builder);
	prediction_done(&check.prediction);
	context_done(&check.context);
	return r;
}

const struct command command_check = {
	.name = "check",
	.does = "before a reboot: show what the next boot will do with the devices",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = check_main,
};
