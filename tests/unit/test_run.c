/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole runs of the binder on the fake kernel: what must be bound, what must not, and what the log says. */
#include <errno.h>
#include <stdlib.h>

#include "bind/bind.h"
#include "binder_run.h"

#define NIC "0000:00:03.0"
#define TWIN "0000:00:04.0"

static const struct fake_device nic = { NIC, "8086:10d3", NULL, NULL, "e1000e", 3, "pm\n", NULL, false };
static const struct fake_device twin = { TWIN, "8086:10d3", NULL, NULL, "e1000e", 4, NULL, NULL, false };
/* Its driver is built in, so it has it before the binder runs. */
static const struct fake_device serial = {
	"0000:00:05.0", "1b36:0002", "070002", "serial", NULL, 5, NULL, NULL, false
};

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_add(fake, &nic);
	fake_add(fake, &twin);
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static const char *log_of(struct fake *fake)
{
	return fake_read(fake, LOG);
}

static void must_log(struct fake *fake, const char *text)
{
	must_have(fake, LOG, text);
}

static void must_not_log(struct fake *fake, const char *text)
{
	must_not_have(fake, LOG, text);
}

static void must_record(struct fake *fake, const char *text)
{
	must_have(fake, RECORD, text);
}

static void must_be_untouched(struct fake *fake, const char *address)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver_override", address);
	assert_string_equal(fake_read(fake, path), "(null)");
	assert_null(strstr(fake_calls(fake), address));
}

/* --- the ordinary cases --- */

static void test_one_by_address(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, "# the second card\n" NIC "\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_be_untouched(fake, TWIN);
	must_log(fake, "earlybind: Intel VT-d active: 1 unit, 2 groups, interrupt remapping on\n");
	must_log(fake, "earlybind: " NIC " 8086:10d3 ready: vfio-pci, group 3, reset pm [earlybind.conf:2]\n");
	must_log(fake, "earlybind: 1 device: 1 ready, 0 not ready; ");
	must_record(fake, "device=" NIC
			  " id=8086:10d3 verdict=ready driver=vfio-pci group=3 rule=earlybind.conf:2 selector=");
	must_record(fake, "\nrun=early\n");
	must_record(fake, "\nstatus=0\n");
}

static void test_order_of_calls(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_calls(fake),
			    "write sys/bus/pci/devices/" NIC "/driver_override earlybind-parked\n"
			    "load lib/modules/6.1.0-fake/kernel/drivers/vfio/vfio.ko \n"
			    "load lib/modules/6.1.0-fake/kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1\n"
			    "load lib/modules/6.1.0-fake/kernel/drivers/vfio/vfio_iommu_type1.ko \n"
			    "write sys/bus/pci/devices/" NIC "/driver_override vfio-pci\n"
			    "write sys/bus/pci/drivers/vfio-pci/bind " NIC "\n"
			    "try /3/ \n");
}

static void test_log_reaches_the_kernel(void **state)
{
	struct fake *fake = *state;

	run_binder(fake, NIC "\n");
	assert_non_null(strstr(fake_read(fake, "dev/kmsg"), "<30>earlybind: " NIC " 8086:10d3 ready: "));
}

static void test_both_by_id(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, "8086:10d3\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake, "reset none");
	must_log(fake, "8086:10d3 multiple-matches: 2 devices match; ");
	must_record(fake, "notes=no-reset");
}

static void test_failed_identity_check(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, NIC " id=1000:0072\n"), 1);
	must_be_untouched(fake, NIC);
	must_log(fake, NIC " 8086:10d3 other-device: left alone: found 8086:10d3 (subsystem 1af4:1100, class 020000), "
			   "expected id=1000:0072; ");
}

static void test_error_among_good_lines(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, NIC "\n" TWIN " drvier=auto\n" TWIN "\n"), 1);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake,
		 "config-error: earlybind.conf:2:14: \"drvier=auto\": unknown option; did you mean \"driver=\"?\n");
	must_log(fake, "1 configuration error");
}

static void test_taken_over(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &serial);
	assert_int_equal(run_binder(fake, "0000:00:05.0\n"), 0);
	assert_string_equal(fake_driver(fake, "0000:00:05.0"), "vfio-pci");
	must_log(fake, "ready: vfio-pci, group 5, reset none, taken over from serial [");
	must_record(fake, " previous=serial notes=taken-over,no-reset");
}

static void test_leave_bound(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &serial);
	assert_int_equal(run_binder(fake, "0000:00:05.0 leave-bound\n"), 0);
	assert_string_equal(fake_driver(fake, "0000:00:05.0"), "serial");
	must_be_untouched(fake, "0000:00:05.0");
	must_log(fake, "left-bound: left bound to serial because of leave-bound");
}

static void test_path_through_bridge(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000c", "060400", "pcieport", NULL, 6,
						   NULL,	   NULL,	false };
	static const struct fake_device behind = { "0000:07:00.0", "10de:1b80",	   "030000", NULL, NULL, 7,
						   "bus\n",	   "0000:00:1c.0", false };
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_add(fake, &behind);
	assert_int_equal(run_binder(fake, "00:1c.0/00.0\n"), 0);
	assert_string_equal(fake_driver(fake, "0000:07:00.0"), "vfio-pci");
	must_be_untouched(fake, "0000:00:1c.0");
}

static void test_bridge_refused(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000c", "060400", "pcieport", NULL, 6,
						   NULL,	   NULL,	false };
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	assert_int_equal(run_binder(fake, "00:1c.0\n"), 1);
	must_be_untouched(fake, "0000:00:1c.0");
	must_log(fake, "0000:00:1c.0 1b36:000c bridge: left alone");
}

/* Its endpoints are not what the line asked for. */
static void test_bridge_does_not_bring_its_group(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000c", "060400", "pcieport", NULL, 6,
						   NULL,	   NULL,	false };
	static const struct fake_device behind = { "0000:07:00.0", "10de:1b80",	   "030000", NULL, NULL, 6,
						   "bus\n",	   "0000:00:1c.0", false };
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_add(fake, &behind);
	assert_int_equal(run_binder(fake, "00:1c.0 group\n"), 1);
	must_be_untouched(fake, "0000:07:00.0");
}

static void test_damaged_lines_of_the_plan(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1.0-fake\nmodule ../../x y\n\x01\n"
		  "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "no-plan: 2 lines of the image's plan are damaged; ");
}

