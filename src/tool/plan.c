/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `earlybind plan`: what the binder has to load on a given kernel, worked out
 * while there is still somebody to read what is missing.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "config/config.h"
#include "config/plan.h"
#include "door/door.h"
#include "tool/modules.h"
#include "tool/output.h"
#include "tool/tool.h"
#include "tool/variants.h"

struct planning {
	const char *release;
	const char *sysroot;
	const char *output; /* NULL: standard output */
	struct config config;
	struct modules modules;
	struct variants variants; /* for driver=auto */
	bool problem;		  /* something will not work */
};

static const char help[] = "Usage: earlybind plan --kernel RELEASE [OPTION]...\n"
			   "\n"
			   "Print what has to be loaded on that kernel, in order, so that earlybind-boot\n"
			   "can hand devices to VFIO; the initramfs hooks store it as /etc/earlybind.plan.\n"
			   "What will not work is said on standard error; the plan is written even then.\n"
			   "\n"
			   "  --kernel RELEASE   the kernel, a folder of /lib/modules\n"
			   "  --sysroot DIR      look at the system below DIR, not at this one\n"
			   "  --output FILE      write the plan to FILE\n"
			   "  --help             this text\n";

static void note_problem(struct planning *plan)
{
	plan->problem = true;
}

/* Configuration */

static int load_config(struct planning *plan)
{
	struct door door;
	int r;

	r = door_open(&door, plan->sysroot);
	if (r < 0) {
		say("%s: %s", plan->sysroot, strerror(-r));
		note_problem(plan);
		return 0;
	}
	r = config_load(&plan->config, &door, "etc");
	door_close(&door);
	return r;
}

static void say_config(struct planning *plan)
{
	const struct config *config = &plan->config;

	for (size_t i = 0; i < config->n_problems; i++) {
		struct line line;

		line_start(&line);
		problem_format(&config->problems[i], &line);
		say_line(&line);
	}
	if (config->problems_total > config->n_problems)
		say("%zu more mistakes in the configuration are not shown",
		    config->problems_total - config->n_problems);
	if (config->problems_total)
		note_problem(plan);
}

/* Modules */

/* False when there is nothing to look into; every module counts as missing then. */
static bool open_kernel(struct planning *plan, int r)
{
	const char *index;

	if (r == -ENOENT) {
		say("kernel %s has no folder in /lib/modules%s%s: install the kernel, or check its name against "
		    "`ls /lib/modules`",
		    plan->release, strcmp(plan->sysroot, "/") ? " of " : "",
		    strcmp(plan->sysroot, "/") ? plan->sysroot : "");
		return false;
	}
	index = modules_lacks_index(&plan->modules);
	if (index) {
		say("%s/%s is missing or cannot be read: run `depmod %s`", plan->modules.folder, index, plan->release);
		return false;
	}
	return true;
}

static void say_unresolved(struct planning *plan, const struct modules *modules, const char *name, int error)
{
	const char *complaint = modules->complaint;
	struct line line;

	line_start(&line);
	line_add_escaped(&line, text_of(complaint[0] ? complaint : strerror(-error)), sizeof(modules->complaint));
	say("not all that module %s needs can be found (%s): install the kernel's packages again or run `depmod %s`",
	    name, line.at, plan->release);
	note_problem(plan);
}

/* Not only its file: modules.dep does not know it either. */
static bool kernel_lacks(const struct module *module)
{
	return module->kind == MODULE_MISSING && !module->path;
}

static const char *const needed[] = { "vfio_iommu_type1", "vfio_pci" };
static const char *const needed_why[] = {
	"(CONFIG_VFIO_IOMMU_TYPE1): devices can be bound, but no virtual machine can use them; install the "
	"distribution's ordinary kernel",
	"(CONFIG_VFIO_PCI), neither as a module nor built in: no device can be handed over. Kernels cut down for "
	"clouds or containers may leave it out; install the distribution's ordinary kernel (Debian: "
	"linux-image-amd64, Ubuntu: linux-image-generic)",
};

static int want_needed(struct planning *plan, bool known)
{
	for (size_t i = 0; i < COUNT_OF(needed); i++) {
		const struct module *module;
		int r;

		r = modules_want(&plan->modules, needed[i], &module);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			say_unresolved(plan, &plan->modules, needed[i], r);
		if (known && kernel_lacks(module))
			say("kernel %s has no %s %s", plan->release, needed[i], needed_why[i]);
		if (module->kind == MODULE_MISSING)
			note_problem(plan);
	}
	return 0;
}

static bool asked_before(const struct config *config, size_t rule)
{
	const char *driver = rule_driver(&config->rules[rule]);

	for (size_t i = 0; i < rule; i++)
		if (!config->rules[i].skip && !strcmp(rule_driver(&config->rules[i]), driver))
			return true;
	return false;
}

