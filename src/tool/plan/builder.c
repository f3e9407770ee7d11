/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/builder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/iommu.h"

#define PLAN_UNKNOWN_MAX 8 /* of a plan's needs, lines about what could not be traced */
#define SHOWN_MAX 128	   /* bytes of a command or of options in modprobe.d */

#define TYPE1 "vfio_iommu_type1"
#define IOMMUFD "iommufd"
#define SPAPR "vfio_iommu_spapr_tce"

static const struct {
	const char *name;
	const char *if_missing;
} needed[] = {
	{ TYPE1, "(CONFIG_VFIO_IOMMU_TYPE1): devices can be bound, but no guest can use them; install the "
		 "distribution's standard kernel" },
	{ "vfio_pci", "(CONFIG_VFIO_PCI), neither as a module nor built in: no device can be bound. Kernels reduced "
		      "for clouds or containers may omit it; install the distribution's standard kernel (Debian: "
		      "linux-image-amd64, Ubuntu: linux-image-generic)" },
};

/*
 * IOMMUs whose drivers are modules in the distributions' kernels, and what
 * finds them. An image may boot on another machine than this one, so they go
 * into every plan; the binder loads them where there is such an IOMMU.
 */
static const char *const iommu_modules[] = { "virtio_pci", IOMMU_MODULE };