static void test_override_that_cannot_be_written(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "driver_override", NIC, EIO);
	assert_int_equal(run_binder(fake, NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 bind-failed: its driver_override cannot be written (EIO)");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

static void test_second_run_changes_nothing(void **state)
{
	struct fake *fake = *state;

	run_binder(fake, NIC "\n");
	fake_file(fake, "calls", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_null(strstr(fake_calls(fake), "unbind"));
	assert_null(strstr(fake_calls(fake), "parked"));
	/* The log of the first run is still there. */
	assert_non_null(strstr(strstr(log_of(fake), "1 ready") + 1, "1 ready"));
}

/* --- groups --- */

static void add_shared_group(struct fake *fake, const char *neighbours_driver)
{
	const struct fake_device first = { "0000:01:01.0", "8086:10d3", NULL, NULL, NULL, 9, NULL, NULL, false };
	const struct fake_device second = { "0000:01:02.0", "8086:100e", NULL, neighbours_driver, NULL, 9,
					    NULL,	    NULL,	 false };

	fake_add(fake, &first);
	fake_add(fake, &second);
}

static void test_group_shared_with_free_neighbour(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, NULL);
	assert_int_equal(run_binder(fake, "0000:01:01.0\n"), 1);
	assert_string_equal(fake_driver(fake, "0000:01:01.0"), "vfio-pci");
	must_be_untouched(fake, "0000:01:02.0");
	must_log(fake, "0000:01:01.0 8086:10d3 group-shared: group 9 also holds 0000:01:02.0 (no driver yet); add "
		       "0000:01:02.0 or ");
}

static void test_group_shared_with_held_neighbour(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, "e1000");
	assert_int_equal(run_binder(fake, "0000:01:01.0\n"), 1);
	must_log(fake, "group-shared: group 9 also holds 0000:01:02.0 (e1000); add 0000:01:02.0 or ");
	assert_string_equal(fake_driver(fake, "0000:01:02.0"), "e1000");
}

static void test_group_free_once_udev_has_run(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, NULL);
	fake_file(fake, "run/udev/data", "");
	assert_int_equal(run_binder(fake, "0000:01:01.0\n"), 0);
	must_log(fake, "ready: vfio-pci, group 9, reset none, group shared with a device without a driver");
	must_record(fake, "\nrun=too-late\n");
}

static void test_whole_group(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, "e1000");
	assert_int_equal(run_binder(fake, "0000:01:01.0 group\n"), 0);
	assert_string_equal(fake_driver(fake, "0000:01:01.0"), "vfio-pci");
	assert_string_equal(fake_driver(fake, "0000:01:02.0"), "vfio-pci");
	must_log(fake, "2 devices: 2 ready");
}

/* A group of N functions, taken whole. */
static void check_reads(unsigned n)
{
	static const struct {
		const char *fact;
		unsigned named, others;
	} facts[] = {
		{ "modalias", 1, 1 },
		{ "reset_method", 1, 1 },
		{ "physfn", 1, 1 },
		/* at first, before and after each change to it, and in the end */
		{ "driver", 5, 5 },
		/* at first only of the device by which the group is found */
		{ "iommu_group", 2, 1 },
		{ "iommu", 2, 2 },
	};
	struct fake *fake = fake_new();
	char address[32], path[128];

	for (unsigned i = 0; i < n; i++) {
		struct fake_device device = { .address = address, .id = "8086:10d3", .group = 9 };

		snprintf(address, sizeof(address), "0000:01:00.%u", i);
		fake_add(fake, &device);
	}
	fake->note_reads = true;
	assert_int_equal(run_binder(fake, "0000:01:00.0 group\n"), 0);
	row_number("the group", "lists of its members", fake_reads(fake, "sys/kernel/iommu_groups/9/devices"), 1);
	for (unsigned i = 0; i < n; i++)
		for (size_t j = 0; j < COUNT_OF(facts); j++) {
			snprintf(path, sizeof(path), "sys/bus/pci/devices/0000:01:00.%u/%s", i, facts[j].fact);
			row_number(path, "reads", fake_reads(fake, path), i ? facts[j].others : facts[j].named);
		}
	fake_free(fake);
}

static void test_reads_do_not_grow_with_the_group(void **state)
{
	(void)state;
	check_reads(1);
	check_reads(2);
	check_reads(8);
	rows_done();
}

static void test_skip_wins_inside_group(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, "e1000");
	assert_int_equal(run_binder(fake, "0000:01:01.0 group\nskip 8086:100e\n"), 1);
	must_be_untouched(fake, "0000:01:02.0");
	must_log(fake, "0000:01:02.0 8086:100e skipped: ");
}

/* --- no IOMMU --- */

static void remove_iommu(struct fake *fake)
{
	fake_remove(fake, "sys/class/iommu");
	fake_remove(fake, "sys/firmware/acpi/tables/DMAR");
	fake_remove(fake, "sys/bus/pci/devices/" NIC "/iommu_group");
	fake_remove(fake, "sys/bus/pci/devices/" NIC "/iommu");
	fake_remove(fake, "sys/kernel/iommu_groups");
	fake_file(fake, "sys/firmware/acpi/tables/FACP", "");
}

static void test_no_iommu_touches_nothing(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "proc/cmdline", "intel_iommu=on quiet\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_be_untouched(fake, NIC);
	assert_string_equal(fake_calls(fake), "");
	must_log(fake, "iommu-no-table: no IOMMU is active: the firmware has no DMAR, IVRS, IORT or VIOT table, "
		       "although the kernel command line has intel_iommu=on; ");
	must_log(fake, NIC " 8086:10d3 no-iommu: no guest can use the device: no IOMMU is active");
}

static void test_iommu_optional(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	/* vfio-pci refuses it, and the device goes back to its own driver. */
	assert_int_equal(run_binder(fake, "set iommu optional\n" NIC "\n"), 1);
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
	must_log(fake, NIC " 8086:10d3 no-iommu: ");
}

static void test_not_behind_iommu(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, "sys/bus/pci/devices/" NIC "/iommu_group");
	fake_remove(fake, "sys/bus/pci/devices/" NIC "/iommu");
	assert_int_equal(run_binder(fake, NIC "\n" TWIN "\n"), 1);
	must_be_untouched(fake, NIC);
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake, NIC " 8086:10d3 not-behind-iommu: ");
}

