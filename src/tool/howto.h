/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a kernel parameter goes, how an initramfs is regenerated, what the
 * firmware's settings are called: one row for each way, and which of them this
 * system has.
 */
#ifndef EARLYBIND_TOOL_HOWTO_H
#define EARLYBIND_TOOL_HOWTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"
#include "door/door.h"
#include "tool/explain.h"

/* One way of one kind; texts with words between backquotes, %s stands for the parameter. */
struct way {
	enum howto how;
	const char *where; /* "GRUB on Debian, Ubuntu" */
	const char *text;
	const char *sign; /* a file of systems that have it, or NULL */
	const char *brief; /* one command or place, for a line of its own */
};

extern const struct way ways[];
extern const size_t n_ways;

/* TEXT of a way with PARAMETER in each of its gaps. */
void howto_fill(struct line *line, const char *text, const char *parameter);

/* "Adding a kernel parameter" */
const char *howto_title(enum howto how);

/*
 * The way of this system, by the files that it has, as one short sentence with
 * PARAMETER in its place; false when none is known to fit.
 */
bool howto_here(struct door *door, enum howto how, const char *parameter, struct line *line);

#endif
