/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that write messages share. */
#ifndef EARLYBIND_REPORT_MESSAGE_PARTS_H
#define EARLYBIND_REPORT_MESSAGE_PARTS_H

#include "report/message.h"

#define NAME_SHOWN 63

/* One device, with everything that messages about it need. */
struct subject {
	const struct decision *decision;
	const struct claim *claim;
	const struct device *device;
	const struct group *group; /* or NULL */
	const struct rule *rule;
	enum tense tense;
};

/* A name from sysfs or from a file, escaped. */
void add_name(struct linebuf *line, const char *name);
/* "; REMEDY" of that case, where the verdict has one. */
void add_remedy(struct linebuf *line, enum verdict verdict, enum remedy_case which);
/* What the rescue came to. */
void add_rescued(struct linebuf *line, const struct device *device, const char *taken, enum carrier carrier,
		 enum rescue_reason reason);
/* The facts of the subject's verdict, where it has some, after BETWEEN. */
void add_claim_facts(const struct subject *s, struct linebuf *line, const char *between);
/* The facts of one of its notes. */
void add_note_facts(const struct subject *s, enum verdict note, struct linebuf *line);

#endif