/* Loading the module starts the unit, and binding makes the group appear. */
static void test_virtio_iommu_whose_module_must_be_loaded(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/VIOT", "");
	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1.0-fake\nmodule vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko\n");
	fake_file(fake, "lib/modules/6.1.0-fake/kernel/drivers/iommu/virtio-iommu.ko", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_non_null(strstr(fake_calls(fake), "virtio-iommu.ko"));
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_log(fake, "earlybind: virtio-iommu active: 1 unit, 1 group\n");
	must_log(fake, NIC " 8086:10d3 ready: vfio-pci, group 3, ");
}

static void test_mistake_on_a_skip_line(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, "8086:10d3\nskip " NIC " group\n"), 1);
	must_be_untouched(fake, NIC);
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake, "\"group\": has no meaning on a skip line");
}

static void test_forged_kernel_in_the_plan(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1\x1b[2J\rearlybind: forged\n"
		  "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_not_log(fake, "forged");
}

static void make_groups_late(struct fake *fake)
{
	remove_iommu(fake);
	fake_remove(fake, "sys/bus/pci/devices/" TWIN "/iommu_group");
	fake_remove(fake, "sys/bus/pci/devices/" TWIN "/iommu");
	fake_file(fake, "sys/firmware/acpi/tables/VIOT", "");
	fake_file(fake, "sys/class/iommu/0000:00:02.0/devices", "");
}

static const struct fake_device second_function = { "0000:00:03.1", "8086:10d3", NULL, NULL, "e1000e", 0,
						    NULL,	    NULL,	 false };

/* The neighbour joins the group only when its own driver probes it, long after the trial. */
static void test_late_neighbour_in_the_slot(void **state)
{
	struct fake *fake = *state;

	make_groups_late(fake);
	fake_add(fake, &second_function);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake,
		 NIC " 8086:10d3 group-shared: group 3 also holds 0000:00:03.1 (no driver yet); add 0000:00:03.1");
	must_be_untouched(fake, "0000:00:03.1");
	must_be_untouched(fake, TWIN);
}

static void test_late_group_taken_as_a_whole(void **state)
{
	struct fake *fake = *state;

	make_groups_late(fake);
	fake_add(fake, &second_function);
	assert_int_equal(run_binder(fake, NIC " group\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_string_equal(fake_driver(fake, "0000:00:03.1"), "vfio-pci");
	must_log(fake, "2 devices: 2 ready");
	must_be_untouched(fake, TWIN);
}

/* Probed, and still without a group: it must not be taken from its driver. */
static void test_late_neighbour_with_a_driver(void **state)
{
	static const struct fake_device disk = { "0000:00:03.1", "144d:a808", "010802", "nvme", NULL, 0,
						 NULL,		 NULL,	      false };
	struct fake *fake = *state;

	make_groups_late(fake);
	fake_add(fake, &disk);
	run_binder(fake, NIC " group\n");
	must_be_untouched(fake, "0000:00:03.1");
	assert_string_equal(fake_driver(fake, "0000:00:03.1"), "nvme");
}

/* Below the same bridge, and in the end with a group of its own: suspected, taken, restored. */
static void test_late_suspect_is_given_back(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000e", "060400", NULL, NULL, 0,
						   NULL,	   NULL,	false };
	static const struct fake_device first = { "0000:05:01.0", "8086:100e",	  NULL, NULL, "e1000", 0,
						  NULL,		  "0000:00:1c.0", false };
	static const struct fake_device second = { "0000:05:02.0", "8086:100e",	   NULL, NULL, "e1000", 0,
						   NULL,	   "0000:00:1c.0", false };
	struct fake *fake = *state;

	make_groups_late(fake);
	fake_add(fake, &bridge);
	fake_add(fake, &first);
	fake_add(fake, &second);
	assert_int_equal(run_binder(fake, "05:01.0 group\n"), 0);
	assert_string_equal(fake_driver(fake, "0000:05:01.0"), "vfio-pci");
	assert_string_equal(fake_driver(fake, "0000:05:02.0"), "e1000");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/0000:05:02.0/driver_override"), "(null)");
	must_log(fake, "0000:05:02.0 8086:100e other-group: restored to its native driver");
	must_log(fake, "0000:05:01.0 8086:100e ready: ");
}

/* Giving back the suspect does not free the one that failed and was parked. */
static void test_undo_leaves_the_parked_alone(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000e", "060400", NULL, NULL, 0,
						   NULL,	   NULL,	false };
	static const struct fake_device first = { "0000:05:01.0", "8086:100e",	  NULL, NULL, "e1000", 0,
						  NULL,		  "0000:00:1c.0", false };
	static const struct fake_device second = { "0000:05:02.0", "8086:100e",	   NULL, NULL, "e1000", 0,
						   NULL,	   "0000:00:1c.0", false };
	struct fake *fake = *state;

	make_groups_late(fake);
	fake_add(fake, &bridge);
	fake_add(fake, &first);
	fake_add(fake, &second);
	fake_fault(fake, "bind", NIC, EBUSY);
	assert_int_equal(run_binder(fake, "set on-failure no-driver\n05:01.0 group\n" NIC "\n"), 1);
	assert_string_equal(fake_driver(fake, "0000:05:02.0"), "e1000");
	assert_string_equal(fake_driver(fake, NIC), "");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/" NIC "/driver_override"), PARKED);
}

static void put_iort(struct fake *fake, unsigned char type)
{
	/* Header, two nodes from offset 48 on: a root complex (2) and one of TYPE. */
	char iort[128] = "IORT";
	char path[128];
	FILE *file;

	iort[36] = 2;
	iort[40] = 48;
	iort[48] = 2;
	iort[49] = 20;
	iort[68] = (char)type;
	iort[69] = 24;
	fake_file(fake, "sys/firmware/acpi/tables/IORT", "");
	snprintf(path, sizeof(path), "%s/sys/firmware/acpi/tables/IORT", fake->root);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(iort, 1, 92, file), 92);
	fclose(file);
}

/* Every Arm machine with ACPI has an IORT, for its interrupt controller. */
static void test_iort_without_an_smmu(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/GTDT", "");
	put_iort(fake, 0);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_be_untouched(fake, NIC);
	must_log(fake, "iommu-no-table: no IOMMU is active: the firmware's IORT table describes no SMMU; ");
	must_not_log(fake, "VT-d");
}

