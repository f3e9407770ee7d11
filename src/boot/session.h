/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the binder, from the configuration to the report. */
#ifndef EARLYBIND_BOOT_SESSION_H
#define EARLYBIND_BOOT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "bind/bind.h"
#include "report/log.h"
#include "survey/survey.h"

#define RUN_FOLDER "run/earlybind"
/* Devices that late sessions have dealt with: an empty file each. udev's rule looks for it. */
#define LATE_FOLDER RUN_FOLDER "/late"
/* The plan of this boot, for late sessions: the image is gone then. */
#define RUN_PLAN RUN_FOLDER "/plan"
/* Devices were given back for want of a root: late sessions leave alone what could carry it. */
#define RESCUED_FILE RUN_FOLDER "/rescued"

/* What a run found out and did. */
struct session {
	struct door *door;
	struct log log;
	struct survey survey;
	bool late; /* a run for one device that came after the binder's */
	/* The sum of it */
	unsigned ready, not_ready, skipped, nameless;
	unsigned microseconds;
	int status; /* exit status */
};

/* SESSION starts with its door and the log's switches set and is the caller's to free by session_done(). */
void session_run(struct session *session);
/*
 * Instead, for the device at ADDRESS alone, which came after that run: with the
 * configuration and the plan that it left in /run, whatever /etc holds by now.
 */
void session_run_late(struct session *session, struct address address);
void session_done(struct session *session);

/* Its parts, in their order. STARTED and the clock are in microseconds. */
int session_bind(struct session *session); /* 0 or -ENOMEM */
void session_report(struct session *session, unsigned long started);
void session_save(struct session *session);
unsigned long session_clock(void);
/* Whether anything may be done in this boot. */
bool session_may_act(const struct session *session);
/* The plan in the file PATH; what it says, BYTES, is the caller's to free. 0 or a negative errno. */
int session_read_plan(struct session *session, const char *path, char **bytes, size_t *len);
/* A line for each claim, counted. */
void session_report_claims(struct session *session);

/* The record of a finished session, in place in /run. 0 or a negative errno. */
int record_save(const struct session *session, const char *path);
/* What became of the claims of a late session, behind the record of this boot. 0 or a negative errno. */
int record_append(const struct session *session, const char *path);
/* The rules by which udev knows what to call a late session for. 0 or a negative errno. */
int late_rules_save(struct session *session);
/*
 * Behind a late session for the device at ADDRESS, whose line may say `group`:
 * a file more, for its neighbours. 0 or a negative errno.
 */
int late_rules_add(struct session *session, struct address address);

#endif
