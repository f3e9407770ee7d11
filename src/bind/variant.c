/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bind/variant.h"

#include <errno.h>
#include <string.h>

#include "bind/modules.h"

static int load(const struct work *work, const struct plan_module *module)
{
	return module_load(work->sys, work->release, work->cmdline, module);
}

static int load_all(const struct work *work, const char *variant)
{
	struct plan_module by_name = { .kind = PLAN_MISSING };
	size_t planned = 0;
	int r = 0;

	for (size_t i = 0; i < work->plan->n_modules && r == 0; i++) {
		const struct plan_module *module = &work->plan->modules[i];

		if (module->kind != PLAN_VARIANT || strcmp(module->variant, variant) != 0)
			continue;
		planned++;
		r = load(work, module);
	}
	if (planned)
		return r;
	slice_store(slice_of(variant), by_name.name, sizeof(by_name.name));
	return load(work, &by_name);
}

/* "pci:mlx5_vfio_pci"; of several the lowest, so that it does not depend on the directory's order. */
static int keep_lowest(const char *name, void *data)
{
	char *driver = data;

	if (!strncmp(name, "pci:", 4) && name[4] && (!driver[0] || strcmp(name + 4, driver) < 0))
		slice_store(slice_of(name + 4), driver, DRIVER_SIZE);
	return 0;
}

int variant_load(const struct work *work, const char *variant, char ret[DRIVER_SIZE])
{
	int r = load_all(work, variant);

	ret[0] = '\0';
	if (r == 0)
		r = system_for_each_entry(work->sys, keep_lowest, ret, "sys/module/%s/drivers", variant);
	return r == 0 && !ret[0] ? -ENODEV : r;
}