static void test_iort_with_an_smmu(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/GTDT", "");
	put_iort(fake, 4);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "iommu-failed: no IOMMU is active: the firmware describes an Arm SMMU (IORT)");
}

static void test_damaged_iort(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/IORT", "IORT");
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_record(fake, "platform=iommu-no-table");
}

static void test_device_tree_without_an_iommu(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_remove(fake, "sys/firmware");
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_be_untouched(fake, NIC);
	must_log(fake, "iommu-no-table: no IOMMU is active: the device tree describes no IOMMU that this kernel "
		       "supports; a virtual machine needs an emulated IOMMU\n");
}

/* shpchp on the bridge above: nothing that could be added. */
static void test_bridge_driver_in_the_way(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000e", "060400", "shpchp", NULL, 3,
						   NULL,	   NULL,	false };
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake,
		 "group-shared: group 3 also holds 0000:00:1c.0 (shpchp); 0000:00:1c.0 cannot be assigned: keep its "
		 "driver off it, or move the card");
}

static void test_iommu_modules_stay_away_elsewhere(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1.0-fake\nmodule vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_null(strstr(fake_calls(fake), "virtio-iommu.ko"));
}

static void test_virtio_iommu_that_does_not_come_up(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/VIOT", "");
	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1.0-fake\nmodule vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko\n");
	fake_fault(fake, "load", "virtio-iommu.ko", FAKE_IGNORE);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "iommu-no-driver: no IOMMU is active: the firmware describes a virtio-iommu (VIOT), but the "
		       "module virtio_iommu did not activate it; ");
	must_log(fake, NIC " 8086:10d3 no-iommu: ");
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
}

/* Debian 12 has no such module; then there is nothing to hope for, and nothing is touched. */
static void test_virtio_iommu_without_a_module(void **state)
{
	struct fake *fake = *state;

	remove_iommu(fake);
	fake_file(fake, "sys/firmware/acpi/tables/VIOT", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_be_untouched(fake, NIC);
	must_log(fake, "iommu-no-driver: no IOMMU is active: the firmware describes a virtio-iommu (VIOT), but neither "
		       "this kernel nor the image has its driver; ");
}

/* --- what the trial finds --- */

static void test_no_interrupt_remapping(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/interrupts", "           CPU0\n  0:          5   IO-APIC   2-edge      timer\n");
	fake_fault(fake, "try-iommu", "/3/", EPERM);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "interrupt remapping off\n");
	must_log(fake, "no-interrupt-remapping: bound, but");
	/* Bound it stays: the guest can have it once the cause is gone. */
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
}

static void test_reserved_memory(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "sys/kernel/iommu_groups/3/reserved_regions",
		  "0x000000007b800000 0x000000007fffffff direct\n0x00000000fee00000 0x00000000feefffff msi\n");
	fake_fault(fake, "try-iommu", "/3/", EPERM);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, " reserved-memory: ");
}

static void test_relaxable_memory_is_fine(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "sys/kernel/iommu_groups/3/reserved_regions",
		  "0x000000007b800000 0x000000007fffffff direct-relaxable\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
}

static void test_type1_missing(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "try-iommu", "/3/", ENODEV);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, " type1-missing: ");
}

/* Where VFIO attaches when a device is opened, nothing is tried, and what is known decides. */
static void test_vfio_interfaces(void **state)
{
	static const char note[] = "ready: vfio-pci, group 3, reset pm, not verified through VFIO (with iommufd only a "
				   "guest that opens the "
				   "device shows it) [earlybind.conf:1]\n";
	static const struct {
		const char *interface, *interrupts, *unsafe, *regions, *log, *record;
		int status;
	} rows[] = {
		{ "cdev", NULL, NULL, NULL, note, " notes=not-verified\n", 0 },
		{ "iommufd", NULL, NULL, NULL, note, "group=3 trial=open\n", 0 },
		{ "cdev", "", NULL, NULL, "no-interrupt-remapping: ", "verdict=no-interrupt-remapping ", 1 },
		{ "iommufd", "", NULL, NULL, "add iommufd.allow_unsafe_interrupts=1 to the kernel command line [",
		  "verdict=no-interrupt-remapping ", 1 },
		{ "iommufd", "", "Y\n", NULL, note, " unsafe-interrupts=yes ", 0 },
		{ "iommufd", "", "N\n", NULL, "no-interrupt-remapping: ", "verdict=no-interrupt-remapping ", 1 },
		{ "cdev", NULL, NULL, "0x0 0x1000 direct\n",
		  "reserved-memory: bound, but the kernel will not attach group 3: the firmware reserves memory for "
		  "the "
		  "device (RMRR); look for ",
		  " reserved=yes\n", 1 },
		{ "iommufd", NULL, NULL, "0x0 0x1000 direct-relaxable\n", note, "trial=open\n", 0 },
		{ "spapr", NULL, NULL, NULL,
		  "iommu-unsupported: bound, but not verified: earlybind does not support this platform's IOMMU (sPAPR "
		  "TCE) [",
		  "group=3 trial=type\n", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake *fake = fake_new();

		fake_add(fake, &nic);
		fake_file(fake, "fake-vfio", rows[i].interface);
		if (rows[i].interrupts)
			fake_file(fake, "proc/interrupts", rows[i].interrupts);
		if (rows[i].unsafe)
			fake_file(fake, "sys/module/iommufd/parameters/allow_unsafe_interrupts", rows[i].unsafe);
		if (rows[i].regions)
			fake_file(fake, "sys/kernel/iommu_groups/3/reserved_regions", rows[i].regions);
		assert_int_equal(run_binder(fake, NIC "\n"), rows[i].status);
		assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
		must_log(fake, rows[i].log);
		must_record(fake, rows[i].record);
		fake_free(fake);
	}
}

static void test_group_in_use(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "try-group", "/3/", EBUSY);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "ready: vfio-pci, group 3, reset pm, not verified through VFIO");
}

