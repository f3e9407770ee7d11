/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfio-pci's ids=, which takes devices that no line names: kept from acting, and repaired where it was first. */
#include "binder_run.h"

#define CARD "0000:00:03.0"
#define TWIN "0000:00:04.0"
#define ROOT "0000:00:06.0"
#define PLAN_HEAD "earlybind-plan 1\nkernel 6.1.0-fake\nmodule vfio kernel/drivers/vfio/vfio.ko\n"
#define PLAN_ROOT "root " ROOT " 144d:a808:1af4:1100 / on nvme0n1p2\n"

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
	/* And takes it again, unless the list loses it. */
	drop_by_hand(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_in_the_plan),
		TEST(ids_on_the_command_line),
		TEST(ids_of_modprobe),
		TEST(fake_reacts),
	};

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
