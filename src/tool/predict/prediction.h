/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts of the next boot: the binder's own decision over the system of
 * next_boot.h, then the predicted results of binding and of trying the groups.
 *
 * A device that is not there yet when the binder runs is judged as it will be
 * when it appears: udev has run before, and the others have their drivers.
 */
#ifndef EARLYBIND_TOOL_PREDICT_PREDICTION_H
#define EARLYBIND_TOOL_PREDICT_PREDICTION_H

#include "decision.h"
#include "tool/predict/next_boot.h"

struct prediction {
	struct next_boot next_boot;
	struct decision boot; /* what the binder will find */
	struct decision
		later; /* the machine with all its devices; of its claims those on hotplugged devices are judged */
	bool has_hotplugged; /* some claim is on a hotplugged device, and LATER has its verdict */
};

/*
 * NOW is the running machine, RELEASE the kernel that will boot or NULL for
 * the running one. Reads the platform and the configuration. 0 or -ENOMEM;
 * the caller calls prediction_done() in every case.
 */
int prediction_read(struct prediction *p, struct system *now, const char *release);
/* The same for a configuration of the lines in TEXT, which outlives it, and no other. */
int prediction_read_lines(struct prediction *p, struct system *now, struct slice text);
/* The caller has filled p->boot.plan, which may be empty. 0 or -ENOMEM. */
int prediction_judge(struct prediction *p);
void prediction_done(struct prediction *p);

#endif