/* Bound as the line says, and of no use to a guest: never ready. */
static void test_driver_that_is_not_vfio(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "sys/bus/pci/drivers/pci-stub/bind", "");
	fake_fault(fake, "try-group", "/3/", ENOENT);
	assert_int_equal(run_binder(fake, NIC " driver=pci-stub\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "pci-stub");
	must_not_log(fake, " ready: ");
	must_log(fake, NIC " 8086:10d3 not-vfio: bound to pci-stub as this line requests");
}

static void test_host_bridge_in_the_group(void **state)
{
	static const struct fake_device host = {
		"0000:00:01.0", "1022:1482", "060000", NULL, NULL, 3, NULL, NULL, false
	};
	struct fake *fake = *state;

	fake_add(fake, &host);
	assert_int_equal(run_binder(fake, NIC " group\n"), 0);
	must_log(fake, NIC " 8086:10d3 ready: ");
	must_be_untouched(fake, "0000:00:01.0");
}

static void test_unreadable_group(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "list", "iommu_groups/3/devices", EIO);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "group-unreadable: bound, but the members of group 3 cannot be read (EIO)");
}

static void test_named_neighbour_is_not_to_be_added(void **state)
{
	struct fake *fake = *state;

	add_shared_group(fake, NULL);
	assert_int_equal(run_binder(fake, "0000:01:01.0\n0000:01:02.0 id=1234:*\n"), 1);
	must_log(fake, "also holds 0000:01:02.0 (no driver yet); the configuration names it: resolve why");
}

/* Its partner goes back to its own driver before anybody asks whether the group can be had. */
static void test_partner_that_goes_back_spoils_the_group(void **state)
{
	const struct fake_device first = { "0000:01:01.0", "8086:10d3", NULL, NULL, NULL, 9, NULL, NULL, false };
	const struct fake_device second = { "0000:01:02.0", "8086:100e", NULL, NULL, "e1000", 9, NULL, NULL, false };
	struct fake *fake = *state;

	fake_add(fake, &first);
	fake_add(fake, &second);
	fake_file(fake, "run/udev/data/x", "");
	fake_fault(fake, "bind", "0000:01:02.0", EBUSY);
	assert_int_equal(run_binder(fake, "01:01.0\n01:02.0\n"), 1);
	assert_string_equal(fake_driver(fake, "0000:01:02.0"), "e1000");
	must_log(fake, "0000:01:01.0 8086:10d3 group-shared: group 9 also holds 0000:01:02.0 (e1000)");
	must_record(fake, "device=0000:01:02.0 id=8086:100e verdict=bind-failed driver=e1000 ");
}

/* From Linux 6.6 on the container refuses what the IOMMU refused before. */
static void reserved_memory_refused_with(struct fake *fake, int error)
{
	fake_file(fake, "sys/kernel/iommu_groups/3/reserved_regions", "0x000000007b800000 0x000000007fffffff direct\n");
	fake_fault(fake, "try-attach", "/3/", error);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, " reserved-memory: ");
}

static void test_reserved_memory_since_6_6(void **state)
{
	reserved_memory_refused_with(*state, EINVAL);
}

/* Seen with Debian's 6.1. */
static void test_reserved_memory_since_5_19(void **state)
{
	reserved_memory_refused_with(*state, EPERM);
}

/* --- modules --- */

static void test_no_vfio_pci_at_all(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, "lib/modules/6.1.0-fake/kernel/drivers/vfio/pci/vfio-pci.ko");
	fake_file(fake, "etc/earlybind.plan", "earlybind-plan 2\nkernel 6.1.0-fake\nmissing vfio_pci\n");
	fake_remove(fake, "sys/bus/pci/devices/" NIC "/driver");
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "module-missing: kernel 6.1.0-fake has no module vfio_pci; ");
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
}

static void test_nothing_is_released_without_a_driver_to_take_it(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &serial);
	fake_remove(fake, "lib/modules");
	assert_int_equal(run_binder(fake, "0000:00:05.0\n"), 1);
	assert_string_equal(fake_driver(fake, "0000:00:05.0"), "serial");
	assert_null(strstr(fake_calls(fake), "unbind"));
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/0000:00:05.0/driver_override"), "(null)");
	must_log(fake, "module-missing: the driver vfio-pci is neither");
}

static void test_module_refused(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "vfio-pci.ko", EKEYREJECTED);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "module-refused: the kernel refused a module of vfio-pci (EKEYREJECTED): its signature");
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
}

/* A driver that there is not has nothing to do with what became of another one's module. */
static void test_module_refused_of_another_driver(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\n"
		  "module vfio kernel/drivers/vfio/vfio.ko\n"
		  "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "module vfio_iommu_type1 kernel/drivers/vfio/vfio_iommu_type1.ko\n"
		  "module my_vfio kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "missing no_such\n");
	fake_fault(fake, "load", "vfio-pci.ko", EKEYREJECTED);
	assert_int_equal(run_binder(fake, NIC " driver=my-vfio\n" TWIN " driver=no-such\n"), 1);
	must_log(fake, NIC " 8086:10d3 module-refused: the kernel refused a module of my-vfio (EKEYREJECTED)");
	must_log(fake, TWIN " 8086:10d3 module-missing: ");
}

/* A driver is missing because of what it needs itself, not because of another driver's module. */
static void test_module_refused_that_the_driver_needs(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "vfio.ko", EPERM);
	fake_fault(fake, "load", "vfio-pci.ko", ENOENT);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "module-refused: the kernel refused a module of vfio-pci (EPERM)");
}

static void test_no_plan(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, "etc/earlybind.plan");
	fake_file(fake, "sys/bus/pci/drivers/vfio-pci/bind", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "no-plan: the image has no usable plan (ENOENT); ");
}

static void test_damaged_plan(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", "\x7f\x45\x4c\x46\x02\x01");
	fake_file(fake, "sys/bus/pci/drivers/vfio-pci/bind", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "no-plan: the image has no usable plan (another version); ");
}

static void test_plan_of_another_kernel(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", "earlybind-plan 2\nkernel 5.10.0-old\nbuiltin vfio_pci\n");
	fake_file(fake, "sys/bus/pci/drivers/vfio-pci/bind", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "image-stale: the plan is for kernel 5.10.0-old, this is 6.1.0-fake; ");
}

/* --- failures --- */

