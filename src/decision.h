/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision: what is requested of a machine, what is there, and what follows
 * from both. The binder carries it out and the tool shows it, so they agree.
 * Changes nothing.
 */
#ifndef EARLYBIND_DECISION_H
#define EARLYBIND_DECISION_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/* All that was requested, found and decided. Initialised by decision_init(), freed by decision_done(). */
struct decision {
	struct system *sys; /* the caller's; it outlives the decision */
	const char *dir;    /* where the configuration is, "etc" unless the caller says otherwise */
	struct config config;
	bool rescued;	  /* the caller's to set: devices were restored in this boot because the root was missing */
	struct plan plan; /* the caller's to fill, before decision_make() */
	int plan_error;	  /* likewise: why there is no plan, an errno, or 0 */
	struct machine machine;
	struct matches matches;
};

void decision_init(struct decision *decision, struct system *sys);
void decision_done(struct decision *decision);

/* The platform alone, for a configuration that the caller fills. 0 or -ENOMEM. */
int decision_read_platform(struct decision *decision);

/* The platform, the configuration in DIR, and what the kernel command line adds. 0 or -ENOMEM. */
int decision_read(struct decision *decision);

/*
 * The devices that are named, and the reasons not to bind them: the claims whose
 * verdict stays V_UNDECIDED are to be bound. 0 or -ENOMEM; then the claims
 * are incomplete.
 */
int decision_make(struct decision *decision);

/*
 * The same for one device that appeared after the boot's own run, and, with the
 * option `group`, for what in its group came with it or has no driver. If no line
 * names it, `group` on the line of a device whose group it came into claims it,
 * whatever driver has it. The results of lines as a whole are not filled in. 0 or
 * -ENOMEM; no claim if there is no such device.
 */
int decision_make_hotplug(struct decision *decision, struct address address);

#endif