static int want_driver(struct planning *plan, const struct rule *rule, bool known)
{
	const char *driver = rule_driver(rule);
	const struct module *module;
	int r;

	r = modules_want(&plan->modules, driver, &module);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		say_unresolved(plan, &plan->modules, driver, r);
	if (module->kind != MODULE_MISSING || !strcmp(driver, DRIVER_DEFAULT))
		return 0;
	if (known && kernel_lacks(module)) {
		struct line line;

		line_start(&line);
		line_add_escaped(&line, text_of(rule->origin.file), 128);
		line_add(&line,
			 ":%u: driver=%s: kernel %s has no module of that name; devices of this line will get "
			 "no driver",
			 rule->origin.line, driver, plan->release);
		say_line(&line);
	}
	note_problem(plan);
	return 0;
}

static int want_drivers(struct planning *plan, bool known)
{
	const struct config *config = &plan->config;

	for (size_t i = 0; i < config->n_rules; i++) {
		int r;

		if (config->rules[i].skip || asked_before(config, i))
			continue;
		r = want_driver(plan, &config->rules[i], known);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * IOMMUs whose drivers are modules in the distributions' kernels, and what
 * finds them. An image may be made on another machine than it boots on, so
 * they go into every plan; the binder loads them where there is such an IOMMU.
 */
static const char *const iommu_modules[] = { "virtio_pci", "virtio_iommu" };

static int want_iommus(struct planning *plan)
{
	for (size_t i = 0; i < COUNT_OF(iommu_modules); i++) {
		int r = modules_want_iommu(&plan->modules, iommu_modules[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Loaded for every machine, and so not for a variant driver once more. */
static bool is_loaded_anyway(const struct planning *plan, const struct module *module)
{
	const struct modules *all = &plan->modules;

	for (size_t i = 0; i < all->n; i++)
		if (!all->items[i].for_iommu && !strcmp(all->items[i].name, module->name))
			return true;
	return false;
}

/* What modprobe.d says about a module and earlybind does not heed: said, since somebody meant it. */
static void say_settings(struct planning *plan, const struct module *module)
{
	struct line line;

	if (module->kind == MODULE_LOAD && module->blacklisted)
		say("modprobe.d blacklists %s; earlybind loads it all the same", module->name);
	if (module->install || module->remove) {
		line_start(&line);
		line_add_escaped(&line, text_of(module->install ? module->install : module->remove), 128);
		say("modprobe.d has %s command for %s (%s); earlybind does not run it%s",
		    module->install ? "an install" : "a remove", module->name, line.at,
		    module->install && module->kind == MODULE_LOAD ? " and loads the module" : "");
	}
	if (module->kind == MODULE_BUILTIN && module->options) {
		line_start(&line);
		line_add_escaped(&line, text_of(module->options), 128);
		say("%s is built into kernel %s: its options in modprobe.d (%s) have no effect; write them on the "
		    "kernel command line as %s.NAME=VALUE",
		    module->name, plan->release, line.at, module->name);
	}
	if (module->kind == MODULE_MISSING && module->path) {
		say("%s/%s, which is needed, is not there: install the kernel's packages again or run `depmod %s`",
		    plan->modules.folder, module->path, plan->release);
		note_problem(plan);
	}
}

/* What a variant driver needs: EACH of its modules that is not loaded anyway. */
static size_t for_variants(struct planning *plan, void (*each)(struct planning *plan, const struct variant *variant,
							       const struct module *module))
{
	size_t n = 0;

	for (size_t i = 0; i < plan->variants.n; i++) {
		const struct variant *variant = &plan->variants.items[i];

		for (size_t j = 0; j < variant->modules.n; j++) {
			const struct module *module = &variant->modules.items[j];

			if (is_loaded_anyway(plan, module))
				continue;
			n++;
			each(plan, variant, module);
		}
	}
	return n;
}

static void say_variant_settings(struct planning *plan, const struct variant *variant, const struct module *module)
{
	(void)variant;
	say_settings(plan, module);
}

static size_t say_variants(struct planning *plan)
{
	for (size_t i = 0; i < plan->variants.n; i++) {
		const struct variant *variant = &plan->variants.items[i];

		if (variant->error)
			say_unresolved(plan, &variant->modules, variant->name, variant->error);
	}
	return for_variants(plan, say_variant_settings);
}

/* The binder reads no more than this. */
static void check_limits(struct planning *plan, size_t for_variants)
{
	const struct modules *modules = &plan->modules;

	if (modules->n + for_variants > PLAN_MODULES_MAX) {
		say("%zu modules are needed, earlybind-boot reads at most %d", modules->n + for_variants,
		    PLAN_MODULES_MAX);
		note_problem(plan);
	}
	if (plan->variants.n_aliases > PLAN_ALIASES_MAX) {
		say("driver=auto stands on lines that %zu aliases of VFIO drivers can mean, earlybind-boot reads at "
		    "most "
		    "%d: add id= to those lines",
		    plan->variants.n_aliases, PLAN_ALIASES_MAX);
		note_problem(plan);
	}
	for (size_t i = 0; i < modules->n; i++) {
		const char *options = modules->items[i].options;

		if (!options || strlen(options) < PLAN_OPTIONS_SIZE)
			continue;
		say("the options of %s in modprobe.d are longer than %d bytes: earlybind-boot will not load it",
		    modules->items[i].name, PLAN_OPTIONS_SIZE - 1);
		note_problem(plan);
	}
}

static int resolve(struct planning *plan)
{
	bool known;
	int r;

	r = modules_open(&plan->modules, plan->sysroot, plan->release);
	if (r < 0 && r != -ENOENT)
		return r;
	known = open_kernel(plan, r);
	r = want_needed(plan, known);
	r = r < 0 ? r : want_drivers(plan, known);
	r = r < 0 ? r : want_iommus(plan);
	r = r < 0 ? r : variants_gather(&plan->variants, &plan->config, &plan->modules, plan->sysroot, plan->release);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan->modules.n; i++)
		say_settings(plan, &plan->modules.items[i]);
	check_limits(plan, say_variants(plan));
	return 0;
}

/* Output */

static const char *const kind_words[] = {
	[MODULE_LOAD] = "module",
	[MODULE_BUILTIN] = "builtin",
	[MODULE_MISSING] = "missing",
};

static void print_place(const struct module *module, FILE *to)
{
	fprintf(to, " %s", module->name);
	if (module->kind == MODULE_LOAD)
		fprintf(to, " %s", module->path);
	if (module->kind == MODULE_LOAD && module->options)
		fprintf(to, " %s", module->options);
	fputc('\n', to);
}

static void print_module(const struct module *module, FILE *to)
{
	fputs(module->for_iommu ? "iommu" : kind_words[module->kind], to);
	print_place(module, to);
}

/* What is built in needs no loading, and what is missing the binder misses by itself. */
static void print_variant(const struct planning *plan, const struct variant *variant, FILE *to)
{
	for (size_t i = 0; i < variant->modules.n; i++) {
		const struct module *module = &variant->modules.items[i];

		if (module->kind != MODULE_LOAD || is_loaded_anyway(plan, module))
			continue;
		fprintf(to, "variant %s", variant->name);
		print_place(module, to);
	}
}

static void print_plan(FILE *to, const void *data)
{
	const struct planning *plan = data;

	fprintf(to, "earlybind-plan %d\nkernel %s\n", PLAN_VERSION, plan->release);
	for (size_t i = 0; i < plan->modules.n; i++)
		print_module(&plan->modules.items[i], to);
	for (size_t i = 0; i < plan->variants.n; i++)
		print_variant(plan, &plan->variants.items[i], to);
	for (size_t i = 0; i < plan->variants.n_aliases; i++)
		fprintf(to, "alias %s %s\n", plan->variants.aliases[i].pattern, plan->variants.aliases[i].module);
}

static int write_plan(struct planning *plan)
{
	int r;

	if (!plan->output) {
		print_plan(stdout, plan);
		return 0;
	}
	r = write_file(plan->output, print_plan, plan);
	if (r < 0) {
		say("%s: %s", plan->output, r == -EEXIST ? "is there and is no regular file" : strerror(-r));
		note_problem(plan);
	}
	return 0;
}

static int run(struct planning *plan)
{
	int r;

	r = load_config(plan);
	if (r < 0)
		return r;
	say_config(plan);
	r = resolve(plan);
	r = r < 0 ? r : write_plan(plan);
	if (r < 0)
		return r;
	return plan->problem ? STATUS_PROBLEM : STATUS_FINE;
}

/* RELEASE names one folder. */
static bool release_is_valid(const char *release)
{
	for (const char *c = release; *c; c++)
		if (*c == '/' || *c <= ' ' || *c > '~')
			return false;
	return *release && strlen(release) <= PLAN_NAME_SIZE && strcmp(release, ".") && strcmp(release, "..");
}

static int check_usage(const struct command *command, const struct planning *plan)
{
	if (!plan->release)
		return usage_error(command, "--kernel RELEASE is missing");
	if (!release_is_valid(plan->release))
		return usage_error(command, "--kernel wants the name of a folder of /lib/modules");
	return STATUS_FINE;
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
	struct planning plan = { .sysroot = "/" };
	int c, r;

	while ((c = next_option(command, argc, argv, options)) != -1)
		switch (c) {
		case 'h':
			return print_help(command->help);
		case 'k':
			plan.release = optarg;
			break;
		case 's':
			plan.sysroot = optarg;
			break;
		case 'o':
			plan.output = optarg;
			break;
		default:
			return STATUS_USAGE;
		}
	if (no_more_words(command, argc, argv) != STATUS_FINE)
		return STATUS_USAGE;
	if (check_usage(command, &plan) != STATUS_FINE)
		return STATUS_USAGE;
	config_init(&plan.config);
	r = run(&plan);
	variants_done(&plan.variants);
	modules_close(&plan.modules);
	config_done(&plan.config);
	return r;
}

const struct command command_plan = {
	.name = "plan",
	.does = "work out the modules that an initramfs needs (for its hooks)",
	.help = help,
	.run = plan_main,
};
