/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/variants.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/variant.h"
#include "tool/plan/kernel.h"

#define PREFIX "vfio_pci:"
#define GENERIC "vfio_pci" /* fits everything, and is what is taken without any alias */

static bool is_wanted(const struct config *config, struct slice pattern)
{
	for (size_t i = 0; i < config->n_rules; i++)
		if (config->rules[i].driver_auto && variant_may_fit(&config->rules[i], pattern))
			return true;
	return false;
}

/* NAME is an alias of MODULE: keep it if it is for a variant driver and can mean a device of the configuration. */
static int add_alias(struct variants *v, const struct config *config, struct slice name, struct slice module)
{
	struct variant_alias alias;
	struct slice pattern;
	int r;

	if (!slice_starts(name, PREFIX) || slice_is(module, GENERIC) || !slice_is_name(module))
		return 0;
	pattern = slice_sub(name, strlen(PREFIX), name.len);
	if (!is_wanted(config, pattern))
		return 0;
	r = ARRAY_GROW(v->aliases, v->n_aliases, v->aliases_room);
	if (r < 0)
		return r;
	alias.pattern = strndup(pattern.at, pattern.len);
	alias.module = strndup(module.at, module.len);
	v->aliases[v->n_aliases++] = alias;
	return alias.pattern && alias.module ? 0 : -ENOMEM;
}

/* "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci" */
static int read_alias(struct variants *v, const struct config *config, struct slice line)
{
	struct slice name;

	if (!slice_is(slice_word(&line), "alias"))
		return 0;
	name = slice_word(&line);
	return add_alias(v, config, name, slice_word(&line));
}

/* "mlx5_vfio_pci.alias=vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*": what is built in */
static int read_builtin(struct variants *v, const struct config *config, struct slice line)
{
	struct slice module = slice_cut(&line, '.');

	if (!slice_is(slice_cut(&line, '='), "alias") || !line.at)
		return 0;
	return add_alias(v, config, line, module);
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

/* NAME, with all that it needs. The plan's other modules are left out where it is written. */
static int add_variant(struct variants *v, const char *name, struct kernel *kernel)
{
	const struct module *module;
	struct variant *variant;
	int r;

	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->items[i].name, name))
			return 0;
	r = ARRAY_GROW(v->items, v->n, v->room);
	if (r < 0)
		return r;
	variant = &v->items[v->n++];
	*variant = (struct variant){ .name = name, .modules = { .kernel = kernel } };
	variant->error = modules_want(&variant->modules, name, &module);
	return variant->error == -ENOMEM ? -ENOMEM : 0;
}

int variants_gather(struct variants *v, const struct config *config, struct kernel *kernel)
{
	int r;

	if (!kernel->dir)
		return 0;
	r = read_index(v, config, kernel->dir, "modules.alias", '\n', read_alias);
	if (r == 0)
		r = read_index(v, config, kernel->dir, "modules.builtin.modinfo", '\0', read_builtin);
	for (size_t i = 0; i < v->n_aliases && r == 0; i++)
		r = add_variant(v, v->aliases[i].module, kernel);
	return r;
}

void variants_done(struct variants *v)
{
	for (size_t i = 0; i < v->n; i++)
		modules_done(&v->items[i].modules);
	free(v->items);
	for (size_t i = 0; i < v->n_aliases; i++) {
		free(v->aliases[i].pattern);
		free(v->aliases[i].module);
	}
	free(v->aliases);
	*v = (struct variants){ 0 };
}
