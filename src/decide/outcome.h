/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outcome of binding a device: src/bind writes it, verify judges it. */
#ifndef EARLYBIND_DECIDE_OUTCOME_H
#define EARLYBIND_DECIDE_OUTCOME_H

#include <stdbool.h>

/* The steps of binding a device, in their order. */
enum step_kind {
	STEP_NONE,
	STEP_PARK,   /* an override that keeps every driver off */
	STEP_LOAD,   /* load the module */
	STEP_UNBIND, /* unbind the driver that has it */
	STEP_BIND,   /* the real override, then bind */
};

struct outcome {
	enum step_kind failed; /* the step that went wrong, or STEP_NONE */
	int error;	       /* its errno */
	bool hung;	       /* that step did not return */
	int variant_error;     /* why the variant driver could not be loaded: an errno, or 0 */
	int restore_error;     /* why the device could not be restored after a failure: an errno, or 0 */
};

#endif
