/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a kernel parameter goes, how an initramfs is regenerated, what the
 * firmware's settings are called: one row for each way, and which of them this
 * system has.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_REMEDY_H
#define EARLYBIND_TOOL_OUTPUT_REMEDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/slice.h"
#include "system/system.h"
#include "tool/output/explanation.h"

/* One way of one kind; texts with words between backquotes, %s stands for the parameter. */
struct remedy_step {
	enum remedy how;
	const char *where; /* "GRUB on Debian, Ubuntu" */
	const char *text;
	const char *sign;  /* a file of systems that have it, or NULL */
	const char *brief; /* one command or place, for a line of its own */
};

extern const struct remedy_step remedy_steps[];
extern const size_t n_remedy_steps;

/* TEXT of a way with PARAMETER in each of its gaps. */
void remedy_fill(struct linebuf *line, const char *text, const char *parameter);

/* "Adding a kernel parameter" */
const char *remedy_title(enum remedy how);

/*
 * The way of this system, by the files that it has, as one short sentence with
 * PARAMETER in its place; false when none is known to fit.
 */
bool remedy_here(struct system *sys, enum remedy how, const char *parameter, struct linebuf *line);

#endif
