/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a kernel parameter goes, how an initramfs is regenerated, what the
 * firmware's settings are called: a row for each place, from
 * src/verdicts/steps.txt, and which of them this system has.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_REMEDY_H
#define EARLYBIND_TOOL_OUTPUT_REMEDY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "system/system.h"
#include "tool/output/explanation.h"

/* What to do at one place; texts with words between backquotes. */
struct remedy_step {
	enum remedy how;
	const char *where; /* "GRUB on Debian, Ubuntu" */
	const char *text;
	const char *sign;  /* files that together only systems with this place have, separated by blanks, or NULL */
	const char *brief; /* one command or phrase, for a line of its own */
	/* Of a generator of initramfs images, or NULL: its name, */
	const char *generator;
	const char *hook; /* files, one of which adds earlybind to an image, separated by blanks */
	const char *mark; /* a file in every image that it makes, and in no other */
};

extern const struct remedy_step remedy_steps[];
extern const size_t n_remedy_steps;

struct remedy_title {
	enum remedy how;
	const char *title; /* "Adding a kernel parameter" */
};

extern const struct remedy_title remedy_titles[];
extern const size_t n_remedy_titles;

/* The TEXT of a step with PARAMETER in place of each {parameter}. */
void remedy_fill(struct linebuf *line, const char *text, const char *parameter);

/* The step for this system, by the files that it has; NULL if none is known to fit. */
const struct remedy_step *remedy_find(struct system *sys, enum remedy how);

/* Whether SYS has the hook of STEP, a generator. */
bool remedy_has_hook(struct system *sys, const struct remedy_step *step);

/*
 * The step for this system, by the files that it has, as one short phrase with
 * PARAMETER filled in; false if none is known to fit.
 */
bool remedy_here(struct system *sys, enum remedy how, const char *parameter, struct linebuf *line);

/* The command that regenerates the initramfs of this system, or those of the generators that have a hook. */
void remedy_regenerate(struct system *sys, struct linebuf *line);

#endif
