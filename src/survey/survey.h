/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Survey: what is asked of a machine, what is there, and what that comes to.
 * The binder carries it out and the tool shows it, so they cannot disagree.
 * Changes nothing.
 */
#ifndef EARLYBIND_SURVEY_SURVEY_H
#define EARLYBIND_SURVEY_SURVEY_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/* All that was asked, found and decided. Zeroed and initialised by survey_init(), freed by survey_done(). */
struct survey {
	struct door *door; /* the caller's; it outlives the survey */
	struct config config;
	struct plan plan; /* the caller's to fill, before survey_decide() */
	struct machine machine;
	struct matches matches;
};

void survey_init(struct survey *survey, struct door *door);
void survey_done(struct survey *survey);

/* The platform, the configuration below etc/, and what the kernel command line adds. 0 or -ENOMEM. */
int survey_read(struct survey *survey);

/*
 * The devices that are named, and what speaks against taking each: the claims
 * whose verdict stays V_NONE are to be bound. 0 or -ENOMEM; then the claims
 * are incomplete.
 */
int survey_decide(struct survey *survey);

#endif
