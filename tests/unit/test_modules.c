/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading a planned module from an image that other tools have had their hands on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bind/modules.h"
#include "fake_kernel.h"

#define RELEASE "6.12.0-test"
#define DIR "lib/modules/" RELEASE "/"

static int setup(void **state)
{
	*state = fake_new();
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static const char *cmdline = "quiet";

static int load(struct fake *fake, enum plan_kind kind, const char *name, const char *path, const char *options)
{
	struct plan_module module = { .kind = kind };

	snprintf(module.name, sizeof(module.name), "%s", name);
	snprintf(module.path, sizeof(module.path), "%s", path);
	snprintf(module.options, sizeof(module.options), "%s", options);
	return module_load(&fake->sys, RELEASE, slice_of(cmdline), &module);
}

static void must_call(struct fake *fake, const char *calls)
{
	assert_string_equal(fake_calls(fake), calls);
}

static void test_as_planned(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "kernel/vfio.ko", "");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", "a=1 b=2"), 0);
	must_call(fake, "load " DIR "kernel/vfio.ko a=1 b=2\n");
}

static void test_options_from_the_command_line(void **state)
{
	struct fake *fake = *state;
	static char endless[4096];

	fake_file(fake, DIR "kernel/vfio-pci.ko", "");
	cmdline = "quiet vfio-pci.disable_vga=1 vfio_pci.flag xvfio_pci.no=1 vfio_pcix.no=1 vfio_pci.name=\"a b\" -- "
		  "vfio_pci.no=2";
	assert_int_equal(load(fake, PLAN_MODULE, "vfio_pci", "kernel/vfio-pci.ko", "x=1:2"), 0);
	must_call(fake, "load " DIR "kernel/vfio-pci.ko x=1:2 disable_vga=1 flag name=\"a b\"\n");
	strcpy(endless, "vfio_pci.name=");
	memset(endless + strlen(endless), '1', sizeof(endless) - strlen(endless) - 1);
	cmdline = endless;
	assert_int_equal(load(fake, PLAN_MODULE, "vfio_pci", "kernel/vfio-pci.ko", ""), -E2BIG);
	cmdline = "quiet";
}

/* vfio-pci would take every unbound device of these IDs; the same word of another module is its own. */
static void test_without_ids(void **state)
{
	static const char *const options[] = { "ids=1:2 nointxmask=1",
					       "nointxmask=1 ids=", "ids=1:2 nointxmask=1 ids=3:4,5:6",
					       "\"ids=1:2, 3:4\" nointxmask=1" };
	struct fake *fake = *state;
	static char endless[4096];

	fake_file(fake, DIR "kernel/vfio-pci.ko", "");
	cmdline = "vfio-pci.ids=7:8 vfio_pci.ids=\"7:8, 9:a\" vfio_pci.disable_vga=1";
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		fake_file(fake, "calls", "");
		assert_int_equal(load(fake, PLAN_MODULE, "vfio_pci", "kernel/vfio-pci.ko", options[i]), 0);
		assert_null(strstr(fake_calls(fake), "ids"));
		assert_non_null(strstr(fake_calls(fake), "nointxmask=1"));
		assert_non_null(strstr(fake_calls(fake), " disable_vga=1\n"));
	}
	fake_file(fake, "calls", "");
	fake_file(fake, DIR "kernel/vfio.ko", "");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", "ids=1:2"), 0);
	must_call(fake, "load " DIR "kernel/vfio.ko ids=1:2\n");
	/* However long it is. */
	strcpy(endless, "vfio_pci.ids=");
	memset(endless + strlen(endless), '1', sizeof(endless) - strlen(endless) - 1);
	cmdline = endless;
	assert_int_equal(load(fake, PLAN_MODULE, "vfio_pci", "kernel/vfio-pci.ko", ""), 0);
	cmdline = "quiet";
}

/* What modprobe adds itself is overridden by the option behind it. */
static void test_modprobe_without_ids(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(load(fake, PLAN_MISSING, "vfio_pci", "", ""), -ENOENT);
	must_call(fake, "modprobe vfio_pci ids=\n");
	fake_file(fake, "calls", "");
	assert_int_equal(load(fake, PLAN_MISSING, "vfio_iommu_type1", "", ""), -ENOENT);
	must_call(fake, "modprobe vfio_iommu_type1 \n");
}

