/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for a person: which device, which verdict, the facts, the remedy,
 * where it was asked for. Everything that comes from files or devices is
 * escaped. Pure.
 */
#ifndef EARLYBIND_REPORT_FINDING_H
#define EARLYBIND_REPORT_FINDING_H

#include "base/text.h"
#include "survey/survey.h"

/* A neighbour that no driver has, as it stands in brackets behind the neighbour's address. */
#define FINDING_NO_DRIVER "no driver yet"

/* "Intel VT-d active: 1 unit, 14 groups, interrupt remapping on", or what is wrong. */
void finding_platform(const struct survey *survey, struct line *line);
/* "0000:01:00.0 10de:1b80 ready: vfio-pci, group 14, reset bus [earlybind.conf:3]" */
void finding_claim(const struct survey *survey, const struct claim *claim, struct line *line);
/* Of that only the facts and the remedy: "vfio-pci, group 14, reset bus" */
void finding_claim_facts(const struct survey *survey, const struct claim *claim, struct line *line);
/* "0000:09:00.0 absent: no device at this address; ... [earlybind.conf:7]" */
void finding_naming(const struct survey *survey, size_t rule, struct line *line);
/* "no device at this address; ..." */
void finding_naming_facts(const struct survey *survey, size_t rule, struct line *line);

#endif
