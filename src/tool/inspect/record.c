/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/facts.h"

#define RECORD_MAX (4 * 1024 * 1024)
#define ITEMS_MAX 8192
#define FORMAT "1"

/* \xHH back to its byte; what is not of that form stays as it is. False when it does not fit. */
static bool unescape(struct slice t, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		uint32_t byte;
		char c = t.at[i];

		if (n + 1 >= size)
			return false;
		if (c == '\\' && i + 4 <= t.len && t.at[i + 1] == 'x' &&
		    slice_hex(slice_sub(t, i + 2, i + 4), 2, &byte)) {
			c = (char)byte;
			i += 3;
		}
		/* A string of ours ends at its NUL. */
		to[n++] = c ? c : '?';
	}
	to[n] = '\0';
	return true;
}

static notes_t notes_of(struct slice list)
{
	notes_t notes = 0;

	while (list.at) {
		enum verdict v = verdict_of_word(slice_cut(&list, ','));

		notes |= NOTE(v);
	}
	return notes;
}

/* --- a device --- */

static bool set_device_word(struct record_device *device, struct slice key, struct slice value)
{
	uint32_t number;

	if (slice_is(key, "id"))
		return slice_store(value, device->id, sizeof(device->id));
	if (slice_is(key, "verdict"))
		device->verdict = verdict_of_word(value);
	else if (slice_is(key, "driver"))
		return unescape(value, device->driver, sizeof(device->driver));
	else if (slice_is(key, "rule"))
		return unescape(value, device->rule, sizeof(device->rule));
	else if (slice_is(key, "notes"))
		device->notes = notes_of(value);
	else if (slice_is(key, "group")) {
		if (!slice_decimal(value, INT32_MAX, &number))
			return false;
		device->group = (int)number;
	}
	return true;
}

static struct record_device *find_device(struct record *record, struct address address)
{
	for (size_t i = 0; i < record->n_devices; i++)
		if (address_compare(record->devices[i].address, address) == 0)
			return &record->devices[i];
	return NULL;
}

/* 0, -EINVAL for a line that means nothing, -ENOMEM. */
static int parse_device(struct record *record, struct slice name, struct slice rest)
{
	struct record_device device = { .verdict = V_UNKNOWN_WORD, .group = NO_GROUP };
	struct record_device *known;
	struct slice word;
	int r;

	if (!address_from_name(name, &device.address))
		return -EINVAL;
	while ((word = slice_word(&rest)).len) {
		struct slice key = slice_cut(&word, '=');

		if (!word.at || !set_device_word(&device, key, word))
			return -EINVAL;
	}
	known = find_device(record, device.address);
	if (known) {
		*known = device;
		return 0;
	}
	if (record->n_devices == ITEMS_MAX)
		return -EINVAL;
	r = ARRAY_GROW(record->devices, record->n_devices, record->devices_room);
	if (r == 0)
		record->devices[record->n_devices++] = device;
	return r;
}

/* --- a line of the configuration --- */

static int parse_rule(struct record *record, struct slice name, struct slice rest)
{
	struct record_line line = { .verdict = V_UNKNOWN_WORD };
	struct slice word;
	int r;

	if (!unescape(name, line.rule, sizeof(line.rule)) || record->n_lines == ITEMS_MAX)
		return -EINVAL;
	while ((word = slice_word(&rest)).len) {
		struct slice key = slice_cut(&word, '=');

		if (slice_is(key, "verdict"))
			line.verdict = verdict_of_word(word);
	}
	r = ARRAY_GROW(record->lines, record->n_lines, record->lines_room);
	if (r == 0)
		record->lines[record->n_lines++] = line;
	return r;
}

/* --- the rest --- */

static int parse_word(struct record *record, struct slice key, struct slice value)
{
	uint32_t number;

	if (slice_is(key, "format"))
		record->other_format = !slice_is(value, FORMAT);
	else if (slice_is(key, "disabled"))
		record->disabled = true;
	else if (slice_is(key, "problems"))
		return slice_decimal(value, UINT32_MAX, &record->problems) ? 0 : -EINVAL;
	else if (slice_is(key, "status")) {
		if (!slice_decimal(value, 255, &number))
			return -EINVAL;
		record->complete = true;
	}
	return 0;
}

static int parse_line(struct record *record, struct slice line)
{
	struct slice word = slice_word(&line), key = slice_cut(&word, '=');

	if (!key.len && !word.at)
		return 0;
	if (!word.at)
		return -EINVAL;
	if (slice_is(key, "device"))
		return parse_device(record, word, line);
	if (slice_is(key, "rule"))
		return parse_rule(record, word, line);
	return parse_word(record, key, word);
}

int record_parse(struct record *record, struct slice bytes)
{
	unsigned number = 0;

	while (bytes.at) {
		struct slice line = slice_cut(&bytes, '\n');
		int r = parse_line(record, line);

		number++;
		if (r == -ENOMEM)
			return r;
		if (r < 0 && record->bad_lines++ == 0)
			record->first_bad = number;
	}
	return 0;
}

int record_read(struct system *sys, struct record *record)
{
	char *bytes;
	size_t len;
	int r;

	memset(record, 0, sizeof(*record));
	r = sys->ops->read_all(sys, RECORD_PATH, RECORD_MAX, &bytes, &len);
	if (r < 0)
		return r;
	r = record_parse(record, (struct slice){ bytes, len });
	free(bytes);
	return r;
}

void record_done(struct record *record)
{
	free(record->devices);
	free(record->lines);
	memset(record, 0, sizeof(*record));
}
