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
	struct door *door;  /* the caller's; it outlives the survey */
	const char *folder; /* where the configuration is, "etc" unless the caller says otherwise */
	struct config config;
	bool rescued;	    /* the caller's to set: devices were given back in this boot, for want of a root */
	struct plan plan; /* the caller's to fill, before survey_decide() */
	struct machine machine;
	struct matches matches;
};

void survey_init(struct survey *survey, struct door *door);
void survey_done(struct survey *survey);

/* The platform alone, for a configuration that the caller fills. 0 or -ENOMEM. */
int survey_platform(struct survey *survey);

/* The platform, the configuration in FOLDER, and what the kernel command line adds. 0 or -ENOMEM. */
int survey_read(struct survey *survey);

/*
 * The devices that are named, and what speaks against taking each: the claims
 * whose verdict stays V_NONE are to be bound. 0 or -ENOMEM; then the claims
 * are incomplete.
 */
int survey_decide(struct survey *survey);

/*
 * The same for a device that came after the binder had run, and for nothing
 * else: of its group, with the option `group`, what came with it or has no
 * driver. If no line names it, it is claimed itself because of `group` on the
 * line of a device whose group it came into, whatever driver was quicker. What
 * the lines come to as a whole is not told. 0 or -ENOMEM; no claim when there
 * is no such device.
 */
int survey_decide_late(struct survey *survey, struct address address);

#endif
