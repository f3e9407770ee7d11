/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record that the binder left of this boot, read back; boot/record.c says
 * what it looks like. Words that are not known are passed over, a line that
 * cannot be understood is counted, and nothing in it is trusted.
 */
#ifndef EARLYBIND_TOOL_INSPECT_RECORD_H
#define EARLYBIND_TOOL_INSPECT_RECORD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "config/config.h"
#include "decide/verdict.h"
#include "system/system.h"

#define RECORD_PATH "run/earlybind/record"
#define RECORD_CONFIG "run/earlybind/etc"

/* A drop-in with the longest name that a file can have, and the line's number. */
#define RECORD_RULE_SIZE (sizeof("earlybind.d/") + NAME_MAX + sizeof(":4294967295"))

struct record_device {
	struct address address;
	char id[sizeof("ffff:ffff")]; /* or "" */
	enum verdict verdict;	      /* or V_UNKNOWN_WORD */
	char driver[DRIVER_NAME_SIZE];
	char rule[RECORD_RULE_SIZE]; /* "earlybind.conf:3" */
	int group;		     /* or NO_GROUP */
	notes_t notes;
};

/* A line of the configuration that named nothing, or much. */
struct record_line {
	char rule[RECORD_RULE_SIZE];
	enum verdict verdict;
};

struct record {
	bool other_format;	       /* written by a version that writes it otherwise */
	bool disabled;		       /* rd.earlybind=0 */
	bool complete;		       /* its last word, the status, is there */
	unsigned problems;	       /* mistakes in the configuration */
	struct record_device *devices; /* each once; what came later counts */
	size_t n_devices, devices_room;
	struct record_line *lines;
	size_t n_lines, lines_room;
	unsigned bad_lines, first_bad; /* lines that mean nothing, and the first of them */
};

/* 0; -ENOENT when this boot has none; another negative errno. RECORD is the caller's to free in every case. */
int record_read(struct system *sys, struct record *record);
/* Parse BYTES, of which nothing is kept. RECORD starts zeroed. 0 or -ENOMEM. */
int record_parse(struct record *record, struct slice bytes);
void record_done(struct record *record);

#endif
