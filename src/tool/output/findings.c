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
	COL_WAS,
	COL_DRIVER,
	COL_RESET,
	COL_NAME,
	COL_LINE,
	COL_NOTES,
	COL_LATE,
	COL_KIND,
	COL_LEVEL,
	COL_ABOUT,
	COL_TEXT
};

static const struct table_column columns[] = {
	[COL_DEVICE] = { "DEVICE", "address", COLUMN_TEXT, SHOWN },
	[COL_ID] = { "ID", "vendor:device", COLUMN_TEXT, SHOWN_WITH_ROOM },
	[COL_VERDICT] = { "VERDICT", "what will become or became of it", COLUMN_TEXT, SHOWN },
	[COL_GROUP] = { "GROUP", "IOMMU group", COLUMN_NUMBER, SHOWN },
	[COL_WAS] = { "BOOT", "driver at the end of the boot's run (status)", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_DRIVER] = { "DRIVER", "driver that has it now", COLUMN_TEXT, SHOWN },
	[COL_RESET] = { "RESET", "reset methods", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_NAME] = { "NAME", "vendor and device", COLUMN_LONG, SHOWN },
	[COL_LINE] = { "LINE", "line of the configuration", COLUMN_TEXT, SHOWN },
	[COL_NOTES] = { "NOTES", "what is good to know of a device that is ready", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_LATE] = { "LATE", "appears after the binder has run", COLUMN_BOOL, SHOWN_ON_REQUEST },
	[COL_KIND] = { "KIND", "platform, checklist, config, device, line, module, root or image", COLUMN_TEXT,
		       SHOWN_ON_REQUEST },
	[COL_LEVEL] = { "LEVEL", "good, note or problem", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_ABOUT] = { "ABOUT", "what a row of the checklist is about", COLUMN_TEXT, SHOWN_ON_REQUEST },
	[COL_TEXT] = { "TEXT", "the facts, and what to do", COLUMN_LONG, SHOWN_ON_REQUEST },
};

static const char *const kinds[] = {
	[FINDING_PLATFORM] = "platform", [FINDING_CHECK] = "checklist", [FINDING_CONFIG] = "config",
	[FINDING_DEVICE] = "device",	 [FINDING_LINE] = "line",	[FINDING_MODULE] = "module",
	[FINDING_NEED] = "root",	 [FINDING_IMAGE] = "image",
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
		char *strings[] = { f->device, f->id,	f->name,  f->driver, f->previous_driver,
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

static int put_notes(struct table *table, struct libscols_line *row, notes_t notes)
{
	struct linebuf line;

	linebuf_start(&line);
	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++)
		if (notes & NOTE(v))
			linebuf_add(&line, "%s%s", line.len ? "," : "", verdict_word(v));
	return table_put(table, row, COL_NOTES, line.at);
}

static int put_row(struct table *table, const struct finding *f, bool marked)
{
	struct libscols_line *row = table_row(table, NULL);
	const struct {
		size_t column;
		const char *text;
	} cells[] = {
		{ COL_ID, f->id },	 { COL_WAS, f->previous_driver }, { COL_DRIVER, f->driver },
		{ COL_RESET, f->reset }, { COL_NAME, f->name },		  { COL_LINE, f->line },
		{ COL_ABOUT, f->about }, { COL_KIND, kinds[f->kind] },	  { COL_LEVEL, level_word(f->level) },
	};
	int r = put_verdict(table, row, f, marked);

	if (r == 0)
		r = table_put_escaped(table, row, COL_DEVICE, f->device);
	if (r == 0)
		r = table_put_escaped(table, row, COL_TEXT, f->text);

	for (size_t i = 0; i < COUNT_OF(cells) && r == 0; i++)
		r = table_put(table, row, cells[i].column, cells[i].text);
	if (r == 0)
		r = put_notes(table, row, f->notes);
	if (r == 0 && f->kind == FINDING_DEVICE)
		r = table_put_bool(table, row, COL_LATE, f->late);
	if (r == 0 && f->group != NO_GROUP)
		r = table_put_number(table, row, COL_GROUP, f->group);
	table_style(table, row, COL_VERDICT, style_of(f->level));
	return r;
}

static bool is_of_table(const struct finding *f)
{
	return f->kind == FINDING_DEVICE || f->kind == FINDING_LINE;
}

int findings_print_all(const struct findings *findings, const struct command *command, const char *name,
		       const struct table_options *options)
{
	struct table table;
	int r = table_open(&table, command, name, columns, COUNT_OF(columns), options);

	for (size_t i = 0; i < findings->n && r == 0; i++)
		if (options->json || is_of_table(&findings->items[i]))
			r = put_row(&table, &findings->items[i], false);
	if (r == 0)
		r = table_print(&table);
	table_close(&table);
	return r;
}

int findings_print_devices(const struct findings *findings, const struct command *command, const char *name)
{
	const struct table_options options = { .sysroot = "/" };
	struct table table;
	int r = table_open(&table, command, name, columns, COUNT_OF(columns), &options);

	for (int level = LEVEL_PROBLEM; level >= LEVEL_GOOD; level--)
		for (size_t i = 0; i < findings->n && r == 0; i++)
			if (is_of_table(&findings->items[i]) && (int)findings->items[i].level == level)
				r = put_row(&table, &findings->items[i], true);
	if (r == 0)
		r = table_print(&table);
	table_close(&table);
	return r;
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
	} else if (f->line) {
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

	for (size_t i = 0; e && !e->explain_only && i < COUNT_OF(hows); i++) {
		struct linebuf line;

		linebuf_start(&line);
		if (!(e->steps & hows[i]) ||
		    !remedy_here(sys, hows[i], f->parameter ? f->parameter : e->parameter, &line))
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

/* Of a device that is ready all the same. */
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
