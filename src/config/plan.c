/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/limits.h"

#define MAGIC "earlybind-plan"

/* The first words of lines about modules. */
static const char *const kind_words[] = {
	[PLAN_MODULE] = "module",   [PLAN_IOMMU] = "iommu",	[PLAN_BUILTIN] = "builtin",
	[PLAN_MISSING] = "missing", [PLAN_VARIANT] = "variant",
};

/* What a `need` line is about; a plan has those that are protected. */
static const char *const need_words[] = {
	[NEED_ROOT] = "root",	    [NEED_MOUNT] = "mount",   [NEED_NETWORK] = "network", [NEED_KEYBOARD] = "keyboard",
	[NEED_UNKNOWN] = "unknown", [NEED_IN_USE] = "in-use", [NEED_DISPLAY] = "display", [NEED_CONSOLE] = "console",
};

static const char *const prospect_words[] = {
	[PROSPECT_NONE] = "none",
	[PROSPECT_BLACKLISTED] = "blacklisted",
	[PROSPECT_DECLINED] = "declined",
	[PROSPECT_EXPECTED] = "expected",
};

const char *need_kind_word(enum need_kind kind)
{
	return need_words[kind];
}

bool need_is_protected(enum need_kind kind)
{
	return kind <= NEED_UNKNOWN;
}

static bool has_path(enum plan_kind kind)
{
	return kind == PLAN_MODULE || kind == PLAN_IOMMU || kind == PLAN_VARIANT;
}

/* --- reading --- */

/* Relative, without "..": a damaged plan must not lead the binder elsewhere. */
static bool is_safe_path(struct slice t)
{
	struct slice rest = t;

	if (!t.len || t.at[0] == '/')
		return false;
	while (rest.at)
		if (slice_is(slice_cut(&rest, '/'), ".."))
			return false;
	return true;
}

static bool parse_name(struct slice *rest, char to[DRIVER_SIZE])
{
	struct slice name = slice_word(rest);

	return slice_is_name(name) && slice_store(name, to, DRIVER_SIZE);
}

static bool parse_module(struct slice rest, enum plan_kind kind, struct plan_module *m)
{
	struct slice path = { "", 0 };

	memset(m, 0, sizeof(*m));
	m->kind = kind;
	if (kind == PLAN_VARIANT && !parse_name(&rest, m->variant))
		return false;
	if (!parse_name(&rest, m->name))
		return false;
	if (has_path(kind)) {
		path = slice_word(&rest);
		if (!is_safe_path(path))
			return false;
	}
	return slice_store(path, m->path, sizeof(m->path)) &&
	       slice_store(slice_trim(rest), m->options, sizeof(m->options));
}

static int add_alias(struct plan *plan, struct slice rest)
{
	struct slice pattern = slice_word(&rest);
	struct plan_alias alias = { .pattern = "" };
	int r;

	if (plan->n_aliases == PLAN_ALIASES_MAX || !slice_starts(pattern, "v") ||
	    !slice_store(pattern, alias.pattern, sizeof(alias.pattern)) || !parse_name(&rest, alias.module) ||
	    slice_trim(rest).len) {
		plan->bad_lines++;
		return 0;
	}
	r = ARRAY_GROW(plan->aliases, plan->n_aliases, plan->aliases_room);
	if (r == 0)
		plan->aliases[plan->n_aliases++] = alias;
	return r;
}

static bool parse_need(struct slice rest, struct plan_need *need, struct slice *what)
{
	struct slice word = slice_word(&rest), address = slice_word(&rest), id = slice_word(&rest);
	enum need_kind kind = NEED_ROOT;
	struct complaint complaint;

	while (need_is_protected(kind) && !slice_is(word, need_words[kind]))
		kind++;
	*need = (struct plan_need){ .kind = kind, .id = id_pattern_any };
	*what = slice_trim(rest);
	if (!need_is_protected(kind) || !what->len)
		return false;
	if (kind == NEED_UNKNOWN)
		return slice_is(address, "-") && slice_is(id, "-");
	return address_from_name(address, &need->address) &&
	       (slice_is(id, "-") || id_pattern_parse(id, &need->id, &complaint));
}

