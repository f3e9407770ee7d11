/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of driverctl, Unraid and TrueNAS, and the kernel command line. */
#include <stdio.h>
#include <string.h>

#include "config/cmdline.h"
#include "decide/predict.h"
#include "tool/import/import.h"

static const struct slice nothing = { NULL, 0 };

/* driverctl: pci-ADDRESS with the name of a driver in it. */

static bool is_vfio_driver(struct slice driver)
{
	char name[DRIVER_SIZE];

	return slice_is_name(driver) && slice_store(driver, name, sizeof(name)) && predict_is_vfio(name);
}

int import_driverctl(struct import *import, const char *name, struct slice text)
{
	struct slice address = slice_of(name), driver = slice_trim(text);
	struct linebuf more;
	int r;

	if (!slice_starts(address, "pci-")) {
		import_cannot(import, address, "not a PCI device; leave it to driverctl");
		return 0;
	}
	address = slice_sub(address, 4, address.len);
	if (slice_is(driver, "none")) {
		import_cannot(import, address,
			      "none keeps every driver away, which no line can do; leave it to driverctl");
		return 0;
	}
	if (!is_vfio_driver(driver)) {
		import_cannot(import, driver, "not a VFIO driver; leave this device to driverctl");
		return 0;
	}
	linebuf_start(&more);
	if (!slice_is(driver, DRIVER_DEFAULT))
		linebuf_add(&more, " driver=%.*s", SLICE_ARGS(driver));
	r = import_device(import, address, nothing, more.at);
	/* Without a line for it, driverctl is what binds the device. */
	if (r == 0 && import->source_shown)
		r = import_remove(import, "driverctl unset-override %.*s", SLICE_ARGS(address));
	return r;
}

/* Unraid: BIND=ADDRESS|ID ..., either half alone, in either order. */

static bool is_id(struct slice word)
{
	return word.len == 9 && word.at[4] == ':' && !memchr(word.at, '.', word.len);
}

static int import_pair(struct import *import, struct slice pair)
{
	struct slice rest = pair, first = slice_cut(&rest, '|'), second = slice_cut(&rest, '|');

	if (is_id(first) && second.len)
		return import_device(import, second, first, "");
	if (first.len)
		return import_device(import, first, second, "");
	if (second.len)
		return import_device(import, second, nothing, "");
	import_cannot(import, pair, "neither an address nor an ID");
	return 0;
}

static struct slice unquoted(struct slice value)
{
	value = slice_trim(value);
	if (value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') && value.at[value.len - 1] == value.at[0])
		value = slice_sub(value, 1, value.len - 1);
	return value;
}

int import_unraid(struct import *import, struct slice text)
{
	int r = 0;

	while (text.at && r == 0) {
		struct slice line = slice_trim(slice_cut(&text, '\n')), value = line, word;
		struct slice name = slice_trim(slice_cut(&value, '='));

		if (!line.len || line.at[0] == '#')
			continue;
		if (!slice_is(name, "BIND")) {
			import_cannot(import, line,
				      "only BIND= names devices; earlybind does not create virtual functions");
			continue;
		}
		value = unquoted(value);
		while (r == 0 && (word = slice_word(&value)).len)
			r = import_pair(import, word);
	}
	return r < 0 ? r : import_remove(import, "%s", import->source.at);
}

/* TrueNAS: an address a line. */
int import_addresses(struct import *import, struct slice text)
{
	int r = 0;

	while (text.at && r == 0) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (line.len && line.at[0] != '#')
			r = import_device(import, line, nothing, "");
	}
	return r < 0 ? r : import_remove(import, "%s", import->source.at);
}

/*
 * Qubes: addresses, or paths such as 0000_00_08.1-00_00.0: the address where it
 * starts, then for each hop the number of buses after the bridge's first, the
 * device and the function. Colons cannot be used there.
 */
static bool format_qubes(struct slice word, struct linebuf *line)
{
	struct slice first = slice_cut(&word, '-');

	linebuf_start(line);
	for (size_t i = 0; i < first.len; i++)
		linebuf_add(line, "%c", first.at[i] == '_' ? ':' : first.at[i]);
	while (word.at) {
		struct slice hop = slice_cut(&word, '-'), bus = slice_cut(&hop, '_');
		uint32_t behind;

		if (!hop.len || !slice_hex(bus, 2, &behind) || behind)
			return false;
		linebuf_add(line, "/%.*s", SLICE_ARGS(hop));
	}
	return !line->cut;
}

static int import_hidden(struct import *import, struct slice list)
{
	int r = 0;

	while (list.at && r == 0) {
		struct slice word = slice_cut(&list, ',');
		struct linebuf selector;

		if (!word.len)
			continue;
		if (format_qubes(word, &selector))
			r = import_device(import, slice_of(selector.at), nothing, "");
		else
			import_cannot(import, word,
				      "not a path that a line can name: it counts buses, not only bridges");
	}
	return r;
}

static bool is_ids(struct slice name)
{
	return slice_is(name, "vfio-pci.ids") || slice_is(name, "vfio_pci.ids");
}

static bool is_hidden(struct slice name)
{
	return slice_is(name, "rd.qubes.hide_pci");
}

static bool names_devices(struct slice cmdline)
{
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value))
		if (is_ids(name) || is_hidden(name))
			return true;
	return false;
}

bool import_has_ids(struct slice cmdline)
{
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value))
		if (is_ids(name))
			return true;
	return false;
}

int import_cmdline(struct import *import, struct slice cmdline)
{
	struct slice rest = cmdline, name, value, ids = nothing, hidden = nothing;
	int r = 0;

	while (cmdline_next(&rest, &name, &value)) {
		if (is_ids(name) && ids.at)
			import_note(import, ids, "has no effect: a later ids= overrides it");
		if (is_ids(name))
			ids = value;
		else if (is_hidden(name))
			hidden = value;
	}
	if (ids.at)
		r = import_ids(import, ids);
	if (ids.at && r == 0)
		r = import_remove(import, "vfio-pci.ids= on the kernel command line");
	if (hidden.at && r == 0)
		r = import_hidden(import, hidden);
	if (hidden.at && r == 0)
		r = import_remove(import, "rd.qubes.hide_pci= on the kernel command line");
	return r;
}

/* GRUB_CMDLINE_LINUX="..." */
static struct slice command_line_in(struct slice line)
{
	struct slice value = line, name = slice_cut(&value, '=');

	return value.at && slice_is_name(name) ? unquoted(value) : line;
}

int import_boot_loader(struct import *import, struct slice text)
{
	bool found = false;
	int r = 0;

	while (text.at && r == 0) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (!line.len || line.at[0] == '#')
			continue;
		found |= names_devices(command_line_in(line));
		r = import_cmdline(import, command_line_in(line));
	}
	if (r == 0 && !found)
		import_cannot(import, slice_of("kernel command line"),
			      "this file has neither vfio-pci.ids= nor rd.qubes.hide_pci=");
	return r;
}
