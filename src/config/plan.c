/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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

static bool has_path(enum plan_kind kind)
{
	return kind == PLAN_MODULE || kind == PLAN_IOMMU || kind == PLAN_VARIANT;
}

static bool parse_name(struct slice *rest, char to[PLAN_NAME_SIZE])
{
	struct slice name = slice_word(rest);

	return slice_is_name(name) && slice_store(name, to, PLAN_NAME_SIZE);
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

/* A release as uname(2) gives it; it is shown, and becomes part of no path. */
static bool parse_kernel(struct slice t, struct plan *plan)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= ' ' || t.at[i] > '~')
			return false;
	return slice_store(t, plan->kernel, sizeof(plan->kernel));
}

static bool parse_alias(struct slice rest, struct plan_alias *alias)
{
	struct slice pattern = slice_word(&rest);

	return slice_starts(pattern, "v") && slice_store(pattern, alias->pattern, sizeof(alias->pattern)) &&
	       parse_name(&rest, alias->module) && !slice_trim(rest).len;
}

static int add_alias(struct plan *plan, struct slice rest)
{
	struct plan_alias alias;
	int r;

	if (plan->n_aliases == PLAN_ALIASES_MAX || !parse_alias(rest, &alias)) {
		plan->bad_lines++;
		return 0;
	}
	r = ARRAY_GROW(plan->aliases, plan->n_aliases, plan->aliases_room);
	if (r == 0)
		plan->aliases[plan->n_aliases++] = alias;
	return r;
}

static bool parse_need(struct slice rest, struct plan_need *root)
{
	struct slice address = slice_word(&rest), id = slice_word(&rest), what = slice_trim(rest);
	struct complaint complaint;

	memset(root, 0, sizeof(*root));
	root->id = id_pattern_any;
	if (!address_from_name(address, &root->address) || !what.len)
		return false;
	if (!slice_is(id, "-") && !id_pattern_parse(id, &root->id, &complaint))
		return false;
	/* What stands on it is for people: that it is too long must not cost the guard. */
	slice_store(slice_sub(what, 0, sizeof(root->what) - 1), root->what, sizeof(root->what));
	return true;
}

static int add_need(struct plan *plan, struct slice line)
{
	struct plan_need root;
	int r;

	if (plan->n_needs == PLAN_NEEDS_MAX || !parse_need(line, &root)) {
		plan->bad_lines++;
		return 0;
	}
	r = ARRAY_GROW(plan->needs, plan->n_needs, plan->needs_room);
	if (r == 0)
		plan->needs[plan->n_needs++] = root;
	return r;
}

static int parse_line(struct plan *plan, struct slice line)
{
	static const char *const words[] = { [PLAN_MODULE] = "module",
					     [PLAN_IOMMU] = "iommu",
					     [PLAN_BUILTIN] = "builtin",
					     [PLAN_MISSING] = "missing",
					     [PLAN_VARIANT] = "variant" };
	struct slice word = slice_word(&line);
	struct plan_module module;
	int r;

	if (!word.len)
		return 0;
	if (slice_is(word, "kernel")) {
		plan->bad_lines += !parse_kernel(slice_trim(line), plan);
		return 0;
	}
	if (slice_is(word, "alias"))
		return add_alias(plan, line);
	if (slice_is(word, "root"))
		return add_need(plan, line);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (!slice_is(word, words[i]))
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
	if (!slice_is(word, "earlybind-plan") || !slice_decimal(slice_trim(first), UINT32_MAX, &version) ||
	    version != PLAN_VERSION)
		return -EPROTONOSUPPORT;
	while (rest.at && r == 0)
		r = parse_line(plan, slice_cut(&rest, '\n'));
	return r;
}

void plan_done(struct plan *plan)
{
	free(plan->modules);
	free(plan->aliases);
	free(plan->needs);
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
	while (*module && (*module == *driver || (*module == '_' && *driver == '-'))) {
		module++;
		driver++;
	}
	return !*module && !*driver;
}

const struct plan_module *plan_find_driver(const struct plan *plan, const char *driver)
{
	for (size_t i = 0; i < plan->n_modules; i++)
		if (plan->modules[i].kind != PLAN_VARIANT && plan_is_module_of(plan->modules[i].name, driver))
			return &plan->modules[i];
	return NULL;
}
