/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/output/usage.h"
#include "tool/output/terminal.h"

#define INDENT 3 /* as libsmartcols has it */

static void print_string(const char *text)
{
	putchar('"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			putchar('\\');
		if (*c == '\n' || *c == '\t')
			fputs(*c == '\n' ? "\\n" : "\\t", stdout);
		else if ((unsigned char)*c < ' ' || *c == 0x7f)
			printf("\\u%04x", (unsigned char)*c);
		else
			putchar(*c);
	}
	putchar('"');
}

/* The comma and the line before a value, and its key. */
static void begin_value(struct json *json, const char *key)
{
	if (json->some)
		putchar(',');
	if (json->depth)
		printf("\n%*s", (int)json->depth * INDENT, "");
	if (key) {
		print_string(key);
		fputs(": ", stdout);
	}
	json->some = true;
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	putchar(bracket);
	json->depth++;
	json->some = false;
}

static void close_with(struct json *json, char bracket)
{
	json->depth--;
	if (json->some)
		printf("\n%*s", (int)json->depth * INDENT, "");
	putchar(bracket);
	json->some = true;
}

void json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_end_object(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_end_array(struct json *json)
{
	close_with(json, ']');
}

void json_text(struct json *json, const char *key, const char *text)
{
	char *own = text && *text ? copy_own(text, true) : NULL;

	json->lacks_memory |= text && *text && !own;
	begin_value(json, key);
	if (own)
		print_string(own);
	else
		fputs("null", stdout);
	free(own);
}

void json_number(struct json *json, const char *key, long long number)
{
	begin_value(json, key);
	printf("%lld", number);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", stdout);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", stdout);
}

void json_list(struct json *json, const char *key, const char *list, char separator)
{
	if (!list) {
		json_null(json, key);
		return;
	}
	json_array(json, key);
	while (*list) {
		size_t len = strcspn(list, (const char[]){ separator, '\0' });
		char *word = strndup(list, len);

		json->lacks_memory |= !word;
		if (len)
			json_text(json, NULL, word);
		free(word);
		list += len + (list[len] != '\0');
	}
	json_end_array(json);
}

bool json_wants(const struct json *json, const char *key)
{
	struct slice rest = slice_of(json->options->columns ? json->options->columns : "");

	/* +LIST adds to the usual columns, and here these are all. */
	if (!rest.len || rest.at[0] == '+')
		return true;
	while (rest.at) {
		struct slice name = slice_cut(&rest, ',');

		if (strlen(key) == name.len && !strncasecmp(key, name.at, name.len))
			return true;
	}
	return false;
}

void json_begin(struct json *json, const struct command *command, const struct table_options *options)
{
	*json = (struct json){ .options = options };
	json_object(json, NULL);
	json_number(json, "version", JSON_VERSION);
	json_text(json, "command", command->name);
}

int json_end(struct json *json)
{
	json_end_object(json);
	putchar('\n');
	return json->lacks_memory ? -ENOMEM : 0;
}