static void test_compressed(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "kernel/vfio.ko.xz", "");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko.xz", ""), 0);
	must_call(fake, "load-compressed " DIR "kernel/vfio.ko.xz \n");
}

static void test_unpacked_by_the_image_builder(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "kernel/vfio.ko", "");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko.zst", ""), 0);
	must_call(fake, "load-compressed " DIR "kernel/vfio.ko.zst \nload " DIR "kernel/vfio.ko \n");
}

static void test_moved_and_compressed(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "updates/vfio-pci.ko.xz", "");
	fake_file(fake, DIR "modules.dep",
		  "kernel/xvfio-pci.ko:\nkernel/vfio-pci-core.ko:\nupdates/vfio-pci.ko.xz: kernel/vfio.ko\n");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio_pci", "kernel/vfio-pci.ko", "x=1"), 0);
	must_call(fake, "load " DIR "kernel/vfio-pci.ko x=1\nload-compressed " DIR "updates/vfio-pci.ko.xz x=1\n");
}

static void test_nowhere(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "modules.dep", "kernel/other.ko:\n");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", ""), -ENOENT);
	assert_non_null(strstr(fake_calls(fake), "modprobe vfio"));
}

static void test_kernel_cannot_unpack(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "kernel/vfio.ko.xz", "");
	fake_fault(fake, "load", "vfio.ko.xz", EOPNOTSUPP);
	fake_fault(fake, "modprobe", "vfio", FAKE_IGNORE);
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko.xz", ""), 0);
}

static void test_refused_for_good(void **state)
{
	struct fake *fake = *state;
	static const int errors[] = { EKEYREJECTED, EPERM, ENOMEM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake->n_faults = 0;
		fake_file(fake, "calls", "");
		fake_file(fake, DIR "kernel/vfio.ko", "");
		fake_fault(fake, "load", "vfio.ko", errors[i]);
		assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", ""), -errors[i]);
		/* modprobe could do no better. */
		assert_null(strstr(fake_calls(fake), "modprobe"));
	}
}

static void test_already_loaded(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "kernel/vfio.ko", "");
	fake_fault(fake, "load", "vfio.ko", EEXIST);
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", ""), 0);
	fake_file(fake, "calls", "");
	fake_file(fake, "sys/module/vfio/initstate", "live\n");
	assert_int_equal(load(fake, PLAN_MODULE, "vfio", "kernel/vfio.ko", ""), 0);
	must_call(fake, "");
}

static void test_builtin(void **state)
{
	assert_int_equal(load(*state, PLAN_BUILTIN, "vfio", "", ""), 0);
	must_call(*state, "");
}

static void test_called_missing_but_there(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, DIR "extra/vfio.ko", "");
	fake_file(fake, DIR "modules.dep", "extra/vfio.ko:\n");
	assert_int_equal(load(fake, PLAN_MISSING, "vfio", "", ""), 0);
}

static void test_captured_machine_loads_nothing(void **state)
{
	struct fake *fake = *state;
	struct plan_module module = { .kind = PLAN_MODULE, .name = "vfio", .path = "kernel/vfio.ko" };

	fake_file(fake, DIR "kernel/vfio.ko", "no module");
	assert_int_equal(module_load(&fake->real, RELEASE, slice_of(""), &module), -EPERM);
	assert_int_equal(fake->real.ops->modprobe(&fake->real, "vfio", NULL), -EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_as_planned),
		TEST(test_options_from_the_command_line),
		TEST(test_without_ids),
		TEST(test_modprobe_without_ids),
		TEST(test_compressed),
		TEST(test_unpacked_by_the_image_builder),
		TEST(test_moved_and_compressed),
		TEST(test_nowhere),
		TEST(test_kernel_cannot_unpack),
		TEST(test_refused_for_good),
		TEST(test_already_loaded),
		TEST(test_builtin),
		TEST(test_called_missing_but_there),
		TEST(test_captured_machine_loads_nothing),
	};

	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
