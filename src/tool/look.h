/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check, status and groups have in common: the machine's names, and findings from a survey. */
#ifndef EARLYBIND_TOOL_LOOK_H
#define EARLYBIND_TOOL_LOOK_H

#include "survey/survey.h"
#include "tool/findings.h"
#include "tool/root.h"

struct look {
	const struct command *command;
	struct table_options options;
	struct door door; /* the machine as it runs */
	struct names names;
	struct findings findings;
};

/* As a command's run() begins with; the rest is zero. */
#define LOOK_OF(c) { .command = (c), .options = { .sysroot = "/" }, .door = { .root = -1 } }

/*
 * Read the options of a command that takes no words: TABLE_OPTIONS, and others
 * of OPTIONS, with which OTHER is called unless it is NULL. False when there is
 * nothing more to do, RET being the exit status.
 */
bool look_options(struct look *look, int argc, char **argv, const struct option *options,
		  void (*other)(struct look *look, int c, const char *value), void (*print_columns)(void), int *ret);

/*
 * Open the system that the options name. STATUS_FINE; STATUS_USAGE after saying
 * that it is none; -ENOMEM. The caller calls look_done() in every case.
 */
int look_open(struct look *look, const struct command *command);
void look_done(struct look *look);

/* "Vendor Device", or NULL: the caller's, to be put into a finding or freed. */
char *look_name(struct look *look, const struct device *device);

/* "earlybind.conf:3", as the record has it, too; not escaped. */
void look_origin_words(const struct origin *origin, struct line *ret);
/* The same for a finding's field. */
char *look_origin(struct look *look, const struct origin *origin);

/* What RULE names, as its line and the log have it; the findings' to own, like a finding's fields. */
char *look_named(struct look *look, const struct rule *rule);

/* The platform's line, the mistakes in the configuration, each claim, each line that has a verdict. */
void look_platform(struct look *look, const struct survey *survey);
void look_problems(struct look *look, const struct config *config);
struct finding *look_claim(struct look *look, const struct survey *survey, const struct claim *claim);
void look_namings(struct look *look, const struct survey *survey);

/* What stands on something that could not be followed, so that no guard is set for it. */
void look_unknowns(struct look *look, const struct root *root);

/* The first file of CONFIG that could not be read, so that nobody knows what it says; or NULL. */
const struct problem *look_unreadable(const struct config *config);

/* STATUS_PROBLEM when a finding is one, or -ENOMEM when some of them were lost. */
int look_status(const struct look *look);

#endif