static void test_bind_failed_goes_native(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, EBUSY);
	assert_int_equal(run_binder(fake, NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 bind-failed: vfio-pci refused the device (EBUSY): ");
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

static void test_bind_failed_parked(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, EBUSY);
	assert_int_equal(run_binder(fake, "set on-failure no-driver\n" NIC "\n"), 1);
	assert_string_equal(fake_driver(fake, NIC), "");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/" NIC "/driver_override"), PARKED);
}

static void test_successful_write_is_not_success(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, FAKE_IGNORE);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_not_log(fake, "ready: ");
	must_log(fake, NIC " 8086:10d3 bind-failed: vfio-pci did not bind the device");
}

static void test_unbind_failed(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &serial);
	fake_fault(fake, "unbind", "0000:00:05.0", EIO);
	assert_int_equal(run_binder(fake, "0000:00:05.0\n" NIC "\n"), 1);
	must_log(fake, "unbind-failed: serial did not release the device (EIO)");
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_string_equal(fake_driver(fake, "0000:00:05.0"), "serial");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/0000:00:05.0/driver_override"), "(null)");
}

static void test_vanishes_halfway(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, FAKE_VANISH);
	assert_int_equal(run_binder(fake, NIC "\n" TWIN "\n"), 1);
	/* What is gone is not to be restored. */
	must_log(fake, NIC " 8086:10d3 vanished: the device disappeared while it was being bound; look for messages "
			   "about its port in the kernel log [earlybind.conf:1]\n");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

static void test_hung_bind_costs_one_timeout(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 driver-hung: bind timed out after 1 s; ");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	/* It is not touched again: the last write is the bind that hangs. */
	assert_null(strstr(strstr(fake_calls(fake), "/bind " NIC) + strlen("/bind " NIC), NIC));
}

static void test_hung_unbind(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &serial);
	fake_fault(fake, "unbind", "0000:00:05.0", FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n0000:00:05.0\n" TWIN "\n"), 1);
	must_log(fake, "0000:00:05.0 1b36:0002 driver-hung: unbind from serial timed out after 1 s; ");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	assert_null(strstr(strstr(fake_calls(fake), "/unbind ") + strlen("/unbind 0000:00:05.0"), "0000:00:05.0"));
}

static void test_hung_module(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "vfio-pci.ko", FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NIC "\n"), 1);
	must_log(fake, NIC " 8086:10d3 module-refused: the kernel refused a module of vfio-pci (ETIMEDOUT)");
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
}

static void test_hung_park(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "driver_override", NIC, FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 driver-hung: write to driver_override timed out after 1 s; ");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	/* Tried once, and never again. */
	assert_null(strstr(strstr(fake_calls(fake), NIC) + strlen(NIC), NIC));
}

static void test_hung_trial(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "try-attach", "/3/", FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 attach-failed: bound, but group 3 cannot be attached (ETIMEDOUT)");
	must_log(fake, TWIN " 8086:10d3 ready: ");
}

static void test_hung_while_restored(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, EIO);
	fake_fault(fake, "drivers_probe", NIC, FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NIC "\n" TWIN "\n"), 1);
	must_log(fake, NIC " 8086:10d3 driver-hung: ");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

static void test_unreadable_attribute(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "read", NIC "/modalias", EIO);
	assert_int_equal(run_binder(fake, NIC "\n8086:10d3\n"), 1);
	must_be_untouched(fake, NIC);
	must_log(fake, NIC " unreadable: left alone: its modalias in /sys cannot be read (EIO)");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

static void test_no_kernel_log(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "log", "dev/kmsg", EPERM);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, NIC " 8086:10d3 ready: ");
}

static void test_no_run(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "make_directory", "run", EROFS);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	assert_non_null(
		strstr(fake_read(fake, "dev/kmsg"), "the record in /run/earlybind could not be written (EROFS)"));
}

/* --- the configuration as a whole --- */

static void test_absent(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, "0000:09:00.0\n0000:0a:00.0 optional\nffff:0001\n"), 1);
	must_log(fake, "0000:09:00.0 absent: no device there; ");
	must_log(fake, "ffff:0001 no-match: no device matches; ");
	must_not_log(fake, "0000:0a:00.0");
	must_log(fake, "0 devices: 0 ready, 0 not ready; 2 lines without a device; ");
}

static void test_no_configuration(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, NULL), 0);
	must_log(fake, "no-configuration: this image has no earlybind.conf and no earlybind.d");
	assert_string_equal(fake_calls(fake), "");
}

static void test_empty_configuration(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_binder(fake, ""), 0);
	must_log(fake, "no-configuration: the configuration names no device");
}

static void test_directory_in_place_of_the_file(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.conf/x", "");
	fake_file(fake, "etc/earlybind.d/10-nic.conf", NIC "\n");
	assert_int_equal(run_binder(fake, NULL), 1);
	must_log(fake, "config-error: earlybind.conf: is a directory, not a file (EISDIR)");
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_log(fake, "[earlybind.d/10-nic.conf:1]");
}

static void test_configuration_is_kept_byte_for_byte(void **state)
{
	static const char config[] = "\xef\xbb\xbf# caf\xc3\xa9\r\n" NIC "\r\nrubbish\t\x01\n  ";
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.d/10-nic.conf", TWIN " optional\n");
	run_binder(fake, config);
	assert_string_equal(fake_read(fake, "run/earlybind/etc/earlybind.conf"), config);
	assert_string_equal(fake_read(fake, "run/earlybind/etc/earlybind.d/10-nic.conf"), TWIN " optional\n");
	must_log(fake, "\"\\x01\"");
}

static void test_switched_off(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/cmdline", "quiet rd.earlybind=0\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_calls(fake), "");
	must_log(fake, "disabled: rd.earlybind=0 is on the kernel command line; no device is touched");
}

/* The dump may need the device that is assigned to a guest otherwise. */
static void test_crash_kernel(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/vmcore", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_calls(fake), "");
	must_log(fake, "disabled: this kernel only saves a crash dump; no device is touched");
}

static void test_command_line_takes_and_skips(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/cmdline", "rd.earlybind.skip=" NIC " rd.earlybind.take=" TWIN "\n");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_be_untouched(fake, NIC);
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake, NIC " 8086:10d3 skipped: left alone: a skip line names it [command line]");
	must_log(fake, "[command line]\n");
}

