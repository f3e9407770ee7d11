/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `earlybind check`: what the next boot will come to, while it can still be changed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "machine/gather.h"
#include "tool/foresee.h"
#include "tool/image.h"
#include "tool/look.h"
#include "tool/planning.h"

static const char help[] =
	"Usage: earlybind check [OPTION]...\n"
	"\n"
	"Tell before the reboot what will become of every device that the configuration\n"
	"names, what stands in the way, and whether the initramfs holds all of it. The\n"
	"next boot is taken to have the kernel command line of this one, but for an\n"
	"rd.earlybind=0: with that nothing is touched, and what is told, exit status\n"
	"included, is what comes of it without.\n"
	"\n"
	"      --kernel R     the kernel that will boot; the running one unless given\n"
	"      --all-images   look into the images of all kernels\n"
	"      --no-image     look into none\n" TABLE_HELP
	"\n"
	"Exit status: 0 all will be as asked for, 1 something will not, 2 wrong usage or a\n"
	"configuration that cannot be read.\n";

struct check {
	struct look look; /* first, for set_option() */
	struct foresight f;
	struct planning planning;
	struct root root;
	const char *release; /* --kernel, or NULL */
	bool all_images, no_image;
};

/* --- modules --- */

static void on_tell(void *data, enum level level, const struct rule *rule, const char *text)
{
	struct check *check = data;
	struct finding *finding = findings_say(&check->look.findings, FINDING_MODULE, level, V_COUNT, "%s", text);

	if (rule)
		finding->line = look_origin(&check->look, &rule->origin);
}

/* A captured machine need not have its modules with it. */
static bool has_modules(struct check *check)
{
	const char *release = check->planning.release;

	return !check->look.door.captive || door_exists(&check->look.door, "lib/modules/%s", release) ||
	       door_exists(&check->look.door, "usr/lib/modules/%s", release);
}

static int plan_modules(struct check *check)
{
	int r;

	check->planning.release = check->f.boot.machine.platform.release;
	check->planning.sysroot = check->look.options.sysroot;
	check->planning.config = &check->f.boot.config;
	check->planning.tell = on_tell;
	check->planning.data = check;
	if (!has_modules(check)) {
		findings_say(&check->look.findings, FINDING_MODULE, LEVEL_NOTE, V_COUNT,
			     "not known whether the kernel has the modules: it has no folder in lib/modules here");
		return 0;
	}
	r = planning_resolve(&check->planning);
	return r < 0 ? r : planning_fill(&check->planning, &check->f.boot.plan);
}

/* --- what the host stands on --- */

static int plan_roots(struct check *check)
{
	int r = root_find(&check->look.door, &check->root);

	/* Whoever takes no device loses none. */
	if (check->f.boot.config.n_rules)
		look_unknowns(&check->look, &check->root);
	return r < 0 ? r : planning_fill_roots(&check->root, &check->f.boot.plan);
}

/* Good to know even where no line comes near them. */
static void add_roots(struct check *check)
{
	for (size_t i = 0; i < check->root.n_devices; i++) {
		const struct root_device *device = &check->root.devices[i];
		struct finding *finding =
			findings_say(&check->look.findings, FINDING_ROOT, LEVEL_GOOD, V_COUNT, "%s", device->what);

		finding->device = findings_copy(&check->look.findings, address_name(device->address).at);
	}
}

/* --- devices --- */

static void add_claim(struct check *check, const struct survey *survey, const struct claim *claim, bool late)
{
	struct device now = survey->machine.devices[claim->device];
	struct finding *finding = look_claim(&check->look, survey, claim);

	gather_driver(&check->look.door, &now);
	finding->driver = findings_copy(&check->look.findings, now.driver);
	finding->late = late;
}

static void add_claims(struct check *check)
{
	const struct survey *boot = &check->f.boot, *later = &check->f.later;
	size_t from = check->look.findings.n;

	for (size_t i = 0; i < boot->matches.n_claims; i++)
		add_claim(check, boot, &boot->matches.claims[i], false);
	for (size_t i = 0; check->f.has_late && i < later->matches.n_claims; i++)
		if (foresight_is_late(&check->f, &later->matches.claims[i]))
			add_claim(check, later, &later->matches.claims[i], true);
	findings_sort_devices(&check->look.findings, from);
	if (check->f.has_late)
		findings_say(&check->look.findings, FINDING_CONFIG, LEVEL_NOTE, V_COUNT,
			     "virtual functions, and what is behind a VMD, appear after the binder has run; they are judged "
			     "as they will be then");
	/* A line is not without a device because that appears late. */
	look_namings(&check->look, check->f.has_late ? later : boot);
}

