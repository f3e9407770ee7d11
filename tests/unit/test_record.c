/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a boot, read back: whole, of another version, damaged. */
#include "unit.h"

#include <stdlib.h>

#include "tool/inspect/record.h"

static struct record parse(struct slice bytes)
{
	struct record record;

	memset(&record, 0, sizeof(record));
	assert_int_equal(record_parse(&record, bytes), 0);
	return record;
}

static void whole(void **state)
{
	struct record record = parse(slice_of("format=1\nversion=0.1.0\nkernel=6.1.0\\x20odd\nstage=early\n"
					      "platform=iommu-active unit=dmar0 units=1\n"
					      "device=0000:01:00.0 id=10de:1b80 verdict=ready driver=vfio-pci group=14 "
					      "notes=boot-display,no-reset rule=command\\x20line\n"
					      "rule=earlybind.conf:7 verdict=absent fits=0\nproblems=2\nstatus=1\n"));

	(void)state;
	assert_int_equal(record.bad_lines, 0);
	assert_true(record.complete);
	assert_false(record.other_format);
	assert_false(record.disabled);
	assert_int_equal(record.problems, 2);
	assert_int_equal(record.n_devices, 1);
	assert_string_equal(record.devices[0].id, "10de:1b80");
	assert_string_equal(record.devices[0].driver, "vfio-pci");
	assert_string_equal(record.devices[0].rule, "command line");
	assert_int_equal(record.devices[0].verdict, V_READY);
	assert_int_equal(record.devices[0].group, 14);
	assert_true(record.devices[0].notes == (NOTE(V_BOOT_DISPLAY) | NOTE(V_NO_RESET)));
	assert_int_equal(record.n_lines, 1);
	assert_string_equal(record.lines[0].rule, "earlybind.conf:7");
	assert_int_equal(record.lines[0].verdict, V_ABSENT);
	record_done(&record);
}

static void other_format(void **state)
{
	struct record record = parse(slice_of("format=2\ndisabled=rd.earlybind=0\nstatus=0\n"));

	(void)state;
	assert_true(record.other_format);
	assert_true(record.disabled);
	assert_int_equal(record.bad_lines, 0);
	record_done(&record);
}

/* A later line of a device counts: it was rescued, or came late. */
static void said_twice(void **state)
{
	struct record record = parse(slice_of("device=0000:01:00.0 verdict=ready driver=vfio-pci group=3\nstatus=0\n"
					      "device=0000:01:00.0 verdict=rescued driver=nvme stage=late\n"));

	(void)state;
	assert_int_equal(record.n_devices, 1);
	assert_int_equal(record.devices[0].verdict, V_RESCUED);
	assert_string_equal(record.devices[0].driver, "nvme");
	record_done(&record);
}

static void damaged(void **state)
{
	static const struct {
		struct slice bytes;
		unsigned bad, first, devices;
		bool complete;
	} rows[] = {
		{ BYTES(""), 0, 0, 0, false },
		{ BYTES("format=1\nstatus=0"), 0, 0, 0, true },
		{ BYTES("a word of another version=1\nstatus=0\n"), 1, 1, 0, true },
		{ BYTES("other=1 more\nstatus=0\n"), 0, 0, 0, true },
		{ BYTES("status=0\ndevice=nonsense verdict=ready\n"), 1, 2, 0, true },
		{ BYTES("device=0000:01:00.0 verdict=ready group=x\n"), 1, 1, 0, false },
		{ BYTES("device=0000:01:00.0 verdict=ready rule\n"), 1, 1, 0, false },
		{ BYTES("device=0000:01:00.0 id=10de:1b80:1:2 verdict=ready\n"), 1, 1, 0, false },
		{ BYTES("device=0000:01:00.0 verdict=new-word driver=x\n"), 0, 0, 1, false },
		{ BYTES("status=999\n"), 1, 1, 0, false },
		{ BYTES("\0\377\n\nstatus=0\n"), 1, 1, 0, true },
		{ BYTES("device=0000:01:00.0 driver=\\x00\\x\\xg1 rule=\\\n"), 0, 0, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct record record = parse(rows[i].bytes);
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		row_number(name, "bad lines", record.bad_lines, rows[i].bad);
		row_number(name, "first", record.first_bad, rows[i].first);
		row_number(name, "devices", (long long)record.n_devices, rows[i].devices);
		row_number(name, "complete", record.complete, rows[i].complete);
		record_done(&record);
	}
	rows_done();
}

/* A NUL that was escaped ends no string of ours, and names are cut at no half. */
static void escapes(void **state)
{
	struct record record = parse(slice_of("device=0000:01:00.0 driver=a\\x00b\\x20\\x0ac rule=r\n"));

	(void)state;
	assert_string_equal(record.devices[0].driver, "a?b \nc");
	record_done(&record);
}

static void noise_only(void **state)
{
	static const char words[] = "device=0000:01:00.0 verdict=ready driver=\\x2 group=9\nrule=\xff\nstatus=0\n";
	uint32_t seed = 42;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char bytes[sizeof(words)];
		struct record record;

		memcpy(bytes, words, sizeof(words));
		for (unsigned j = 0; j < 4; j++)
			bytes[noise(&seed) % sizeof(bytes)] = (char)noise(&seed);
		record = parse((struct slice){ bytes, noise(&seed) % sizeof(bytes) });
		assert_true(record.n_devices <= 2);
		record_done(&record);
	}
}

/* However many lines: bounded, and the rest is said to be bad. */
static void endless(void **state)
{
	size_t n = 10000, size = n * 40;
	char *bytes = malloc(size), *end = bytes;
	struct record record;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "rule=earlybind.conf:%zu verdict=absent\n", i);
	record = parse((struct slice){ bytes, (size_t)(end - bytes) });
	assert_int_equal(record.n_lines, 8192);
	assert_int_equal(record.bad_lines, n - 8192);
	record_done(&record);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),   cmocka_unit_test(other_format), cmocka_unit_test(said_twice),
		cmocka_unit_test(damaged), cmocka_unit_test(escapes),	   cmocka_unit_test(noise_only),
		cmocka_unit_test(endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