static void test_forged_driver_name(void **state)
{
	struct fake *fake = *state;
	struct fake_device evil = { "0000:00:06.0", "8086:10d3", NULL, NULL, NULL, 6, NULL, NULL, false };

	fake_add(fake, &evil);
	fake_link(fake, "../x/evil\nearlybind: 0000:00:06.0 ready", "sys/bus/pci/devices/0000:00:06.0/driver");
	run_binder(fake, "0000:00:06.0 leave-bound\n");
	must_not_log(fake, "\nearlybind: 0000:00:06.0 ready");
	must_log(fake, "left bound to evil\\x0aearlybind: 0000:00:06.0 ready because");
}

/* --- hostile surroundings --- */

static void must_be_plain(struct fake *fake, const char *path)
{
	const char *content = fake_read(fake, path);

	assert_true(content[0]);
	for (const char *c = content; *c; c++)
		if (*c != '\n' && (*c < ' ' || *c > '~'))
			fail_msg("byte %02x in %s:\n%s", (unsigned char)*c, path, content);
	assert_null(strstr(content, "\nFORGED"));
	assert_null(strstr(content, "\nearlybind: FORGED"));
}

/* Escape sequences and line ends in everything that files, devices and the command line can say. */
static void test_no_control_characters(void **state)
{
	static const char evil[] = "e\x1b[2J\r\x9b\nFORGED\nearlybind: FORGED\x7f";
	struct fake *fake = *state;
	char path[256], text[512];

	fake_file(fake, "proc/sys/kernel/osrelease", "6.1\x1b[2J\r\x07\nFORGED");
	snprintf(text, sizeof(text), "quiet rd.earlybind.take=%s rd.earlybind.x%s vfio_pci.ids=%s", evil, evil, evil);
	fake_file(fake, "proc/cmdline", text);
	snprintf(path, sizeof(path), "sys/class/iommu/%s/devices", evil);
	fake_remove(fake, "sys/class/iommu/dmar0");
	fake_file(fake, path, "");
	fake_add(fake, &serial);
	snprintf(text, sizeof(text), "../x/%s", evil);
	fake_link(fake, text, "sys/bus/pci/devices/0000:00:05.0/driver");
	fake_file(fake, "sys/bus/pci/devices/" NIC "/reset_method", evil);
	snprintf(path, sizeof(path), "etc/earlybind.d/%s.conf", evil);
	snprintf(text, sizeof(text), NIC "\n0000:00:05.0 leave-bound\n0000:00:05.0 %s\n%s\n" TWIN " driver=%s\n", evil,
		 evil, evil);
	fake_file(fake, path, text);
	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nkernel 6.1.0-other\nmodule \x1b a\nbuiltin vfio\x07\n");
	assert_int_equal(run_binder(fake, text), 1);
	must_be_plain(fake, LOG);
	must_be_plain(fake, RECORD);
	must_be_plain(fake, "dev/kmsg");
}

/* Nothing that names a driver or a module leads out of the directories that are meant, or is an option to modprobe. */
static void test_names_stay_where_they_belong(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\nmodule ../x a.ko\nmodule x ../../../../evil.ko\nmissing -r\nmissing --remove\n");
	fake_file(fake, "evil.ko", "");
	/* Without a plan that names anything modprobe is asked. */
	assert_int_equal(run_binder(fake, NIC "\n" TWIN " driver=../vfio-pci\n" TWIN " driver=/x\n" TWIN
					      " driver=-r\n" TWIN " driver=.\n"),
			 1);
	must_be_untouched(fake, TWIN);
	must_log(fake, "4 lines of the image's plan are damaged");
	assert_null(strstr(fake_calls(fake), "evil"));
	assert_non_null(strstr(fake_calls(fake), "modprobe vfio_pci "));
	assert_null(strstr(fake_calls(fake), "modprobe -"));
}

/* Links in /run are neither followed nor written to. */
static void test_links_in_run(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "elsewhere/x", "as it was");
	fake_link(fake, "/elsewhere", "run/earlybind");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_read(fake, "elsewhere/record"), "");
	assert_non_null(strstr(fake_read(fake, "dev/kmsg"), "could not be written (ENOTDIR)"));
	fake_remove(fake, "run/earlybind");
	fake_file(fake, "run/earlybind/x", "");
	fake_link(fake, "/elsewhere/x", RECORD);
	fake_link(fake, "/elsewhere/x", "run/earlybind/record.new");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_read(fake, "elsewhere/x"), "as it was");
	must_record(fake, "\nstatus=0\n");
}

static void test_many_devices(void **state)
{
	struct fake *fake = *state;
	char address[64], expected[64];

	for (int i = 0; i < 128; i++) {
		struct fake_device d = { address, "15b3:101e", NULL, NULL, NULL, 100 + i, "flr\n", NULL, false };

		snprintf(address, sizeof(address), "10000:%02x:%02x.%d", 1 + i / 64, i / 8 % 8, i % 8);
		fake_add(fake, &d);
	}
	assert_int_equal(run_binder(fake, "15b3:* class=02\n"), 0);
	snprintf(expected, sizeof(expected), "%d devices: %d ready, 0 not ready", 128, 128);
	must_log(fake, expected);
}

/* --- what faults at single system calls brought to light --- */

static void test_reported_when_not_restored(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, EIO);
	fake_fault(fake, "drivers_probe", NIC, EINVAL);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	must_log(fake, "; it could not be restored to its native driver (EINVAL)");
}

static void test_reported_when_not_parked(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", NIC, EIO);
	fake_fault(fake, "driver_override", "earlybind-parked", EACCES);
	assert_int_equal(run_binder(fake, "set on-failure no-driver\n" NIC "\n"), 1);
	must_log(fake, "; it could not be kept without a driver (EACCES)");
}

/* A directory that the kernel has no memory to list costs what is found through it, nothing else. */
static void test_no_memory_to_list_a_bridge(void **state)
{
	static const struct fake_device bridge = { "0000:00:1c.0", "1b36:000c", "060400", "pcieport", NULL, 6,
						   NULL,	   NULL,	false };
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_fault(fake, "list", "0000:00:1c.0", ENOMEM);
	assert_int_equal(run_binder(fake, NIC "\n00:1c.0/00.0\n"), 1);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_log(fake, "00:1c.0/00.0 absent: ");
}

static void test_no_memory_to_list_a_group(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "list", "iommu_groups/3/devices", ENOMEM);
	assert_int_equal(run_binder(fake, NIC "\n" TWIN "\n"), 1);
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_log(fake, NIC " 8086:10d3 group-unreadable: ");
}

