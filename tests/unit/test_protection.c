/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host depends on is left alone: by address and ID, or by the ID alone once it has moved. */
#include "facts_table.h"

#include <errno.h>

#include "decide/protection.h"

#define NO_ROOT SIZE_MAX

static void which(void **state)
{
	static const struct {
		const char *plan;
		size_t device;
		size_t root; /* which line of the plan, or NO_ROOT */
		bool moved;
	} rows[] = {
		{ "", NIC, NO_ROOT, false },
		/* at home: this one and not its twin */
		{ "need root 0000:02:00.0 8086:10d3 /", NIC, 0, false },
		{ "need root 0000:02:00.0 8086:10d3 /", TWIN, NO_ROOT, false },
		{ "need root 0000:03:00.0 8086:10d3 /", NIC, NO_ROOT, false },
		{ "need root 0000:01:00.0 10de:1b80 /\nneed root 0000:02:00.0 8086:10d3:0000:0000 swap", NIC, 1,
		  false },
		{ "need root 10000:e1:00.0 144d:a808:144d:a801 /", NVME, 0, false },
		/* the address is empty now, or holds something else: all that could be it */
		{ "need root 0000:09:00.0 8086:10d3 /", NIC, 0, true },
		{ "need root 0000:09:00.0 8086:10d3 /", TWIN, 0, true },
		{ "need root 0000:09:00.0 8086:10d3 /", GPU, NO_ROOT, false },
		{ "need root 0000:01:00.0 8086:10d3 /", NIC, 0, true },
		{ "need root 0000:01:00.0 8086:10d3 /", GPU, NO_ROOT, false },
		{ "need root 0000:09:00.0 8086:10d3:8086:0001 /", NIC, NO_ROOT, false },
		/* two of a kind, one moved */
		{ "need root 0000:02:00.0 8086:10d3 /\nneed root 0000:09:00.0 8086:10d3 swap", TWIN, 1, true },
		{ "need root 0000:09:00.0 8086:10d3 swap\nneed root 0000:02:00.0 8086:10d3 /", NIC, 1, false },
		/* an ID that could not be read, then or now */
		{ "need root 0000:02:00.0 - /", NIC, 0, false },
		{ "need root 0000:09:00.0 - /", NIC, NO_ROOT, false },
		{ "need root 0000:04:00.0 1000:0072 /", HBA, 0, true },
		/* the other kinds likewise */
		{ "need mount 0000:02:00.0 8086:10d3 /home", NIC, 0, false },
		{ "need network 0000:02:00.0 8086:10d3 eno1", NIC, 0, false },
		{ "need keyboard 0000:09:00.0 8086:10d3 the only keyboard", NIC, 0, true },
		/* something could not be traced: every storage controller and nothing else */
		{ "need unknown - - /", NVME, 0, false },
		{ "need unknown - - /", HBA, 0, false },
		{ "need unknown - - /", NIC, NO_ROOT, false },
		{ "need unknown - - /", GPU, NO_ROOT, false },
		/* it could not be read what it is: no run takes it anyway */
		{ "need unknown - - /", MUTE, NO_ROOT, false },
		{ "need unknown - - /\nneed root 10000:e1:00.0 144d:a808 swap", NVME, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(FACTS_DEVICES);
		const struct plan_need *root;
		struct plan plan;
		char text[256];
		bool moved;

		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		assert_int_equal(plan.bad_lines, 0);
		root = protection_find(&plan, &machine, &machine.devices[rows[i].device], &moved);
		row_number(rows[i].plan, "root", root ? root - plan.needs : -1,
			   rows[i].root == NO_ROOT ? -1 : (long long)rows[i].root);
		if (root)
			row_number(rows[i].plan, "moved", moved, rows[i].moved);
		plan_done(&plan);
		machine_done(&machine);
	}
	rows_done();
}

/* What the plan names is at its address. */
static void present(void **state)
{
	static const struct {
		const char *need;
		bool present;
	} rows[] = {
		{ "root 0000:02:00.0 8086:10d3 /", true },
		{ "root 0000:09:00.0 8086:10d3 /", false },
		{ "root 0000:01:00.0 8086:10d3 /", false },
		/* an ID that could not be read, then or now */
		{ "root 0000:02:00.0 - /", true },
		{ "root 0000:04:00.0 1000:0072 /", false },
		/* it names no device, although there is one whose address is all zeros */
		{ "root 0000:00:00.0 - /", true },
		{ "unknown - - /", false },
	};
	struct machine machine = facts_machine(FACTS_DEVICES);

	(void)state;
	machine.devices[PORT].address = (struct address)AT(0, 0, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct plan plan;
		char text[80];

		snprintf(text, sizeof(text), "earlybind-plan 2\nneed %s\n", rows[i].need);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		assert_int_equal(plan.n_needs, 1);
		row_number(rows[i].need, "present", protection_is_present(plan.needs, &machine), rows[i].present);
		plan_done(&plan);
	}
	rows_done();
	machine_done(&machine);
}

/*
 * Those of one physical function appear one after another, on its bus: what is
 * not there yet has not moved. If they all have, it is on another bus.
 */
static void virtual_functions(void **state)
{
	static const struct {
		const char *root;
		bool mismatched;
	} rows[] = {
		{ "0000:03:09.0", false },
		{ "0000:03:00.1", false },
		{ "0000:09:00.0", true },
		{ "0001:03:09.0", true },
		/* at home: another of the same ID is no concern */
		{ "0000:02:00.0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(FACTS_DEVICES);
		struct plan plan;
		char text[80];
		bool moved;

		snprintf(text, sizeof(text), "earlybind-plan 2\nneed root %s 8086:10d3 /\n", rows[i].root);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		machine.devices[TWIN].virtual_function = machine.devices[NIC].virtual_function = true;
		row_number(rows[i].root, "needed-by-host",
			   protection_find(&plan, &machine, &machine.devices[TWIN], &moved) != NULL,
			   rows[i].mismatched);
		/* Without SR-IOV all could be it that have its ID. */
		machine.devices[TWIN].virtual_function = false;
		row_number(rows[i].root, "needed-by-host",
			   protection_find(&plan, &machine, &machine.devices[TWIN], &moved) != NULL,
			   i + 1 < COUNT_OF(rows));
		plan_done(&plan);
		machine_done(&machine);
	}
	rows_done();
}

static void claims(void **state)
{
	static const struct {
		const char *config;
		size_t device;
		enum verdict before, after;
	} rows[] = {
		{ "02:00.0", NIC, V_UNDECIDED, V_NEEDED_BY_HOST },
		{ "02:00.0 group", NIC, V_UNDECIDED, V_NEEDED_BY_HOST },
		{ "02:00.0 even-if-needed", NIC, V_UNDECIDED, V_UNDECIDED },
		{ "02:00.0", NIC, V_OTHER_DEVICE, V_OTHER_DEVICE },
		{ "02:00.0", NIC, V_SKIPPED, V_SKIPPED },
		{ "03:00.0", TWIN, V_UNDECIDED, V_UNDECIDED },
	};
	struct machine machine = facts_machine(FACTS_DEVICES);
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, slice_of("earlybind-plan 2\nneed root 0000:02:00.0 8086:10d3 /\n")), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct claim claim = { .device = rows[i].device, .verdict = rows[i].before };

		protect_claim(&config, &plan, &machine, &claim);
		row_string(rows[i].config, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].after));
		config_done(&config);
	}
	rows_done();
	plan_done(&plan);
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which),
		cmocka_unit_test(present),
		cmocka_unit_test(virtual_functions),
		cmocka_unit_test(claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
