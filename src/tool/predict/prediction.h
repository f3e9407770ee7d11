/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts of the next boot: the binder's own survey through the door of
 * tool/ahead.h, then what binding and the dry run are predicted to come to.
 *
 * A device that is not there yet when the binder runs is judged as it will be
 * when it appears: udev has run by then, and the others have their drivers.
 */
#ifndef EARLYBIND_TOOL_PREDICT_PREDICTION_H
#define EARLYBIND_TOOL_PREDICT_PREDICTION_H

#include "decision.h"
#include "tool/predict/next_boot.h"

struct prediction {
	struct next_boot next_boot;
	struct decision boot;  /* what the binder will find */
	struct decision later; /* the machine with all its devices; of its claims those on late devices are judged */
	bool has_hotplugged;   /* some claim is on a late device, and LATER counts */
};

/*
 * NOW is the running machine, RELEASE the kernel that will boot or NULL for
 * the running one. Reads the platform and the configuration.  0 or -ENOMEM;
 * the caller calls prediction_done() in every case.
 */
int prediction_read(struct prediction *f, struct system *now, const char *release);
/* Judge; f->boot.plan is filled by now, and may be empty. 0 or -ENOMEM. */
int prediction_judge(struct prediction *f);
void prediction_done(struct prediction *f);

#endif
