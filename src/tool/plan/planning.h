/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel has to load for a configuration, and what of that will not
 * work: worked out once, for `earlybind plan` and for `earlybind check`.
 */
#ifndef EARLYBIND_TOOL_PLAN_PLANNING_H
#define EARLYBIND_TOOL_PLAN_PLANNING_H

#include <stdbool.h>

#include "config/config.h"
#include "config/plan.h"
#include "decide/verdict.h"
#include "tool/plan/modules.h"
#include "tool/host/needs.h"
#include "tool/plan/variants.h"

struct planning {
	const char *release;
	const char *sysroot;
	const struct config *config; /* the caller's */
	/* Called with each finding; RULE is the line that it is about, or NULL. */
	void (*tell)(void *data, enum level level, const struct rule *rule, const char *text);
	void *data;
	struct modules modules;	  /* what came of it; planning_done() is the caller's to call */
	struct variants variants; /* for driver=auto; may name modules that MODULES has as well */
	int killer;		  /* the signal that libkmod dies of when it looks into the kernel's indexes, or 0 */
	bool known;		  /* the kernel is there and can be asked */
	bool problem;		  /* something will not work */
};

/* 0 or a negative errno; what will not work is told, and no error. */
int planning_resolve(struct planning *planning);

void planning_done(struct planning *planning);

/* A variant driver needs MODULE, and nothing else has it loaded. */
bool planning_needs_for_variant(const struct planning *planning, const struct module *module);

/* The same as the binder will read it from the image. PLAN starts zeroed. 0 or -ENOMEM. */
int planning_fill(const struct planning *planning, struct plan *plan);
/* Likewise the devices that the host stands on. */
int planning_fill_needs(const struct host_needs *root, struct plan *plan);

/* RELEASE can be the name of a directory in /lib/modules. */
bool release_is_valid(const char *release);

#endif
