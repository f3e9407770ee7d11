/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plan contains for driver=auto: the kernel's aliases for VFIO's variant
 * drivers, and what their modules need.
 */
#ifndef EARLYBIND_TOOL_PLAN_VARIANTS_H
#define EARLYBIND_TOOL_PLAN_VARIANTS_H

#include <stddef.h>

#include "config/config.h"
#include "tool/plan/modules.h"

struct variant_alias {
	char *pattern; /* without "vfio_pci:" */
	char *module;
};

struct variant {
	const char *name;	/* of the module */
	struct modules modules; /* all that it needs in load order, itself included */
	int error;		/* why not all of it can be found: a negative errno, or 0 */
};

struct variants {
	struct variant_alias *aliases;
	size_t n_aliases, aliases_room;
	struct variant *items; /* one a module */
	size_t n, room;
};

/*
 * The aliases in the indexes of KERNEL that can mean a device of some line with driver=auto, by the ID and the class of
 * the line; not by this machine's devices, for the image may boot elsewhere. 0 or -ENOMEM; VARIANTS, which starts
 * zeroed, is to be freed by variants_done() in every case.
 */
int variants_gather(struct variants *variants, const struct config *config, struct kernel *kernel);
void variants_done(struct variants *variants);

#endif
