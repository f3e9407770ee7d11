/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What check, status and groups find, gathered first and printed then: for a
 * person the devices as a table and the problems in words, for a program the
 * table alone, or all of it as JSON.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_FINDINGS_H
#define EARLYBIND_TOOL_OUTPUT_FINDINGS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "decide/verdict.h"
#include "system/system.h"
#include "tool/output/json.h"
#include "tool/output/names.h"
#include "tool/output/table.h"

enum finding_kind {
	FINDING_PLATFORM, /* the IOMMU as a whole */
	FINDING_CHECK,	  /* a row of the checklist */
	FINDING_NOTICE,	  /* about the run or the configuration as a whole */
	FINDING_DEVICE,
	FINDING_LINE,	/* a line of the configuration with a verdict of its own */
	FINDING_MODULE, /* a kernel module that binding takes */
	FINDING_NEED,	/* a device that the host needs, or one that could not be found */
	FINDING_IMAGE,	/* an initramfs image */
};

/* Verdicts that are notes; there are six. */
#define FINDING_NOTES_MAX 8

/*
 * Strings are owned, and NULL where there is nothing to say. Of DEVICE and TEXT
 * what comes from elsewhere has been escaped, the others are as they were found.
 */
struct finding {
	enum finding_kind kind;
	enum level level;
	enum verdict verdict;		     /* or V_NONE */
	bool hotplug;			     /* a device that is not there yet when the binder runs */
	notes_t notes;			     /* beside ready */
	char *note_facts[FINDING_NOTES_MAX]; /* of the lowest of NOTES first; NULL: what explain has */
	int group;			     /* or NO_GROUP */
	char *device, *id, *name;
	char *driver;	   /* that has it now */
	char *boot_driver; /* status: that had it at the end of the boot's run */
	char *reset;
	char *line;	       /* "earlybind.conf:3" */
	char *about;	       /* of the checklist: "firmware"; of a need: its kind */
	char *text;	       /* the facts, and what to do about them */
	const char *parameter; /* of the platform: the kernel parameter that is responsible; not owned */
};

struct findings {
	struct finding *items;
	size_t n, room;
	bool lacks_memory; /* some of them are missing */
};

/* The new finding, never NULL; if memory runs out, LACKS_MEMORY is set. */
struct finding *findings_add(struct findings *findings, enum finding_kind kind, enum level level, enum verdict verdict);
/* The same with its text, of which what comes from files has been escaped. */
struct finding *findings_say(struct findings *findings, enum finding_kind kind, enum level level, enum verdict verdict,
			     const char *format, ...) __attribute__((format(printf, 5, 6)));
struct finding *findings_say_list(struct findings *findings, enum finding_kind kind, enum level level,
				  enum verdict verdict, const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));
/* A copy of TEXT for a finding's field. */
char *findings_copy(struct findings *findings, const char *text);
/* Put those from FROM on, which are of devices, in the order that they are shown in: the worst first, then by address.
 */
void findings_sort_devices(struct findings *findings, size_t from);
void findings_done(struct findings *findings);

bool findings_have_problem(const struct findings *findings);
/* Whether findings_print_devices() prints anything. */
bool findings_have_rows(const struct findings *findings);

/* For programs: the table of devices and lines, or all of it as JSON with the exit STATUS. A status of run(). */
int findings_print_all(const struct findings *findings, const struct command *command,
		       const struct table_options *options, int status);
/* What groups prints as well: the platform, the notices and the needs, and what the summary counts. */
void findings_json_platform(struct json *json, const struct findings *findings);
void findings_json_array(struct json *json, const struct findings *findings, const char *key, enum finding_kind kind);
void findings_json_levels(struct json *json, const struct findings *findings, int status);
/* The table of devices and lines, the worst first; nothing when there are none. 0 or a negative errno. */
int findings_print_devices(const struct findings *findings, const struct command *command);
/*
 * Of each finding that is not good and of LEVEL at least: the words, and below
 * them where on this system the remedy's parameter goes. Ends with the words
 * that explain knows.
 */
void findings_print_words(const struct findings *findings, struct system *sys, enum level level);
/* The columns of findings_print_all(), for --help. */
void findings_print_columns(void);

#endif