static int add_need(struct plan *plan, struct slice rest)
{
	struct plan_need need;
	struct slice what;
	int r;

	if (plan->n_needs == PLAN_NEEDS_MAX || !parse_need(rest, &need, &what)) {
		plan->bad_lines++;
		return 0;
	}
	/* Shown only: if it is too long, it is cut, and the device stays protected. */
	slice_store(slice_sub(what, 0, sizeof(need.what) - 1), need.what, sizeof(need.what));
	r = ARRAY_GROW(plan->needs, plan->n_needs, plan->needs_room);
	if (r == 0)
		plan->needs[plan->n_needs++] = need;
	return r;
}

/* Names of modules, or "-". */
static bool are_modules(struct slice list)
{
	while (list.at) {
		struct slice name = slice_cut(&list, ',');

		if (!slice_is(name, "-") && !slice_is_name(name))
			return false;
	}
	return true;
}

static bool parse_driver(struct slice rest, struct plan_driver *driver)
{
	struct slice id = slice_word(&rest), class = slice_word(&rest), word = slice_word(&rest), modules;
	struct id_pattern pattern;
	struct complaint complaint;
	unsigned prospect = 0;

	*driver = (struct plan_driver){ .prospect = PROSPECT_NONE };
	if (!id_pattern_parse(id, &pattern, &complaint) || pattern.vendor == ID_ANY || pattern.device == ID_ANY ||
	    pattern.subvendor == ID_ANY || pattern.subdevice == ID_ANY || !slice_hex(class, 6, &driver->identity.class))
		return false;
	driver->identity.vendor = (uint16_t)pattern.vendor;
	driver->identity.device = (uint16_t)pattern.device;
	driver->identity.subvendor = (uint16_t)pattern.subvendor;
	driver->identity.subdevice = (uint16_t)pattern.subdevice;
	while (prospect < COUNT_OF(prospect_words) && !slice_is(word, prospect_words[prospect]))
		prospect++;
	if (prospect == COUNT_OF(prospect_words))
		return false;
	driver->prospect = (enum prospect)prospect;
	modules = slice_word(&rest);
	return (!modules.len || are_modules(modules)) &&
	       slice_store(modules, driver->modules, sizeof(driver->modules)) &&
	       slice_store(slice_trim(rest), driver->driver, sizeof(driver->driver));
}

static int add_driver(struct plan *plan, struct slice rest)
{
	struct plan_driver driver;
	int r;

	if (plan->n_drivers == PLAN_DRIVERS_MAX || !parse_driver(rest, &driver)) {
		plan->bad_lines++;
		return 0;
	}
	r = ARRAY_GROW(plan->drivers, plan->n_drivers, plan->drivers_room);
	if (r == 0)
		plan->drivers[plan->n_drivers++] = driver;
	return r;
}

static int parse_line(struct plan *plan, struct slice line)
{
	struct slice word = slice_word(&line);
	struct plan_module module;
	bool shown = true;
	int r;

	if (!word.len)
		return 0;
	if (slice_is(word, "kernel")) {
		/* A release as uname(2) gives it; it is shown, and becomes part of no path. */
		line = slice_trim(line);
		for (size_t i = 0; i < line.len; i++)
			shown &= line.at[i] > ' ' && line.at[i] <= '~';
		plan->bad_lines += !shown || !slice_store(line, plan->kernel, sizeof(plan->kernel));
		return 0;
	}
	if (slice_is(word, "alias"))
		return add_alias(plan, line);
	if (slice_is(word, "need"))
		return add_need(plan, line);
	if (slice_is(word, "driver"))
		return add_driver(plan, line);
	for (size_t i = 0; i < COUNT_OF(kind_words); i++) {
		if (!slice_is(word, kind_words[i]))
			continue;
		if (plan->n_modules == PLAN_MODULES_MAX || !parse_module(line, (enum plan_kind)i, &module))
			break;
		r = ARRAY_GROW(plan->modules, plan->n_modules, plan->modules_room);
		if (r == 0)
			plan->modules[plan->n_modules++] = module;
		return r;
	}
	plan->bad_lines++;
	return 0;
}

