/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfio-pci's ids=, which takes devices that no line names: kept from acting, and repaired where it was first. */
#include <errno.h>

#include "binder_run.h"

#define CARD "0000:00:03.0"
#define TWIN "0000:00:04.0"
#define ROOT "0000:00:06.0"
#define PLAN_HEAD "earlybind-plan 2\nkernel 6.1.0-fake\nmodule vfio kernel/drivers/vfio/vfio.ko\n"
#define PLAN_ROOT "need root " ROOT " 144d:a808:1af4:1100 / on nvme0n1p2\n"

static const struct fake_device card = { CARD, "8086:10d3", NULL, NULL, "e1000e", 3, "pm\n", NULL, false };
static const struct fake_device twin = { TWIN, "8086:10d3", NULL, NULL, "e1000e", 4, NULL, NULL, false };
/* Its driver is a module, which udev loads once the binder has run. */
static const struct fake_device root = { ROOT, "144d:a808", "010802", NULL, "nvme", 6, "flr\n", NULL, false };

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_add(fake, &card);
	fake_add(fake, &twin);
	fake_add(fake, &root);
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

/* vfio-pci has CARD and nothing else, so the host has its root and its other card. */
static void must_take_only_the_card(struct fake *fake)
{
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	assert_string_equal(fake_driver(fake, TWIN), "");
	assert_string_equal(fake_driver(fake, ROOT), "");
	assert_int_equal(fake_probe(fake, ROOT), 0);
	assert_string_equal(fake_driver(fake, ROOT), "nvme");
}

static void ids_in_the_plan(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan",
		  PLAN_HEAD "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko ids=8086:10d3,144d:a808 "
			    "disable_vga=1\n" PLAN_ROOT);
	assert_int_equal(run_binder(fake, CARD "\n"), 0);
	must_take_only_the_card(fake);
	assert_non_null(strstr(fake_calls(fake), "vfio-pci.ko  disable_vga=1\n"));
	must_have(fake, LOG, "ids-ignored: ");
}

static void ids_on_the_command_line(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/cmdline", "root=/dev/nvme0n1 vfio-pci.ids=8086:10d3,144d:a808 vfio-pci.disable_vga=1\n");
	assert_int_equal(run_binder(fake, CARD "\n"), 0);
	must_take_only_the_card(fake);
	must_have(fake, LOG, "ids-ignored: ");
	must_have(fake, RECORD, "plan=good");
}

/* Without a plan the image's modprobe finds the module, and adds all that it is told. */
static void ids_of_modprobe(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, "etc/earlybind.plan");
	fake_remove(fake, "lib/modules");
	fake_file(fake, "fake-modprobe", "ids=8086:10d3,144d:a808 disable_vga=1");
	run_binder(fake, CARD "\n");
	must_take_only_the_card(fake);
}

/* The same without the option: what the tests above would miss if the fake did not react. */
static void fake_reacts(void **state)
{
	struct fake *fake = *state;

	fake_load_vfio_pci(fake, "ids=8086:10d3,144d:a808");
	assert_string_equal(fake_driver(fake, ROOT), "vfio-pci");
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
}

/* --- vfio-pci was there first: built in, or loaded by another part of the image --- */

static void root_taken_before(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", PLAN_HEAD "builtin vfio_pci\n" PLAN_ROOT);
	fake_file(fake, "proc/cmdline", "root=/dev/nvme0n1 vfio-pci.ids=8086:10d3,144d:a808,144d:a808\n");
	fake_load_vfio_pci(fake, "ids=8086:10d3,144d:a808,144d:a808");
	assert_int_equal(run_binder(fake, CARD "\n"), 1);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	/* Not taken again by what is left of ids=, and free for its own driver. */
	assert_string_equal(fake_driver(fake, ROOT), "nvme");
	must_have(fake, LOG,
		  ROOT
		  " 144d:a808 restored-for-host: bound to vfio-pci before earlybind ran, but the host depends on it "
		  "(/ on nvme0n1p2): released for its own driver; ");
	/* What the host does not need is left as it is, and told. */
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	must_have(fake, LOG,
		  TWIN " 8086:10d3 bound-before: bound to vfio-pci before earlybind ran, and no line requests it; ");
	must_have(fake, LOG, CARD " 8086:10d3 ready");
	must_not_have(fake, LOG, CARD " 8086:10d3 bound-before");
	must_not_have(fake, LOG, "ids-ignored");
	must_have(fake, RECORD, "bound-before=" ROOT " id=144d:a808");
	must_have(fake, RECORD, "unrequested=yes restored=yes\n");
	must_have(fake, RECORD, "vfio-first=yes");
}

