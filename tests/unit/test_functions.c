/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical functions whose virtual ones a line names: they are left alone, so that these can appear. */
#include "binder_run.h"

#define PF "0000:3b:00.0"
#define IGPU "0000:00:02.0"

static const struct fake_device pf = { PF, "8086:1563", NULL, NULL, "ixgbe", 3, "flr\n", NULL, false };
static const struct fake_device igpu = { IGPU, "8086:46a6", "030000", NULL, "i915", 4, "flr\n", NULL, false };

static void can_make(struct fake *fake, const char *address, const char *offset, const char *id)
{
	static const char *const names[] = { "sriov_totalvfs", "sriov_offset", "sriov_stride", "sriov_vf_device" };
	const char *const values[] = { "7\n", offset, "1\n", id };
	char path[128];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", address, names[i]);
		fake_file(fake, path, values[i]);
	}
}

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_add(fake, &pf);
	fake_add(fake, &igpu);
	can_make(fake, PF, "128\n", "1565\n");
	can_make(fake, IGPU, "1\n", "46a6\n");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static void lines(void **state)
{
	static const struct {
		const char *config, *cmdline;
		bool pf, igpu; /* taken */
	} rows[] = {
		{ PF "\n", "", true, false },
		{ "8086:1563\n", "", true, false },
		/* by an address that a function will have, and one beyond the last */
		{ PF "\n3b:10.3 optional\n", "", false, false },
		{ PF "\n3b:10.6 optional\n", "", false, false },
		{ PF "\n3b:10.7 optional\n", "", true, false },
		{ PF "\n3b:0f.7 optional\n", "", true, false },
		{ PF "\n3b:10.* optional\n", "", false, false },
		/* by their ID; another one is another one */
		{ PF "\n8086:1565 optional\n", "", false, false },
		{ PF "\n8086:1566 optional\n", "", true, false },
		{ PF "\n3b:10.1 id=8086:1566 optional\n", "", true, false },
		/* a skip line names none, and with the option the person knows */
		{ PF "\nskip 3b:10.1\n", "", true, false },
		{ PF " even-if-needed\n3b:10.1 optional\n", "", true, false },
		/* one ID for both: the whole card, unless something tells that its functions are meant */
		{ "8086:46a6\n", "", false, true },
		{ "8086:46a6 optional\n", "", false, false },
		{ "8086:46a6\n", "i915.max_vfs=7", false, false },
		{ "8086:46a6\n", "i915.max_vfs=0 max_vfs=7", false, true },
		{ IGPU "\n", "i915.max_vfs=7", false, true },
		{ IGPU "\n00:02.1 optional\n", "", false, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake *fake;
		bool left = !rows[i].pf && !rows[i].igpu;

		teardown(state);
		setup(state);
		fake = *state;
		fake_file(fake, "proc/cmdline", rows[i].cmdline);
		run_binder(fake, rows[i].config);
		row_string(rows[i].config, "PF's driver", fake_driver(fake, PF), rows[i].pf ? "vfio-pci" : "");
		row_string(rows[i].config, "IGPU's driver", fake_driver(fake, IGPU), rows[i].igpu ? "vfio-pci" : "");
		row_number(rows[i].config, "said", strstr(fake_read(fake, LOG), " physical-function: ") != NULL, left);
	}
	rows_done();
}

static void words(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, PF "\n3b:10.3 optional\n8086:46a6 optional\n"), 1);
	must_have(fake, LOG,
		  PF " 8086:1563 physical-function: left to its own driver, which creates the virtual functions that "
		     "3b:10.3 "
		     "names; remove one of the lines, or add even-if-needed to that of the device [earlybind.conf:1]");
	must_have(fake, LOG,
		  IGPU
		  " 8086:46a6 physical-function: left to its own driver, which creates the virtual functions that this "
		  "line names, too; ");
	must_have(fake, RECORD, "device=" PF " id=8086:1563 verdict=physical-function");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines),
		TEST(words),
	};

	return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}