int plan_parse(struct plan *plan, struct slice bytes)
{
	struct slice rest = bytes, first = slice_cut(&rest, '\n'), word = slice_word(&first);
	uint32_t version;
	int r = 0;

	memset(plan, 0, sizeof(*plan));
	if (!slice_is(word, MAGIC) || !slice_decimal(slice_trim(first), UINT32_MAX, &version) ||
	    version != PLAN_VERSION)
		return -EPROTONOSUPPORT;
	while (rest.at && r == 0)
		r = parse_line(plan, slice_cut(&rest, '\n'));
	return r;
}

/* --- writing --- */

static void format_module(const struct plan_module *module, struct buffer *to)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s", kind_words[module->kind]);
	if (module->kind == PLAN_VARIANT)
		linebuf_add(&line, " %s", module->variant);
	linebuf_add(&line, " %s", module->name);
	if (has_path(module->kind))
		linebuf_add(&line, " %s", module->path);
	buffer_add(to, line.at, line.len);
	/* They may be longer than a line of the log. */
	if (has_path(module->kind) && module->options[0]) {
		buffer_add(to, " ", 1);
		buffer_add(to, module->options, strlen(module->options));
	}
	buffer_add(to, "\n", 1);
}

void plan_format_need(const struct plan_need *need, struct linebuf *ret)
{
	linebuf_start(ret);
	linebuf_add(ret, "need %s %s ", need_words[need->kind],
		    need->kind == NEED_UNKNOWN ? "-" : address_name(need->address).at);
	if (id_pattern_is_any(&need->id))
		linebuf_add(ret, "-");
	else
		id_pattern_format(&need->id, ret);
	linebuf_add(ret, " %s", need->what);
}

static void format_driver(const struct plan_driver *driver, struct linebuf *ret)
{
	const struct identity *id = &driver->identity;

	linebuf_start(ret);
	linebuf_add(ret, "driver %04x:%04x:%04x:%04x %06x %s%s%s%s%s", id->vendor, id->device, id->subvendor,
		    id->subdevice, (unsigned)id->class, prospect_words[driver->prospect], driver->modules[0] ? " " : "",
		    driver->modules, driver->driver[0] ? " " : "", driver->driver);
}

void plan_format(const struct plan *plan, struct buffer *to)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, MAGIC " %d\nkernel %s", PLAN_VERSION, plan->kernel);
	buffer_add_line(to, &line);
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].kind != PLAN_VARIANT)
			format_module(&plan->modules[i], to);
	for (size_t i = 0; i < plan->n_needs; i++) {
		plan_format_need(&plan->needs[i], &line);
		buffer_add_line(to, &line);
	}
	for (size_t i = 0; i < plan->n_drivers; i++) {
		format_driver(&plan->drivers[i], &line);
		buffer_add_line(to, &line);
	}
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].kind == PLAN_VARIANT)
			format_module(&plan->modules[i], to);
	for (size_t i = 0; i < plan->n_aliases; i++) {
		linebuf_start(&line);
		linebuf_add(&line, "alias %s %s", plan->aliases[i].pattern, plan->aliases[i].module);
		buffer_add_line(to, &line);
	}
}

/* --- looking up --- */

void plan_done(struct plan *plan)
{
	free(plan->modules);
	free(plan->aliases);
	free(plan->needs);
	free(plan->drivers);
	memset(plan, 0, sizeof(*plan));
}

const struct plan_module *plan_find(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].kind != PLAN_VARIANT && !strcmp(plan->modules[i].name, name))
			return &plan->modules[i];
	return NULL;
}

bool plan_is_module_of(const char *module, const char *driver)
{
	return slice_is_module(slice_of(driver), module);
}

const struct plan_module *plan_find_driver(const struct plan *plan, const char *driver)
{
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].kind != PLAN_VARIANT && plan_is_module_of(plan->modules[i].name, driver))
			return &plan->modules[i];
	return NULL;
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a->vendor == b->vendor && a->device == b->device && a->subvendor == b->subvendor &&
	       a->subdevice == b->subdevice && a->class == b->class;
}

const struct plan_driver *plan_find_prospect(const struct plan *plan, const struct identity *identity)
{
	for (size_t i = 0; i < plan->n_drivers; i++)
		if (is_same(&plan->drivers[i].identity, identity))
			return &plan->drivers[i];
	return NULL;
}
