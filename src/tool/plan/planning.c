/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/planning.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "tool/plan/run_in_child.h"
#include "tool/command/command.h"

#define SETTING_SHOWN 256 /* bytes of a line of modprobe.d */
#define COMMAND_SHOWN 128

#define FORMATS(f, a) __attribute__((format(printf, f, a)))

/* Escaped as a whole: names of modules and of the kernel come from files, too. */
static void tell_about(struct planning *plan, enum level level, const struct rule *rule, const char *format,
		       va_list args)
{
	struct linebuf line;
	char text[2048];

	vsnprintf(text, sizeof(text), format, args);
	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(text), sizeof(text));
	plan->problem |= level == LEVEL_PROBLEM;
	plan->tell(plan->data, level, rule, line.at);
}

static void tell(struct planning *plan, enum level level, const char *format, ...) FORMATS(3, 4);
static void tell(struct planning *plan, enum level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_about(plan, level, NULL, format, args);
	va_end(args);
}

/* A problem of one line of the configuration. */
static void tell_rule(struct planning *plan, const struct rule *rule, const char *format, ...) FORMATS(3, 4);
static void tell_rule(struct planning *plan, const struct rule *rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_about(plan, LEVEL_PROBLEM, rule, format, args);
	va_end(args);
}

/* False when there is nothing to look into; every module counts as missing then. */
static bool open_kernel(struct planning *plan, int r)
{
	const struct modules *modules = &plan->modules;

	if (r == -ENOENT) {
		tell(plan, LEVEL_PROBLEM,
		     "kernel %s has no directory in /lib/modules%s%s: install the kernel, or check its name against "
		     "`ls /lib/modules`",
		     plan->release, strcmp(plan->sysroot, "/") ? " of " : "",
		     strcmp(plan->sysroot, "/") ? plan->sysroot : "");
		return false;
	}
	if (plan->killer) {
		tell(plan, LEVEL_PROBLEM,
		     "an index of %s/modules.*.bin is damaged, so that libkmod cannot read it (%s): run `depmod %s`",
		     modules->dir, strsignal(plan->killer), plan->release);
		return false;
	}
	if (modules->bad_index)
		tell(plan, LEVEL_PROBLEM, "%s/%s %s: run `depmod %s`", modules->dir, modules->bad_index,
		     modules->index_damaged ? "is damaged" : "is missing or cannot be read", plan->release);
	return !modules->bad_index;
}

static bool is_function_name(struct slice t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!(t.at[i] == '_' || (t.at[i] >= 'a' && t.at[i] <= 'z') || (t.at[i] >= '0' && t.at[i] <= '9')))
			return false;
	return t.len;
}

/* LINE behind its first ": ", or all of it where there is none. */
static struct slice behind_colon(struct slice line, struct slice *ret_before)
{
	for (size_t i = 0; i + 2 < line.len; i++) {
		if (!slice_starts(slice_sub(line, i, line.len), ": "))
			continue;
		*ret_before = slice_sub(line, 0, i);
		return slice_sub(line, i + 2, line.len);
	}
	*ret_before = slice_sub(line, 0, 0);
	return line;
}

/*
 * Of a line that libkmod prints, "libkmod: ERROR file:line function: words" or
 * "libkmod: ERROR: function: words" as it was built, the words.
 */
static struct slice words_of(struct slice line)
{
	static const char head[] = "libkmod: ";
	struct slice before, words, rest;

	words = behind_colon(slice_starts(line, head) ? slice_sub(line, strlen(head), line.len) : line, &before);
	rest = behind_colon(words, &before);
	return is_function_name(before) ? rest : words;
}

/* What of modprobe.d, or of the kernel's own softdeps, libkmod does not understand. */
static void say_settings_ignored(struct planning *plan)
{
	const struct kmod_said *said = &plan->modules.said;
	struct slice rest = slice_of(said->lines ? said->lines : "");

	if (said->error < 0)
		tell(plan, LEVEL_NOTE,
		     "whether a setting for modules counts for nothing cannot be told (memfd_create: %s): `modprobe "
		     "-c` "
		     "says it",
		     strerror(-said->error));
	while (rest.len) {
		struct slice words = words_of(slice_cut(&rest, '\n'));

		tell(plan, LEVEL_NOTE,
		     "a setting for modules counts for nothing, as for modprobe (%.*s): correct that line, or in "
		     "/lib/modules run `depmod %s`",
		     SLICE_ARGS(slice_sub(words, 0, words.len < SETTING_SHOWN ? words.len : SETTING_SHOWN)),
		     plan->release);
	}
	if (said->more)
		tell(plan, LEVEL_NOTE, "more such settings count for nothing than are shown: `modprobe -c` tells all");
}

