/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which devices of a machine will get a driver of a kernel: by the aliases of its
 * modules, built-in ones included, by modprobe.d, and by the driver that they
 * have now, since not every driver has aliases (skl_uncore).
 */
#ifndef EARLYBIND_TOOL_PLAN_DRIVERS_H
#define EARLYBIND_TOOL_PLAN_DRIVERS_H

#include "config/plan.h"
#include "system/system.h"
#include "tool/plan/kernel.h"

/*
 * Add to PLAN, whose kernel is set, what KERNEL does with the devices of the
 * machine of SYS. Without indexes, only what the running system shows. What
 * cannot be told is left out. 0 or -ENOMEM.
 */
int drivers_fill(struct system *sys, struct kernel *kernel, struct plan *plan);

/* The same for a kernel that is opened for it: the running one. */
int drivers_fill_running(struct system *sys, const char *sysroot, struct plan *plan);

#endif
