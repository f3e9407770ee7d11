/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* Relative, without "..": a damaged plan must not lead the binder elsewhere. */
static bool is_safe_path(struct text t)
{
	struct text rest = t;

	if (!t.len || t.at[0] == '/')
		return false;
	while (rest.at)
		if (text_is(text_cut(&rest, '/'), ".."))
			return false;
	return true;
}

static bool has_path(enum plan_kind kind)
{
	return kind == PLAN_MODULE || kind == PLAN_IOMMU || kind == PLAN_VARIANT;
}

static bool parse_name(struct text *rest, char to[PLAN_NAME_SIZE])
{
	struct text name = text_word(rest);

	return text_is_name(name) && text_store(name, to, PLAN_NAME_SIZE);
}

static bool parse_module(struct text rest, enum plan_kind kind, struct plan_module *m)
{
	struct text path = { "", 0 };

	memset(m, 0, sizeof(*m));
	m->kind = kind;
	if (kind == PLAN_VARIANT && !parse_name(&rest, m->variant))
		return false;
	if (!parse_name(&rest, m->name))
		return false;
	if (has_path(kind)) {
		path = text_word(&rest);
		if (!is_safe_path(path))
			return false;
	}
	return text_store(path, m->path, sizeof(m->path)) &&
	       text_store(text_trim(rest), m->options, sizeof(m->options));
}

/* A release as uname(2) gives it; it is shown, and becomes part of no path. */
static bool parse_kernel(struct text t, struct plan *plan)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= ' ' || t.at[i] > '~')
			return false;
	return text_store(t, plan->kernel, sizeof(plan->kernel));
}

static bool parse_alias(struct text rest, struct plan_alias *alias)
{
	struct text pattern = text_word(&rest);

	return text_starts(pattern, "v") && text_store(pattern, alias->pattern, sizeof(alias->pattern)) &&
	       parse_name(&rest, alias->module) && !text_trim(rest).len;
}

static int add_alias(struct plan *plan, struct text rest)
{
	struct plan_alias alias;
	int r;

	if (plan->n_aliases == PLAN_ALIASES_MAX || !parse_alias(rest, &alias)) {
		plan->bad_lines++;
		return 0;
	}
	r = GROW(plan->aliases, plan->n_aliases, plan->aliases_room);
	if (r == 0)
		plan->aliases[plan->n_aliases++] = alias;
	return r;
}

static bool parse_root(struct text rest, struct plan_root *root)
{
	struct text address = text_word(&rest), id = text_word(&rest), what = text_trim(rest);
	struct complaint complaint;

	memset(root, 0, sizeof(*root));
	root->id = id_pattern_any;
	if (!address_from_name(address, &root->address) || !what.len)
		return false;
	if (!text_is(id, "-") && !id_pattern_parse(id, &root->id, &complaint))
		return false;
	/* What stands on it is for people: that it is too long must not cost the guard. */
	text_store(text_slice(what, 0, sizeof(root->what) - 1), root->what, sizeof(root->what));
	return true;
}

static int add_root(struct plan *plan, struct text line)
{
	struct plan_root root;
	int r;

	if (plan->n_roots == PLAN_ROOTS_MAX || !parse_root(line, &root)) {
		plan->bad_lines++;
		return 0;
	}
	r = GROW(plan->roots, plan->n_roots, plan->roots_room);
	if (r == 0)
		plan->roots[plan->n_roots++] = root;
	return r;
}

static int parse_line(struct plan *plan, struct text line)
{
	static const char *const words[] = { [PLAN_MODULE] = "module", [PLAN_IOMMU] = "iommu",
					     [PLAN_BUILTIN] = "builtin", [PLAN_MISSING] = "missing",
					     [PLAN_VARIANT] = "variant" };
	struct text word = text_word(&line);
	struct plan_module module;
	int r;

	if (!word.len)
		return 0;
	if (text_is(word, "kernel")) {
		plan->bad_lines += !parse_kernel(text_trim(line), plan);
		return 0;
	}
	if (text_is(word, "alias"))
		return add_alias(plan, line);
	if (text_is(word, "root"))
		return add_root(plan, line);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (!text_is(word, words[i]))
			continue;
		if (plan->n_modules == PLAN_MODULES_MAX || !parse_module(line, (enum plan_kind)i, &module))
			break;
		r = GROW(plan->modules, plan->n_modules, plan->modules_room);
		if (r == 0)
			plan->modules[plan->n_modules++] = module;
		return r;
	}
	plan->bad_lines++;
	return 0;
}

int plan_parse(struct plan *plan, struct text bytes)
{
	struct text rest = bytes, first = text_cut(&rest, '\n'), word = text_word(&first);
	uint32_t version;
	int r = 0;

	memset(plan, 0, sizeof(*plan));
	if (!text_is(word, "earlybind-plan") || !text_decimal(text_trim(first), UINT32_MAX, &version) ||
	    version != PLAN_VERSION)
		return -EPROTONOSUPPORT;
	while (rest.at && r == 0)
		r = parse_line(plan, text_cut(&rest, '\n'));
	return r;
}

void plan_done(struct plan *plan)
{
	free(plan->modules);
	free(plan->aliases);
	free(plan->roots);
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
