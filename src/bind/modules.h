/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BIND_MODULES_H
#define EARLYBIND_BIND_MODULES_H

#include "config/plan.h"
#include "system/system.h"

/*
 * Load one module of the plan for the running kernel RELEASE, with the plan's
 * options followed by those on the kernel command line, without ids=, which
 * would take devices that no line names. A module that is built in or already
 * loaded is fine. If the image has it elsewhere or compressed in
 * another way than planned, it is found by name; if the kernel refuses the form
 * of the file, the image's modprobe is tried. 0, -ENOENT if it is nowhere, or the
 * kernel's errno.
 */
int module_load(struct system *sys, const char *release, struct slice cmdline, const struct plan_module *module);

#endif