/* RULE may be NULL. Escaped as a whole: names of modules and of the kernel come from files, too. */
static void report(struct plan_builder *b, enum level level, const struct rule *rule, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void report(struct plan_builder *b, enum level level, const struct rule *rule, const char *format, ...)
{
	struct linebuf line;
	va_list args;

	linebuf_start(&line);
	va_start(args, format);
	linebuf_add_escaped_list(&line, format, args);
	va_end(args);
	b->problem |= level == LEVEL_PROBLEM;
	b->report(b->data, level, rule, line.at);
}

/* Add NAME and what it needs; RET is its row. 0 or -ENOMEM. */
static int want(struct plan_builder *b, const char *name, const struct module **ret)
{
	int r = modules_want(&b->modules, name, ret);

	if (r < 0 && r != -ENOMEM)
		report(b, LEVEL_PROBLEM, NULL,
		       "the dependencies of module %s cannot be resolved (%s): reinstall the kernel's packages or run "
		       "`depmod %s`",
		       name, strerror(-r), b->release);
	return r == -ENOMEM ? r : 0;
}

/* Not only its file is missing: modules.dep does not know it either. */
static bool kernel_lacks(const struct plan_builder *b, const struct module *module)
{
	return b->kernel.dir && !b->kernel.bad_index && module->kind == MODULE_MISSING && !module->path;
}

static int want_drivers(struct plan_builder *b)
{
	const struct config *config = b->config;

	for (size_t i = 0; i < config->n_rules; i++) {
		const char *driver = rule_driver(&config->rules[i]);
		const struct module *module;
		bool before = false;
		int r;

		for (size_t j = 0; j < i; j++)
			before |= !config->rules[j].skip && !strcmp(rule_driver(&config->rules[j]), driver);
		if (config->rules[i].skip || before || !strcmp(driver, DRIVER_DEFAULT))
			continue;
		r = want(b, driver, &module);
		if (r < 0)
			return r;
		b->problem |= module->kind == MODULE_MISSING;
		if (kernel_lacks(b, module))
			report(b, LEVEL_PROBLEM, &config->rules[i],
			       "driver=%s: kernel %s has no module of that name; devices of this line will get no "
			       "driver",
			       driver, b->release);
	}
	return 0;
}

/* As much of TEXT as is shown, for "%.*s%s". */
#define SHORTENED(text) SHOWN_MAX, (text), strlen(text) > SHOWN_MAX ? "..." : ""

/* What modprobe.d says about a module and earlybind does not follow, and what else is wrong with it. */
static void report_module(struct plan_builder *b, const struct module *module)
{
	const char *command = module->install ? module->install : module->remove;

	if (module->kind == MODULE_LOAD && module->blacklisted)
		report(b, LEVEL_NOTE, NULL, "modprobe.d blacklists %s; earlybind loads it nevertheless", module->name);
	if (module->kind == MODULE_LOAD && module->ids)
		report(b, LEVEL_NOTE, NULL,
		       "modprobe.d has ids= for %s (%.*s%s); earlybind loads it without: only devices that a line "
		       "names "
		       "are bound",
		       module->name, SHORTENED(module->ids));
	if (command)
		report(b, LEVEL_NOTE, NULL, "modprobe.d has %s command for %s (%.*s%s); earlybind does not run it%s",
		       module->install ? "an install" : "a remove", module->name, SHORTENED(command),
		       module->install && module->kind == MODULE_LOAD ? " and loads the module" : "");
	if (module->kind == MODULE_BUILTIN && module->options)
		report(b, LEVEL_NOTE, NULL,
		       "%s is built into kernel %s: its options in modprobe.d (%.*s%s) have no effect; write them%s on "
		       "the kernel command line as %s.NAME=VALUE",
		       module->name, b->release, SHORTENED(module->ids ? module->ids : module->options),
		       module->ids ? ", except ids=," : "", module->name);
	if (module->kind == MODULE_MISSING && module->path)
		report(b, LEVEL_PROBLEM, NULL, "%s/%s is missing: reinstall the kernel's packages or run `depmod %s`",
		       b->kernel.dir, module->path, b->release);
	if (module->options && strlen(module->options) >= PLAN_OPTIONS_SIZE)
		report(b, LEVEL_PROBLEM, NULL,
		       "modprobe.d: the options of %s are longer than %d bytes: earlybind-boot will not load it",
		       module->name, PLAN_OPTIONS_SIZE - 1);
}

bool plan_builder_only_variant(const struct plan_builder *b, const struct module *module)
{
	for (size_t i = 0; i < b->modules.n; i++)
		if (!b->modules.items[i].for_iommu && !strcmp(b->modules.items[i].name, module->name))
			return false;
	return true;
}

/* Everything that has been found, and whether it is more than the binder reads. */
static void report_modules(struct plan_builder *b)
{
	size_t n = b->modules.n;

	for (size_t i = 0; i < b->modules.n; i++)
		report_module(b, &b->modules.items[i]);
	for (size_t i = 0; i < b->variants.n; i++) {
		const struct variant *variant = &b->variants.items[i];

		if (variant->error)
			report(b, LEVEL_PROBLEM, NULL,
			       "the dependencies of module %s cannot be resolved (%s): reinstall the kernel's "
			       "packages or run `depmod %s`",
			       variant->name, strerror(-variant->error), b->release);
		for (size_t j = 0; j < variant->modules.n; j++) {
			if (!plan_builder_only_variant(b, &variant->modules.items[j]))
				continue;
			n++;
			report_module(b, &variant->modules.items[j]);
		}
	}
	if (n > PLAN_MODULES_MAX)
		report(b, LEVEL_PROBLEM, NULL, "%zu modules are needed; earlybind-boot reads at most %d", n,
		       PLAN_MODULES_MAX);
	if (b->variants.n_aliases > PLAN_ALIASES_MAX)
		report(b, LEVEL_PROBLEM, NULL,
		       "%zu aliases of VFIO drivers fit the lines with driver=auto; earlybind-boot reads at most %d: "
		       "add id= to those lines",
		       b->variants.n_aliases, PLAN_ALIASES_MAX);
}

/*
 * What attaches groups: CONFIG_VFIO_CONTAINER selects type 1, so a kernel without it attaches through iommufd. Then it
 * is not in the plan.
 */
static const char *attaching_module(struct plan_builder *b)
{
	if (modules_has(&b->modules, TYPE1))
		return TYPE1;
	if (modules_has(&b->modules, SPAPR)) {
		report(b, LEVEL_PROBLEM, NULL,
		       "kernel %s attaches devices through " SPAPR
		       " (POWER), which earlybind does not support: devices "
		       "will be bound, and not verified",
		       b->release);
		return SPAPR;
	}
	return modules_has(&b->modules, IOMMUFD) ? IOMMUFD : TYPE1;
}

int plan_build(struct plan_builder *b)
{
	int r = kernel_open(&b->kernel, b->sysroot, b->release);

	if (r == -ENOENT)
		report(b, LEVEL_PROBLEM, NULL,
		       "kernel %s is not installed: it has no directory in /lib/modules%s%s; install it, or use a "
		       "release that `ls /lib/modules` shows",
		       b->release, strcmp(b->sysroot, "/") ? " of " : "", strcmp(b->sysroot, "/") ? b->sysroot : "");
	else if (r < 0)
		return r;
	if (b->kernel.bad_index)
		report(b, LEVEL_PROBLEM, NULL, "%s/%s is missing, empty or cannot be read: run `depmod %s`",
		       b->kernel.dir, b->kernel.bad_index, b->release);
	b->modules.kernel = &b->kernel;
	for (size_t i = 0; i < COUNT_OF(needed); i++) {
		const struct module *module;

		r = want(b, !strcmp(needed[i].name, TYPE1) ? attaching_module(b) : needed[i].name, &module);
		if (r < 0)
			return r;
		b->problem |= module->kind == MODULE_MISSING;
		if (kernel_lacks(b, module))
			report(b, LEVEL_PROBLEM, NULL, "kernel %s has no %s %s", b->release, needed[i].name,
			       needed[i].if_missing);
	}
	r = want_drivers(b);
	for (size_t i = 0; i < COUNT_OF(iommu_modules) && r == 0; i++)
		r = modules_want_iommu(&b->modules, iommu_modules[i]);
	r = r < 0 ? r : variants_gather(&b->variants, b->config, &b->kernel);
	if (r == 0)
		report_modules(b);
	return r;
}

void plan_builder_done(struct plan_builder *b)
{
	variants_done(&b->variants);
	modules_done(&b->modules);
	kernel_close(&b->kernel);
}

static enum plan_kind kind_of(const struct module *module)
{
	if (module->kind == MODULE_LOAD)
		return module->for_iommu ? PLAN_IOMMU : PLAN_MODULE;
	return module->kind == MODULE_BUILTIN ? PLAN_BUILTIN : PLAN_MISSING;
}

/* A module that the plan has no room for is left out, so that the binder does not load it with half of its options. */
static int fill_module(struct plan *plan, const struct module *module, enum plan_kind kind, const char *variant)
{
	struct plan_module added = { .kind = kind };
	int r = ARRAY_GROW(plan->modules, plan->n_modules, plan->modules_room);

	if (r == 0 && slice_store(slice_of(module->name), added.name, sizeof(added.name)) &&
	    slice_store(slice_of(module->path ? module->path : ""), added.path, sizeof(added.path)) &&
	    slice_store(slice_of(module->options ? module->options : ""), added.options, sizeof(added.options)) &&
	    slice_store(slice_of(variant), added.variant, sizeof(added.variant)))
		plan->modules[plan->n_modules++] = added;
	return r;
}

static int fill_alias(const struct variant_alias *alias, struct plan *plan)
{
	struct plan_alias *added;
	int r = ARRAY_GROW(plan->aliases, plan->n_aliases, plan->aliases_room);

	if (r < 0)
		return r;
	added = &plan->aliases[plan->n_aliases++];
	memset(added, 0, sizeof(*added));
	slice_store(slice_of(alias->pattern), added->pattern, sizeof(added->pattern));
	slice_store(slice_of(alias->module), added->module, sizeof(added->module));
	return 0;
}

int plan_builder_fill(const struct plan_builder *b, struct plan *plan)
{
	int r = 0;

	slice_store(slice_of(b->release), plan->kernel, sizeof(plan->kernel));
	for (size_t i = 0; i < b->modules.n && r == 0; i++)
		r = fill_module(plan, &b->modules.items[i], kind_of(&b->modules.items[i]), "");
	for (size_t i = 0; i < b->variants.n; i++) {
		const struct variant *variant = &b->variants.items[i];

		/* What is built in needs no loading, and what is missing the binder will notice itself. */
		for (size_t j = 0; j < variant->modules.n && r == 0; j++)
			if (variant->modules.items[j].kind == MODULE_LOAD &&
			    plan_builder_only_variant(b, &variant->modules.items[j]))
				r = fill_module(plan, &variant->modules.items[j], PLAN_VARIANT, variant->name);
	}
	for (size_t i = 0; i < b->variants.n_aliases && r == 0; i++)
		r = fill_alias(&b->variants.aliases[i], plan);
	return r;
}

static int fill_need(struct plan *plan, const struct plan_need *need)
{
	int r = ARRAY_GROW(plan->needs, plan->n_needs, plan->needs_room);

	if (r == 0)
		plan->needs[plan->n_needs++] = *need;
	return r;
}

static int fill_unknown(struct plan *plan, const char *what)
{
	struct plan_need need = { .kind = NEED_UNKNOWN, .id = id_pattern_any };

	snprintf(need.what, sizeof(need.what), "%s", what);
	return fill_need(plan, &need);
}

int plan_fill_needs(const struct host_needs *needs, struct plan *plan)
{
	size_t n = 0;
	int r = 0;

	if (needs->foreign_root)
		r = fill_unknown(plan, needs->foreign_root);
	/* Any of them protects all that there is to protect. */
	for (size_t i = 0; i < needs->n_unresolved && i < PLAN_UNKNOWN_MAX && r == 0; i++)
		r = fill_unknown(plan, needs->unresolved[i].what);
	for (size_t i = 0; i < needs->n_devices && r == 0; i++) {
		const struct needed_device *device = &needs->devices[i];
		const struct identity *id = &device->identity;
		struct plan_need need = { .kind = device->kind, .address = device->address, .id = id_pattern_any };

		if (!need_is_protected(device->kind))
			continue;
		if (n++ == PLAN_NEEDS_MAX - PLAN_UNKNOWN_MAX - 2)
			return fill_unknown(plan, "more devices than a plan can hold");
		if (!device->error)
			need.id = (struct id_pattern){ id->vendor, id->device, id->subvendor, id->subdevice };
		slice_store(slice_of(device->what), need.what, sizeof(need.what));
		r = fill_need(plan, &need);
	}
	return r;
}

/* RELEASE names one directory. */
bool release_is_valid(const char *release)
{
	for (const char *c = release; *c; c++)
		if (*c == '/' || *c <= ' ' || *c > '~')
			return false;
	return *release && strlen(release) < RELEASE_SIZE && strcmp(release, ".") && strcmp(release, "..");
}
