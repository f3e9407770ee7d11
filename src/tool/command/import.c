/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `earlybind import`: what other tools were told to hand to VFIO, as lines for
 * earlybind.conf. Prints the lines and nothing else on standard output.
 */
#include "tool/import/import.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "tool/output/path.h"
#include "tool/command/command.h"

#define FILE_MAX (256 * 1024)
#define WORD_SHOWN 64

static const char help[] = "Usage: earlybind import [OPTION]... [FILE]...\n"
			   "\n"
			   "Print lines for /etc/earlybind.conf with the devices that this system hands\n"
			   "to VFIO by other means: vfio-pci's ids= in modprobe.d and on the kernel command\n"
			   "line, rd.qubes.hide_pci=, /etc/driverctl.d and /boot/config/vfio-pci.cfg\n"
			   "(Unraid). With FILE only those are read: one of the above, or an address a\n"
			   "line (TrueNAS). What has no counterpart is said on standard error.\n"
			   "\n"
			   "  --sysroot DIR      look at the system below DIR, not at this one\n"
			   "  --help             this text\n"
			   "\n"
			   "Exit status: 0 all that was found is printed, 1 something could not be read or\n"
			   "has no counterpart, 2 wrong usage.\n";

/* What is said and printed */

void import_from(struct import *import, const char *source)
{
	linebuf_start(&import->source);
	linebuf_add_escaped(&import->source, slice_of(source), 256);
	import->source_shown = false;
}

static void complain(struct import *import, struct slice word, const char *why)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s: \"", import->source.at);
	linebuf_add_escaped(&line, word, WORD_SHOWN);
	linebuf_add(&line, "\": %s", why);
	say_line(&line);
}

void import_cannot(struct import *import, struct slice word, const char *why)
{
	complain(import, word, why);
	import->problem = true;
}

void import_note(struct import *import, struct slice word, const char *why)
{
	complain(import, word, why);
}

void import_unreadable(struct import *import, int error)
{
	say("%s: %s", import->source.at, strerror(-error));
	import->problem = true;
}

static int keep(char ***items, size_t *n, size_t *room, const char *text)
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
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	linebuf_start(&line);
	linebuf_add_escaped(&line, slice_of(text), sizeof(text));
	return keep(&import->remove, &import->n_remove, &import->remove_room, line.at);
}

/* LINE is the setting, COMMENT what stands behind it. */
static int print_line(struct import *import, const struct linebuf *line, const struct linebuf *comment)
{
	bool again = false;

	for (size_t i = 0; i < import->n_lines && !again; i++)
		again = !strcmp(import->lines[i], line->at);
	if (!import->source_shown)
		printf("%s# From %s\n", import->n_lines ? "\n" : "", import->source.at);
	import->source_shown = true;
	printf("%s%s%s\n", again ? "# named above already: " : "", line->at, comment->at);
	return keep(&import->lines, &import->n_lines, &import->lines_room, line->at);
}

/* Devices */

static void add_guard(struct linebuf *line, struct slice guard, const struct device *device)
{
	if (guard.len)
		linebuf_add(line, " id=%.*s", SLICE_ARGS(guard));
	else if (device && !device->error)
		linebuf_add(line, " id=%04x:%04x", device->identity.vendor, device->identity.device);
}

static void note_mismatch(struct import *import, struct slice selector, const struct device *device)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "now holds %04x:%04x, not what the guard says: earlybind will leave it alone",
		    device->identity.vendor, device->identity.device);
	import_note(import, selector, line.at);
}

/* What is at the place itself, whatever the guard. */
static int find_at(struct import *import, struct slice selector, const struct device **ret)
{
	struct selection selection;
	int r = devices_select(&import->devices, selector, &selection);

	*ret = r == 0 && selection.n_found ? &import->devices.machine.devices[selection.found[0]] : NULL;
	selection_done(&selection);
	return r;
}

/* One line for an address or a path; FITS: the guard does. */
static int import_place(struct import *import, struct slice selector, struct slice guard, const char *more, bool fits)
{
	const struct device *device;
	struct linebuf line, comment;
	int r = find_at(import, selector, &device);

	if (r < 0)
		return r;
	if (device && device_is_bridge(device)) {
		import_cannot(import, selector, "is a bridge, which VFIO never takes; name what is behind it");
		return 0;
	}
	if (!device && !guard.len) {
		import_cannot(
			import, selector,
			"nothing is there now, and without its ID a line would take whatever comes to this place");
		return 0;
	}
	linebuf_start(&line);
	linebuf_start(&comment);
	linebuf_add(&line, "%.*s", SLICE_ARGS(selector));
	add_guard(&line, guard, device);
	linebuf_add(&line, "%s", more);
	if (!device)
		linebuf_add(&comment, " optional  # nothing is there now");
	else if (fits)
		devices_comment(&import->devices, device, &comment);
	else
		note_mismatch(import, selector, device);
	return print_line(import, &line, &comment);
}