static void add_switches(struct check *check)
{
	const struct config *config = &check->f.boot.config;
	struct findings *findings = &check->look.findings;

	if (config->settings.off)
		findings_say(findings, FINDING_CONFIG, LEVEL_NOTE, V_DISABLED,
			     "rd.earlybind=0 is on this boot's command line; if the next one has it, nothing will be touched: what "
			     "is said here is what comes of it without");
	if (!config->n_rules && !look_unreadable(config))
		findings_say(findings, FINDING_CONFIG, LEVEL_NOTE, V_NO_CONFIGURATION, "%s",
			     config->n_sources ? "the configuration names no device" :
						 "there is no /etc/earlybind.conf and no /etc/earlybind.d/*.conf");
}

/* --- all of it --- */

static int look(struct check *check)
{
	int r = foresight_read(&check->f, &check->look.door, check->release);

	if (r < 0)
		return r;
	look_problems(&check->look, &check->f.boot.config);
	add_switches(check);
	r = plan_modules(check);
	r = r < 0 ? r : plan_roots(check);
	r = r < 0 ? r : foresight_judge(&check->f);
	if (r < 0)
		return r;
	look_platform(&check->look, &check->f.boot);
	add_claims(check);
	add_roots(check);
	if (!check->no_image)
		image_check(&check->look.findings, &check->look.door, check->look.options.sysroot, &check->f.boot.config,
			    &check->f.boot.plan, check->planning.release, check->all_images);
	return 0;
}

/* What keeps the sum from coming true. */
static const char *sum_condition(const struct findings *findings)
{
	bool image = false, other = false;

	for (size_t i = 0; i < findings->n; i++) {
		bool is_image = findings->items[i].kind == FINDING_IMAGE;

		image |= findings->items[i].level == LEVEL_WARNING && is_image;
		other |= findings->items[i].level == LEVEL_WARNING && !is_image;
	}
	if (image)
		return other ? " once the image is regenerated; see above for what stands in the way" :
			       " once the image is regenerated";
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
		       off ? "none will be touched with rd.earlybind=0; without it " : "", ready, sum_condition(findings));
}

/* One line for them all: they are there so that nobody takes them by mistake. */
static void print_roots(const struct check *check)
{
	struct line line;

	line_start(&line);
	for (size_t i = 0; i < check->root.n_devices; i++)
		line_add(&line, "%s%s (%s)", i ? ", " : "", address_name(check->root.devices[i].address).at,
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
	struct line line;

	line_start(&line);
	line_add(&line, "%s; kernel ", f->text);
	line_add_escaped(&line, text_of(release), PLATFORM_RELEASE_SIZE);
	print_good(f, line.at);
}

static int print(struct check *check)
{
	const struct survey *survey = &check->f.boot;
	int r;

	if (table_is_bare(&check->look.options))
		return findings_print_all(&check->look.findings, check->look.command, "check", &check->look.options);
	for (size_t i = 0; i < check->look.findings.n; i++) {
		const struct finding *f = &check->look.findings.items[i];

		if (f->kind == FINDING_PLATFORM && f->level == LEVEL_GOOD)
			print_platform(f, survey->machine.platform.release);
		if (f->kind == FINDING_IMAGE && f->level == LEVEL_GOOD)
			print_good(f, f->text);
	}
	print_roots(check);
	if (survey->matches.n_claims || survey->config.n_rules)
		putchar('\n');
	r = findings_print_devices(&check->look.findings, check->look.command, "check");
	if (r < 0)
		return r;
	findings_print_words(&check->look.findings, &check->look.door, LEVEL_NOTE);
	print_sum(&check->look.findings, survey->config.settings.off);
	return STATUS_FINE;
}

static int check_run(struct check *check)
{
	int r = look_open(&check->look, check->look.command);

	if (r != STATUS_FINE)
		return r;
	r = look(check);
	r = r < 0 ? r : print(check);
	if (r != STATUS_FINE)
		return r;
	/* What cannot be read at all is no configuration that could be checked. */
	return look_unreadable(&check->f.boot.config) ? STATUS_USAGE : look_status(&check->look);
}

static void set_option(struct look *look, int c, const char *value)
{
	struct check *check = (struct check *)look;

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
	struct check check = { .look = LOOK_OF(command) };
	int r;

	if (!look_options(&check.look, argc, argv, options, set_option, findings_print_columns, &r))
		return r;
	if (check.release && !release_is_valid(check.release))
		return usage_error(command, "--kernel wants the name of a folder of /lib/modules");
	r = check_run(&check);
	root_done(&check.root);
	planning_done(&check.planning);
	foresight_done(&check.f);
	look_done(&check.look);
	return r;
}

const struct command command_check = {
	.name = "check",
	.does = "before the reboot: what will become of the devices that are named",
	.help = help,
	.shorts = TABLE_SHORTS,
	.run = check_main,
};
