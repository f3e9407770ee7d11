/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a boot: as the rescue reads it, and as the tool does. */
#include "base/array.h"
#include "fuzz.h"
#include "machine/facts.h"
#include "record/record.h"
#include "tool/inspect/record.h"

static void read_as_rescue(struct slice whole)
{
	static const char *const keys[] = { "device", "taken", "rescued", "status" };
	struct slice line;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct slice rest = whole;

		while (record_next(&rest, keys[i], &line)) {
			fuzz_check_inside(line, whole);
			MUST(record_value(line, keys[i]).at);
			fuzz_check_inside(record_value(line, "driver"), line);
		}
	}
}

static void check_device(const struct record *record, size_t index)
{
	const struct record_device *device = &record->devices[index];

	MUST(device->verdict <= V_COUNT && device->group >= NO_GROUP);
	MUST(memchr(device->driver, '\0', sizeof(device->driver)));
	MUST(memchr(device->rule, '\0', sizeof(device->rule)));
	for (size_t i = 0; i < index; i++)
		MUST(address_compare(record->devices[i].address, device->address) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct record record = { 0 };
	int r;

	read_as_rescue((struct slice){ copy, size });
	r = record_parse(&record, (struct slice){ copy, size });
	/* Nothing of the bytes is kept. */
	free(copy);
	MUST(r <= 0);
	for (size_t i = 0; i < record.n_devices; i++)
		check_device(&record, i);
	MUST((record.bad_lines == 0) == (record.first_bad == 0));
	record_done(&record);
	return 0;
}