static void test_no_memory_to_list_the_dropins(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "list", "earlybind.d", ENOMEM);
	assert_int_equal(run_binder(fake, NIC "\n"), 1);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_log(fake, "config-error: earlybind.d: cannot be read (ENOMEM)");
}

/* Where there is a record, everything else is done: its absence shows that a run was interrupted. */
static void test_record_comes_last(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "append", LOG, ENOSPC);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_string_equal(fake_read(fake, RECORD), "");
	assert_non_null(
		strstr(fake_read(fake, "dev/kmsg"), "the record in /run/earlybind could not be written (ENOSPC)"));
}

static void test_lines_that_the_kernel_log_lacks(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "log", "dev/kmsg", EPERM);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "earlybind: 3 of these lines could not be written to the kernel log (EPERM)\n");
}

static void test_unread_files_are_reported(void **state)
{
	struct fake *fake = *state;

	fake->sys.failures = (struct system_failures){ .first = "proc/\ninterrupts", .error = EIO, .count = 3 };
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	must_log(fake, "earlybind: cannot read /proc/\\x0ainterrupts (EIO), and 2 more\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Neighbours are reported by address, in whatever order their directory lists them. */
static void test_neighbours_in_order(void **state)
{
	static const char *const orders[][3] = { { "0000:02:00.0", "0000:02:00.1", "0000:02:00.2" },
						 { "0000:02:00.2", "0000:02:00.1", "0000:02:00.0" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fake *fake = fake_new();

		fake_add(fake, &(struct fake_device){ "0000:02:00.3", "8086:1521", .group = 9 });
		for (size_t j = 0; j < 3; j++)
			fake_add(fake, &(struct fake_device){ orders[i][j], "8086:1521", .driver = "igb", .group = 9 });
		run_binder(fake, "02:00.3\n");
		must_log(fake, "group 9 also holds 0000:02:00.0 (igb), 0000:02:00.1 (igb), 0000:02:00.2 (igb);");
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_by_address),
		TEST(test_neighbours_in_order),
		TEST(test_order_of_calls),
		TEST(test_log_reaches_the_kernel),
		TEST(test_both_by_id),
		TEST(test_failed_identity_check),
		TEST(test_error_among_good_lines),
		TEST(test_taken_over),
		TEST(test_leave_bound),
		TEST(test_path_through_bridge),
		TEST(test_bridge_refused),
		TEST(test_bridge_does_not_bring_its_group),
		TEST(test_damaged_lines_of_the_plan),
		TEST(test_override_that_cannot_be_written),
		TEST(test_second_run_changes_nothing),
		TEST(test_group_shared_with_free_neighbour),
		TEST(test_group_shared_with_held_neighbour),
		TEST(test_group_free_once_udev_has_run),
		TEST(test_whole_group),
		TEST(test_reads_do_not_grow_with_the_group),
		TEST(test_skip_wins_inside_group),
		TEST(test_no_iommu_touches_nothing),
		TEST(test_iommu_optional),
		TEST(test_not_behind_iommu),
		TEST(test_virtio_iommu_whose_module_must_be_loaded),
		TEST(test_driver_that_is_not_vfio),
		TEST(test_host_bridge_in_the_group),
		TEST(test_unreadable_group),
		TEST(test_named_neighbour_is_not_to_be_added),
		TEST(test_partner_that_goes_back_spoils_the_group),
		TEST(test_reserved_memory_since_6_6),
		TEST(test_reserved_memory_since_5_19),
		TEST(test_late_neighbour_with_a_driver),
		TEST(test_mistake_on_a_skip_line),
		TEST(test_forged_kernel_in_the_plan),
		TEST(test_late_neighbour_in_the_slot),
		TEST(test_late_group_taken_as_a_whole),
		TEST(test_late_suspect_is_given_back),
		TEST(test_undo_leaves_the_parked_alone),
		TEST(test_iort_without_an_smmu),
		TEST(test_iort_with_an_smmu),
		TEST(test_damaged_iort),
		TEST(test_device_tree_without_an_iommu),
		TEST(test_bridge_driver_in_the_way),
		TEST(test_iommu_modules_stay_away_elsewhere),
		TEST(test_virtio_iommu_that_does_not_come_up),
		TEST(test_virtio_iommu_without_a_module),
		TEST(test_no_interrupt_remapping),
		TEST(test_reserved_memory),
		TEST(test_relaxable_memory_is_fine),
		TEST(test_type1_missing),
		TEST(test_vfio_interfaces),
		TEST(test_group_in_use),
		TEST(test_no_vfio_pci_at_all),
		TEST(test_nothing_is_released_without_a_driver_to_take_it),
		TEST(test_module_refused),
		TEST(test_module_refused_of_another_driver),
		TEST(test_module_refused_that_the_driver_needs),
		TEST(test_no_plan),
		TEST(test_damaged_plan),
		TEST(test_plan_of_another_kernel),
		TEST(test_bind_failed_goes_native),
		TEST(test_bind_failed_parked),
		TEST(test_successful_write_is_not_success),
		TEST(test_unbind_failed),
		TEST(test_vanishes_halfway),
		TEST(test_hung_bind_costs_one_timeout),
		TEST(test_hung_unbind),
		TEST(test_hung_module),
		TEST(test_unreadable_attribute),
		TEST(test_no_kernel_log),
		TEST(test_no_run),
		TEST(test_absent),
		TEST(test_no_configuration),
		TEST(test_empty_configuration),
		TEST(test_directory_in_place_of_the_file),
		TEST(test_configuration_is_kept_byte_for_byte),
		TEST(test_switched_off),
		TEST(test_crash_kernel),
		TEST(test_command_line_takes_and_skips),
		TEST(test_forged_driver_name),
		TEST(test_many_devices),
		TEST(test_no_control_characters),
		TEST(test_names_stay_where_they_belong),
		TEST(test_links_in_run),
		TEST(test_reported_when_not_restored),
		TEST(test_reported_when_not_parked),
		TEST(test_no_memory_to_list_a_bridge),
		TEST(test_no_memory_to_list_a_group),
		TEST(test_no_memory_to_list_the_dropins),
		TEST(test_record_comes_last),
		TEST(test_lines_that_the_kernel_log_lacks),
		TEST(test_unread_files_are_reported),
		TEST(test_hung_park),
		TEST(test_hung_trial),
		TEST(test_hung_while_restored),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