/* ids= takes every device of an ID; a line each, which no other card can slip into. */
static int import_each(struct import *import, const struct selection *selection, struct slice selector,
		       const char *more)
{
	const struct selector *s = &selection->rule->selector;
	int r = 0;

	for (size_t i = 0; i < selection->n_found && r == 0; i++) {
		const struct device *device = &import->devices.machine.devices[selection->found[i]];
		struct address_name name = address_name(device->address);
		struct slice guard = { NULL, 0 };

		if (device_is_bridge(device))
			continue;
		/* A * in the ID is no guard; what is there now is. */
		if (s->kind == SELECT_ID && s->id.vendor != ID_ANY && s->id.device != ID_ANY)
			guard = selector;
		r = import_place(import, slice_of(name.at), guard, s->kind == SELECT_ID ? more : "", true);
	}
	return r;
}

static int import_absent(struct import *import, struct slice selector, const char *more)
{
	struct linebuf line, comment;

	linebuf_start(&line);
	linebuf_add(&line, "%.*s%s optional", SLICE_ARGS(selector), more);
	linebuf_start(&comment);
	linebuf_add(&comment, "  # this machine has none now");
	return print_line(import, &line, &comment);
}

static int import_selection(struct import *import, const struct selection *selection, struct slice selector,
			    struct slice guard, const char *more)
{
	enum selector_kind kind;

	if (!selection->rule) {
		import_cannot(import, selector,
			      selection->config.n_problems ? selection->config.problems[0].what : "not a device");
		return 0;
	}
	kind = selection->rule->selector.kind;
	if (kind == SELECT_ADDRESS || kind == SELECT_PATH)
		return import_place(import, selector, guard, more, selection->n_found > 0);
	if (selection->n_found)
		return import_each(import, selection, selector, more);
	return import_absent(import, selector, more);
}

int import_device(struct import *import, struct slice selector, struct slice guard, const char *more)
{
	struct slice rest = selector;
	struct selection selection;
	struct linebuf line;
	int r;

	/* More words would be options, or a comment that hides the guard. */
	if (slice_word(&rest).len != selector.len) {
		import_cannot(import, selector, "a device is one word; take away the rest of the line");
		return 0;
	}
	linebuf_start(&line);
	linebuf_add(&line, "%.*s%s%.*s%s", SLICE_ARGS(selector), guard.len ? " id=" : "", SLICE_ARGS(guard), more);
	r = devices_select(&import->devices, slice_of(line.at), &selection);
	r = r < 0 ? r : import_selection(import, &selection, selector, guard, more);
	selection_done(&selection);
	return r;
}

/* Sources */

/* The whole of PATH below DOOR; RET is the caller's. 0 or a negative errno. */
static int read_text(struct system *sys, const char *path, char **ret, struct slice *ret_text)
{
	int r = sys->ops->read_all(sys, path, FILE_MAX, ret, &ret_text->len);

	ret_text->at = *ret;
	return r;
}

static int say_unreadable(struct import *import, int error)
{
	import_unreadable(import, error);
	return error == -ENOMEM ? error : 0;
}

/* The line that tells what a file is: the first one that is neither empty nor a comment. */
static struct slice first_line(struct slice text)
{
	while (text.at) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (line.len && line.at[0] != '#')
			return line;
	}
	return (struct slice){ "", 0 };
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* On a kernel command line, wherever that stands in the line. */
static bool names_hidden_devices_in(struct slice line)
{
	static const char *const names[] = { "vfio-pci.ids=", "vfio_pci.ids=", "rd.qubes.hide_pci=" };

	for (size_t i = 0; i < line.len; i++)
		for (size_t j = 0; j < COUNT_OF(names); j++)
			if (slice_starts(slice_sub(line, i, line.len), names[j]))
				return true;
	return false;
}

/* A comment may speak of a parameter in a file of any kind. */
static bool names_hidden_devices(struct slice text)
{
	while (text.at) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (line.len && line.at[0] != '#' && names_hidden_devices_in(line))
			return true;
	}
	return false;
}