/* The native driver is not loaded yet: nothing has the root until udev loads it. */
static void root_waits_for_udev(void **state)
{
	struct fake *fake = *state;

	fake_remove(fake, "sys/bus/pci/devices/" ROOT "/fake-native");
	fake_file(fake, "etc/earlybind.plan", PLAN_HEAD "builtin vfio_pci\n" PLAN_ROOT);
	fake_load_vfio_pci(fake, "ids=144d:a808");
	assert_int_equal(run_binder(fake, CARD "\n"), 1);
	assert_string_equal(fake_driver(fake, ROOT), "");
	must_have(fake, LOG, ROOT " 144d:a808 restored-for-host: ");
}

static void named_and_needed(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", PLAN_HEAD "builtin vfio_pci\n" PLAN_ROOT);
	fake_load_vfio_pci(fake, "ids=144d:a808");
	assert_int_equal(run_binder(fake, ROOT "\n"), 1);
	assert_string_equal(fake_driver(fake, ROOT), "nvme");
	must_have(fake, LOG, ROOT " 144d:a808 needed-by-host");
	must_have(fake, LOG, ROOT " 144d:a808 restored-for-host: ");
}

/* The line says that the host can do without it. */
static void even_if_needed(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", PLAN_HEAD "builtin vfio_pci\n" PLAN_ROOT);
	fake_load_vfio_pci(fake, "ids=144d:a808");
	assert_int_equal(run_binder(fake, ROOT " even-if-needed\n"), 0);
	assert_string_equal(fake_driver(fake, ROOT), "vfio-pci");
	must_not_have(fake, LOG, "restored-for-host");
	must_not_have(fake, LOG, "bound-before");
}

static void skipped_and_taken_before(void **state)
{
	struct fake *fake = *state;

	fake_load_vfio_pci(fake, "ids=8086:10d3");
	assert_int_equal(run_binder(fake, CARD "\n"
					       "skip " TWIN "\n"),
			 1);
	must_have(fake, LOG, TWIN " 8086:10d3 bound-before: ");
}

/* Where vfio-pci does not let it go, the log says so. */
static void root_is_not_released(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", PLAN_HEAD "builtin vfio_pci\n" PLAN_ROOT);
	fake_load_vfio_pci(fake, "ids=144d:a808");
	fake_fault(fake, "unbind", ROOT, EIO);
	assert_int_equal(run_binder(fake, CARD "\n"), 1);
	assert_string_equal(fake_driver(fake, ROOT), "vfio-pci");
	must_have(fake, LOG,
		  ROOT " 144d:a808 bound-before: bound to vfio-pci before earlybind ran, but the host depends on it "
		       "(/ on nvme0n1p2); it could not be released; ");
}

/* A driver that is only there takes nothing: no word of it. */
static void driver_without_ids(void **state)
{
	struct fake *fake = *state;

	fake_load_vfio_pci(fake, "");
	assert_int_equal(run_binder(fake, CARD "\n"), 0);
	must_take_only_the_card(fake);
	must_not_have(fake, LOG, "ids-ignored");
	must_not_have(fake, LOG, "bound-before");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_in_the_plan),	    TEST(ids_on_the_command_line), TEST(ids_of_modprobe),
		TEST(fake_reacts),	    TEST(root_taken_before),	   TEST(root_waits_for_udev),
		TEST(named_and_needed),	    TEST(even_if_needed),	   TEST(skipped_and_taken_before),
		TEST(root_is_not_released), TEST(driver_without_ids),
	};

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