static void say_unresolved(struct planning *plan, const struct modules *modules, const char *name, int error)
{
	const char *complaint = modules->complaint;

	tell(plan, LEVEL_PROBLEM,
	     "not all that module %s needs can be found (%s): install the kernel's packages again or run `depmod %s`",
	     name, complaint[0] ? complaint : strerror(-error), plan->release);
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
			tell(plan, LEVEL_PROBLEM, "kernel %s has no %s %s", plan->release, needed[i], needed_why[i]);
		plan->problem |= module->kind == MODULE_MISSING;
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
	if (known && kernel_lacks(module))
		tell_rule(plan, rule,
			  "driver=%s: kernel %s has no module of that name; devices of this line will get no driver",
			  driver, plan->release);
	plan->problem = true;
	return 0;
}

static int want_drivers(struct planning *plan, bool known)
{
	const struct config *config = plan->config;

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

/* As much of TEXT as is shown, for "%.*s%s". */
#define SHORTENED(text) COMMAND_SHOWN, (text), strlen(text) > COMMAND_SHOWN ? "..." : ""

/* What modprobe.d says about a module and earlybind does not heed: said, since somebody meant it. */
static void say_settings(struct planning *plan, const struct module *module)
{
	const char *command = module->install ? module->install : module->remove;

	if (module->kind == MODULE_LOAD && module->blacklisted)
		tell(plan, LEVEL_NOTE, "modprobe.d blacklists %s; earlybind loads it all the same", module->name);
	if (command)
		tell(plan, LEVEL_NOTE, "modprobe.d has %s command for %s (%.*s%s); earlybind does not run it%s",
		     module->install ? "an install" : "a remove", module->name, SHORTENED(command),
		     module->install && module->kind == MODULE_LOAD ? " and loads the module" : "");
	if (module->kind == MODULE_BUILTIN && module->options)
		tell(plan, LEVEL_NOTE,
		     "%s is built into kernel %s: its options in modprobe.d (%.*s%s) have no effect; write them on the "
		     "kernel command line as %s.NAME=VALUE",
		     module->name, plan->release, SHORTENED(module->options), module->name);
	if (module->kind == MODULE_MISSING && module->path)
		tell(plan, LEVEL_PROBLEM,
		     "%s/%s, which is needed, is not there: install the kernel's packages again or run `depmod %s`",
		     plan->modules.dir, module->path, plan->release);
}

bool planning_needs_for_variant(const struct planning *plan, const struct module *module)
{
	for (size_t i = 0; i < plan->modules.n; i++)
		if (!plan->modules.items[i].for_iommu && !strcmp(plan->modules.items[i].name, module->name))
			return false;
	return true;
}

/* The number of modules that are there for variant drivers only. */
static size_t say_variant(struct planning *plan, const struct variant *variant)
{
	size_t n = 0;

	if (variant->error)
		say_unresolved(plan, &variant->modules, variant->name, variant->error);
	for (size_t i = 0; i < variant->modules.n; i++) {
		if (!planning_needs_for_variant(plan, &variant->modules.items[i]))
			continue;
		n++;
		say_settings(plan, &variant->modules.items[i]);
	}
	return n;
}

/* The binder reads no more than this. */
static void check_limits(struct planning *plan, size_t for_variants)
{
	const struct modules *modules = &plan->modules;

	if (modules->n + for_variants > PLAN_MODULES_MAX) {
		tell(plan, LEVEL_PROBLEM, "%zu modules are needed, earlybind-boot reads at most %d",
		     modules->n + for_variants, PLAN_MODULES_MAX);
	}
	if (plan->variants.n_aliases > PLAN_ALIASES_MAX) {
		tell(plan, LEVEL_PROBLEM,
		     "driver=auto stands on lines that %zu aliases of VFIO drivers can mean, earlybind-boot reads at "
		     "most %d: add id= to those lines",
		     plan->variants.n_aliases, PLAN_ALIASES_MAX);
	}
	for (size_t i = 0; i < modules->n; i++) {
		const char *options = modules->items[i].options;

		if (!options || strlen(options) < PLAN_OPTIONS_SIZE)
			continue;
		tell(plan, LEVEL_PROBLEM,
		     "the options of %s in modprobe.d are longer than %d bytes: earlybind-boot will not load it",
		     modules->items[i].name, PLAN_OPTIONS_SIZE - 1);
	}
}

static int open_modules(struct planning *plan)
{
	if (plan->killer)
		return modules_open_unread(&plan->modules, plan->sysroot, plan->release);
	return modules_open(&plan->modules, plan->sysroot, plan->release);
}

/* Variants are looked up in the indexes as well. */
static int gather_variants(struct planning *plan)
{
	if (plan->killer)
		return 0;
	return variants_gather(&plan->variants, plan->config, &plan->modules, plan->sysroot, plan->release);
}

static int resolve(struct planning *plan)
{
	size_t for_variants = 0;
	int r;

	r = open_modules(plan);
	if (r < 0 && r != -ENOENT)
		return r;
	plan->known = open_kernel(plan, r);
	say_settings_ignored(plan);
	r = want_needed(plan, plan->known);
	r = r < 0 ? r : want_drivers(plan, plan->known);
	r = r < 0 ? r : want_iommus(plan);
	r = r < 0 ? r : gather_variants(plan);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan->modules.n; i++)
		say_settings(plan, &plan->modules.items[i]);
	for (size_t i = 0; i < plan->variants.n; i++)
		for_variants += say_variant(plan, &plan->variants.items[i]);
	check_limits(plan, for_variants);
	return 0;
}

