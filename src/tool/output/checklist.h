/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be in place, from the firmware up to the device: each row good or not, with its remedy. */
#ifndef EARLYBIND_TOOL_OUTPUT_CHECKLIST_H
#define EARLYBIND_TOOL_OUTPUT_CHECKLIST_H

#include "machine/facts.h"
#include "tool/output/findings.h"

/* A row about ABOUT with the text of findings_say(). */
void checklist_add(struct findings *findings, const char *about, enum level level, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Firmware, command line, IOMMU, interrupt remapping, groups. */
void checklist_platform(struct findings *findings, struct system *sys, const struct platform *platform);
void checklist_print(const struct findings *findings);

#endif
