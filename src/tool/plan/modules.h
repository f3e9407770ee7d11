/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel has to load, and in which order, as libkmod sees it. Neither
 * what is loaded on the running system nor its kernel command line matters.
 */
#ifndef EARLYBIND_TOOL_PLAN_MODULES_H
#define EARLYBIND_TOOL_PLAN_MODULES_H

#include <stdbool.h>
#include <stddef.h>

struct kernel;

enum module_kind {
	MODULE_LOAD, /* a file, to be loaded */
	MODULE_BUILTIN,
	MODULE_MISSING, /* neither: no such name, or its file is gone */
};

struct module {
	enum module_kind kind;
	char *name;    /* with underscores */
	char *path;    /* relative to the kernel's directory, or NULL */
	char *options; /* from modprobe.d, or NULL; instead of a list of IDs it has an empty ids= */
	char *ids;     /* the options as they were, with that list; or NULL */
	/* What else modprobe.d says about it */
	char *install; /* the command, or NULL */
	char *remove;  /* likewise */
	bool blacklisted;
	bool for_iommu; /* needed only on machines with an IOMMU that it drives */
};

struct modules {
	struct kernel *kernel; /* the caller's; without a ctx every module is missing */
	struct module *items;  /* in load order */
	size_t n, room;
};

void modules_done(struct modules *modules);

/* The kernel has the module NAME, built in or with a file. */
bool modules_has(const struct modules *modules, const char *name);

/*
 * Add NAME and all that it needs, unless it is there already; RET is its row,
 * valid until the next call. 0, or a negative errno when its needs cannot be
 * resolved: RET is set all the same, unless that is -ENOMEM.
 */
int modules_want(struct modules *modules, const char *name, const struct module **ret);

/*
 * The same for a module that drives an IOMMU: what nothing else needs is marked
 * so, and what the kernel does not have is left out. 0 or -ENOMEM.
 */
int modules_want_iommu(struct modules *modules, const char *name);

#endif
