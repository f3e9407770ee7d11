/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Works out what a kernel has to load for a configuration, and what of that
 * will not work: for `earlybind plan` and for `earlybind check`.
 */
#ifndef EARLYBIND_TOOL_PLAN_BUILDER_H
#define EARLYBIND_TOOL_PLAN_BUILDER_H

#include <stdbool.h>

#include "config/config.h"
#include "config/plan.h"
#include "decide/verdict.h"
#include "tool/host/needs.h"
#include "tool/plan/kernel.h"
#include "tool/plan/modules.h"
#include "tool/plan/variants.h"

struct plan_builder {
	/* Set by the caller. */
	const char *release;
	const char *sysroot;
	const struct config *config;
	/* Called with each problem and note; RULE is the line that it is about, or NULL. TEXT is escaped. */
	void (*report)(void *data, enum level level, const struct rule *rule, const char *text);
	void *data;
	/* Results. */
	struct kernel kernel;
	struct modules modules;
	struct variants variants; /* for driver=auto; may name modules that MODULES has as well */
	bool problem;		  /* one was reported */
};

/* 0 or a negative errno; what will not work is reported, and no error. The caller calls plan_builder_done(). */
int plan_build(struct plan_builder *builder);
void plan_builder_done(struct plan_builder *builder);

/* A variant driver needs MODULE, and nothing else has it loaded. */
bool plan_builder_only_variant(const struct plan_builder *builder, const struct module *module);

/* The same as the binder will read it from the image. PLAN starts zeroed. 0 or -ENOMEM. */
int plan_builder_fill(const struct plan_builder *builder, struct plan *plan);
/* Likewise what the host needs. */
int plan_fill_needs(const struct host_needs *needs, struct plan *plan);

/* RELEASE can be the name of a directory in /lib/modules. */
bool release_is_valid(const char *release);

#endif
