/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else on this system binds devices to VFIO or keeps them from their drivers: kernel parameters, modprobe.d,
 * lists of modules, driverctl, udev rules, scripts for the initramfs.
 */
#ifndef EARLYBIND_TOOL_INSPECT_OTHER_BINDERS_H
#define EARLYBIND_TOOL_INSPECT_OTHER_BINDERS_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/verdict.h"
#include "system/system.h"

struct other_binders {
	struct system *sys;
	const char *sysroot;
	struct slice cmdline;	     /* of the kernel */
	const struct config *config; /* a device that no line names is reported, and one that a skip line names; */
	const struct plan *plan;     /* one that the host needs is a problem */
	/* Called with each finding; TEXT is escaped. */
	void (*report)(void *data, enum level level, const char *text);
	void *data;
};

/* 0 or -ENOMEM. */
int other_binders_check(const struct other_binders *other);

/*
 * Forms that are no list of devices: calls SEEN with the file and with what it has, such as "driver_override". For
 * import, which cannot turn them into lines. 0 or -ENOMEM.
 */
int other_binders_forms(struct system *sys, const char *sysroot,
			int (*seen)(void *data, const char *file, const char *what), void *data);

#endif