static bool is_modprobe_word(struct slice word)
{
	static const char *const words[] = { "options", "alias", "blacklist", "install", "remove", "softdep" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

static int import_settings(struct import *import, const char *path)
{
	bool found;
	int r = import_modprobe(import, path, true, &found);

	if (r == 0 && !found)
		import_cannot(import, slice_of("options vfio-pci"), "no such line with ids= is in this file");
	return r;
}

static int import_text(struct import *import, const char *path, struct slice text)
{
	struct slice first = first_line(text), rest = first, word = slice_word(&rest);
	struct address address;

	if (slice_starts(slice_of(base_name(path)), "pci-") &&
	    address_from_name(slice_of(base_name(path) + 4), &address))
		return import_driverctl(import, base_name(path), text);
	if (slice_starts(first, "BIND=") || slice_starts(first, "VFS="))
		return import_unraid(import, text);
	if (names_hidden_devices(text))
		return import_boot_loader(import, text);
	if (word.len && word.len == first.len)
		return import_addresses(import, text);
	if (is_modprobe_word(word))
		return import_settings(import, path);
	import_cannot(import, first, "no setting that hands devices to VFIO; see `earlybind import --help`");
	return 0;
}

static int import_file(struct import *import, const char *path)
{
	CLEANUP(free_string) char *bytes = NULL;
	char whole[PATH_MAX];
	struct system sys;
	struct slice text;
	int r;

	import_from(import, path);
	if (!realpath(path, whole))
		return say_unreadable(import, -errno);
	r = system_open(&sys, "/");
	if (r < 0)
		return say_unreadable(import, r);
	r = read_text(&sys, whole + 1, &bytes, &text);
	system_close(&sys);
	return r < 0 ? say_unreadable(import, r) : import_text(import, path, text);
}

static int import_usual_file(struct import *import, const char *path,
			     int (*read)(struct import *import, struct slice text))
{
	CLEANUP(free_string) char *bytes = NULL;
	struct slice text;
	int r = read_text(&import->devices.sys, path + 1, &bytes, &text);

	import_from(import, path);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? say_unreadable(import, r) : read(import, text);
}

struct override {
	struct import *import;
	char **names;
	size_t n, room;
};

static int add_override(const char *name, void *data)
{
	struct override *override = data;

	return keep(&override->names, &override->n, &override->room, name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int import_override(struct import *import, const char *name)
{
	CLEANUP(free_string) char *bytes = NULL;
	char path[SYSTEM_PATH_MAX];
	struct slice text;
	int r;

	snprintf(path, sizeof(path), "/etc/driverctl.d/%s", name);
	import_from(import, path);
	r = read_text(&import->devices.sys, path + 1, &bytes, &text);
	return r < 0 ? say_unreadable(import, r) : import_driverctl(import, name, text);
}

static int import_overrides(struct import *import)
{
	struct override override = { .import = import };
	int r = system_for_each_entry(&import->devices.sys, add_override, &override, "etc/driverctl.d");

	r = r == -ENOENT ? 0 : r;
	if (override.n)
		qsort(override.names, override.n, sizeof(override.names[0]), compare_names);
	for (size_t i = 0; i < override.n; i++) {
		if (r == 0)
			r = import_override(import, override.names[i]);
		free(override.names[i]);
	}
	free(override.names);
	return r;
}

static int import_usual(struct import *import)
{
	struct slice cmdline = slice_of(import->devices.machine.platform.cmdline);
	bool found;
	int r;

	r = import_modprobe(import, NULL, !import_has_ids(cmdline), &found);
	if (r == 0)
		import_from(import, "the kernel command line");
	r = r < 0 ? r : import_cmdline(import, cmdline);
	r = r < 0 ? r : import_overrides(import);
	r = r < 0 ? r : import_usual_file(import, "/boot/config/vfio-pci.cfg", import_unraid);
	if (r == 0 && !import->n_lines && !import->problem)
		say("nothing on this system hands a device to VFIO by other means");
	return r;
}

static void print_remove(const struct import *import)
{
	if (!import->n_lines)
		return;
	puts("\n# Once `earlybind status` shows these devices ready, take away what bound them before:");
	for (size_t i = 0; i < import->n_remove; i++)
		printf("#   %s\n", import->remove[i]);
}

static int run(const struct command *command, struct import *import, int n_files, char **files)
{
	int r = devices_open(&import->devices, command, import->sysroot);

	if (r != STATUS_FINE)
		return r;
	if (!n_files)
		r = import_usual(import);
	for (int i = 0; i < n_files && r == 0; i++)
		r = import_file(import, files[i]);
	if (r < 0)
		return r;
	print_remove(import);
	return import->problem ? STATUS_PROBLEM : STATUS_FINE;
}

static void import_done(struct import *import)
{
	for (size_t i = 0; i < import->n_lines; i++)
		free(import->lines[i]);
	for (size_t i = 0; i < import->n_remove; i++)
		free(import->remove[i]);
	free(import->lines);
	free(import->remove);
	devices_close(&import->devices);
}

static int import_main(const struct command *command, int argc, char **argv)
{
	struct import import = { .sysroot = "/" };
	int r;

	if (!devices_options(command, argc, argv, &import.sysroot, &r))
		return r;
	r = run(command, &import, argc - optind, argv + optind);
	import_done(&import);
	return r;
}

const struct command command_import = {
	.name = "import",
	.does = "print what other tools hand to VFIO as lines for earlybind.conf",
	.help = help,
	.run = import_main,
};
