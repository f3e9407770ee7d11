/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_name.h"
#include "base/print.h"

#define LOG_MAX (1024 * 1024)
#define PREFIX "earlybind: "

/* Facility daemon and the severity, as in syslog(3). */
static const int priorities[] = {
	[LEVEL_GOOD] = 3 << 3 | 6,
	[LEVEL_NOTE] = 3 << 3 | 5,
	[LEVEL_PROBLEM] = 3 << 3 | 4,
};

void log_line(struct log *log, enum level level, const struct linebuf *line)
{
	char record[sizeof(line->at) + 32];
	int head = snprintf(record, sizeof(record), "<%d>", priorities[level]);
	int n = snprintf(record, sizeof(record), "<%d>" PREFIX "%s\n", priorities[level], line->at), r;

	if (n < 0 || (size_t)n >= sizeof(record))
		return;
	/* Callers escape foreign bytes; should one forget, it still forges no line. */
	for (char *c = record + head; c < record + n - 1; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	/* Without /dev/kmsg (printk.devkmsg=off) the file is what remains. */
	r = log->sys->ops->log(log->sys, record, (size_t)n);
	if (r < 0) {
		log->lost++;
		log->lost_error = r;
	}
	if (log->text.len + (size_t)(n - head) <= LOG_MAX)
		buffer_add(&log->text, record + head, (size_t)(n - head));
	if (log->echo)
		print_text(STDOUT_FILENO, record + head);
}

static void add_args(struct linebuf *line, const char *format, va_list args)
{
	char text[sizeof(line->at)];

	vsnprintf(text, sizeof(text), format, args);
	linebuf_add(line, "%s", text);
}

void log_text(struct log *log, enum level level, const char *format, ...)
{
	struct linebuf line;
	va_list args;

	linebuf_start(&line);
	va_start(args, format);
	add_args(&line, format, args);
	va_end(args);
	log_line(log, level, &line);
}

void log_debug(struct log *log, const char *format, ...)
{
	struct linebuf line;
	va_list args;

	if (!log->debug)
		return;
	linebuf_start(&line);
	linebuf_add(&line, "debug: ");
	va_start(args, format);
	add_args(&line, format, args);
	va_end(args);
	log_line(log, LEVEL_GOOD, &line);
}

int log_save(struct log *log, const char *path)
{
	if (log->lost)
		log_text(log, LEVEL_PROBLEM, "%u of these lines could not be written to the kernel log (%s)", log->lost,
			 errno_name(log->lost_error));
	return log->text.len ? log->sys->ops->append(log->sys, path, log->text.bytes, log->text.len) : 0;
}

void log_done(struct log *log)
{
	buffer_done(&log->text);
}
