/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole runs with driver=auto on the fake kernel. */
#include <errno.h>
#include <stdlib.h>

#include "unit.h"

#include "boot/hotplug.h"
#include "fake_kernel.h"

#define VF "0000:00:03.0"
#define GPU "0000:00:04.0"
#define OTHER "0000:00:05.0"
#define MODULES "lib/modules/6.1.0-fake/"
#define OVERRIDE(address) "sys/bus/pci/devices/" address "/driver_override"

static const struct fake_device vf = { VF, "15b3:101e", NULL, NULL, "mlx5_core", 3, "flr\n", NULL, false };
static const struct fake_device gpu = { GPU, "8086:e20b", "030000", NULL, "xe", 4, "flr\n", NULL, false };
static const struct fake_device other = { OTHER, "8086:10d3", NULL, NULL, "e1000e", 5, "flr\n", NULL, false };

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_add(fake, &vf);
	fake_add(fake, &gpu);
	fake_add(fake, &other);
	fake_file(fake, MODULES "kernel/mlx5_core.ko", "");
	fake_file(fake, MODULES "kernel/mlx5-vfio-pci.ko", "");
	fake_file(fake, MODULES "kernel/xe-vfio-pci.ko", "");
	fake_file(fake, "etc/earlybind.plan",
		  "earlybind-plan 2\n"
		  "kernel 6.1.0-fake\n"
		  "module vfio kernel/drivers/vfio/vfio.ko\n"
		  "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko\n"
		  "module vfio_iommu_type1 kernel/drivers/vfio/vfio_iommu_type1.ko\n"
		  "variant mlx5_vfio_pci mlx5_core kernel/mlx5_core.ko prof_sel=2\n"
		  "variant mlx5_vfio_pci mlx5_vfio_pci kernel/mlx5-vfio-pci.ko\n"
		  "variant xe_vfio_pci xe_vfio_pci kernel/xe-vfio-pci.ko\n"
		  "alias v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
		  "alias v00008086d0000E20Bsv*sd*bc*sc*i* xe_vfio_pci\n");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static int run(struct fake *fake, const char *config)
{
	struct run boot = { .sys = &fake->sys };
	int status;

	fake_file(fake, "etc/earlybind.conf", config);
	fake_file(fake, "run/earlybind/log", "");
	run_boot(&boot);
	status = boot.end.status;
	run_done(&boot);
	return status;
}

static void must_hold(struct fake *fake, const char *file, const char *text)
{
	if (!strstr(fake_read(fake, file), text))
		fail_msg("not in %s: %s\n%s", file, text, fake_read(fake, file));
}

static void must_log(struct fake *fake, const char *text)
{
	must_hold(fake, "run/earlybind/log", text);
}

static void test_variant(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "mlx5_vfio_pci");
	must_log(fake, VF " 15b3:101e ready: mlx5_vfio_pci, group 3, reset flr [earlybind.conf:1]\n");
	must_hold(fake, "run/earlybind/record",
		  "device=" VF " id=15b3:101e verdict=ready driver=mlx5_vfio_pci group=3 ");
	/* Parked until the driver's name is known; and only what this device needs is loaded. */
	assert_string_equal(
		fake_calls(fake),
		"write " OVERRIDE(VF) " earlybind-parked\n"
				      "load " MODULES "kernel/drivers/vfio/vfio.ko \n"
				      "load " MODULES "kernel/drivers/vfio/pci/vfio-pci.ko \n"
				      "load " MODULES "kernel/drivers/vfio/vfio_iommu_type1.ko \n"
				      "load " MODULES "kernel/mlx5_core.ko prof_sel=2\n"
				      "load " MODULES "kernel/mlx5-vfio-pci.ko \n"
				      "write " OVERRIDE(VF) " mlx5_vfio_pci\n"
							    "write sys/bus/pci/drivers/mlx5_vfio_pci/bind " VF "\n"
							    "prove /3/ \n");
}

static void test_name_is_not_the_modules(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, "class=03 driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, GPU), "xe-vfio-pci");
	assert_string_equal(fake_read(fake, OVERRIDE(GPU)), "xe-vfio-pci");
}

/* No alias fits: the ordinary driver, and nothing to say about it. */
static void test_none_fits(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, OTHER " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, OTHER), "vfio-pci");
	must_log(fake, OTHER " 8086:10d3 ready: vfio-pci, group 5, reset flr [earlybind.conf:1]\n");
	assert_null(strstr(fake_calls(fake), "mlx5"));
}

