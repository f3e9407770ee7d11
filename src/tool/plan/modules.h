/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel has to load, and in which order, as libkmod sees it. Only the
 * tree under the sysroot counts: neither what is loaded on the running system
 * nor its kernel command line. Says nothing itself.
 */
#ifndef EARLYBIND_TOOL_PLAN_MODULES_H
#define EARLYBIND_TOOL_PLAN_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/plan/kmod_context.h"

enum module_kind {
	MODULE_LOAD, /* a file, to be loaded */
	MODULE_BUILTIN,
	MODULE_MISSING, /* neither: no such name, or its file is gone */
};

struct module {
	enum module_kind kind;
	char *name;    /* with underscores */
	char *path;    /* relative to the kernel's directory, or NULL */
	char *options; /* from modprobe.d, or NULL */
	/* What else modprobe.d says about it */
	char *install; /* the command, or NULL */
	char *remove;  /* likewise */
	bool blacklisted;
	bool for_iommu; /* needed only on machines with an IOMMU that it drives */
};

struct modules {
	char *dir; /* of the kernel, NULL when there is none */
	struct kmod_ctx *ctx;
	struct kmod_ctx *bare; /* knows what the running system's command line adds, and nothing else */
	struct module *items;  /* in load order */
	size_t n, room;
	const char *bad_index; /* the first index of depmod that is of no use, or NULL */
	bool index_damaged;    /* it is there */
	struct kmod_said said; /* of the settings */
	char complaint[256];   /* what libkmod logged first while it resolved the last name, or "" */
};

/*
 * Look at the kernel RELEASE below SYSROOT. 0, -ENOENT when it has no directory,
 * -ENOMEM. MODULES must be closed in every case.
 */
int modules_open(struct modules *modules, const char *sysroot, const char *release);
/* The same without a look into it: every name counts as missing. */
int modules_open_unread(struct modules *modules, const char *sysroot, const char *release);
void modules_close(struct modules *modules);

/*
 * Add NAME and all that it needs, unless it is there already; RET is its row,
 * valid until the next call. 0, or a negative errno when its needs cannot be
 * resolved: RET is set all the same, unless that is -ENOMEM, and the complaint
 * may tell more.
 */
int modules_want(struct modules *modules, const char *name, const struct module **ret);

/*
 * The same for a module that drives an IOMMU: what nothing else needs is marked
 * so, and what the kernel does not have is left out. 0 or -ENOMEM.
 */
int modules_want_iommu(struct modules *modules, const char *name);

#endif
