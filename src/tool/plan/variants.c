/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/variants.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/variant.h"

#define PREFIX "vfio_pci:"
#define GENERIC "vfio_pci" /* fits everything, and is what is taken without any alias */

static bool is_wanted(const struct config *config, struct slice pattern)
{
	for (size_t i = 0; i < config->n_rules; i++)
		if (config->rules[i].driver_auto && variant_may_fit(&config->rules[i], pattern))
			return true;
	return false;
}

static char *copy(struct slice t)
{
	return strndup(t.at, t.len);
}

static int add_alias(struct variants *v, struct slice pattern, struct slice module)
{
	struct variant_alias alias;
	int r = ARRAY_GROW(v->aliases, v->n_aliases, v->aliases_room);

	if (r < 0)
		return r;
	alias = (struct variant_alias){ copy(pattern), copy(module) };
	v->aliases[v->n_aliases++] = alias;
	return alias.pattern && alias.module ? 0 : -ENOMEM;
}

/* NAME is an alias of MODULE: one of those that count? */
static int consider(struct variants *v, const struct config *config, struct slice name, struct slice module)
{
	struct slice pattern;

	if (!slice_starts(name, PREFIX) || slice_is(module, GENERIC) || !slice_is_name(module))
		return 0;
	pattern = slice_sub(name, strlen(PREFIX), name.len);
	return is_wanted(config, pattern) ? add_alias(v, pattern, module) : 0;
}

/* "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci" */
static int read_alias(struct variants *v, const struct config *config, struct slice line)
{
	struct slice name;

	if (!slice_is(slice_word(&line), "alias"))
		return 0;
	name = slice_word(&line);
	return consider(v, config, name, slice_word(&line));
}

/* "mlx5_vfio_pci.alias=vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*": what is built in */
static int read_builtin(struct variants *v, const struct config *config, struct slice line)
{
	struct slice module = slice_cut(&line, '.');

	if (!slice_is(slice_cut(&line, '='), "alias") || !line.at)
		return 0;
	return consider(v, config, line, module);
}

/* Records of FILE, which end in END; a file that is not there has none. */
static int read_index(struct variants *v, const struct config *config, const char *dir, const char *file, int end,
		      int (*read)(struct variants *v, const struct config *config, struct slice record))
{
	char *path, *record = NULL;
	size_t room = 0;
	ssize_t n;
	FILE *f;
	int r = 0;

	if (asprintf(&path, "%s/%s", dir, file) < 0)
		return -ENOMEM;
	f = fopen(path, "re");
	free(path);
	if (!f)
		return 0;
	while (r == 0 && (n = getdelim(&record, &room, end, f)) > 0)
		r = read(v, config, (struct slice){ record, (size_t)n - (record[n - 1] == end) });
	free(record);
	fclose(f);
	return r;
}

static bool is_known(const struct variants *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->items[i].name, name))
			return true;
	return false;
}

/* NAME, with what it needs beside nothing: the plan's other modules are left out where it is written. */
static int add_variant(struct variants *v, const char *name, const char *sysroot, const char *release)
{
	const struct module *module;
	struct variant *variant;
	int r = ARRAY_GROW(v->items, v->n, v->room);

	if (r < 0)
		return r;
	variant = &v->items[v->n++];
	*variant = (struct variant){ .name = name };
	r = modules_open(&variant->modules, sysroot, release);
	if (r == 0)
		r = modules_want(&variant->modules, name, &module);
	variant->error = r;
	return r == -ENOMEM ? r : 0;
}

int variants_gather(struct variants *v, const struct config *config, const struct modules *modules, const char *sysroot,
		    const char *release)
{
	int r;

	if (!modules->dir)
		return 0;
	r = read_index(v, config, modules->dir, "modules.alias", '\n', read_alias);
	if (r == 0)
		r = read_index(v, config, modules->dir, "modules.builtin.modinfo", '\0', read_builtin);
	for (size_t i = 0; i < v->n_aliases && r == 0; i++)
		if (!is_known(v, v->aliases[i].module))
			r = add_variant(v, v->aliases[i].module, sysroot, release);
	return r;
}

void variants_done(struct variants *v)
{
	for (size_t i = 0; i < v->n; i++)
		modules_close(&v->items[i].modules);
	free(v->items);
	for (size_t i = 0; i < v->n_aliases; i++) {
		free(v->aliases[i].pattern);
		free(v->aliases[i].module);
	}
	free(v->aliases);
	*v = (struct variants){ 0 };
}
