/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as the kernel spells them, and what a modalias says. */
#include "unit.h"

#include "base/address.h"

static void names_both_ways(void **state)
{
	static const struct {
		struct address address;
		const char *name;
	} rows[] = {
		{ { 0, 0, 0, 0 }, "0000:00:00.0" },
		{ { 0, 1, 0x1f, 7 }, "0000:01:1f.7" },
		{ { 0xffff, 0xff, 0x10, 3 }, "ffff:ff:10.3" },
		{ { 0x10000, 0, 2, 0 }, "10000:00:02.0" },
		{ { 0xffffffff, 0xff, 0x1f, 7 }, "ffffffff:ff:1f.7" },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		row_string(rows[i].name, "name", address_name(rows[i].address).at, rows[i].name);
		memset(&a, 0xaa, sizeof(a));
		row_number(rows[i].name, "is an address", address_from_name(slice_of(rows[i].name), &a), true);
		row_number(rows[i].name, "difference", address_compare(a, rows[i].address), 0);
	}
	rows_done();
}

static void other_names_are_none(void **state)
{
	static const struct slice rows[] = {
		BYTES(""),
		BYTES("01:00.0"),
		BYTES("000:01:00.0"),
		BYTES("0000:1:00.0"),
		BYTES("0000:01:0.0"),
		BYTES("0000:01:00"),
		BYTES("0000:01:00."),
		BYTES("0000:01:00.8"),
		BYTES("0000:01:20.0"),
		BYTES("0000:01:00.00"),
		BYTES("0000:01:00.0\n"),
		BYTES("0000:01:00.0 "),
		BYTES("123456789:01:00.0"),
		BYTES("0000:001:00.0"),
		BYTES("0000:01:000.0"),
		BYTES("0000:g1:00.0"),
		BYTES("0000:01:0g.0"),
		BYTES("g000:01:00.0"),
		BYTES("0000:01:00.g"),
		BYTES("pci0000:00"),
		BYTES("0000:01:00:0"),
		BYTES("0000:00:01.0:pcie001"),
		BYTES("....:..:...."),
		BYTES("0000:01:00.0\0"),
	};
	struct address a = { 1, 2, 3, 4 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].at, "is an address", address_from_name(rows[i], &a), false);
	row_number("result", "written", a.domain == 1 && a.bus == 2 && a.device == 3 && a.function == 4, true);
	rows_done();
}

static void ordering(void **state)
{
	static const struct address sorted[] = {
		{ 0, 0, 0, 0 },	  { 0, 0, 0, 7 }, { 0, 0, 1, 0 },	{ 0, 0, 31, 7 },	 { 0, 1, 0, 0 },
		{ 0, 255, 0, 0 }, { 1, 0, 0, 0 }, { 0x10000, 0, 0, 0 }, { 0xffffffff, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sorted); i++)
		for (size_t j = 0; j < COUNT_OF(sorted); j++)
			row_number(address_name(sorted[i]).at, address_name(sorted[j]).at,
				   address_compare(sorted[i], sorted[j]), (i > j) - (i < j));
	rows_done();
	assert_true(address_same_slot((struct address){ 1, 2, 3, 0 }, (struct address){ 1, 2, 3, 7 }));
	assert_false(address_same_slot((struct address){ 1, 2, 3, 0 }, (struct address){ 1, 2, 4, 0 }));
	assert_false(address_same_slot((struct address){ 1, 2, 3, 0 }, (struct address){ 0, 2, 3, 0 }));
}

#define MODALIAS "pci:v000010DEd00001B80sv00001043sd000085AAbc03sc00i02"

static void modalias_is_read(void **state)
{
	static const struct slice rows[] = {
		BYTES(MODALIAS),
		BYTES(MODALIAS "\n"),
		BYTES("pci:v000010ded00001b80sv00001043sd000085aabc03sc00i02\n"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct identity id = { 0 };

		row_number(rows[i].at, "is a modalias", identity_from_modalias(rows[i], &id), true);
		row_number(rows[i].at, "vendor", id.vendor, 0x10de);
		row_number(rows[i].at, "device", id.device, 0x1b80);
		row_number(rows[i].at, "subvendor", id.subvendor, 0x1043);
		row_number(rows[i].at, "subdevice", id.subdevice, 0x85aa);
		row_number(rows[i].at, "class", id.class, 0x030002);
	}
	rows_done();
}

static void other_modaliases_are_none(void **state)
{
	static const struct slice rows[] = {
		BYTES(""),
		BYTES("\n"),
		BYTES(MODALIAS "0"),
		BYTES(MODALIAS " x"),
		BYTES(MODALIAS "\0"),
		BYTES("usb:v1D6Bp0002d0612dc09dsc00dp01ic09isc00ip00in00"),
		BYTES("pci:v*d*sv*sd*bc03sc00i00*"),
		BYTES("pci:d000010DEv00001B80sv00001043sd000085AAbc03sc00i02"),
		BYTES("pci:v000010DEd00001B80sv00001043sd000085AAbc03sc00iXX"),
		BYTES("pci:v000010DEd0001B80sv00001043sd000085AAbc03sc00i02"),
		BYTES("PCI:v000010DEd00001B80sv00001043sd000085AAbc03sc00i02"),
		/* IDs have 16 bits; more than that is no device there can be. */
		BYTES("pci:v000110DEd00001B80sv00001043sd000085AAbc03sc00i02"),
		BYTES("pci:v000010DEd00011B80sv00001043sd000085AAbc03sc00i02"),
		BYTES("pci:v000010DEd00001B80svFFFFFFFFsd000085AAbc03sc00i02"),
		BYTES("pci:v000010DEd00001B80sv00001043sd800085AAbc03sc00i02"),
	};
	struct identity id = { .vendor = 0x1234 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].at, "is a modalias", identity_from_modalias(rows[i], &id), false);
	/* A read that was cut short, at every place. */
	for (size_t n = 0; n < sizeof(MODALIAS) - 1; n++)
		row_number("cut short", "is a modalias", identity_from_modalias((struct slice){ MODALIAS, n }, &id),
			   false);
	row_number("result", "vendor", id.vendor, 0x1234);
	rows_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_both_ways),
		cmocka_unit_test(other_names_are_none),
		cmocka_unit_test(ordering),
		cmocka_unit_test(modalias_is_read),
		cmocka_unit_test(other_modaliases_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
