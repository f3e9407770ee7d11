/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/findings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/array.h"
#include "machine/facts.h"
#include "tool/output/explanation.h"
#include "tool/output/remedy.h"

enum {
	COL_DEVICE,
	COL_ID,
	COL_VERDICT,
	COL_GROUP,
	COL_BOOT,
	COL_DRIVER,
	COL_RESET,
	COL_NAME,
	COL_LINE,
	COL_NOTES,
	COL_HOTPLUG,
	COL_TYPE,
	COL_LEVEL,
	COL_TEXT
};

static const struct table_column columns[] = {
	[COL_DEVICE] = { "DEVICE", "address, or what the line names", COLUMN_TEXT, SHOWN },
	[COL_ID] = { "ID", "vendor:device", COLUMN_TEXT, SHOWN_WITH_ROOM },
	[COL_VERDICT] = { "VERDICT", "the result; see `earlybind explain`", COLUMN_TEXT, SHOWN },
	[COL_GROUP] = { "GROUP", "IOMMU group", COLUMN_NUMBER, SHOWN },
	[COL_BOOT] = { "BOOT", "driver at the end of the boot's run (status)", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_DRIVER] = { "DRIVER", "driver that has it now", COLUMN_TEXT, SHOWN },
	[COL_RESET] = { "RESET", "reset methods", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_NAME] = { "NAME", "vendor and device", COLUMN_LONG, SHOWN },
	[COL_LINE] = { "LINE", "line of the configuration", COLUMN_TEXT, SHOWN },
	[COL_NOTES] = { "NOTES", "notes on a device that is ready", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_HOTPLUG] = { "HOTPLUG", "appears after the binder has run", COLUMN_BOOL, SHOWN_ON_REQUEST },
	[COL_TYPE] = { "TYPE", "device or line", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_LEVEL] = { "LEVEL", "good, note or problem", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_TEXT] = { "TEXT", "the facts, and what to do", COLUMN_LONG, SHOWN_ON_REQUEST },
};

/* --- gathering --- */

struct finding *findings_add(struct findings *findings, enum finding_kind kind, enum level level, enum verdict verdict)
{
	static struct finding spare;
	struct finding *added = &spare;

	if (ARRAY_GROW(findings->items, findings->n, findings->room) < 0)
		findings->lacks_memory = true;
	else
		added = &findings->items[findings->n++];
	*added = (struct finding){ .kind = kind, .level = level, .verdict = verdict, .group = NO_GROUP };
	return added;
}

char *findings_copy(struct findings *findings, const char *text)
{
	char *copy = text && *text ? strdup(text) : NULL;

	findings->lacks_memory |= text && *text && !copy;
	return copy;
}

struct finding *findings_say_list(struct findings *findings, enum finding_kind kind, enum level level,
				  enum verdict verdict, const char *format, va_list args)
{
	struct finding *f = findings_add(findings, kind, level, verdict);
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	f->text = findings_copy(findings, text);
	return f;
}

struct finding *findings_say(struct findings *findings, enum finding_kind kind, enum level level, enum verdict verdict,
			     const char *format, ...)
{
	struct finding *f;
	va_list args;

	va_start(args, format);
	f = findings_say_list(findings, kind, level, verdict, format, args);
	va_end(args);
	return f;
}

static int compare_devices(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	struct address address_x = { 0 }, address_y = { 0 };

	if (x->level != y->level)
		return x->level > y->level ? -1 : 1;
	address_from_name(slice_of(x->device ? x->device : ""), &address_x);
	address_from_name(slice_of(y->device ? y->device : ""), &address_y);
	return address_compare(address_x, address_y);
}

void findings_sort_devices(struct findings *findings, size_t from)
{
	if (from < findings->n)
		qsort(&findings->items[from], findings->n - from, sizeof(*findings->items), compare_devices);
}

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *f = &findings->items[i];
		char *strings[] = { f->device, f->id,	f->name,  f->driver, f->boot_driver,
				    f->reset,  f->line, f->about, f->text };

		for (size_t s = 0; s < COUNT_OF(strings); s++)
			free(strings[s]);
		for (size_t n = 0; n < FINDING_NOTES_MAX; n++)
			free(f->note_facts[n]);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}

bool findings_have_problem(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].level == LEVEL_PROBLEM)
			return true;
	return false;
}

/* --- tables --- */

static bool is_of_table(const struct finding *f)
{
	return f->kind == FINDING_DEVICE || f->kind == FINDING_LINE;
}

