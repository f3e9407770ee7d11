/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of this boot, /run/earlybind/record: what the binder found, decided
 * and did, as values for other programs. earlybind-record(5) describes it.
 *
 * A row a line, words of KEY=VALUE separated by blanks; the first word tells
 * what the row is about. Blanks, control characters, backslashes and what is
 * not ASCII are \xHH in values. A key whose value is unknown, zero, empty or
 * "no" is left out, except where earlybind-record(5) says otherwise.
 *
 *	format=2
 *	kernel=6.1.0-37-amd64
 *	device=0000:01:00.0 id=10de:1b80 verdict=ready driver=vfio-pci group=14 rule=earlybind.conf:3 ...
 *	status=0
 *
 * After the run's own rows come those of later runs: a row for a device that
 * has one already replaces it.
 */
#ifndef EARLYBIND_RECORD_RECORD_H
#define EARLYBIND_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "decision.h"

#define RECORD_FORMAT 2
#define RECORD_MAX (4 * 1024 * 1024)

/* How the run ended. */
struct record_end {
	unsigned microseconds;
	int error;  /* errno that ended it early, or 0 */
	int status; /* exit status */
};

/* --- writing --- */

/* The whole record of a run. */
void record_add_run(struct buffer *to, const struct decision *decision, const struct record_end *end);
/* The devices of a hotplug run, and what shares their groups. */
void record_add_devices(struct buffer *to, const struct decision *decision);
/* The rescue has restored the device at ADDRESS; DRIVER has it now, or "". */
void record_add_rescued(struct buffer *to, struct address address, const char *driver, enum rescue_reason reason);

/* Put the record of a finished run in place. 0 or a negative errno. */
int record_save(struct system *sys, const struct decision *decision, const struct record_end *end);
/* Add rows to the record of this boot, and free them. 0 or a negative errno. */
int record_append(struct system *sys, struct buffer *rows);

/* --- reading word by word, for the rescue --- */

/* The next row of REST whose first word is KEY=..., or false at the end. */
bool record_next(struct slice *rest, const char *key, struct slice *row);
/* The value of the first word KEY=VALUE in ROW, escapes as they are; at == NULL when there is none. */
struct slice record_value(struct slice row, const char *key);

/* --- reading it all back into what the run decided with --- */

struct record {
	/*
	 * As after the run: the machine and the devices of then, the claims with their outcomes, and the
	 * configuration and the plan that the run left in /run. What the record does not tell is zero.
	 */
	struct decision decision;
	struct record_end end;
	struct system_failures unread; /* what the run could not read */
	struct problem unreadable; /* a file of the saved configuration that cannot be read now, if it has an error */
	bool has_config, has_plan; /* rows about them are there */
	bool other_format;	   /* written in another format, so that words may mean something else */
	bool complete;		   /* its last word, the status, is there */
	/* The first of the lines that mean nothing, and their number. */
	unsigned bad_lines, first_bad;
	struct record_words *words;
};

/*
 * Read the record and what lies beside it. 0; -ENOENT when this boot has none; another negative errno.
 * RECORD is the caller's to free by record_done() in every case.
 */
int record_read(struct system *sys, struct record *record);
/* The same of BYTES, of which nothing is kept, for a decision that has its configuration and plan. 0 or -ENOMEM. */
int record_parse(struct record *record, struct slice bytes);
void record_done(struct record *record);

/* --- the words of both --- */

/*
 * The steps of binding, the steps of a group's trial, and ACPI tables by the bits of enum acpi_table: words one
 * after the other, each with its NUL, in the order of the enumerations.
 */
extern const char record_steps[], record_trials[], record_tables[];
/* Why the rescue has restored a device, likewise. */
extern const char record_reasons[];
#define RECORD_TABLES 5
/* The word number N of WORDS, from 0. */
const char *record_word(const char *words, unsigned n);

#endif
