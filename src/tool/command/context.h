/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check, status and groups have in common: the machine's names, and findings from a decision. */
#ifndef EARLYBIND_TOOL_COMMAND_CONTEXT_H
#define EARLYBIND_TOOL_COMMAND_CONTEXT_H

#include "decision.h"
#include "report/message.h"
#include "tool/output/findings.h"
#include "tool/host/needs.h"

struct context {
	const struct command *command;
	struct table_options options;
	struct system sys; /* the machine as it runs */
	struct names names;
	struct findings findings;
};

/* As a command's run() begins with; the rest is zero. */
#define CONTEXT_OF(c)                                                                                                  \
	{                                                                                                              \
		.command = (c), .options = { .sysroot = "/" }, .sys = {.root = -1 }                                    \
	}

/*
 * Read the options of a command that takes no words: TABLE_OPTIONS, and others
 * of OPTIONS, with which OTHER is called unless it is NULL. False when there is
 * nothing more to do, RET being the exit status.
 */
bool context_options(struct context *context, int argc, char **argv, const struct option *options,
		     void (*other)(struct context *context, int c, const char *value), void (*print_columns)(void),
		     int *ret);

/*
 * Open the system that the options name. STATUS_FINE; STATUS_USAGE after saying
 * that it is none; -ENOMEM. The caller calls context_done() in every case.
 */
int context_open(struct context *context, const struct command *command);
void context_done(struct context *context);

/* "Vendor Device", or NULL: the caller's, to be put into a finding or freed. */
char *context_name(struct context *context, const struct device *device);

/* "earlybind.conf:3", as the record has it, too; not escaped. */
void context_origin_words(const struct origin *origin, struct linebuf *ret);
/* The same for a finding's field. */
char *context_origin(struct context *context, const struct origin *origin);

/* What RULE names, as its line and the log have it; the findings' to own, like a finding's fields. */
char *context_rule_name(struct context *context, const struct rule *rule);

/* The platform's line, the mistakes in the configuration, each claim, each line that has a verdict. */
void context_platform(struct context *context, const struct decision *decision);
void context_problems(struct context *context, const struct config *config);
struct finding *context_claim(struct context *context, const struct decision *decision, const struct claim *claim,
			      enum tense tense);
void context_rules(struct context *context, const struct decision *decision);

/* Findings on the needs in PLAN whose devices are unknown, so that no storage controller is bound. */
void context_unknown_needs(struct context *context, const struct plan *plan, enum level level);

/* The first file of CONFIG that could not be read, or NULL. */
const struct problem *context_unreadable(const struct config *config);

/* STATUS_PROBLEM when a finding is one, or -ENOMEM when some of them were lost. */
int context_status(const struct context *context);

#endif
