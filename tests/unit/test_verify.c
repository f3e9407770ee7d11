/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May a device be touched, and is it ready afterwards? */
#include "facts_table.h"

#include <errno.h>

#include "decide/verify.h"

/* Nothing is known of drivers. */
static const struct plan no_plan;

/* --- the run --- */

static void whole_runs(void **state)
{
	static const struct {
		const char *config;
		bool off, crash_kernel;
		enum verdict verdict;
	} rows[] = {
		{ "01:00.0", false, false, V_UNDECIDED },
		{ "01:00.0", true, false, V_DISABLED },
		{ "01:00.0", false, true, V_DISABLED },
		{ "", false, false, V_NO_CONFIGURATION },
		{ "set iommu optional", false, false, V_NO_CONFIGURATION },
		/* switched off outweighs that there is nothing to do */
		{ "", true, false, V_DISABLED },
		{ "", false, true, V_DISABLED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		const struct platform platform = { .crash_kernel = rows[i].crash_kernel };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		config.settings.off = rows[i].off;
		row_string(name, "verdict", verdict_word(verify_run(&config, &platform)),
			   verdict_word(rows[i].verdict));
		config_done(&config);
	}
	rows_done();
}

/* On Linux 6.12.0. */
static void plans(void **state)
{
	static const struct {
		const char *plan;
		int error; /* of reading it */
		enum verdict verdict;
	} rows[] = {
		{ "kernel 6.12.0", 0, V_UNDECIDED },
		/* it does not tell */
		{ "", 0, V_UNDECIDED },
		{ "", ENOENT, V_NO_PLAN },
		{ "kernel 6.12.0", EIO, V_NO_PLAN },
		{ "kernel 6.12.0-1", 0, V_IMAGE_STALE },
		{ "kernel 6.12.0\nprotect 01:00.0", 0, V_NO_PLAN },
		/* of another kernel is the cause that tells more */
		{ "kernel 6.1.0\nprotect 01:00.0", 0, V_IMAGE_STALE },
	};
	const struct platform platform = { .release = "6.12.0" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct plan plan;
		char text[80], name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		row_string(name, "verdict", verdict_word(verify_plan(&plan, rows[i].error, &platform)),
			   verdict_word(rows[i].verdict));
		plan_done(&plan);
	}
	rows_done();
}

static void ids_of_the_driver(void **state)
{
	static const struct {
		const char *plan;
		char cmdline[48];
		bool vfio_first;
		enum verdict verdict;
	} rows[] = {
		{ "module vfio_pci vfio-pci.ko ids=8086:10d3", "quiet", false, V_IDS_IGNORED },
		{ "module vfio_pci vfio-pci.ko disable_vga=1 ids=8086:10d3", "quiet", false, V_IDS_IGNORED },
		{ "module vfio_pci vfio-pci.ko", "vfio-pci.ids=8086:10d3", false, V_IDS_IGNORED },
		{ "", "vfio_pci.ids=8086:10d3", false, V_IDS_IGNORED },
		/* there are none */
		{ "", "quiet", false, V_UNDECIDED },
		{ "module vfio_pci vfio-pci.ko disable_vga=1", "vfio-pci.disable_vga=1", false, V_UNDECIDED },
		{ "module pci_stub pci-stub.ko ids=8086:10d3", "pci-stub.ids=8086:10d3", false, V_UNDECIDED },
		/* the driver was there first and has obeyed */
		{ "module vfio_pci vfio-pci.ko ids=8086:10d3", "quiet", true, V_UNDECIDED },
		{ "", "vfio-pci.ids=8086:10d3", true, V_UNDECIDED },
		{ "builtin vfio_pci", "vfio-pci.ids=8086:10d3", false, V_UNDECIDED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[128], cmdline[48], name[32];
		const struct platform platform = { .cmdline = cmdline, .vfio_first = rows[i].vfio_first };
		struct plan plan;

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(cmdline, rows[i].cmdline);
		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		assert_int_equal(plan.bad_lines, 0);
		row_string(name, "verdict", verdict_word(verify_ids(&plan, &platform)), verdict_word(rows[i].verdict));
		plan_done(&plan);
	}
	rows_done();
}

/* --- before --- */

/* What differs from a VT-d machine with Linux 6.12, where all is well. */
enum change {
	AS_IS,
	NO_UNITS = 1 << 0,
	NO_LINK = 1 << 1,   /* no iommu link */
	NO_NUMBER = 1 << 2, /* no iommu_group link */
	NOIOMMU_MODE = 1 << 3,
	NO_ACPI = 1 << 4,
	HELD = 1 << 5, /* another driver has it */
	OURS = 1 << 6, /* vfio-pci has it */
	KERNEL_6_15 = 1 << 7,
	IORT = 1 << 8, /* the table in place of DMAR */
	VIOT = 1 << 9,
	RIMT = 1 << 10,
	KERNEL_7 = 1 << 11,
	PLANNED = 1 << 12, /* the plan has the module of the virtio-iommu */
	VFIO = 1 << 13,	   /* that driver is one of VFIO's */
};

static void change_platform(struct platform *p, unsigned change)
{
	if (change & NO_UNITS)
		p->units = 0;
	if (change & (IORT | VIOT | RIMT))
		p->tables = change & IORT ? ACPI_IORT : change & VIOT ? ACPI_VIOT : ACPI_RIMT;
	if (change & NO_ACPI) {
		p->acpi = false;
		p->tables = 0;
	}
	p->iommu_planned = change & PLANNED;
	p->minor = change & KERNEL_6_15 ? 15 : 14;
	if (change & KERNEL_7) {
		p->major = 7;
		p->minor = 0;
	}
}

static void change_device(struct device *d, unsigned change)
{
	if (change & NO_LINK)
		d->iommu_link = false;
	if (change & NO_NUMBER)
		d->group = NO_GROUP;
	d->vfio = change & VFIO;
	if (change & (HELD | OURS))
		strcpy(d->driver, change & HELD ? "nouveau" : "vfio-pci");
}

static void before(void **state)
{
	static const struct {
		const char *config;
		unsigned change;
		size_t device;
		enum verdict verdict;
	} rows[] = {
		{ "01:00.0", AS_IS, GPU, V_UNDECIDED },
		{ "01:00.0", HELD, GPU, V_UNDECIDED },
		/* bridges */
		{ "00:1c.0", AS_IS, PORT, V_BRIDGE },
		{ "set iommu optional\n00:1c.0", AS_IS, PORT, V_BRIDGE },
		{ "00:1c.0 leave-bound", AS_IS, PORT, V_BRIDGE },
		/* held */
		{ "01:00.0 leave-bound", AS_IS, GPU, V_UNDECIDED },
		{ "01:00.0 leave-bound", HELD, GPU, V_LEFT_BOUND },
		{ "01:00.0 leave-bound", OURS, GPU, V_UNDECIDED },
		{ "01:00.0 leave-bound driver=nouveau", HELD, GPU, V_UNDECIDED },
		{ "01:00.0 leave-bound driver=auto", OURS, GPU, V_UNDECIDED },
		{ "01:00.0 leave-bound driver=auto", HELD, GPU, V_LEFT_BOUND },
		{ "01:00.0 leave-bound driver=auto", HELD | VFIO, GPU, V_UNDECIDED },
		{ "01:00.0 leave-bound", HELD | VFIO, GPU, V_LEFT_BOUND },
		{ "01:00.0 leave-bound", HELD | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_LEFT_BOUND },
		/* no IOMMU */
		{ "01:00.0", NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		{ "01:00.0", NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", NO_LINK, GPU, V_NOT_BEHIND_IOMMU },
		{ "set iommu optional\n01:00.0", NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "set iommu optional\n01:00.0", NOIOMMU_MODE | NO_LINK, GPU, V_UNDECIDED },
		{ "set iommu required\n01:00.0", NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		/* no-IOMMU mode, as a later run finds it */
		{ "01:00.0", NOIOMMU_MODE | NO_LINK | NO_UNITS, GPU, V_NO_IOMMU_MODE },
		{ "01:00.0", NOIOMMU_MODE, GPU, V_NO_IOMMU_MODE },
		/* groups that come late, up to 6.14 */
		{ "01:00.0", IORT | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", VIOT | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", RIMT | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", VIOT | PLANNED | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", VIOT | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		{ "01:00.0", IORT | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		{ "01:00.0", NO_ACPI | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", NO_ACPI | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		/* from 6.15 on they are there at once */
		{ "01:00.0", KERNEL_6_15 | IORT | NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", KERNEL_6_15 | VIOT | NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", KERNEL_6_15 | RIMT | NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", KERNEL_6_15 | IORT | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_NO_IOMMU },
		/* except one whose driver is a module that the binder is about to load */
		{ "01:00.0", KERNEL_6_15 | VIOT | PLANNED | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", KERNEL_7 | VIOT | PLANNED | NO_UNITS | NO_LINK | NO_NUMBER, GPU, V_UNDECIDED },
		{ "01:00.0", KERNEL_6_15 | NO_ACPI | NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
		{ "01:00.0", KERNEL_7 | IORT | NO_LINK | NO_NUMBER, GPU, V_NOT_BEHIND_IOMMU },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = rows[i].device };
		char name[128];

		snprintf(name, sizeof(name), "%s, changes 0x%x", rows[i].config, rows[i].change);
		change_platform(&machine.platform, rows[i].change);
		change_device(&machine.devices[rows[i].device], rows[i].change);
		if (rows[i].change & NOIOMMU_MODE)
			machine_group(&machine, &machine.devices[rows[i].device])->noiommu = true;
		verify_claim(&config, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_string(name, "was", claim.previous_driver, machine.devices[rows[i].device].driver);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* A device of seven virtual functions from 02:10.0 on. */
static void physical_functions(void **state)
{
	static const struct {
		const char *config, *driver;
		unsigned functions;
		enum verdict verdict;
	} rows[] = {
		{ "02:00.0", "", 7, V_UNDECIDED },
		{ "02:00.0\n02:10.1", "", 7, V_PHYSICAL_FUNCTION },
		{ "02:00.0\n02:10.7", "", 7, V_UNDECIDED },
		{ "02:00.0\n02:10.1", "", 0, V_UNDECIDED },
		{ "02:00.0 even-if-needed\n02:10.1", "", 7, V_UNDECIDED },
		{ "set iommu optional\n02:00.0\n02:10.1", "", 7, V_PHYSICAL_FUNCTION },
		/* the line about the functions is the stronger reason */
		{ "02:00.0 leave-bound\n02:10.1", "ixgbe", 7, V_PHYSICAL_FUNCTION },
		{ "02:00.0 leave-bound even-if-needed\n02:10.1", "ixgbe", 7, V_LEFT_BOUND },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(HBA);
		struct device *device = &machine.devices[NIC];
		struct claim claim = { .device = NIC };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(device->driver, rows[i].driver);
		device->functions = rows[i].functions;
		device->function_first = 128;
		device->function_step = 1;
		verify_claim(&config, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void a_verdict_given_stays(void **state)
{
	struct config config = facts_config("00:1c.0");
	struct machine machine = facts_machine(HBA);
	struct claim claim = { .device = PORT, .verdict = V_SKIPPED };

	(void)state;
	verify_claim(&config, &machine, &claim);
	assert_int_equal(claim.verdict, V_SKIPPED);
	assert_string_equal(claim.previous_driver, "pcieport");
	machine_done(&machine);
	config_done(&config);
}

/* --- after: the step that failed --- */

/* Why a bind without a group failed. */
static void refused_without_an_iommu(void **state)
{
	static const struct {
		enum step_kind step;
		int error;
		unsigned units;
		int group;
		enum verdict verdict;
	} rows[] = {
		{ STEP_BIND, EINVAL, 0, NO_GROUP, V_NO_IOMMU },
		{ STEP_BIND, EAGAIN, 0, NO_GROUP, V_NO_IOMMU },
		{ STEP_BIND, EINVAL, 1, NO_GROUP, V_NOT_BEHIND_IOMMU },
		{ STEP_BIND, EAGAIN, 1, NO_GROUP, V_NOT_BEHIND_IOMMU },
		{ STEP_BIND, EBUSY, 0, NO_GROUP, V_BIND_FAILED },
		{ STEP_BIND, EINVAL, 1, 2, V_BIND_FAILED },
		{ STEP_PARK, EINVAL, 0, NO_GROUP, V_BIND_FAILED },
		{ STEP_LOAD, EINVAL, 0, NO_GROUP, V_MODULE_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("01:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = GPU, .outcome = { .failed = rows[i].step, .error = rows[i].error } };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		machine.platform.units = rows[i].units;
		machine.devices[GPU].group = rows[i].group;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_number(name, "error", claim.error, rows[i].error);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void failures(void **state)
{
	static const struct {
		struct outcome outcome;
		bool gone;
		const char *driver;
		enum verdict verdict;
		int error;
	} rows[] = {
		{ { .failed = STEP_PARK, .error = EACCES }, false, "", V_BIND_FAILED, EACCES },
		{ { .failed = STEP_LOAD, .error = ENOENT }, false, "", V_MODULE_MISSING, ENOENT },
		{ { .failed = STEP_LOAD, .error = EKEYREJECTED }, false, "", V_MODULE_REFUSED, EKEYREJECTED },
		{ { .failed = STEP_LOAD, .error = EPERM }, false, "", V_MODULE_REFUSED, EPERM },
		{ { .failed = STEP_UNBIND }, false, "nouveau", V_UNBIND_FAILED, 0 },
		{ { .failed = STEP_UNBIND, .error = EBUSY }, false, "nouveau", V_UNBIND_FAILED, EBUSY },
		{ { .failed = STEP_BIND, .error = EINVAL }, false, "", V_BIND_FAILED, EINVAL },
		{ { .failed = STEP_BIND, .error = EAGAIN }, false, "", V_BIND_FAILED, EAGAIN },
		/* a write that worked is not yet success */
		{ { .failed = STEP_BIND }, false, "", V_BIND_FAILED, 0 },
		{ { .failed = STEP_NONE }, false, "", V_BIND_FAILED, 0 },
		{ { .failed = STEP_NONE }, false, "nouveau", V_BIND_FAILED, 0 },
		/* gone and hung outweigh the step */
		{ { .failed = STEP_BIND, .error = ENODEV }, true, "", V_VANISHED, ENODEV },
		{ { .failed = STEP_LOAD, .error = ENOENT }, true, "", V_VANISHED, ENOENT },
		{ { .failed = STEP_NONE }, true, "", V_VANISHED, 0 },
		{ { .failed = STEP_BIND, .error = ETIMEDOUT, .hung = true }, false, "", V_DRIVER_HUNG, ETIMEDOUT },
		{ { .failed = STEP_PARK, .error = ETIMEDOUT, .hung = true },
		  false,
		  "nouveau",
		  V_DRIVER_HUNG,
		  ETIMEDOUT },
		{ { .failed = STEP_BIND, .error = ETIMEDOUT, .hung = true },
		  false,
		  "vfio-pci",
		  V_DRIVER_HUNG,
		  ETIMEDOUT },
		{ { .failed = STEP_BIND, .error = ETIMEDOUT, .hung = true }, true, "", V_DRIVER_HUNG, ETIMEDOUT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("01:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = GPU };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		machine.devices[GPU].gone = rows[i].gone;
		strcpy(machine.devices[GPU].driver, rows[i].driver);
		claim.outcome = rows[i].outcome;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_number(name, "error", claim.error, rows[i].error);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* --- after: bound, but is it ready? --- */

static struct machine bound_machine(void)
{
	struct machine machine = facts_machine(HBA);

	strcpy(machine.devices[NVME].driver, "vfio-pci");
	machine.devices[NVME].vfio = true;
	strcpy(machine.devices[NVME].reset, "flr");
	return machine;
}

static void trials(void **state)
{
	static const struct {
		struct trial trial;
		bool direct;
		const char *unit;
		bool remapping;
		enum verdict verdict;
		int error;
		bool verified;
	} rows[] = {
		{ { TRIAL_DONE, 0 }, false, "dmar0", true, V_READY, 0, true },
		{ { TRIAL_DONE, 0 }, true, "dmar0", false, V_READY, 0, true },
		{ { TRIAL_NOT_MADE, EPERM }, false, "dmar0", true, V_READY, 0, false },
		/* in use by a guest already, or no group nodes in this kernel */
		{ { TRIAL_GROUP, EBUSY }, false, "dmar0", true, V_READY, 0, false },
		{ { TRIAL_GROUP, ENOENT }, false, "dmar0", true, V_READY, 0, false },
		{ { TRIAL_GROUP, EACCES }, false, "dmar0", true, V_ATTACH_FAILED, EACCES, true },
		{ { TRIAL_STATUS, ENOTTY }, false, "dmar0", true, V_ATTACH_FAILED, ENOTTY, true },
		{ { TRIAL_VIABLE, 0 }, false, "dmar0", true, V_GROUP_SHARED, 0, true },
		{ { TRIAL_CONTAINER, ENOENT }, false, "dmar0", true, V_ATTACH_FAILED, ENOENT, true },
		{ { TRIAL_ATTACH, EINVAL }, false, "dmar0", true, V_ATTACH_FAILED, EINVAL, true },
		/* from 5.19 on, and from 6.6 on */
		{ { TRIAL_ATTACH, EPERM }, false, "dmar0", true, V_ATTACH_FAILED, EPERM, true },
		{ { TRIAL_ATTACH, EPERM }, true, "dmar0", true, V_RESERVED_MEMORY, EPERM, true },
		{ { TRIAL_ATTACH, EINVAL }, true, "dmar0", true, V_RESERVED_MEMORY, EINVAL, true },
		{ { TRIAL_ATTACH, EBUSY }, true, "dmar0", true, V_ATTACH_FAILED, EBUSY, true },
		{ { TRIAL_ATTACH, ETIMEDOUT }, false, "dmar0", true, V_ATTACH_FAILED, ETIMEDOUT, true },
		{ { TRIAL_IOMMU, ENODEV }, false, "dmar0", true, V_TYPE1_MISSING, ENODEV, true },
		{ { TRIAL_IOMMU, EINVAL }, true, "dmar0", false, V_ATTACH_FAILED, EINVAL, true },
		{ { TRIAL_IOMMU, EBUSY }, false, "dmar0", true, V_ATTACH_FAILED, EBUSY, true },
		{ { TRIAL_IOMMU, EPERM }, true, "dmar0", true, V_RESERVED_MEMORY, EPERM, true },
		{ { TRIAL_IOMMU, EPERM }, true, "dmar0", false, V_RESERVED_MEMORY, EPERM, true },
		{ { TRIAL_IOMMU, EPERM }, false, "dmar0", false, V_NO_INTERRUPT_REMAPPING, EPERM, true },
		{ { TRIAL_IOMMU, EPERM }, false, "ivhd0", false, V_NO_INTERRUPT_REMAPPING, EPERM, true },
		{ { TRIAL_IOMMU, EPERM }, false, "dmar0", true, V_ATTACH_FAILED, EPERM, true },
		/* virtio-iommu never remaps, whatever /proc/interrupts shows */
		{ { TRIAL_IOMMU, EPERM }, false, "0000:00:02.0", true, V_NO_INTERRUPT_REMAPPING, EPERM, true },
		/* nothing was tried: what is known decides, and an error of the trial is none of the device's */
		{ { TRIAL_OPEN, 0 }, false, "dmar0", true, V_READY, 0, false },
		{ { TRIAL_OPEN, 0 }, false, "dmar0", false, V_NO_INTERRUPT_REMAPPING, 0, true },
		{ { TRIAL_OPEN, 0 }, true, "dmar0", true, V_RESERVED_MEMORY, 0, true },
		{ { TRIAL_OPEN, 0 }, true, "dmar0", false, V_RESERVED_MEMORY, 0, true },
		{ { TRIAL_OPEN, 0 }, false, "smmu3.0x0", false, V_READY, 0, false },
		{ { TRIAL_GROUP, ENOENT }, false, "dmar0", false, V_NO_INTERRUPT_REMAPPING, 0, true },
		{ { TRIAL_GROUP, ENOENT }, true, "ivhd0", true, V_RESERVED_MEMORY, 0, true },
		{ { TRIAL_NOT_MADE, EPERM }, false, "ivhd0", false, V_NO_INTERRUPT_REMAPPING, 0, true },
		{ { TRIAL_NOT_MADE, EPERM }, true, "dmar0", true, V_RESERVED_MEMORY, 0, true },
		/* that another one has the group shows that it can be attached */
		{ { TRIAL_GROUP, EBUSY }, false, "dmar0", false, V_READY, 0, false },
		{ { TRIAL_TYPE, 0 }, false, "", false, V_IOMMU_UNSUPPORTED, 0, true },
		{ { (enum trial_step)99, EIO }, false, "dmar0", true, V_ATTACH_FAILED, EIO, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("10000:e1:00.0");
		struct machine machine = bound_machine();
		struct claim claim = { .device = NVME, .error = 99 };
		struct group *group = machine_group(&machine, &machine.devices[NVME]);
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		group->trial = rows[i].trial;
		group->reserved_direct = rows[i].direct;
		strcpy(machine.platform.unit, rows[i].unit);
		machine.platform.remapping = rows[i].remapping;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_number(name, "error", claim.error, rows[i].error);
		row_number(name, "notes", (long long)claim.notes,
			   rows[i].verified ? 0 : (long long)NOTE(V_NOT_VERIFIED));
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* Where interrupts cannot be forged, as far as is known. */
static void interrupts(void **state)
{
	static const struct {
		const char *unit;
		unsigned tables;
		bool remapping, arm, unsafe, want;
	} rows[] = {
		{ "dmar0", ACPI_DMAR, true, false, false, true },
		{ "dmar0", ACPI_DMAR, false, false, false, false },
		{ "dmar0", ACPI_DMAR, false, false, true, true },
		{ "ivhd0", ACPI_IVRS, false, false, false, false },
		{ "smmu3.0x0", ACPI_IORT, false, true, false, true },
		{ "0000:00:02.0", ACPI_VIOT, false, false, false, false },
		{ "0000:00:02.0", ACPI_VIOT, false, true, false, true },
		{ "0000:00:02.0", ACPI_VIOT, false, false, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct platform platform = { .tables = rows[i].tables,
					     .remapping = rows[i].remapping,
					     .arm = rows[i].arm,
					     .unsafe_irqs = rows[i].unsafe };

		strcpy(platform.unit, rows[i].unit);
		row_number(rows[i].unit, "interrupts", verify_interrupts(&platform), rows[i].want);
	}
	rows_done();
}

static void notes(void **state)
{
	static const struct {
		const char *config, *previous_driver, *driver, *reset;
		bool boot_vga;
		notes_t notes;
		int variant_error;
	} rows[] = {
		{ "10000:e1:00.0", "", "vfio-pci", "flr", false, 0, 0 },
		{ "10000:e1:00.0", "vfio-pci", "vfio-pci", "flr bus", false, 0, 0 },
		{ "10000:e1:00.0", "nvme", "vfio-pci", "flr", false, NOTE(V_TAKEN_OVER), 0 },
		{ "10000:e1:00.0", "", "vfio-pci", "", false, NOTE(V_NO_RESET), 0 },
		{ "10000:e1:00.0", "", "vfio-pci", "flr", true, NOTE(V_BOOT_DISPLAY), 0 },
		{ "10000:e1:00.0 driver=auto", "", "vfio-pci", "flr", false, 0, 0 },
		{ "10000:e1:00.0 driver=auto", "", "vfio-pci", "flr", false, NOTE(V_DRIVER_FALLBACK), ENOENT },
		{ "10000:e1:00.0 driver=pci-stub", "nvme", "pci-stub", "flr", false, NOTE(V_TAKEN_OVER), 0 },
		{ "10000:e1:00.0 driver=auto", "nvme", "vfio-pci", "", true,
		  NOTE(V_TAKEN_OVER) | NOTE(V_NO_RESET) | NOTE(V_BOOT_DISPLAY) | NOTE(V_DRIVER_FALLBACK),
		  EKEYREJECTED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = bound_machine();
		struct device *device = &machine.devices[NVME];
		struct claim claim = { .device = NVME };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(claim.previous_driver, rows[i].previous_driver);
		strcpy(device->driver, rows[i].driver);
		strcpy(device->reset, rows[i].reset);
		device->boot_vga = rows[i].boot_vga;
		claim.outcome.variant_error = rows[i].variant_error;
		machine_group(&machine, device)->trial.step = TRIAL_DONE;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), "ready");
		row_number(name, "notes", (long long)claim.notes, (long long)rows[i].notes);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void bound_without_group(void **state)
{
	static const struct {
		unsigned units;
		bool noiommu;
		int group;
		enum verdict verdict;
	} rows[] = {
		{ 1, false, NO_GROUP, V_NOT_BEHIND_IOMMU },
		{ 0, false, NO_GROUP, V_NO_IOMMU },
		{ 0, true, 5, V_NO_IOMMU_MODE },
		{ 1, true, 5, V_NO_IOMMU_MODE },
		/* a group that was not read */
		{ 1, false, 77, V_NOT_BEHIND_IOMMU },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("set iommu optional\n10000:e1:00.0");
		struct machine machine = bound_machine();
		struct claim claim = { .device = NVME };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		machine.platform.units = rows[i].units;
		machine_group(&machine, &machine.devices[NVME])->noiommu = rows[i].noiommu;
		machine_group(&machine, &machine.devices[NVME])->trial.step = TRIAL_DONE;
		machine.devices[NVME].group = rows[i].group;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* --- neighbours --- */

static void neighbours(void **state)
{
	static const struct {
		size_t member;
		const char *driver;
		bool vfio;
		unsigned major, minor;
		enum neighbour want;
	} rows[] = {
		{ TWIN, "", false, 6, 12, NEIGHBOUR_UNBOUND },
		{ TWIN, "e1000e", false, 6, 12, NEIGHBOUR_BOUND },
		{ TWIN, "vfio-pci", true, 6, 12, NEIGHBOUR_HARMLESS },
		{ TWIN, "mlx5_vfio_pci", true, 6, 12, NEIGHBOUR_HARMLESS },
		{ TWIN, "pci-stub", false, 6, 12, NEIGHBOUR_HARMLESS },
		{ TWIN, "pci-stubborn", false, 6, 12, NEIGHBOUR_BOUND },
		{ SHPC, "", false, 6, 12, NEIGHBOUR_HARMLESS },
		{ SHPC, "pcieport", false, 6, 12, NEIGHBOUR_HARMLESS },
		/* any driver on a bridge was fine before 5.19, only pcieport is since */
		{ SHPC, "shpchp", false, 4, 19, NEIGHBOUR_HARMLESS },
		{ SHPC, "shpchp", false, 5, 18, NEIGHBOUR_HARMLESS },
		{ SHPC, "shpchp", false, 5, 19, NEIGHBOUR_BOUND },
		{ SHPC, "shpchp", false, 6, 0, NEIGHBOUR_BOUND },
		{ SHPC, "pcieport", false, 5, 18, NEIGHBOUR_HARMLESS },
		{ TWIN, "e1000e", false, 5, 18, NEIGHBOUR_BOUND },
		/* an event collector has an endpoint's header */
		{ TWIN, "pcieport", false, 5, 18, NEIGHBOUR_BOUND },
		{ TWIN, "pcieport", false, 5, 19, NEIGHBOUR_HARMLESS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(HBA);
		struct device *device = &machine.devices[rows[i].member];
		char name[64];

		snprintf(name, sizeof(name), "%s on %u.%u", rows[i].driver, rows[i].major, rows[i].minor);
		strcpy(device->driver, rows[i].driver);
		device->vfio = rows[i].vfio;
		machine.platform.major = rows[i].major;
		machine.platform.minor = rows[i].minor;
		row_number(name, "neighbour",
			   verify_neighbour(&no_plan, &machine.platform, &machine.devices[rows[i].member]),
			   rows[i].want);
		machine_done(&machine);
	}
	rows_done();
}

/* The NIC is bound; its group holds the twin and a bridge. */
static void shared_groups(void **state)
{
	static const struct {
		const char *twin, *bridge;
		bool settled;
		enum trial_step step;
		enum verdict verdict;
		notes_t notes;
	} rows[] = {
		{ "vfio-pci", "", false, TRIAL_DONE, V_READY, 0 },
		{ "vfio-pci", "pcieport", false, TRIAL_DONE, V_READY, 0 },
		/* a VFIO driver that sysfs does not show as one, as before Linux 6.1 */
		{ "mlx5_vfio_pci", "", false, TRIAL_DONE, V_READY, 0 },
		{ "pci-stub", "", false, TRIAL_DONE, V_READY, 0 },
		{ "e1000e", "", false, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "e1000e", "", true, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "e1000e", "", true, TRIAL_NOT_MADE, V_GROUP_SHARED, 0 },
		{ "vfio-pci", "shpchp", false, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		/* before udev a device without a driver is about to get one; after it, it stays so */
		{ "", "", false, TRIAL_DONE, V_GROUP_SHARED, NOTE(V_NEIGHBOUR_UNBOUND) },
		{ "", "", false, TRIAL_NOT_MADE, V_GROUP_SHARED, NOTE(V_NEIGHBOUR_UNBOUND) | NOTE(V_NOT_VERIFIED) },
		/* it is not only the neighbour */
		{ "", "", false, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "", "", false, TRIAL_IOMMU, V_GROUP_SHARED, 0 },
		{ "", "", true, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "", "", true, TRIAL_DONE, V_READY, NOTE(V_NEIGHBOUR_UNBOUND) },
		{ "", "", true, TRIAL_NOT_MADE, V_READY, NOTE(V_NEIGHBOUR_UNBOUND) | NOTE(V_NOT_VERIFIED) },
		{ "", "shpchp", true, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		/* the kernel sees a holder that is no PCI device */
		{ "vfio-pci", "", true, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("02:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = NIC };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(machine.devices[NIC].driver, "vfio-pci");
		machine.devices[NIC].vfio = true;
		strcpy(machine.devices[TWIN].driver, rows[i].twin);
		machine.devices[TWIN].vfio = !strcmp(rows[i].twin, "vfio-pci");
		strcpy(machine.devices[SHPC].driver, rows[i].bridge);
		machine.platform.settled = rows[i].settled;
		machine_group(&machine, &machine.devices[NIC])->trial.step = rows[i].step;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_number(name, "notes", (long long)claim.notes, (long long)rows[i].notes);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* What is bound, and not as requested. */
static void restored(void **state)
{
	static const struct {
		enum step_kind failed;
		enum verdict verdict;
		bool iommu_required, iommu_optional; /* restored with this setting */
	} rows[] = {
		{ STEP_NONE, V_OTHER_GROUP, true, true },
		{ STEP_NONE, V_NO_IOMMU_MODE, true, false },
		{ STEP_NONE, V_NOT_BEHIND_IOMMU, true, false },
		{ STEP_NONE, V_NO_IOMMU, true, false },
		{ STEP_NONE, V_READY, false, false },
		{ STEP_NONE, V_GROUP_SHARED, false, false },
		{ STEP_NONE, V_BIND_FAILED, false, false },
		/* binding failed: there is nothing to be restored */
		{ STEP_BIND, V_NO_IOMMU, false, false },
		{ STEP_BIND, V_NOT_BEHIND_IOMMU, false, false },
	};
	const struct settings required = { .iommu_optional = false }, optional = { .iommu_optional = true };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct claim claim = { .verdict = rows[i].verdict, .outcome = { .failed = rows[i].failed } };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		row_number(name, "restored, iommu required", verify_is_to_be_restored(&required, &claim),
			   rows[i].iommu_required);
		row_number(name, "restored, iommu optional", verify_is_to_be_restored(&optional, &claim),
			   rows[i].iommu_optional);
	}
	rows_done();
}

/* What vfio-pci had before the run, and no line asks for. */
static void unrequested(void **state)
{
	const struct device kept = { .unrequested = true }, released = { .unrequested = true, .restored = true };

	(void)state;
	assert_int_equal(verify_unrequested(&kept), V_BOUND_BEFORE);
	assert_int_equal(verify_unrequested(&released), V_RESTORED_FOR_HOST);
}

static void since_the_boot(void **state)
{
	struct device device = { .driver = "vfio-pci" };

	(void)state;
	assert_int_equal(verify_since(&device, "vfio-pci"), V_READY);
	assert_int_equal(verify_since(&device, "mlx5_vfio_pci"), V_DRIVER_CHANGED);
	strcpy(device.driver, "nvme");
	assert_int_equal(verify_since(&device, "vfio-pci"), V_DRIVER_CHANGED);
	device.driver[0] = '\0';
	assert_int_equal(verify_since(&device, "vfio-pci"), V_DRIVER_CHANGED);
	assert_int_equal(verify_since(NULL, "vfio-pci"), V_DRIVER_CHANGED);
}

/* What the group itself says of a device that has its driver. */
static void bound_in_a_group(void **state)
{
	static const struct {
		bool noiommu, by_group;
		int owner_group;
		bool vfio;
		struct trial trial;
		int error;
		enum verdict verdict;
	} rows[] = {
		{ false, false, 5, true, { TRIAL_DONE, 0 }, 0, V_READY },
		{ true, false, 5, true, { TRIAL_DONE, 0 }, 0, V_NO_IOMMU_MODE },
		{ false, true, 5, true, { TRIAL_DONE, 0 }, 0, V_READY },
		{ false, true, 2, true, { TRIAL_DONE, 0 }, 0, V_OTHER_GROUP },
		/* before Linux 6.1 sysfs does not show that a driver is one of VFIO's; its group's node does */
		{ false, false, 5, false, { TRIAL_DONE, 0 }, 0, V_READY },
		{ false, false, 5, false, { TRIAL_GROUP, EBUSY }, 0, V_READY },
		{ false, false, 5, false, { TRIAL_GROUP, ENOENT }, 0, V_NOT_VFIO },
		{ false, false, 5, false, { TRIAL_NOT_MADE, 0 }, 0, V_NOT_VFIO },
		{ false, false, 5, true, { TRIAL_DONE, 0 }, EIO, V_GROUP_UNREADABLE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("10000:e1:00.0");
		struct machine machine = bound_machine();
		struct claim claim = { .device = NVME, .group_owner = GPU, .by_group = rows[i].by_group };
		struct group *group = machine_group(&machine, &machine.devices[NVME]);
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		group->noiommu = rows[i].noiommu;
		group->trial = rows[i].trial;
		group->error = rows[i].error;
		machine.devices[NVME].vfio = rows[i].vfio;
		machine.devices[GPU].group = rows[i].owner_group;
		strcpy(machine.devices[GPU].driver, "vfio-pci");
		machine.devices[GPU].vfio = true;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

#define LONG_NAME "a_module_whose_name_is_longer_than_the_kernel_and_a_driver_allow_at_all"

/* What the plan tells of a neighbour without a driver. */
static void prospects(void **state)
{
	static const struct {
		const char *plan;
		size_t member;
		unsigned minor; /* of Linux 5 */
		const char *cmdline;
		enum neighbour want, next; /* with vfio-pci at work now */
	} rows[] = {
		{ "none", TWIN, 19, "", NEIGHBOUR_HARMLESS, NEIGHBOUR_HARMLESS },
		{ "blacklisted nouveau nouveau", TWIN, 19, "", NEIGHBOUR_IDLE, NEIGHBOUR_IDLE },
		{ "declined snd_pci_acp5x snd_pci_acp5x", TWIN, 19, "", NEIGHBOUR_IDLE, NEIGHBOUR_IDLE },
		{ "expected e1000e e1000e", TWIN, 19, "", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		{ "expected intel_ips intel ips", TWIN, 19, "", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		/* only the kernel that boots knows its command line */
		{ "expected a,b a", TWIN, 19, "modprobe.blacklist=a", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		{ "expected a,b a", TWIN, 19, "modprobe.blacklist=b,a", NEIGHBOUR_IDLE, NEIGHBOUR_IDLE },
		{ "expected a,b a", TWIN, 19, "module_blacklist=a modprobe.blacklist=b", NEIGHBOUR_IDLE,
		  NEIGHBOUR_IDLE },
		{ "expected a,-", TWIN, 19, "module_blacklist=a", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		{ "expected -", TWIN, 19, "module_blacklist=a", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		/* a name that no driver has, and a command line that was not recorded */
		{ "expected " LONG_NAME, TWIN, 19, "module_blacklist=" LONG_NAME, NEIGHBOUR_UNBOUND,
		  NEIGHBOUR_UNBOUND },
		{ "expected a a", TWIN, 19, NULL, NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		/* bridges */
		{ "expected shpchp shpchp", SHPC, 18, "", NEIGHBOUR_HARMLESS, NEIGHBOUR_HARMLESS },
		{ "expected shpchp shpchp", SHPC, 19, "", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		{ "expected - pcieport", SHPC, 19, "", NEIGHBOUR_HARMLESS, NEIGHBOUR_HARMLESS },
		/* another kernel's plan, and a device that cannot be read */
		{ "none", TWIN, 20, "", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
		{ "none", MUTE, 19, "", NEIGHBOUR_UNBOUND, NEIGHBOUR_UNBOUND },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(FACTS_DEVICES);
		struct device *member = &machine.devices[rows[i].member];
		const struct identity *id = &member->identity;
		struct plan plan;
		char text[256];

		snprintf(text, sizeof(text), "earlybind-plan 2\nkernel 5.%u\ndriver %04x:%04x:%04x:%04x %06x %s\n",
			 rows[i].minor == 18 ? 18 : 19, id->vendor, id->device, id->subvendor, id->subdevice,
			 (unsigned)id->class, rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		assert_int_equal(plan.bad_lines, 0);
		machine.platform.major = 5;
		machine.platform.minor = rows[i].minor;
		snprintf(machine.platform.release, sizeof(machine.platform.release), "5.%u", rows[i].minor);
		free(machine.platform.cmdline);
		machine.platform.cmdline = rows[i].cmdline ? strdup(rows[i].cmdline) : NULL;
		row_number(text, "neighbour", verify_neighbour(&plan, &machine.platform, member), rows[i].want);
		strcpy(member->driver, "vfio-pci");
		member->vfio = true;
		row_number(text, "lent", verify_neighbour(&plan, &machine.platform, member), NEIGHBOUR_HARMLESS);
		row_number(text, "next", verify_next_neighbour(&plan, &machine.platform, member), rows[i].next);
		strcpy(member->driver, "pci-stub");
		member->vfio = false;
		row_number(text, "next", verify_next_neighbour(&plan, &machine.platform, member), rows[i].next);
		strcpy(member->driver, "e1000e");
		row_number(text, "bound", verify_next_neighbour(&plan, &machine.platform, member),
			   rows[i].member == SHPC && rows[i].minor == 18 ? NEIGHBOUR_HARMLESS : NEIGHBOUR_BOUND);
		plan_done(&plan);
		machine_done(&machine);
	}
	rows_done();
}

/* A neighbour that gets no driver prevents nothing, before udev as after it. */
static void idle_neighbours(void **state)
{
	static const struct {
		const char *prospect;
		bool settled;
		enum trial_step step;
		enum verdict verdict;
		notes_t notes;
	} rows[] = {
		{ "none", false, TRIAL_DONE, V_READY, 0 },
		{ "none", true, TRIAL_DONE, V_READY, 0 },
		{ "none", false, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "none", false, TRIAL_IOMMU, V_ATTACH_FAILED, 0 },
		{ "declined a", false, TRIAL_DONE, V_READY, NOTE(V_NEIGHBOUR_UNBOUND) },
		{ "blacklisted a", true, TRIAL_DONE, V_READY, NOTE(V_NEIGHBOUR_UNBOUND) },
		{ "blacklisted a", false, TRIAL_VIABLE, V_GROUP_SHARED, 0 },
		{ "expected a", false, TRIAL_DONE, V_GROUP_SHARED, NOTE(V_NEIGHBOUR_UNBOUND) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("02:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = NIC };
		struct plan plan;
		char text[256];

		snprintf(text, sizeof(text), "earlybind-plan 2\nkernel 6.12.0\ndriver 8086:10d3:0000:0000 020000 %s",
			 rows[i].prospect);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		strcpy(machine.devices[NIC].driver, "vfio-pci");
		machine.devices[NIC].vfio = true;
		machine.platform.settled = rows[i].settled;
		machine_group(&machine, &machine.devices[NIC])->trial.step = rows[i].step;
		verify_outcome(&config, &plan, &machine, &claim);
		row_string(text, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
		row_number(text, "notes", (long long)claim.notes, (long long)rows[i].notes);
		plan_done(&plan);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* Of a machine that the plan does not know, few host bridges get a driver; other devices do. */
static void unknown_neighbours(void **state)
{
	struct device bridge = { .identity = { .class = 0x060000 } }, card = { .identity = { .class = 0x020000 } };
	const struct platform platform = { .major = 6, .minor = 12 };

	(void)state;
	assert_int_equal(verify_neighbour(&no_plan, &platform, &bridge), NEIGHBOUR_IDLE);
	assert_int_equal(verify_neighbour(&no_plan, &platform, &card), NEIGHBOUR_UNBOUND);
	strcpy(bridge.driver, "skl_uncore");
	assert_int_equal(verify_neighbour(&no_plan, &platform, &bridge), NEIGHBOUR_BOUND);
}

/* What no guest can have. */
static void endpoints(void **state)
{
	static const struct {
		uint32_t class;
		const char *driver;
		bool endpoint;
	} rows[] = {
		{ 0x020000, "", true },	 { 0x060100, "", true },
		{ 0x080700, "", true },	 { 0x080700, "pcieport", false },
		{ 0x060000, "", false }, { 0x060000, "skl_uncore", false },
		{ 0x060400, "", false }, { 0x060700, "yenta_cardbus", false },
		{ 0x080600, "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("02:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = NIC };
		char name[32];

		snprintf(name, sizeof(name), "%06x %s", (unsigned)rows[i].class, rows[i].driver);
		machine.devices[NIC].identity.class = rows[i].class;
		strcpy(machine.devices[NIC].driver, rows[i].driver);
		verify_claim(&config, &machine, &claim);
		row_number(name, "bridge", claim.verdict == V_BRIDGE, !rows[i].endpoint);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* Lines for which the boot's run found no device. */
static void lines_since(void **state)
{
	static const struct {
		const char *line;
		enum verdict then;
		bool present;
		enum verdict want;
	} rows[] = {
		{ "01:00.0", V_ABSENT, false, V_ABSENT },
		{ "01:00.0", V_ABSENT, true, V_NOT_HANDLED },
		{ "01:00.0 optional", V_UNDECIDED, false, V_NOT_APPEARED },
		{ "01:00.0 optional", V_UNDECIDED, true, V_NOT_HANDLED },
		{ "skip 01:00.0 optional", V_UNDECIDED, false, V_UNDECIDED },
		{ "skip 01:00.0", V_ABSENT, true, V_ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].line);

		row_number(rows[i].line, "verdict", verify_line_since(config.rules, rows[i].then, rows[i].present),
			   rows[i].want);
		config_done(&config);
	}
	rows_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_since),
		cmocka_unit_test(whole_runs),
		cmocka_unit_test(plans),
		cmocka_unit_test(ids_of_the_driver),
		cmocka_unit_test(before),
		cmocka_unit_test(physical_functions),
		cmocka_unit_test(a_verdict_given_stays),
		cmocka_unit_test(failures),
		cmocka_unit_test(refused_without_an_iommu),
		cmocka_unit_test(trials),
		cmocka_unit_test(interrupts),
		cmocka_unit_test(notes),
		cmocka_unit_test(bound_without_group),
		cmocka_unit_test(neighbours),
		cmocka_unit_test(prospects),
		cmocka_unit_test(idle_neighbours),
		cmocka_unit_test(unknown_neighbours),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(shared_groups),
		cmocka_unit_test(restored),
		cmocka_unit_test(unrequested),
		cmocka_unit_test(since_the_boot),
		cmocka_unit_test(bound_in_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