bool findings_have_rows(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (is_of_table(&findings->items[i]))
			return true;
	return false;
}

/* The verdict's cell; for a person with a mark in front. */
static int put_verdict(struct table *table, struct libscols_line *row, const struct finding *f, bool marked)
{
	char text[48];

	if (f->verdict == V_NONE)
		return row ? 0 : -ENOMEM;
	snprintf(text, sizeof(text), "%s%s%s", marked ? mark_of(f->level) : "", marked ? " " : "",
		 verdict_word(f->verdict));
	return table_put(table, row, COL_VERDICT, text);
}

/* Their words, with commas between them. */
static void join_notes(notes_t notes, struct linebuf *line)
{
	linebuf_start(line);
	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++)
		if (notes & NOTE(v))
			linebuf_add(line, "%s%s", line->len ? "," : "", verdict_word(v));
}

static int put_row(struct table *table, const struct finding *f, bool marked)
{
	struct libscols_line *row = table_row(table, NULL);
	struct linebuf notes;
	const struct {
		size_t column;
		const char *text;
	} cells[] = {
		{ COL_ID, f->id },
		{ COL_BOOT, f->boot_driver },
		{ COL_DRIVER, f->driver },
		{ COL_RESET, f->reset },
		{ COL_NAME, f->name },
		{ COL_LINE, f->line },
		{ COL_TYPE, f->kind == FINDING_LINE ? "line" : "device" },
		{ COL_LEVEL, level_word(f->level) },
		{ COL_NOTES, notes.at },
	};
	int r = put_verdict(table, row, f, marked);

	join_notes(f->notes, &notes);
	if (r == 0)
		r = table_put_escaped(table, row, COL_DEVICE, f->device);
	if (r == 0)
		r = table_put_escaped(table, row, COL_TEXT, f->text);

	for (size_t i = 0; i < COUNT_OF(cells) && r == 0; i++)
		r = table_put(table, row, cells[i].column, cells[i].text);
	if (r == 0 && f->kind == FINDING_DEVICE)
		r = table_put_bool(table, row, COL_HOTPLUG, f->hotplug);
	if (r == 0 && f->group != NO_GROUP)
		r = table_put_number(table, row, COL_GROUP, f->group);
	table_style(table, row, COL_VERDICT, style_of(f->level));
	return r;
}

/* All devices and lines, in the order of FINDINGS or the worst first. */
static int print_table(const struct findings *findings, const struct command *command,
		       const struct table_options *options, bool marked)
{
	struct table table;
	int r = table_open(&table, command, columns, COUNT_OF(columns), options);

	for (int level = LEVEL_PROBLEM; level >= LEVEL_GOOD; level--)
		for (size_t i = 0; i < findings->n && r == 0; i++) {
			const struct finding *f = &findings->items[i];

			if (is_of_table(f) && (marked ? (int)f->level == level : level == LEVEL_PROBLEM))
				r = put_row(&table, f, marked);
		}
	if (r == 0)
		r = table_print(&table);
	table_close(&table);
	return r;
}

int findings_print_devices(const struct findings *findings, const struct command *command)
{
	const struct table_options options = { .sysroot = "/" };

	return print_table(findings, command, &options, true);
}

/* --- JSON --- */

static void json_verdict(struct json *json, const struct finding *f)
{
	json_text(json, "verdict", f->verdict == V_NONE ? NULL : verdict_word(f->verdict));
	json_text(json, "level", level_word(f->level));
}

void findings_json_platform(struct json *json, const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (f->kind != FINDING_PLATFORM)
			continue;
		json_object(json, "platform");
		json_verdict(json, f);
		json_text(json, "parameter", f->parameter);
		json_text(json, "text", f->text);
		json_end_object(json);
		return;
	}
	json_null(json, "platform");
}

/* Rows of a few keys; those of devices and lines are below. */
static void json_small_row(struct json *json, const struct finding *f)
{
	if (f->kind == FINDING_NOTICE)
		json_text(json, "verdict", f->verdict == V_NONE ? NULL : verdict_word(f->verdict));
	json_text(json, "level", level_word(f->level));
	if (f->kind == FINDING_CHECK)
		json_text(json, "about", f->about);
	if (f->kind == FINDING_NEED) {
		json_text(json, "need", f->about);
		json_text(json, "device", f->device);
	}
	if (f->kind == FINDING_NOTICE || f->kind == FINDING_MODULE)
		json_text(json, "line", f->line);
	json_text(json, "text", f->text);
}

