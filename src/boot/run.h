/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the binder, from the configuration to the report. */
#ifndef EARLYBIND_BOOT_RUN_H
#define EARLYBIND_BOOT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "bind/bind.h"
#include "record/record.h"
#include "report/log.h"
#include "decision.h"

#define RUN_DIR "run/earlybind"
/* Devices that late sessions have dealt with: an empty file each. udev's rule looks for it. */
#define HOTPLUG_DIR RUN_DIR "/hotplug"
/* The plan of this boot, for late sessions: the image is gone then. */
#define RUN_PLAN RUN_DIR "/plan"
/* Devices were given back for want of a root: late sessions leave alone what could carry it. */
#define RESCUED_FILE RUN_DIR "/rescued"

/* What a run found out and did. */
struct run {
	struct system *sys;
	struct log log;
	struct decision decision;
	bool hotplug; /* a run for one device that appeared after the boot's own run */
	/* The sum of it */
	unsigned ready, not_ready, skipped, unmatched;
	struct record_end end;
};

/* SESSION starts with its door and the log's switches set and is the caller's to free by run_done(). */
void run_boot(struct run *run);
/*
 * Instead, for the device at ADDRESS alone, which came after that run: with the
 * configuration and the plan that it left in /run, whatever /etc holds by now.
 */
void run_hotplug(struct run *run, struct address address);
void run_done(struct run *run);

/* Its parts, in their order. STARTED and the clock are in microseconds. */
int run_bind(struct run *run); /* 0 or -ENOMEM */
void run_report(struct run *run, unsigned long started);
void run_save(struct run *run);
unsigned long run_clock(void);
/* The plan in the file PATH; what it says, BYTES, is the caller's to free. 0 or a negative errno. */
int run_read_plan(struct run *run, const char *path, char **bytes, size_t *len);
/* A line for each claim, counted. */
void run_report_claims(struct run *run);

/* The record of a finished run, in place in /run. 0 or a negative errno. */
int record_save(const struct run *run);
/* More rows for the record of this boot; frees them. 0 or a negative errno. */
int record_append(struct system *sys, struct record_text *text);
/* The rules by which udev knows what to call a late session for. 0 or a negative errno. */
int udev_rules_save(struct run *run);
/*
 * Behind a late session for the device at ADDRESS, whose line may say `group`:
 * a file more, for its neighbours. 0 or a negative errno.
 */
int udev_rules_add(struct run *run, struct address address);

#endif
