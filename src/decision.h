/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Survey: what is asked of a machine, what is there, and what that comes to.
 * The binder carries it out and the tool shows it, so they cannot disagree.
 * Changes nothing.
 */
#ifndef EARLYBIND_DECISION_H
#define EARLYBIND_DECISION_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "machine/facts.h"

/* All that was asked, found and decided. Zeroed and initialised by decision_init(), freed by decision_done(). */
struct decision {
	struct system *sys; /* the caller's; it outlives the survey */
	const char *dir;    /* where the configuration is, "etc" unless the caller says otherwise */
	struct config config;
	bool rescued;	  /* the caller's to set: devices were given back in this boot, for want of a root */
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
 * The devices that are named, and what speaks against taking each: the claims
 * whose verdict stays V_UNDECIDED are to be bound. 0 or -ENOMEM; then the claims
 * are incomplete.
 */
int decision_make(struct decision *decision);

/*
 * The same for a device that came after the binder had run, and for nothing
 * else: of its group, with the option `group`, what came with it or has no
 * driver. If no line names it, it is claimed itself because of `group` on the
 * line of a device whose group it came into, whatever driver was quicker. What
 * the lines come to as a whole is not told. 0 or -ENOMEM; no claim when there
 * is no such device.
 */
int decision_make_hotplug(struct decision *decision, struct address address);

#endif
