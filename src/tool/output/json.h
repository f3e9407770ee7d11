/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON on standard output, which libsmartcols cannot print where objects hold
 * arrays of other objects. earlybind-json(5) describes what the commands print.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_JSON_H
#define EARLYBIND_TOOL_OUTPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/output/table.h"

#define JSON_VERSION 1

struct json {
	unsigned depth;
	bool some; /* a value stands before the next one, which needs a comma */
	bool lacks_memory;
	const struct table_options *options;
};

/* The object that every command prints: its version and the command's name, then what the caller adds. */
void json_begin(struct json *json, const struct command *command, const struct table_options *options);
/* The end of it. 0, or -ENOMEM when a value is missing. */
int json_end(struct json *json);

/* KEY is NULL in an array. */
void json_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_array(struct json *json, const char *key);
void json_end_array(struct json *json);
/* TEXT may be of any bytes: what is not UTF-8, and control characters, are \xHH in it. NULL or "": null. */
void json_text(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, long long number);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
/* The words of LIST, which are separated by SEPARATOR, as an array; NULL: null. */
void json_list(struct json *json, const char *key, const char *list, char separator);

/* Whether the caller's -o names the column KEY, or there is no -o. */
bool json_wants(const struct json *json, const char *key);

#endif
