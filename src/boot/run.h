/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the binder, from the configuration to the report. */
#ifndef EARLYBIND_BOOT_RUN_H
#define EARLYBIND_BOOT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "decision.h"
#include "record/record.h"
#include "report/log.h"

/* What a run found and did. */
struct run {
	struct system *sys;
	struct log log;
	struct decision decision;
	char *plan_bytes; /* the plan as it was read */
	size_t plan_len;
	bool hotplug; /* a run for one device that appeared after the boot's own run */
	/* The sum of it */
	unsigned ready, not_ready, skipped, unmatched;
	struct record_end end;
};

/* RUN starts with its system and the log's switches set; the caller calls run_done(). */
void run_boot(struct run *run);
void run_done(struct run *run);

/* For the parts of a run. */
/* Read the plan in the file PATH. 0 or a negative errno. */
int run_load_plan(struct run *run, const char *path);

#endif
