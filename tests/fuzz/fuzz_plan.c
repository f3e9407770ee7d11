/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan in the image. */
#include <errno.h>

#include "config/plan.h"
#include "fuzz.h"

/* No way out of /lib/modules/KERNEL. */
static void check_path(struct slice path)
{
	MUST(path.len == 0 || path.at[0] != '/');
	while (path.at)
		MUST(!slice_is(slice_cut(&path, '/'), ".."));
}

static void check_module(const struct plan *plan, const struct plan_module *module)
{
	MUST(slice_is_name(slice_of(module->name)));
	/* What a variant driver needs is looked for by the driver. */
	MUST((module->kind == PLAN_VARIANT) == (module->variant[0] != '\0'));
	MUST(module->kind == PLAN_VARIANT || plan_find(plan, module->name));
	MUST(strlen(module->path) < sizeof(module->path) && strlen(module->options) < sizeof(module->options));
	MUST((module->kind != PLAN_BUILTIN && module->kind != PLAN_MISSING) == (module->path[0] != '\0'));
	check_path(slice_of(module->path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct plan plan;
	int r = plan_parse(&plan, (struct slice){ copy, size });

	MUST(r == 0 || r == -EPROTONOSUPPORT);
	/* Nothing of the bytes is kept. */
	free(copy);
	MUST(plan.n_modules <= PLAN_MODULES_MAX);
	MUST(r == 0 || plan.n_modules == 0);
	for (size_t i = 0; i < plan.n_modules; i++)
		check_module(&plan, &plan.modules[i]);
	MUST(plan.n_needs <= PLAN_NEEDS_MAX);
	MUST(plan.n_drivers <= PLAN_DRIVERS_MAX);
	for (size_t i = 0; i < plan.n_drivers; i++)
		MUST(plan_find_prospect(&plan, &plan.drivers[i].identity));
	for (size_t i = 0; i < plan.n_aliases; i++)
		MUST(slice_is_name(slice_of(plan.aliases[i].module)));
	for (const char *c = plan.kernel; *c; c++)
		MUST(*c > ' ' && *c <= '~');
	plan_done(&plan);
	return 0;
}
