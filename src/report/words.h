/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that write findings share. */
#ifndef EARLYBIND_REPORT_WORDS_H
#define EARLYBIND_REPORT_WORDS_H

#include "report/finding.h"

#define NAME_SHOWN 63

/* One device, and all that can be said of it. */
struct subject {
	const struct survey *survey;
	const struct claim *claim;
	const struct device *device;
	const struct group *group; /* or NULL */
	const struct rule *rule;
};

/* A name from sysfs or from a file, escaped. */
void add_name(struct line *line, const char *name);
/* "; REMEDY", where the verdict has one. */
void add_remedy(struct line *line, enum verdict verdict);
/* ": FACTS" of the subject's verdict. */
void add_claim_facts(const struct subject *s, struct line *line);

#endif