static void test_only_when_asked(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, VF "\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "vfio-pci");
	assert_null(strstr(fake_calls(fake), "mlx5"));
}

static void test_several(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, VF " driver=auto\n" GPU " driver=auto\n" OTHER " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "mlx5_vfio_pci");
	assert_string_equal(fake_driver(fake, GPU), "xe-vfio-pci");
	assert_string_equal(fake_driver(fake, OTHER), "vfio-pci");
}

static void test_refused(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "mlx5-vfio-pci.ko", EKEYREJECTED);
	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "vfio-pci");
	assert_string_equal(fake_read(fake, OVERRIDE(VF)), "vfio-pci");
	must_log(fake, VF " 15b3:101e ready: vfio-pci, group 3, reset flr, instead of mlx5_vfio_pci, which could not "
			  "be loaded (EKEYREJECTED) [earlybind.conf:1]\n");
	must_hold(fake, "run/earlybind/record", " notes=driver-fallback\n");
}

static void test_dependency_missing(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, MODULES "kernel/mlx5_core.ko");
	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "vfio-pci");
	must_log(fake, "mlx5_vfio_pci, which could not be loaded (ENOENT)");
	assert_null(strstr(fake_calls(fake), "mlx5-vfio-pci.ko"));
}

/* Loaded, and yet no driver of it. */
static void test_module_without_a_driver(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "mlx5-vfio-pci.ko", FAKE_IGNORE);
	fake_file(fake, "sys/module/mlx5_vfio_pci/drivers/platform:mlx5", "");
	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "vfio-pci");
	must_log(fake, "mlx5_vfio_pci, which could not be loaded (ENODEV)");
}

static void test_stuck(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "load", "mlx5_core.ko", FAKE_HANG);
	assert_int_equal(run(fake, "set timeout 1\n" VF " driver=auto\n" OTHER "\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "vfio-pci");
	assert_string_equal(fake_driver(fake, OTHER), "vfio-pci");
	must_log(fake, "mlx5_vfio_pci, which could not be loaded (ETIMEDOUT)");
}

static void test_refuses_the_device(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "bind", "mlx5_vfio_pci", EINVAL);
	assert_int_equal(run(fake, VF " driver=auto\n"), 1);
	assert_string_equal(fake_driver(fake, VF), "mlx5_core");
	must_log(fake, VF " 15b3:101e bind-failed: mlx5_vfio_pci refused the device (EINVAL)");
}

/* The same driver has it already, which shows only after its module was queried. */
static void test_again(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	fake_file(fake, "calls", "");
	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "mlx5_vfio_pci");
	assert_string_equal(fake_read(fake, OVERRIDE(VF)), "mlx5_vfio_pci");
	assert_null(strstr(fake_calls(fake), "bind " VF));
	must_log(fake, VF " 15b3:101e ready: mlx5_vfio_pci, group 3, reset flr [");
}

static void test_taken_over_from_its_own(void **state)
{
	struct fake_device held = vf;
	struct fake *fake = *state;

	held.driver = "mlx5_core";
	fake_add(fake, &held);
	assert_int_equal(run(fake, VF " driver=auto\n"), 0);
	assert_string_equal(fake_driver(fake, VF), "mlx5_vfio_pci");
	must_log(fake, "ready: mlx5_vfio_pci, group 3, reset flr, taken over from mlx5_core [");
}

/* As virtual functions come. */
static void test_late(void **state)
{
	struct run hotplug = { .sys = NULL };
	struct address address = { 0, 0, 3, 0 };
	struct fake *fake = *state;

	fake_remove(fake, "sys/bus/pci/devices/" VF);
	run(fake, "15b3:101e driver=auto optional\n");
	fake_remove(fake, "etc");
	fake_add(fake, &vf);
	hotplug.sys = &fake->sys;
	run_hotplug(&hotplug, address);
	assert_int_equal(hotplug.end.status, 0);
	run_done(&hotplug);
	assert_string_equal(fake_driver(fake, VF), "mlx5_vfio_pci");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_variant),
		TEST(test_name_is_not_the_modules),
		TEST(test_none_fits),
		TEST(test_only_when_asked),
		TEST(test_several),
		TEST(test_refused),
		TEST(test_dependency_missing),
		TEST(test_module_without_a_driver),
		TEST(test_stuck),
		TEST(test_refuses_the_device),
		TEST(test_again),
		TEST(test_taken_over_from_its_own),
		TEST(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
