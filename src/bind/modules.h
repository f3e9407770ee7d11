/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BIND_MODULES_H
#define EARLYBIND_BIND_MODULES_H

#include "config/plan.h"
#include "system/system.h"

/*
 * Load one module of the plan for the running kernel RELEASE, with the plan's
 * options and then those of the kernel command line, but without ids=, which
 * would take devices that no line names. A module that is built in or loaded
 * already is fine. Where the image has it elsewhere or in
 * another compression than the plan says, it is found by name; what the kernel
 * refuses for a reason of form is tried once more through the image's
 * modprobe. 0, -ENOENT when it is nowhere, or the kernel's reason.
 */
int module_load(struct system *sys, const char *release, struct slice cmdline, const struct plan_module *module);

#endif
