/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot log: every line to /dev/kmsg at once, and all of them to a file in /run. */
#ifndef EARLYBIND_REPORT_LOG_H
#define EARLYBIND_REPORT_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "decide/verdict.h"
#include "system/system.h"

struct log {
	struct system *sys;
	struct buffer text; /* all lines so far */
	unsigned lost;	    /* lines that the kernel log did not take */
	int lost_error;	    /* the errno of the last of them */
	bool debug;	    /* pass on log_debug() */
	bool echo;	    /* to standard output as well */
};

/* One record, one write. LINE is one line without its end. */
void log_line(struct log *log, enum level level, const struct linebuf *line);
void log_text(struct log *log, enum level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void log_debug(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Put the lines behind those of earlier runs in PATH, at once, and how many of
 * them the kernel log lacks. 0 or a negative errno.
 */
int log_save(struct log *log, const char *path);
void log_done(struct log *log);

#endif
