/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of other tools' settings share: the lines that are printed, and the messages. */
#include "tool/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/protection.h"
#include "report/message.h"
#include "tool/output/usage.h"

#define WORD_SHOWN 64

void import_from(struct import *import, const char *source)
{
	linebuf_start(&import->source);
	linebuf_add_escaped(&import->source, slice_of(source), 256);
	import->source_shown = false;
}

void import_note(struct import *import, struct slice word, const char *why)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s: \"", import->source.at);
	linebuf_add_escaped(&line, word, WORD_SHOWN);
	linebuf_add(&line, "\": %s", why);
	print_error_line(&line);
}

void import_cannot(struct import *import, struct slice word, const char *why)
{
	import_note(import, word, why);
	import->problem = true;
}

void import_unreadable(struct import *import, int error)
{
	print_error("%s: %s", import->source.at, strerror(-error));
	import->problem = true;
}

int import_keep(char ***items, size_t *n, size_t *room, const char *text)
{
	char *copy = strdup(text);
	int r = copy ? array_grow((void **)items, *n, room, sizeof(**items)) : -ENOMEM;

	if (r < 0) {
		free(copy);
		return r;
	}
	(*items)[(*n)++] = copy;
	return 0;
}

int import_remove(struct import *import, const char *format, ...)
{
	struct linebuf line;
	va_list args;

	linebuf_start(&line);
	va_start(args, format);
	linebuf_add_escaped_list(&line, format, args);
	va_end(args);
	return import_keep(&import->remove, &import->n_remove, &import->remove_room, line.at);
}

/* LINE is the setting, COMMENT what comes after it. */
static int print_line(struct import *import, const struct linebuf *line, const struct linebuf *comment)
{
	bool again = false;

	for (size_t i = 0; i < import->n_lines && !again; i++)
		again = !strcmp(import->lines[i], line->at);
	if (!import->source_shown)
		printf("%s# From %s\n", import->n_lines ? "\n" : "", import->source.at);
	import->source_shown = true;
	printf("%s%s%s\n", again ? "# already above: " : "", line->at, comment->at);
	return import_keep(&import->lines, &import->n_lines, &import->lines_room, line->at);
}

/* --- devices --- */

/* What took it before did so whatever the host needs; earlybind does not. */
static void note_need(struct import *import, struct slice selector, const struct device *device)
{
	const struct plan_need *need;
	struct linebuf why;
	bool moved;

	need = protection_find(&import->plan, &import->devices.machine, device, &moved);
	if (!need)
		return;
	linebuf_start(&why);
	message_need(need, moved, &why);
	linebuf_add(&why, ": earlybind will leave it alone unless the line has even-if-needed");
	import_cannot(import, selector, why.at);
}

/* One line for an address or a path; FITS: the device there has that ID. */
static int import_place(struct import *import, struct slice selector, struct slice id, const char *more, bool fits)
{
	const struct device *device = NULL;
	struct linebuf line, comment;
	struct selection selection;
	/* What is there now, whatever its ID. */
	int r = select_devices(&import->devices, selector, &selection);

	if (r == 0 && selection.n_found)
		device = &import->devices.machine.devices[selection.found[0]];
	selection_done(&selection);
	if (r < 0)
		return r;
	if (device && device_is_bridge(device)) {
		import_cannot(import, selector, "is a bridge, which cannot be assigned; name the devices below it");
		return 0;
	}
	if (device && device_has_functions(&import->devices.sys, device)) {
		import_cannot(import, selector,
			      "has virtual functions, which exist only while its own driver has it; no line is printed "
			      "for it");
		return 0;
	}
	if (!device && !id.len) {
		import_cannot(import, selector,
			      "no device is there now, and a line without an ID would take any device at this place");
		return 0;
	}
	linebuf_start(&line);
	linebuf_add(&line, "%.*s", SLICE_ARGS(selector));
	if (id.len)
		linebuf_add(&line, " id=%.*s", SLICE_ARGS(id));
	else if (device && !device->error)
		linebuf_add(&line, " id=%s", identity_name(device->identity).at);
	linebuf_add(&line, "%s", more);
	if (device && device_comes_later(&import->devices.sys, &import->devices.machine, device) &&
	    !strstr(more, "optional"))
		linebuf_add(&line, " optional");
	linebuf_start(&comment);
	if (!device) {
		linebuf_add(&comment, " optional  # not present now");
	} else if (fits) {
		add_name_comment(&import->devices, device, &comment);
		note_need(import, selector, device);
	} else {
		struct linebuf note;

		linebuf_start(&note);
		linebuf_add(&note, "the device there now has the ID %s: earlybind will leave it alone",
			    identity_name(device->identity).at);
		import_note(import, selector, note.at);
	}
	return print_line(import, &line, &comment);
}

/* ids= takes every device of an ID; here each gets a line, which takes no other card. */
static int import_each(struct import *import, const struct selection *selection, struct slice selector,
		       const char *more)
{
	const struct selector *s = &selection->rule->selector;
	int r = 0;

	for (size_t i = 0; i < selection->n_found && r == 0; i++) {
		const struct device *device = &import->devices.machine.devices[selection->found[i]];
		struct address_name name = address_name(device->address);
		struct slice id = { NULL, 0 };

		if (device_is_bridge(device))
			continue;
		/* With a * in the ID, the line gets the ID of what is there now. */
		if (s->kind == SELECT_ID && s->id.vendor != ID_ANY && s->id.device != ID_ANY)
			id = selector;
		r = import_place(import, slice_of(name.at), id, s->kind == SELECT_ID ? more : "", true);
	}
	return r;
}

static int import_selection(struct import *import, const struct selection *selection, struct slice selector,
			    struct slice id, const char *more)
{
	struct linebuf line, comment;
	enum selector_kind kind;

	if (!selection->rule) {
		import_cannot(import, selector,
			      selection->config.n_problems ? selection->config.problems[0].what : "not a device");
		return 0;
	}
	kind = selection->rule->selector.kind;
	if (kind == SELECT_ADDRESS || kind == SELECT_PATH)
		return import_place(import, selector, id, more, selection->n_found > 0);
	if (selection->n_found)
		return import_each(import, selection, selector, more);
	linebuf_start(&line);
	linebuf_add(&line, "%.*s%s optional", SLICE_ARGS(selector), more);
	linebuf_start(&comment);
	linebuf_add(&comment, "  # not present now");
	return print_line(import, &line, &comment);
}

int import_device(struct import *import, struct slice selector, struct slice id, const char *more)
{
	struct slice rest = selector;
	struct selection selection;
	struct linebuf line;
	int r;

	/* More words would be options, or a comment that hides the ID. */
	if (slice_word(&rest).len != selector.len) {
		import_cannot(import, selector, "a device is one word; remove the rest of the line");
		return 0;
	}
	linebuf_start(&line);
	linebuf_add(&line, "%.*s%s%.*s%s", SLICE_ARGS(selector), id.len ? " id=" : "", SLICE_ARGS(id), more);
	r = select_devices(&import->devices, slice_of(line.at), &selection);
	r = r < 0 ? r : import_selection(import, &selection, selector, id, more);
	selection_done(&selection);
	return r;
}
