/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The predicted outcome of binding and of the trial; tests/check-vs-binder compares it with the real one. */
#include "facts_table.h"

#include <errno.h>

#include "decide/predict.h"

static void vfio_drivers(void **state)
{
	(void)state;
	assert_true(predict_is_vfio("vfio-pci"));
	assert_true(predict_is_vfio("mlx5_vfio_pci"));
	assert_true(predict_is_vfio("xe-vfio-pci"));
	assert_false(predict_is_vfio("pci-stub"));
	assert_false(predict_is_vfio("vfio-pci-core"));
	assert_false(predict_is_vfio("vfioxpci"));
	assert_false(predict_is_vfio("pci"));
	assert_false(predict_is_vfio(""));
}

static void outcomes(void **state)
{
	static const struct {
		const char *config, *plan;
		int group;
		enum step_kind failed;
		int error;
	} rows[] = {
		{ "02:00.0", "", 3, STEP_NONE, 0 },
		{ "02:00.0", "module vfio a\nmodule vfio_pci b", 3, STEP_NONE, 0 },
		{ "02:00.0", "builtin vfio_pci", 3, STEP_NONE, 0 },
		{ "02:00.0", "module vfio a\nmissing vfio_pci", 3, STEP_LOAD, ENOENT },
		/* what it needs is missing, by which it cannot be loaded */
		{ "02:00.0", "missing vfio\nmodule vfio_pci b", 3, STEP_LOAD, ENOENT },
		/* what others need, or what is not needed, does not matter */
		{ "02:00.0", "missing vfio_iommu_type1\nmodule vfio_pci b", 3, STEP_NONE, 0 },
		{ "02:00.0", "module vfio_pci b\nmissing mlx5_core\nmodule mlx5_vfio_pci c", 3, STEP_NONE, 0 },
		{ "02:00.0\n04:00.1 driver=own", "missing own\nmodule vfio_pci b", 3, STEP_NONE, 0 },
		{ "02:00.0 driver=mlx5_vfio_pci", "module vfio_pci b\nmissing mlx5_core\nmodule mlx5_vfio_pci c", 3,
		  STEP_LOAD, ENOENT },
		{ "02:00.0 driver=mlx5_vfio_pci", "missing vfio_pci\nmodule mlx5_vfio_pci c", 3, STEP_NONE, 0 },
		/* what another driver needs does not matter to the next one, unless all drivers of VFIO need it */
		{ "02:00.0 driver=foo_vfio_pci\n04:00.1 driver=mlx5_vfio_pci",
		  "module vfio_pci a\nmissing mlx5_core\nmodule mlx5_vfio_pci b\nmodule foo_vfio_pci c", 3, STEP_NONE,
		  0 },
		{ "02:00.0 driver=foo_vfio_pci\n04:00.1 driver=mlx5_vfio_pci",
		  "missing mlx5_core\nmodule mlx5_vfio_pci b\nmodule foo_vfio_pci c", 3, STEP_NONE, 0 },
		{ "02:00.0 driver=mlx5_vfio_pci\n04:00.1 driver=foo_vfio_pci",
		  "missing vfio\nmodule vfio_pci a\nmodule foo_vfio_pci b\nmodule mlx5_vfio_pci c", 3, STEP_LOAD,
		  ENOENT },
		{ "02:00.0 driver=pci-stub", "missing vfio\nmodule vfio_pci a\nmodule pci_stub b", 3, STEP_NONE, 0 },
		/* no line asks for it, so the next one does */
		{ "02:00.0\nskip 04:00.1", "missing own\nmodule vfio_pci b", 3, STEP_LOAD, ENOENT },
		/* what one driver needs, the next one need not */
		{ "02:00.0 driver=foo_vfio_pci\n04:00.1 driver=mlx5_vfio_pci",
		  "missing mlx5_core\nmodule mlx5_vfio_pci b\nmodule foo_vfio_pci c", 3, STEP_NONE, 0 },
		{ "02:00.0 driver=pci-stub", "missing vfio\nmodule vfio_pci b\nmodule pci_stub c", 3, STEP_NONE, 0 },
		/* ... except what all of VFIO's need */
		{ "02:00.0 driver=foo_vfio_pci\n04:00.1 driver=mlx5_vfio_pci",
		  "missing vfio\nmodule vfio_pci a\nmodule mlx5_vfio_pci b\nmodule foo_vfio_pci c", 3, STEP_LOAD,
		  ENOENT },
		/* built in, with all that it needs */
		{ "02:00.0", "missing vfio\nbuiltin vfio_pci", 3, STEP_NONE, 0 },
		{ "02:00.0", "", NO_GROUP, STEP_BIND, EINVAL },
		/* a driver that is none of VFIO's does not ask for an IOMMU */
		{ "02:00.0 driver=pci-stub", "", NO_GROUP, STEP_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = NIC };
		struct outcome outcome;
		struct plan plan;
		char name[32], text[256];

		snprintf(name, sizeof(name), "row %zu", i);
		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		machine.devices[NIC].group = rows[i].group;
		outcome = predict_outcome(&config, &plan, &machine, &claim);
		row_number(name, "step", outcome.failed, rows[i].failed);
		row_number(name, "error", outcome.error, rows[i].error);
		plan_done(&plan);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* The NIC's group: it has vfio-pci, its twin what the row says. */
static void trials(void **state)
{
	static const struct {
		const char *plan, *twin, *cmdline, *unit;
		bool remapping, direct;
		unsigned linux_version; /* 612 is 6.12 */
		struct trial trial;
	} rows[] = {
		{ "", "", "", "dmar0", true, false, 612, { TRIAL_DONE, 0 } },
		{ "", "vfio-pci", "", "dmar0", true, false, 612, { TRIAL_DONE, 0 } },
		{ "", "e1000e", "", "dmar0", true, false, 612, { TRIAL_VIABLE, 0 } },
		{ "", "pci-stub", "", "ivhd0", true, false, 612, { TRIAL_DONE, 0 } },
		{ "missing vfio_iommu_type1", "", "", "dmar0", true, false, 612, { TRIAL_IOMMU, ENODEV } },
		{ "", "", "", "dmar0", true, true, 612, { TRIAL_ATTACH, EINVAL } },
		{ "", "", "", "dmar0", true, true, 601, { TRIAL_ATTACH, EPERM } },
		{ "missing vfio_iommu_type1", "", "", "dmar0", true, true, 601, { TRIAL_ATTACH, EPERM } },
		{ "", "", "", "dmar0", true, true, 518, { TRIAL_IOMMU, EPERM } },
		{ "missing vfio_iommu_type1", "", "", "dmar0", true, true, 518, { TRIAL_IOMMU, ENODEV } },
		{ "", "", "", "dmar0", false, false, 612, { TRIAL_IOMMU, EPERM } },
		{ "", "", "vfio_iommu_type1.allow_unsafe_interrupts=1", "dmar0", false, false, 612, { TRIAL_DONE, 0 } },
		{ "", "", "vfio-iommu-type1.allow_unsafe_interrupts", "dmar0", false, false, 612, { TRIAL_DONE, 0 } },
		{ "",
		  "",
		  "vfio_iommu_type1.allow_unsafe_interrupts=0",
		  "dmar0",
		  false,
		  false,
		  612,
		  { TRIAL_IOMMU, EPERM } },
		{ "module vfio_iommu_type1 a allow_unsafe_interrupts=Y",
		  "",
		  "",
		  "dmar0",
		  false,
		  false,
		  612,
		  { TRIAL_DONE, 0 } },
		{ "module vfio_iommu_type1 a disable_hugepages=1 allow_unsafe_interrupts=y",
		  "",
		  "",
		  "dmar0",
		  false,
		  false,
		  612,
		  { TRIAL_DONE, 0 } },
		/* the command line comes after modprobe.d */
		{ "module vfio_iommu_type1 a allow_unsafe_interrupts=1",
		  "",
		  "vfio_iommu_type1.allow_unsafe_interrupts=N",
		  "dmar0",
		  false,
		  false,
		  612,
		  { TRIAL_IOMMU, EPERM } },
		/* a kernel that attaches through iommufd, and so has no type 1 */
		{ "module iommufd a", "", "", "dmar0", true, false, 612, { TRIAL_OPEN, 0 } },
		{ "builtin iommufd", "", "", "dmar0", false, true, 612, { TRIAL_OPEN, 0 } },
		{ "builtin iommufd", "e1000e", "", "dmar0", true, false, 612, { TRIAL_VIABLE, 0 } },
		{ "module iommufd a\nmodule vfio_iommu_type1 b", "", "", "dmar0", true, false, 612, { TRIAL_DONE, 0 } },
		{ "module iommufd a\nmissing vfio_iommu_type1",
		  "",
		  "",
		  "dmar0",
		  true,
		  false,
		  612,
		  { TRIAL_IOMMU, ENODEV } },
		{ "module vfio_iommu_spapr_tce a", "", "", "", true, false, 612, { TRIAL_TYPE, 0 } },
		/* elsewhere than on x86 the interrupt controller does it */
		{ "", "", "", "smmu3.0x0", false, false, 612, { TRIAL_DONE, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(HBA);
		struct group *group = machine_group(&machine, &machine.devices[NIC]);
		struct plan plan;
		struct trial trial;
		char name[32], text[256];

		snprintf(name, sizeof(name), "row %zu", i);
		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		strcpy(machine.devices[NIC].driver, "vfio-pci");
		machine.devices[NIC].vfio = true;
		strcpy(machine.devices[TWIN].driver, rows[i].twin);
		machine.devices[TWIN].vfio = !strcmp(rows[i].twin, "vfio-pci");
		strcpy(machine.platform.unit, rows[i].unit);
		machine.platform.remapping = rows[i].remapping;
		machine.platform.major = rows[i].linux_version / 100;
		machine.platform.minor = rows[i].linux_version % 100;
		free(machine.platform.cmdline);
		machine.platform.cmdline = strdup(rows[i].cmdline);
		group->reserved_direct = rows[i].direct;
		machine.platform.unsafe_irqs = predict_unsafe_interrupts(&plan, &machine.platform);
		trial = predict_trial(&plan, &machine, group);
		row_number(name, "step", trial.step, rows[i].trial.step);
		row_number(name, "error", trial.error, rows[i].trial.error);
		plan_done(&plan);
		machine_done(&machine);
	}
	rows_done();
}

/* A virtio-iommu remaps no interrupts; on Arm that is the interrupt controller's part. */
static void interrupts_behind_virtio(void **state)
{
	static const struct {
		unsigned tables;
		bool arm;
		enum trial_step step;
	} rows[] = {
		{ ACPI_VIOT, false, TRIAL_IOMMU },
		{ ACPI_VIOT, true, TRIAL_DONE },
		{ ACPI_IORT, true, TRIAL_DONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(HBA);
		struct plan plan = { 0 };

		machine.devices[NIC].vfio = true;
		strcpy(machine.platform.unit, "0000:00:02.0");
		machine.platform.tables = rows[i].tables;
		machine.platform.arm = rows[i].arm;
		row_number("virtio", "step",
			   predict_trial(&plan, &machine, machine_group(&machine, &machine.devices[NIC])).step,
			   rows[i].step);
		machine_done(&machine);
	}
	rows_done();
}

/* More options than the binder can hand on: the module is not loaded with half of them. */
static void too_many_options(void **state)
{
	static const char name[] = "vfio_iommu_type1.allow_unsafe_interrupts=1 vfio_iommu_type1.x=";
	struct machine machine = facts_machine(HBA);
	struct plan plan = { 0 };
	char *cmdline = malloc(3000);

	(void)state;
	assert_non_null(cmdline);
	memset(cmdline, 'a', 2999);
	memcpy(cmdline, name, sizeof(name) - 1);
	cmdline[2999] = '\0';
	free(machine.platform.cmdline);
	machine.platform.cmdline = cmdline;
	machine.platform.remapping = false;
	machine.devices[NIC].vfio = true;
	machine.platform.unsafe_irqs = predict_unsafe_interrupts(&plan, &machine.platform);
	assert_int_equal(predict_trial(&plan, &machine, machine_group(&machine, &machine.devices[NIC])).step,
			 TRIAL_IOMMU);
	machine_done(&machine);
}

/* The parameter belongs to the module that attaches. */
static void unsafe_interrupts(void **state)
{
	static const struct {
		const char *plan, *cmdline;
		bool want;
	} rows[] = {
		{ "module vfio_iommu_type1 a allow_unsafe_interrupts=1", "", true },
		{ "module iommufd a allow_unsafe_interrupts=1", "", true },
		{ "module iommufd a allow_unsafe_interrupts=1\nmodule vfio_iommu_type1 b", "", false },
		{ "module iommufd a", "iommufd.allow_unsafe_interrupts=1", true },
		{ "module iommufd a", "vfio_iommu_type1.allow_unsafe_interrupts=1", false },
		{ "", "vfio_iommu_type1.allow_unsafe_interrupts=1", true },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[256], cmdline[64];
		struct platform platform = { .cmdline = cmdline };
		struct plan plan;

		strcpy(cmdline, rows[i].cmdline);
		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		row_number(rows[i].plan, rows[i].cmdline, predict_unsafe_interrupts(&plan, &platform), rows[i].want);
		plan_done(&plan);
	}
	rows_done();
}

/* pci-stub alone: VFIO knows nothing of the group. */
static void group_without_vfio(void **state)
{
	struct machine machine = facts_machine(HBA);
	struct plan plan = { 0 };
	struct trial trial = predict_trial(&plan, &machine, machine_group(&machine, &machine.devices[NIC]));

	(void)state;
	assert_int_equal(trial.step, TRIAL_GROUP);
	assert_int_equal(trial.error, ENOENT);
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vfio_drivers),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(trials),
		cmocka_unit_test(interrupts_behind_virtio),
		cmocka_unit_test(too_many_options),
		cmocka_unit_test(group_without_vfio),
		cmocka_unit_test(unsafe_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
