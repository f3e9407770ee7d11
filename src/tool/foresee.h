/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts of the next boot: the binder's own survey through the door of
 * tool/ahead.h, then what binding and the dry run are predicted to come to.
 *
 * A device that is not there yet when the binder runs is judged as it will be
 * when it appears: udev has run by then, and the others have their drivers.
 */
#ifndef EARLYBIND_TOOL_FORESEE_H
#define EARLYBIND_TOOL_FORESEE_H

#include "survey/survey.h"
#include "tool/ahead.h"

struct foresight {
	struct ahead ahead;
	struct survey boot; /* what the binder will find */
	struct survey later; /* the machine with all its devices; of its claims those on late devices are judged */
	bool has_late;	    /* some claim is on a late device, and LATER counts */
};

/*
 * NOW is the running machine, RELEASE the kernel that will boot or NULL for
 * the running one. Reads the platform and the configuration.  0 or -ENOMEM;
 * the caller calls foresight_done() in every case.
 */
int foresight_read(struct foresight *f, struct door *now, const char *release);
/* Judge; f->boot.plan is filled by now, and may be empty. 0 or -ENOMEM. */
int foresight_judge(struct foresight *f);
void foresight_done(struct foresight *f);

/* The claim of LATER is the one that counts. */
bool foresight_is_late(const struct foresight *f, const struct claim *claim);

#endif
