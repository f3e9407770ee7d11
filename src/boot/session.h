/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the binder, from the configuration to the report. */
#ifndef EARLYBIND_BOOT_SESSION_H
#define EARLYBIND_BOOT_SESSION_H

#include <stddef.h>

#include "bind/bind.h"
#include "report/log.h"
#include "survey/survey.h"

#define RUN_FOLDER "run/earlybind"

/* What a run found out and did. */
struct session {
	struct door *door;
	struct log log;
	struct survey survey;
	/* The sum of it */
	unsigned ready, not_ready, skipped, nameless;
	unsigned microseconds;
	int status; /* exit status */
};

/* SESSION starts with its door and the log's switches set and is the caller's to free by session_done(). */
void session_run(struct session *session);
void session_done(struct session *session);

/* Its parts, in their order. STARTED and the clock are in microseconds. */
int session_bind(struct session *session); /* 0 or -ENOMEM */
void session_report(struct session *session, unsigned long started);
void session_save(struct session *session);
unsigned long session_clock(void);

/* The record of a finished session, in place in /run. 0 or a negative errno. */
int record_save(const struct session *session, const char *path);

#endif
