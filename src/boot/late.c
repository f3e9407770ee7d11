/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A late session: udev calls the binder for one device that came after it had
 * run. Several may be called at once, when a card gets its virtual functions;
 * they take turns, so that no two of them write one device's override or open
 * one group.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/session.h"

/* udev ends what it called after 180 s; the rest is for the session itself. */
#define TURN_SECONDS 120

static int read_plan(struct session *s)
{
	char *bytes = NULL;
	size_t len;
	int r = session_read_plan(s, RUN_PLAN, &bytes, &len);

	free(bytes);
	/* The boot's own run has said what is wrong with it; modprobe may do without. */
	return r == -ENOMEM ? r : 0;
}

/* The device is not called for again unless it goes and comes back. */
static int mark_done(struct session *s, struct address address)
{
	char path[sizeof(LATE_FOLDER) + 1 + ADDRESS_SIZE];
	int r = s->door->ops->make_folder(s->door, LATE_FOLDER);

	snprintf(path, sizeof(path), LATE_FOLDER "/%s", address_name(address).at);
	return r < 0 ? r : s->door->ops->put(s->door, path, "", 0);
}

static void report(struct session *s, struct address address)
{
	int r;

	session_report_claims(s);
	r = s->survey.matches.n_claims ? record_append(s, RUN_FOLDER "/record") : 0;
	if (r == 0)
		r = late_rules_add(s, address);
	if (r == 0)
		r = mark_done(s, address);
	if (r < 0)
		log_text(&s->log, LEVEL_WARNING, "what became of %s could not be written to /" RUN_FOLDER " (%s)",
			 address_name(address).at, errno_name(r));
	s->status = s->not_ready || r < 0;
}

static int run_late(struct session *s, struct address address)
{
	int r = survey_read(&s->survey);

	s->log.debug |= s->survey.config.settings.debug;
	if (r < 0 || !session_may_act(s) || !s->survey.config.n_rules)
		return r;
	r = s->door->ops->lock(s->door, RUN_FOLDER "/lock", TURN_SECONDS);
	if (r < 0)
		return r;
	log_debug(&s->log, "called for %s", address_name(address).at);
	s->survey.rescued = door_exists(s->door, RESCUED_FILE);
	r = read_plan(s);
	if (r == 0)
		r = survey_decide_late(&s->survey, address);
	if (r == 0)
		r = session_bind(s);
	/* Also when memory ran out: what was done has to be told. */
	report(s, address);
	return r;
}

void session_run_late(struct session *s, struct address address)
{
	int r;

	s->log.door = s->door;
	s->late = true;
	survey_init(&s->survey, s->door);
	s->survey.folder = RUN_FOLDER "/etc";
	/* Where the binder did not run there is nothing to go by. */
	if (!door_exists(s->door, RUN_FOLDER "/record"))
		return;
	r = run_late(s, address);
	if (r < 0) {
		log_text(&s->log, LEVEL_WARNING, "gave up on %s: %s", address_name(address).at, errno_name(r));
		s->status = 1;
	}
	log_save(&s->log, RUN_FOLDER "/log");
}
