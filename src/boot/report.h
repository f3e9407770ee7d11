/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run: the lines of the log, and what is left in /run. */
#ifndef EARLYBIND_BOOT_REPORT_H
#define EARLYBIND_BOOT_REPORT_H

#include "boot/run.h"

/* A line for each claim, and their counts. */
void run_report_claims(struct run *run);
/* All lines of the boot's own run, which STARTED then by system_clock(). */
void run_report(struct run *run, unsigned long started);
/* The configuration and the plan that were used, the rules for udev, the log, the record. */
void run_save(struct run *run);

#endif
