/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfio-pci's `ids=`: each entry becomes an ID with, where it says so, a class. */
#include <stdio.h>

#include "base/array.h"
#include "tool/import/import.h"

#define ANY UINT32_MAX
#define CLASS_MASK 0xffffffu

enum { VENDOR, DEVICE, SUBVENDOR, SUBDEVICE, CLASS, MASK, FIELDS };

/* As vfio_pci reads it: what is missing is any ID, and a class without a mask is ignored. */
static bool parse_fields(struct slice entry, uint32_t fields[FIELDS])
{
	size_t n = 0;

	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = i < CLASS ? ANY : 0;
	while (entry.at) {
		struct slice field = slice_trim(slice_cut(&entry, ':'));

		if (slice_starts(field, "0x") || slice_starts(field, "0X"))
			field = slice_sub(field, 2, field.len);
		if (n == FIELDS || !slice_hex(field, 8, &fields[n]))
			return false;
		n++;
	}
	return n >= 2;
}

/* False for a part that no device can have. */
static bool format_id(const uint32_t fields[FIELDS], struct linebuf *line)
{
	struct id_pattern id = id_pattern_any;
	int32_t *const parts[] = { &id.vendor, &id.device, &id.subvendor, &id.subdevice };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (fields[i] != ANY && fields[i] > UINT16_MAX)
			return false;
		*parts[i] = fields[i] == ANY ? ID_ANY : (int32_t)fields[i];
	}
	linebuf_start(line);
	id_pattern_format(&id, line);
	return true;
}

/* False for a mask that is none of class, subclass and interface from the left. */
static bool format_class(const uint32_t fields[FIELDS], struct linebuf *line)
{
	const struct class_pattern class = { fields[CLASS] & CLASS_MASK, fields[MASK] & CLASS_MASK };

	linebuf_start(line);
	if (!class.mask)
		return true;
	if (class.mask != 0xff0000 && class.mask != 0xffff00 && class.mask != 0xffffff)
		return false;
	linebuf_add(line, "class=");
	class_pattern_format(&class, line);
	return true;
}

static int import_entry(struct import *import, struct slice entry)
{
	struct slice none = { NULL, 0 };
	uint32_t fields[FIELDS];
	struct linebuf id, class, more;

	if (!parse_fields(entry, fields)) {
		import_cannot(import, entry,
			      "not vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]; vfio-pci "
			      "does not understand it either");
		return 0;
	}
	if (!format_id(fields, &id)) {
		import_cannot(import, entry, "an ID has four digits; vfio-pci finds no device for this either");
		return 0;
	}
	if (!format_class(fields, &class)) {
		import_cannot(import, entry,
			      "class= compares whole pairs of digits from the left; write a line for each "
			      "class that is meant");
		return 0;
	}
	if (fields[CLASS] && !fields[MASK])
		import_note(import, entry, "vfio-pci ignores a class without a mask; left out");
	if (fields[VENDOR] == ANY && fields[DEVICE] == ANY && fields[SUBVENDOR] == ANY && fields[SUBDEVICE] == ANY) {
		if (class.len)
			return import_device(import, slice_of(class.at), none, "");
		import_cannot(import, entry, "this fits every device of the machine");
		return 0;
	}
	linebuf_start(&more);
	if (class.len)
		linebuf_add(&more, " %s", class.at);
	return import_device(import, slice_of(id.at), none, more.at);
}

bool import_is_id(struct slice word)
{
	struct slice entry = slice_cut(&word, ',');
	uint32_t fields[FIELDS];

	return parse_fields(slice_trim(entry), fields);
}

#define LOST_AFTER_BLANK "comes after a blank, which ends ids=: it had no effect"
#define LOST_NAME "vfio-pci has no parameter id=, only ids=: it had no effect"

int import_lost_ids(struct import *import, struct slice list, bool blank)
{
	import_cannot(import, list, blank ? LOST_AFTER_BLANK : LOST_NAME);
	return import_ids(import, list);
}

int import_ids(struct import *import, struct slice list)
{
	int r = 0;

	while (list.at && r == 0) {
		struct slice entry = slice_trim(slice_cut(&list, ','));

		if (entry.len)
			r = import_entry(import, entry);
	}
	return r;
}
