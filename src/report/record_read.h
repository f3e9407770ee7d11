/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the record of this boot back: lines of words of KEY=VALUE, as
 * boot/record.c writes them. Nothing is copied, and nothing is trusted.
 */
#ifndef EARLYBIND_REPORT_RECORD_READ_H
#define EARLYBIND_REPORT_RECORD_READ_H

#include <stdbool.h>

#include "base/slice.h"

#define RECORD_MAX (1024 * 1024)

/* The next line of REST whose first word is KEY=..., or false at the end. */
bool record_next(struct slice *rest, const char *key, struct slice *line);

/* The value of the first word KEY=VALUE in LINE, escapes as they are; at == NULL when there is none. */
struct slice record_value(struct slice line, const char *key);

#endif