void findings_json_array(struct json *json, const struct findings *findings, const char *key, enum finding_kind kind)
{
	json_array(json, key);
	for (size_t i = 0; i < findings->n; i++) {
		if (findings->items[i].kind != kind)
			continue;
		json_object(json, NULL);
		json_small_row(json, &findings->items[i]);
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_cell(struct json *json, const char *key, const struct finding *f, size_t column)
{
	struct linebuf notes;

	switch (column) {
	case COL_GROUP:
		if (f->group == NO_GROUP)
			json_null(json, key);
		else
			json_number(json, key, f->group);
		break;
	case COL_NOTES:
		join_notes(f->notes, &notes);
		json_list(json, key, notes.at, ',');
		break;
	case COL_RESET:
		json_list(json, key, f->reset ? f->reset : "", ' ');
		break;
	case COL_HOTPLUG:
		json_bool(json, key, f->hotplug);
		break;
	default: {
		const char *texts[] = {
			[COL_DEVICE] = f->device,
			[COL_ID] = f->id,
			[COL_VERDICT] = f->verdict == V_NONE ? NULL : verdict_word(f->verdict),
			[COL_BOOT] = f->boot_driver,
			[COL_DRIVER] = f->driver,
			[COL_NAME] = f->name,
			[COL_LINE] = f->line,
			[COL_LEVEL] = level_word(f->level),
			[COL_TEXT] = f->text,
		};

		json_text(json, key, texts[column]);
	}
	}
}

static void json_rows(struct json *json, const struct findings *findings, const char *array, enum finding_kind kind)
{
	static const size_t of_device[] = { COL_DEVICE, COL_ID,	     COL_VERDICT, COL_LEVEL, COL_GROUP,
					    COL_BOOT,	COL_DRIVER,  COL_RESET,	  COL_NAME,  COL_LINE,
					    COL_NOTES,	COL_HOTPLUG, COL_TEXT };
	static const size_t of_line[] = { COL_DEVICE, COL_VERDICT, COL_LEVEL, COL_LINE, COL_TEXT };
	const size_t *keys = kind == FINDING_DEVICE ? of_device : of_line;
	size_t n = kind == FINDING_DEVICE ? COUNT_OF(of_device) : COUNT_OF(of_line);

	json_array(json, array);
	for (size_t i = 0; i < findings->n; i++) {
		if (findings->items[i].kind != kind)
			continue;
		json_object(json, NULL);
		for (size_t k = 0; k < n; k++) {
			char key[16];

			table_key(&columns[keys[k]], key, sizeof(key));
			if (json_wants(json, key))
				json_cell(json, key, &findings->items[i], keys[k]);
		}
		json_end_object(json);
	}
	json_end_array(json);
}

void findings_json_levels(struct json *json, const struct findings *findings, int status)
{
	long long problems = 0, notes = 0;

	for (size_t i = 0; i < findings->n; i++) {
		problems += findings->items[i].level == LEVEL_PROBLEM;
		notes += findings->items[i].level == LEVEL_NOTE;
	}
	json_number(json, "problems", problems);
	json_number(json, "notes", notes);
	json_number(json, "status", status);
}

static int print_json(const struct findings *findings, const struct command *command,
		      const struct table_options *options, int status)
{
	long long devices = 0, ready = 0;
	struct json json;

	for (size_t i = 0; i < findings->n; i++) {
		devices += findings->items[i].kind == FINDING_DEVICE;
		ready += findings->items[i].kind == FINDING_DEVICE && findings->items[i].verdict == V_READY;
	}
	json_begin(&json, command, options);
	findings_json_platform(&json, findings);
	findings_json_array(&json, findings, "checks", FINDING_CHECK);
	findings_json_array(&json, findings, "notices", FINDING_NOTICE);
	json_rows(&json, findings, "devices", FINDING_DEVICE);
	json_rows(&json, findings, "lines", FINDING_LINE);
	findings_json_array(&json, findings, "modules", FINDING_MODULE);
	findings_json_array(&json, findings, "needs", FINDING_NEED);
	findings_json_array(&json, findings, "images", FINDING_IMAGE);
	json_object(&json, "summary");
	json_number(&json, "devices", devices);
	json_number(&json, "ready", ready);
	findings_json_levels(&json, findings, status);
	json_end_object(&json);
	return json_end(&json);
}

int findings_print_all(const struct findings *findings, const struct command *command,
		       const struct table_options *options, int status)
{
	int r;

	if (!options->json)
		return print_table(findings, command, options, false);
	r = table_check_columns(command, columns, COUNT_OF(columns), options);
	return r == STATUS_FINE ? print_json(findings, command, options, status) : r;
}

void findings_print_columns(void)
{
	print_columns(columns, COUNT_OF(columns));
}

/* --- words --- */

/* "0000:01:00.0 group-shared: ", as far as the finding has it. */
static void add_head(const struct finding *f, struct linebuf *line)
{
	if (f->device) {
		linebuf_add(line, "%s ", f->device);
	} else if (f->line && f->kind != FINDING_NOTICE) {
		linebuf_add_escaped(line, slice_of(f->line), 128);
		linebuf_add(line, " ");
	}
	if (f->verdict != V_NONE)
		linebuf_add(line, "%s: ", verdict_word(f->verdict));
}

static void print_here(const struct finding *f, struct system *sys)
{
	static const enum remedy hows[] = { REMEDY_ADD_PARAMETER, REMEDY_REMOVE_PARAMETER, REMEDY_REGENERATE };
	const struct explanation *e = f->verdict == V_NONE ? NULL : explanation_of(f->verdict);
	/* Only that one is the parameter to remove; another is not at fault alone. */
	const char *parameter = f->verdict == V_IOMMU_OFF ? f->parameter : e ? e->parameter : NULL;

	for (size_t i = 0; e && !e->explain_only && i < COUNT_OF(hows); i++) {
		struct linebuf line;

		linebuf_start(&line);
		if (!(e->steps & hows[i]) || !remedy_here(sys, hows[i], parameter, &line))
			continue;
		print_wrapped("    here: ", "          ", line.at, 0);
	}
}

static void print_words(const struct finding *f, struct system *sys)
{
	char first[64];
	struct linebuf line;

	linebuf_start(&line);
	add_head(f, &line);
	linebuf_add(&line, "%s", f->text ? f->text : "");
	snprintf(first, sizeof(first), "%s ", mark_of(f->level));
	printf("%s", style_begin(style_of(f->level)));
	print_wrapped(first, "  ", line.at, 0);
	printf("%s", style_end(style_of(f->level)));
	if (f->level == LEVEL_PROBLEM)
		print_here(f, sys);
}

/* The notes on a device that is ready. */
static void print_notes(const struct finding *f, bool *any)
{
	size_t n = 0;

	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++) {
		const struct explanation *e = f->notes & NOTE(v) ? explanation_of(v) : NULL;
		struct finding note = { .level = LEVEL_NOTE, .verdict = v, .device = f->device };

		if (!e)
			continue;
		if (!*any)
			putchar('\n');
		*any = true;
		note.text = n < FINDING_NOTES_MAX && f->note_facts[n] ? f->note_facts[n] : (char *)e->brief;
		n++;
		print_words(&note, NULL);
	}
}

/* The words that were shown, each once. */
static void print_explain(const struct findings *findings)
{
	bool shown[V_COUNT] = { false };
	struct linebuf line;

	linebuf_start(&line);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (f->level != LEVEL_PROBLEM || f->verdict == V_NONE || shown[f->verdict])
			continue;
		shown[f->verdict] = true;
		linebuf_add(&line, " %s", verdict_word(f->verdict));
	}
	if (line.len)
		printf("\n%sMore: earlybind explain%s%s\n", style_begin(STYLE_FAINT), line.at, style_end(STYLE_FAINT));
}

/* What the table or another line says already. */
static bool is_said(const struct finding *f)
{
	return f->level == LEVEL_GOOD || f->kind == FINDING_CHECK || !f->text || f->verdict == V_SKIPPED ||
	       f->verdict == V_NO_IOMMU;
}

void findings_print_words(const struct findings *findings, struct system *sys, enum level level)
{
	bool any = false;

	for (int l = LEVEL_PROBLEM; l >= (int)level; l--)
		for (size_t i = 0; i < findings->n; i++) {
			const struct finding *f = &findings->items[i];

			if ((int)f->level != l || is_said(f))
				continue;
			if (!any)
				putchar('\n');
			any = true;
			print_words(f, sys);
		}
	for (size_t i = 0; i < findings->n && level <= LEVEL_NOTE; i++)
		print_notes(&findings->items[i], &any);
	print_explain(findings);
}