static void tell_nobody(void *data, enum level level, const struct rule *rule, const char *text)
{
	(void)data;
	(void)level;
	(void)rule;
	(void)text;
}

static void resolve_rehearsed(void *data)
{
	struct planning rehearsed = *(const struct planning *)data;

	rehearsed.tell = tell_nobody;
	resolve(&rehearsed);
}

/* libkmod follows whatever an index says, also to behind its end. */
int planning_resolve(struct planning *plan)
{
	int r = run_in_child(resolve_rehearsed, plan, &plan->killer);

	return r < 0 ? r : resolve(plan);
}

void planning_done(struct planning *plan)
{
	variants_done(&plan->variants);
	modules_close(&plan->modules);
}

static enum plan_kind kind_of(const struct module *module)
{
	if (module->kind == MODULE_LOAD)
		return module->for_iommu ? PLAN_IOMMU : PLAN_MODULE;
	return module->kind == MODULE_BUILTIN ? PLAN_BUILTIN : PLAN_MISSING;
}

static int fill_module(struct plan *plan, const struct module *module, enum plan_kind kind, const char *variant)
{
	struct plan_module *added;
	int r = ARRAY_GROW(plan->modules, plan->n_modules, plan->modules_room);

	if (r < 0)
		return r;
	added = &plan->modules[plan->n_modules++];
	memset(added, 0, sizeof(*added));
	added->kind = kind;
	slice_store(slice_of(module->name), added->name, sizeof(added->name));
	slice_store(slice_of(module->path ? module->path : ""), added->path, sizeof(added->path));
	slice_store(slice_of(module->options ? module->options : ""), added->options, sizeof(added->options));
	slice_store(slice_of(variant), added->variant, sizeof(added->variant));
	return 0;
}

/* What is built in needs no loading, and what is missing the binder misses by itself. */
static int fill_variant(const struct planning *planning, const struct variant *variant, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < variant->modules.n && r == 0; i++) {
		const struct module *module = &variant->modules.items[i];

		if (module->kind == MODULE_LOAD && planning_needs_for_variant(planning, module))
			r = fill_module(plan, module, PLAN_VARIANT, variant->name);
	}
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

int planning_fill(const struct planning *planning, struct plan *plan)
{
	int r = 0;

	slice_store(slice_of(planning->release), plan->kernel, sizeof(plan->kernel));
	for (size_t i = 0; i < planning->modules.n && r == 0; i++)
		r = fill_module(plan, &planning->modules.items[i], kind_of(&planning->modules.items[i]), "");
	for (size_t i = 0; i < planning->variants.n && r == 0; i++)
		r = fill_variant(planning, &planning->variants.items[i], plan);
	for (size_t i = 0; i < planning->variants.n_aliases && r == 0; i++)
		r = fill_alias(&planning->variants.aliases[i], plan);
	return r;
}

int planning_fill_needs(const struct host_needs *root, struct plan *plan)
{
	for (size_t i = 0; i < root->n_devices && i < PLAN_NEEDS_MAX; i++) {
		const struct needed_device *device = &root->devices[i];
		const struct identity *id = &device->identity;
		struct plan_need *added;
		int r = ARRAY_GROW(plan->needs, plan->n_needs, plan->needs_room);

		if (r < 0)
			return r;
		added = &plan->needs[plan->n_needs++];
		added->address = device->address;
		added->id = device->error ? id_pattern_any
					  : (struct id_pattern){ id->vendor, id->device, id->subvendor, id->subdevice };
		slice_store(slice_of(device->what), added->what, sizeof(added->what));
	}
	return 0;
}

/* RELEASE names one directory. */
bool release_is_valid(const char *release)
{
	for (const char *c = release; *c; c++)
		if (*c == '/' || *c <= ' ' || *c > '~')
			return false;
	return *release && strlen(release) <= PLAN_NAME_SIZE && strcmp(release, ".") && strcmp(release, "..");
}
