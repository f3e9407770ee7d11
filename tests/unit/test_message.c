/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that people read: every verdict, word by word. */
#include "facts_table.h"

#include <errno.h>

#include "decide/verify.h"
#include "report/message.h"

#define LINE_SIZE sizeof(((struct linebuf *)0)->at)

/* --- the platform --- */

static void platforms(void **state)
{
	static const struct {
		unsigned units, groups, tables;
		bool acpi, remapping;
		const char *unit, *cmdline, *want;
	} rows[] = {
		{ 1, 14, ACPI_DMAR, true, true, "dmar0", "",
		  "Intel VT-d active: 1 unit, 14 groups, interrupt remapping on" },
		{ 2, 1, ACPI_DMAR, true, false, "dmar0", "intremap=off",
		  "Intel VT-d active: 2 units, 1 group, interrupt remapping off" },
		{ 1, 0, ACPI_IVRS, true, true, "ivhd0", "", "AMD-Vi active: 1 unit, 0 groups, interrupt remapping on" },
		{ 1, 3, ACPI_VIOT, true, false, "0000:00:02.0", "", "virtio-iommu active: 1 unit, 3 groups" },
		{ 1, 9, 0, false, false, "smmu3.0x0000000009050000", "", "Arm SMMUv3 active: 1 unit, 9 groups" },
		{ 1, 9, 0, false, false, "\x1b[2J", "", "IOMMU active: 1 unit, 9 groups" },
		{ 0, 0, 0, true, false, "", "quiet",
		  "iommu-no-table: no IOMMU is active: the firmware has no DMAR, IVRS, IORT or VIOT table; enable VT-d "
		  "(Intel) or AMD-Vi, also called IOMMU (AMD), in the firmware setup; a virtual machine needs an "
		  "emulated IOMMU" },
		{ 0, 0, 0, true, false, "", "intel_iommu=on",
		  "iommu-no-table: no IOMMU is active: the firmware has no DMAR, IVRS, IORT or VIOT table, although "
		  "the kernel command line has intel_iommu=on; enable VT-d (Intel) or AMD-Vi, also called IOMMU (AMD), "
		  "in the firmware setup; a virtual machine needs an emulated IOMMU" },
		{ 0, 0, ACPI_DMAR, true, false, "", "quiet",
		  "iommu-not-enabled: no IOMMU is active: the firmware describes Intel VT-d (DMAR), but the kernel "
		  "does not use it; add intel_iommu=on to the kernel command line" },
		{ 0, 0, ACPI_DMAR, true, false, "", "intel_iommu=off",
		  "iommu-off: no IOMMU is active: the firmware describes Intel VT-d (DMAR), but the kernel command "
		  "line has intel_iommu=off; remove that parameter from the kernel command line" },
		{ 0, 0, ACPI_IVRS, true, false, "", "iommu=off",
		  "iommu-off: no IOMMU is active: the firmware describes AMD-Vi (IVRS), but the kernel command line "
		  "has iommu=off; remove that parameter from the kernel command line" },
		{ 0, 0, ACPI_DMAR, true, false, "", "amd_iommu=on",
		  "iommu-wrong-parameter: no IOMMU is active: the firmware describes Intel VT-d (DMAR), although the "
		  "kernel command line has amd_iommu=on; this machine has Intel VT-d: use intel_iommu=on instead" },
		{ 0, 0, ACPI_DMAR, true, false, "", "intel_iommu=on",
		  "iommu-failed: no IOMMU is active: the firmware describes Intel VT-d (DMAR), although the kernel "
		  "command line has intel_iommu=on; look for DMAR, AMD-Vi or iommu errors in the kernel log; a "
		  "firmware update often helps" },
		{ 0, 0, ACPI_IVRS, true, false, "", "intel_iommu=on",
		  "iommu-failed: no IOMMU is active: the firmware describes AMD-Vi (IVRS); look for DMAR, AMD-Vi or "
		  "iommu "
		  "errors in the kernel log; a firmware update often helps" },
		{ 0, 0, ACPI_VIOT, true, false, "", "",
		  "iommu-no-driver: no IOMMU is active: the firmware describes a virtio-iommu (VIOT), but neither this "
		  "kernel nor the image has its driver; boot a kernel that has the module virtio_iommu (Debian: 6.12 "
		  "and "
		  "later) and regenerate its initramfs" },
		{ 0, 0, ACPI_IORT, true, false, "", "",
		  "iommu-failed: no IOMMU is active: the firmware describes an Arm SMMU (IORT); look for DMAR, AMD-Vi "
		  "or iommu "
		  "errors "
		  "in the kernel log; a firmware update often helps" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct decision decision = { .machine = facts_machine(0) };
		struct platform *p = &decision.machine.platform;
		struct linebuf line;

		p->units = rows[i].units;
		p->groups = rows[i].groups;
		p->tables = rows[i].tables;
		p->acpi = rows[i].acpi;
		p->remapping = rows[i].remapping;
		strcpy(p->unit, rows[i].unit);
		free(p->cmdline);
		p->cmdline = strdup(rows[i].cmdline);
		assert_non_null(p->cmdline);
		linebuf_start(&line);
		message_platform(&decision, &line);
		row_string(rows[i].cmdline, "line", line.at, rows[i].want);
		machine_done(&decision.machine);
	}
	rows_done();
}

static void platform_without_acpi(void **state)
{
	struct decision decision = { .machine = facts_machine(0) };
	struct platform *platform = &decision.machine.platform;
	const char *want = "iommu-no-table: no IOMMU is active: the device tree describes no IOMMU that this kernel "
			   "supports; a virtual machine needs an emulated IOMMU";
	struct linebuf line;

	(void)state;
	platform->units = platform->tables = 0;
	platform->acpi = false;
	linebuf_start(&line);
	message_platform(&decision, &line);
	assert_string_equal(line.at, want);
	machine_done(&decision.machine);
}

static void arm_platform_without_an_smmu(void **state)
{
	struct decision decision = { .machine = facts_machine(0) };
	struct platform *platform = &decision.machine.platform;
	struct linebuf line;

	(void)state;
	platform->units = platform->tables = 0;
	platform->arm = true;
	linebuf_start(&line);
	message_platform(&decision, &line);
	assert_string_equal(line.at, "iommu-no-table: no IOMMU is active: the firmware's IORT table describes no SMMU; "
				     "enable it in the firmware setup; a virtual machine needs an emulated one");
	machine_done(&decision.machine);
}

/* --- devices --- */

struct row {
	const char *config;
	size_t device;
	enum verdict verdict;
	int error;
	const char *previous_driver, *driver;
	const char *want;
	notes_t notes;
	const char *variant;
	int variant_error;
	const char *chosen; /* the driver that was found for it */
};

static struct linebuf claim_line(const struct config *config, const struct machine *machine, const struct plan *plan,
				 const struct claim *claim)
{
	struct decision decision = { .config = *config, .machine = *machine };
	struct linebuf line;

	if (plan)
		decision.plan = *plan;
	linebuf_start(&line);
	message_claim(&decision, claim, &line);
	return line;
}

/* The claim of ROW; its driver goes to MACHINE. */
static struct claim row_claim(const struct row *row, struct machine *machine)
{
	struct claim claim = { .device = row->device,
			       .verdict = row->verdict,
			       .error = row->error,
			       .notes = row->notes,
			       .variant = row->variant,
			       .outcome.variant_error = row->variant_error };

	if (row->previous_driver)
		strcpy(claim.previous_driver, row->previous_driver);
	if (row->chosen)
		strcpy(claim.driver, row->chosen);
	if (row->driver)
		strcpy(machine->devices[row->device].driver, row->driver);
	return claim;
}

static void check_with_plan(const struct row *rows, size_t n, const struct plan *plan)
{
	for (size_t i = 0; i < n; i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(FACTS_DEVICES);
		struct claim claim = row_claim(&rows[i], &machine);

		row_string(verdict_word(rows[i].verdict), "line", claim_line(&config, &machine, plan, &claim).at,
			   rows[i].want);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void check(const struct row *rows, size_t n)
{
	static const struct plan empty = { .n_modules = 0 };

	check_with_plan(rows, n, &empty);
}

#define GPU_IS "0000:01:00.0 10de:1b80 "
#define ORIGIN " [earlybind.conf:1]"
#define CLINGS "; keep that driver off the device with a blacklist or a parameter of the driver"

static void before(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0\nskip 10de:*", GPU, V_SKIPPED,
		  .want = GPU_IS "skipped: left alone: a skip line names it" ORIGIN },
		{ "01:00.0 id=10de:1b81", GPU, V_OTHER_DEVICE,
		  .want = GPU_IS "other-device: left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), "
				 "expected id=10de:1b81; correct the address or the identity check" ORIGIN },
		{ "01:00.0 id=10DE:*:1044", GPU, V_OTHER_DEVICE,
		  .want = GPU_IS "other-device: left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), "
				 "expected id=10de:*:1044; correct the address or the identity check" ORIGIN },
		{ "01:00.0 id=*:*:*:85ab class=0c0330", GPU, V_OTHER_DEVICE,
		  .want = GPU_IS
		  "other-device: left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), expected "
		  "id=*:*:*:85ab class=0c0330; correct the address or the identity check" ORIGIN },
		{ "01:00.0 class=02", GPU, V_OTHER_DEVICE,
		  .want = GPU_IS "other-device: left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), "
				 "expected class=02; correct the address or the identity check" ORIGIN },
		{ "01:00.0 class=0C03", GPU, V_OTHER_DEVICE,
		  .want = GPU_IS "other-device: left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), "
				 "expected class=0c03; correct the address or the identity check" ORIGIN },
		{ "04:00.0", MUTE, V_UNREADABLE,
		  .want = "0000:04:00.0 unreadable: left alone: its modalias in /sys cannot be read (EIO)" ORIGIN },
		{ "00:1c.0", PORT, V_BRIDGE,
		  .want = "0000:00:1c.0 8086:3420 bridge: left alone: a bridge cannot be assigned to a guest (class "
			  "060400); name the devices behind it" ORIGIN },
		{ "01:00.0 leave-bound", GPU, V_LEFT_BOUND, .driver = "nouveau",
		  .want = GPU_IS "left-bound: left bound to nouveau because of leave-bound; remove leave-bound to have "
				 "it bound to VFIO" ORIGIN },
		{ "01:00.0 group", GPU, V_NEIGHBOUR_IN_USE, .driver = "nouveau",
		  .want = GPU_IS "neighbour-in-use: left bound to nouveau: it was in use before the device whose line "
				 "has the option group appeared" ORIGIN },
		{ "class=01", NVME, V_RESCUED,
		  .want = "10000:e1:00.0 144d:a808 rescued: left alone: the root device was missing in this boot, and "
			  "a storage controller could carry it; if the root is on it, remove it from the configuration "
			  "and regenerate the initramfs" ORIGIN },
		{ "01:00.0", GPU, V_NO_IOMMU,
		  .want = GPU_IS "no-iommu: no guest can use the device: no IOMMU is active" ORIGIN },
		{ "01:00.0", GPU, V_NOT_BEHIND_IOMMU,
		  .want = GPU_IS "not-behind-iommu: no guest can use the device: the active IOMMU does not cover it; "
				 "try another slot or a firmware update" ORIGIN },
		{ "01:00.0", GPU, V_NO_IOMMU_MODE,
		  .want = GPU_IS "no-iommu-mode: no guest can use the device: VFIO has it in no-IOMMU mode, which "
				 "isolates nothing; remove enable_unsafe_noiommu_mode and enable the IOMMU" ORIGIN },
	};

	(void)state;
	check(rows, COUNT_OF(rows));
}

static void ready(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci",
		  .want = GPU_IS "ready: vfio-pci, group 2, reset bus" ORIGIN },
		{ "\n\n  10000:e1:00.0", NVME, V_READY, .driver = "vfio-pci", .notes = NOTE(V_NO_RESET),
		  .want = "10000:e1:00.0 144d:a808 ready: vfio-pci, group 5, reset none [earlybind.conf:3]" },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .previous_driver = "nouveau",
		  .notes = NOTE(V_TAKEN_OVER),
		  .want = GPU_IS "ready: vfio-pci, group 2, reset bus, taken over from nouveau" ORIGIN },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .notes = NOTE(V_NEIGHBOUR_UNBOUND),
		  .want = GPU_IS
		  "ready: vfio-pci, group 2, reset bus, group shared with a device without a driver" ORIGIN },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .notes = NOTE(V_BOOT_DISPLAY),
		  .want = GPU_IS "ready: vfio-pci, group 2, reset bus, this is the boot display: the host console on "
				 "it ends" ORIGIN },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .notes = NOTE(V_NOT_VERIFIED),
		  .want = GPU_IS "ready: vfio-pci, group 2, reset bus, not verified through VFIO" ORIGIN },
		{ "01:00.0 driver=auto", GPU, V_READY, .driver = "vfio-pci", .notes = NOTE(V_DRIVER_FALLBACK),
		  .variant = "mlx5_vfio_pci", .variant_error = ENOENT,
		  .want = GPU_IS "ready: vfio-pci, group 2, reset bus, instead of mlx5_vfio_pci, which could not be "
				 "loaded (ENOENT)" ORIGIN },
		{ "01:00.0 driver=auto", GPU, V_READY, .driver = "mlx5_vfio_pci", .variant = "mlx5_vfio_pci",
		  .want = GPU_IS "ready: mlx5_vfio_pci, group 2, reset bus" ORIGIN },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .previous_driver = "nouveau",
		  .notes = NOTE(V_TAKEN_OVER) | NOTE(V_NEIGHBOUR_UNBOUND) | NOTE(V_BOOT_DISPLAY) |
			   NOTE(V_NOT_VERIFIED) | NOTE(V_DRIVER_FALLBACK),
		  .variant = "mlx5_vfio_pci", .variant_error = EKEYREJECTED,
		  .want = GPU_IS
		  "ready: vfio-pci, group 2, reset bus, taken over from nouveau, group shared with a device without a "
		  "driver, this is the boot display: the host console on it ends, not verified through VFIO, instead "
		  "of "
		  "mlx5_vfio_pci, which could not be loaded (EKEYREJECTED)" ORIGIN },
	};

	(void)state;
	check(rows, COUNT_OF(rows));
}

static void not_bound(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_VANISHED,
		  .want = GPU_IS "vanished: the device disappeared while it was being bound; look for messages about "
				 "its port in the kernel log" ORIGIN },
		/* the driver link goes before the old driver's remove, and comes before the new one's probe */
		{ "set timeout 3\n01:00.0", GPU, V_DRIVER_HUNG, .previous_driver = "nouveau",
		  .want = GPU_IS
		  "driver-hung: unbind from nouveau timed out after 3 s; left alone from now on; reboot to "
		  "recover it; blacklist that driver or report the hang [earlybind.conf:2]" },
		{ "01:00.0", GPU, V_DRIVER_HUNG, .previous_driver = "nouveau", .driver = "vfio-pci",
		  .want = GPU_IS "driver-hung: bind timed out after 10 s; left alone from now on; reboot to "
				 "recover it; blacklist that driver or report the hang" ORIGIN },
		{ "01:00.0", GPU, V_DRIVER_HUNG,
		  .want = GPU_IS "driver-hung: bind timed out after 10 s; left alone from now on; reboot to "
				 "recover it; blacklist that driver or report the hang" ORIGIN },
		{ "01:00.0", GPU, V_UNBIND_FAILED, 0, .previous_driver = "nouveau", .driver = "nouveau",
		  .want = GPU_IS
		  "unbind-failed: nouveau did not release the device (it is still bound)" CLINGS ORIGIN },
		{ "01:00.0", GPU, V_UNBIND_FAILED, EBUSY, .previous_driver = "nouveau", .driver = "nouveau",
		  .want = GPU_IS "unbind-failed: nouveau did not release the device (EBUSY)" CLINGS ORIGIN },
		{ "01:00.0", GPU, V_OUT_OF_MEMORY,
		  .want = GPU_IS "out-of-memory: not handled: memory ran out in the initramfs; use a smaller initramfs "
				 "or more memory" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_MISSING, ENOENT,
		  .want = GPU_IS "module-missing: the driver vfio-pci is neither built into the kernel nor a module in "
				 "the image; regenerate the initramfs and read its messages" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_REFUSED, EKEYREJECTED,
		  .want = GPU_IS
		  "module-refused: the kernel refused a module of vfio-pci (EKEYREJECTED): its signature is "
		  "missing or not trusted: sign it or disable Secure Boot" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_REFUSED, ENOKEY,
		  .want = GPU_IS
		  "module-refused: the kernel refused a module of vfio-pci (ENOKEY): its signature is not "
		  "trusted: sign it or disable Secure Boot" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_REFUSED, EPERM,
		  .want = GPU_IS "module-refused: the kernel refused a module of vfio-pci (EPERM): lockdown or "
				 "kernel.modules_disabled forbids it" ORIGIN },
		{ "01:00.0 driver=mlx5_vfio_pci", GPU, V_MODULE_REFUSED, ENOEXEC,
		  .want = GPU_IS
		  "module-refused: the kernel refused a module of mlx5_vfio_pci (ENOEXEC): it was built for "
		  "another kernel: regenerate the initramfs" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_REFUSED, EOPNOTSUPP,
		  .want = GPU_IS "module-refused: the kernel refused a module of vfio-pci (EOPNOTSUPP): the kernel "
				 "cannot decompress it" ORIGIN },
		{ "01:00.0", GPU, V_MODULE_REFUSED, ENOMEM,
		  .want = GPU_IS
		  "module-refused: the kernel refused a module of vfio-pci (ENOMEM): see the kernel log" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, EINVAL,
		  .want = GPU_IS "bind-failed: vfio-pci refused the device (EINVAL): it has no usable IOMMU, or is not "
				 "an endpoint" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, EBUSY,
		  .want = GPU_IS "bind-failed: vfio-pci refused the device (EBUSY): it has virtual functions enabled, "
				 "or is in use" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, EAGAIN,
		  .want = GPU_IS "bind-failed: vfio-pci refused the device (EAGAIN): the driver waits for another one, "
				 "such as the IOMMU's" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, ENODEV,
		  .want = GPU_IS
		  "bind-failed: vfio-pci refused the device (ENODEV): the driver does not support this device" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, EIO,
		  .want = GPU_IS "bind-failed: vfio-pci refused the device (EIO): see the kernel log" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, 0, .driver = "nouveau",
		  .want = GPU_IS "bind-failed: vfio-pci did not bind the device: it is bound to nouveau" ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, 0,
		  .want = GPU_IS "bind-failed: vfio-pci did not bind the device: see the kernel log" ORIGIN },
	};

	(void)state;
	check(rows, COUNT_OF(rows));
}

static void bound_but_not_ready(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_TYPE1_MISSING, ENODEV,
		  .want = GPU_IS "type1-missing: bound, but group 2 cannot be attached (ENODEV): vfio_iommu_type1 is "
				 "missing; regenerate the initramfs and read its messages" ORIGIN },
		{ "01:00.0", GPU, V_RESERVED_MEMORY, EPERM,
		  .want = GPU_IS
		  "reserved-memory: bound, but group 2 cannot be attached (EPERM): the firmware reserves memory for "
		  "the device (RMRR); look for a firmware setting or update" ORIGIN },
		{ "01:00.0", GPU, V_RESERVED_MEMORY, 0,
		  .want = GPU_IS
		  "reserved-memory: bound, but the kernel will not attach group 2: the firmware reserves memory for "
		  "the device (RMRR); look for a firmware setting or update" ORIGIN },
		{ "01:00.0", GPU, V_IOMMU_UNSUPPORTED, 0,
		  .want = GPU_IS "iommu-unsupported: bound, but not verified: earlybind does not support this "
				 "platform's IOMMU (sPAPR TCE)" ORIGIN },
		{ "01:00.0", GPU, V_ATTACH_FAILED, EBUSY,
		  .want = GPU_IS
		  "attach-failed: bound, but group 2 cannot be attached (EBUSY); see the kernel log" ORIGIN },
		{ "01:00.0", GPU, V_ATTACH_FAILED, 0,
		  .want = GPU_IS
		  "attach-failed: bound, but group 2 cannot be attached (refused); see the kernel log" ORIGIN },
		{ "01:00.0", GPU, V_NO_INTERRUPT_REMAPPING, EPERM,
		  .want = GPU_IS
		  "no-interrupt-remapping: bound, but no guest can use the device: the platform does not remap "
		  "interrupts; enable it in the firmware setup and remove intremap=off; or, only if you trust the "
		  "guest, add vfio_iommu_type1.allow_unsafe_interrupts=1 to the kernel command line" ORIGIN },
		{ "01:00.0", GPU, V_GROUP_SHARED,
		  .want = GPU_IS "group-shared: group 2 also holds 0000:01:00.1 (no driver yet); add 0000:01:00.1 or "
				 "the option group, or move the card" ORIGIN },
		{ "02:00.0", NIC, V_GROUP_SHARED,
		  .want = "0000:02:00.0 8086:10d3 group-shared: group 3 also holds 0000:03:00.0 (no driver yet); add "
			  "0000:03:00.0 or the option group, or move the card" ORIGIN },
		{ "02:00.0 group", NIC, V_GROUP_SHARED,
		  .want = "0000:02:00.0 8086:10d3 group-shared: group 3 also holds 0000:03:00.0 (no driver yet); the "
			  "configuration names it: resolve why it is not ready, or move the card" ORIGIN },
		/* the kernel says so, and no member that sysfs shows is to blame */
		{ "10000:e1:00.0", NVME, V_GROUP_SHARED,
		  .want = "10000:e1:00.0 144d:a808 group-shared: group 5 is not viable: the host uses another of its "
			  "devices; release that device or move the card" ORIGIN },
	};

	(void)state;
	check(rows, COUNT_OF(rows));
}

/* No verdict of these comes without a group today; a line about it must not need one. */
static void without_a_group(void **state)
{
	static const enum verdict verdicts[] = { V_READY, V_GROUP_SHARED, V_ATTACH_FAILED };
	struct config config = facts_config("01:00.0");
	struct machine machine = facts_machine(HBA);

	(void)state;
	machine.devices[GPU].group = NO_GROUP;
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		struct claim claim = { .device = GPU, .verdict = verdicts[i] };
		struct linebuf line = claim_line(&config, &machine, NULL, &claim);

		row_number(line.at, "starts well", slice_starts(slice_of(line.at), GPU_IS), true);
		row_string("end", "origin", line.at + line.len - strlen(ORIGIN), ORIGIN);
	}
	rows_done();
	machine_done(&machine);
	config_done(&config);
}

static void missing_module_by_plan(void **state)
{
	static struct plan_module modules[] = {
		{ .kind = PLAN_MODULE, .name = "vfio" },
		{ .kind = PLAN_MISSING, .name = "vfio_pci" },
		{ .kind = PLAN_MISSING, .name = "vfio_iommu_type1" },
	};
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_MODULE_MISSING, ENOENT,
		  .want = GPU_IS "module-missing: kernel 6.1.0\\x1b has no module vfio_pci; regenerate the initramfs "
				 "and read its messages" ORIGIN },
	};
	struct plan plan = { .kernel = "6.1.0\x1b", .modules = modules, .n_modules = COUNT_OF(modules) };

	(void)state;
	check_with_plan(rows, COUNT_OF(rows), &plan);
}

static void mismatched(void **state)
{
	static const struct {
		const char *plan;
		struct row row;
	} rows[] = {
		{ "need root 0000:01:00.0 10de:1b80 / on sda2",
		  { "01:00.0", GPU, V_NEEDED_BY_HOST,
		    .want = GPU_IS "needed-by-host: left alone: the host depends on it (/ on sda2); if the host can do "
				   "without it, add even-if-needed to the line" ORIGIN } },
		{ "need root 0000:0a:00.0 10de:1b80:1043:85aa / on \x1b[2J",
		  { "01:00.0", GPU, V_NEEDED_BY_HOST,
		    .want = GPU_IS
		    "needed-by-host: left alone: the host depends on a device of this ID (/ on \\x1b[2J), which is "
		    "no longer at 0000:0a:00.0; regenerate the initramfs; if the host can do without it, add "
		    "even-if-needed to the line" ORIGIN } },
		{ "need mount 0000:01:00.0 10de:1b80 /home on sda1",
		  { "01:00.0", GPU, V_NEEDED_BY_HOST,
		    .want = GPU_IS "needed-by-host: left alone: the boot waits for it (/home on sda1); if the host can "
				   "do without it, add even-if-needed to the line" ORIGIN } },
		{ "need network 0000:01:00.0 10de:1b80 default route over eno1",
		  { "01:00.0", GPU, V_NEEDED_BY_HOST,
		    .want = GPU_IS "needed-by-host: left alone: the host needs it for its network (default route over "
				   "eno1); if the host can do without it, add even-if-needed to the line" ORIGIN } },
		{ "need keyboard 0000:01:00.0 10de:1b80 the only keyboard",
		  { "01:00.0", GPU, V_NEEDED_BY_HOST,
		    .want = GPU_IS
		    "needed-by-host: left alone: the host needs it for a passphrase at boot (the only "
		    "keyboard); if the host can do without it, add even-if-needed to the line" ORIGIN } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[256];
		struct plan plan;

		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].plan);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		check_with_plan(&rows[i].row, 1, &plan);
		plan_done(&plan);
	}
}

/* --- what has not happened yet --- */

static void predicted(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_SKIPPED, .want = "will be left alone: a skip line names it" },
		{ "01:00.0 id=10de:1b81", GPU, V_OTHER_DEVICE,
		  .want = "will be left alone: found 10de:1b80 (subsystem 1043:85aa, class 030000), expected "
			  "id=10de:1b81; correct the address or the identity check" },
		{ "04:00.0", MUTE, V_UNREADABLE,
		  .want = "will be left alone: its modalias in /sys cannot be read (EIO)" },
		{ "00:1c.0", PORT, V_BRIDGE,
		  .want = "will be left alone: a bridge cannot be assigned to a guest (class 060400); name the devices "
			  "behind it" },
		{ "01:00.0 leave-bound", GPU, V_LEFT_BOUND, .driver = "nouveau",
		  .want = "will be left bound to nouveau because of leave-bound; remove leave-bound to have it bound "
			  "to VFIO" },
		{ "01:00.0", GPU, V_NO_IOMMU, .want = "no guest can use the device: no IOMMU is active" },
		{ "01:00.0", GPU, V_RESERVED_MEMORY, EPERM,
		  .want = "will be bound, but group 2 cannot be attached (EPERM): the firmware reserves memory for the "
			  "device (RMRR); look for a firmware setting or update" },
		{ "01:00.0 driver=pci-stub", GPU, V_NOT_VFIO, .driver = "pci-stub",
		  .want = "will be bound to pci-stub as this line requests, which is not a VFIO driver: no guest can "
			  "use the device; remove driver= to use vfio-pci" },
		{ "01:00.0", GPU, V_OTHER_GROUP,
		  .want = "will be restored to its native driver: it is not in the group of the device whose line has "
			  "the option group" },
		{ "01:00.0", GPU, V_READY, .driver = "vfio-pci", .previous_driver = "nouveau",
		  .notes = NOTE(V_TAKEN_OVER) | NOTE(V_NO_RESET),
		  .want = "vfio-pci, group 2, reset bus, will be taken over from nouveau" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(FACTS_DEVICES);
		struct decision decision = { .config = config, .machine = machine };
		struct claim claim = row_claim(&rows[i], &decision.machine);
		struct linebuf line;

		linebuf_start(&line);
		message_claim_facts(&decision, &claim, TENSE_FUTURE, &line);
		row_string(verdict_word(rows[i].verdict), "facts", line.at, rows[i].want);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void notes_alone(void **state)
{
	static const struct {
		enum verdict note;
		const char *past, *future;
	} rows[] = {
		{ V_TAKEN_OVER, "taken over from nouveau", "will be taken over from nouveau" },
		{ V_NEIGHBOUR_UNBOUND, "group shared with a device without a driver",
		  "group shared with a device without a driver" },
		{ V_NO_RESET, "the kernel has no method to reset it", "the kernel has no method to reset it" },
		{ V_BOOT_DISPLAY, "this is the boot display: the host console on it ends",
		  "this is the boot display: the host console on it ends" },
		{ V_FIRMWARE_FRAMEBUFFER,
		  "the firmware's framebuffer (BOOTFB) is in its memory, which QEMU cannot map then; add "
		  "initcall_blacklist=sysfb_init to the kernel command line",
		  "the firmware's framebuffer (BOOTFB) will stay in its memory, which QEMU cannot map then; add "
		  "initcall_blacklist=sysfb_init to the kernel command line" },
		{ V_CONSOLE_LOST,
		  "binding it has ended the host console on 0000:02:00.0 until a driver of that display is loaded",
		  "binding it will end the host console on 0000:02:00.0 until a driver of that display is loaded" },
		{ V_NOT_VERIFIED, "not verified through VFIO", "not verified through VFIO" },
		{ V_DRIVER_FALLBACK, "instead of mlx5_vfio_pci, which could not be loaded (ENOENT)",
		  "instead of mlx5_vfio_pci, which cannot be loaded (ENOENT)" },
	};
	struct config config = facts_config("01:00.0");
	struct decision decision = { .config = config, .machine = facts_machine(FACTS_DEVICES) };
	struct claim claim = { .device = GPU,
			       .verdict = V_READY,
			       .previous_driver = "nouveau",
			       .variant = "mlx5_vfio_pci",
			       .outcome.variant_error = ENOENT };

	(void)state;
	decision.machine.platform.framebuffer = (struct framebuffer){ "BOOTFB", true, AT(2, 0, 0), true };
	assert_int_equal(COUNT_OF(rows), V_LAST_NOTE - V_FIRST_NOTE + 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (int tense = TENSE_PAST; tense <= TENSE_FUTURE; tense++) {
			struct linebuf line;

			linebuf_start(&line);
			message_note(&decision, &claim, rows[i].note, (enum tense)tense, &line);
			row_string(verdict_word(rows[i].note), "facts", line.at,
				   tense == TENSE_PAST ? rows[i].past : rows[i].future);
		}
	rows_done();
	machine_done(&decision.machine);
	config_done(&config);
}

/* --- lists, bounds, foreign bytes --- */

static void many_neighbours(void **state)
{
	static const char *const want[] = {
		[2] = "0000:00:00.0 8086:10d3 group-shared: group 7 also holds 0000:01:00.0 (igb), 0000:02:00.0 (igb); "
		      "add them or the option group, or move the card" ORIGIN,
		[4] = "0000:00:00.0 8086:10d3 group-shared: group 7 also holds 0000:01:00.0 (igb), 0000:02:00.0 (igb), "
		      "0000:03:00.0 (igb), 0000:04:00.0 (igb); add them or the option group, or move the card" ORIGIN,
		[5] = "0000:00:00.0 8086:10d3 group-shared: group 7 also holds 0000:01:00.0 (igb), 0000:02:00.0 (igb), "
		      "0000:03:00.0 (igb), 0000:04:00.0 (igb) and 1 more; add them or the option group, or move the "
		      "card" ORIGIN,
		[99] = "0000:00:00.0 8086:10d3 group-shared: group 7 also holds 0000:01:00.0 (igb), 0000:02:00.0 "
		       "(igb), 0000:03:00.0 (igb), 0000:04:00.0 (igb) and 95 more; add them or the option group, or "
		       "move the card" ORIGIN,
	};
	struct config config = facts_config("0:0.0");
	struct machine machine = { .devices = calloc(100, sizeof(struct device)),
				   .groups = calloc(1, sizeof(struct group)) };
	struct claim claim = { .verdict = V_GROUP_SHARED };

	(void)state;
	assert_non_null(machine.devices);
	assert_non_null(machine.groups);
	machine.n_devices = 100;
	machine.n_groups = 1;
	machine.groups[0] = (struct group){ .number = 7 };
	for (size_t i = 0; i < 100; i++) {
		machine.devices[i] = facts_devices[NIC];
		machine.devices[i].address = (struct address){ 0, (uint8_t)i, 0, 0 };
		machine.devices[i].group = 7;
		strcpy(machine.devices[i].driver, "igb");
	}
	for (size_t n = 0; n < COUNT_OF(want); n++) {
		machine.n_devices = n + 1;
		if (want[n])
			row_string("neighbours", "line", claim_line(&config, &machine, NULL, &claim).at, want[n]);
	}
	rows_done();
	machine_done(&machine);
	config_done(&config);
}

#define FORGED "x\n<0>earlybind: \x1b[2Jall is well\\"
#define FORGED_SHOWN "x\\x0a<0>earlybind: \\x1b[2Jall is well\\x5c"

static void foreign_bytes_are_escaped(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0", GPU, V_READY, .driver = FORGED, .previous_driver = FORGED, .notes = NOTE(V_TAKEN_OVER),
		  .want = GPU_IS "ready: " FORGED_SHOWN ", group 2, reset bus, taken over from " FORGED_SHOWN ORIGIN },
		{ "01:00.0 leave-bound", GPU, V_LEFT_BOUND, .driver = FORGED,
		  .want = GPU_IS "left-bound: left bound to " FORGED_SHOWN
				 " because of leave-bound; remove leave-bound to have it bound to VFIO" ORIGIN },
		{ "01:00.0", GPU, V_DRIVER_HUNG, .previous_driver = FORGED,
		  .want = GPU_IS "driver-hung: unbind from " FORGED_SHOWN
				 " timed out after 10 s; left alone from now on; reboot to recover it; "
				 "blacklist that driver or report the hang" ORIGIN },
		{ "01:00.0", GPU, V_UNBIND_FAILED, .previous_driver = FORGED, .driver = FORGED,
		  .want = GPU_IS "unbind-failed: " FORGED_SHOWN
				 " did not release the device (it is still bound)" CLINGS ORIGIN },
		{ "01:00.0", GPU, V_BIND_FAILED, .driver = FORGED,
		  .want = GPU_IS "bind-failed: vfio-pci did not bind the device: it is bound to " FORGED_SHOWN ORIGIN },
	};
	struct config config = facts_config("01:00.0");
	struct machine machine = facts_machine(HBA);
	struct claim claim = { .device = GPU, .verdict = V_GROUP_SHARED };

	(void)state;
	check(rows, COUNT_OF(rows));
	strcpy(machine.devices[AUDIO].driver, FORGED);
	strcpy(machine.devices[GPU].reset, "b\n");
	row_string("neighbour", "line", claim_line(&config, &machine, NULL, &claim).at,
		   GPU_IS "group-shared: group 2 also holds 0000:01:00.1 (" FORGED_SHOWN
			  "); add 0000:01:00.1 or the option group, or move the card" ORIGIN);
	claim.verdict = V_READY;
	strcpy(machine.devices[GPU].driver, "vfio-pci");
	row_string("reset", "line", claim_line(&config, &machine, NULL, &claim).at,
		   GPU_IS "ready: vfio-pci, group 2, reset b\\x0a" ORIGIN);
	rows_done();
	machine_done(&machine);
	config_done(&config);
}

static void origins(void **state)
{
	static const struct {
		struct origin origin;
		const char *want;
	} rows[] = {
		{ { "earlybind.conf", 1, 1 }, "[earlybind.conf:1]" },
		{ { "earlybind.d/10-gpu.conf", 4096, 9 }, "[earlybind.d/10-gpu.conf:4096]" },
		{ { "command line", 0, 0 }, "[command line]" },
		{ { "a\nb\x1b.conf", 2, 1 }, "[a\\x0ab\\x1b.conf:2]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("01:00.0");
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = GPU, .verdict = V_NO_IOMMU };
		char want[128];

		config.rules[0].origin = rows[i].origin;
		snprintf(want, sizeof(want), GPU_IS "no-iommu: no guest can use the device: no IOMMU is active %s",
			 rows[i].want);
		row_string("origin", "line", claim_line(&config, &machine, NULL, &claim).at, want);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* Whatever the names are: one line below the limit of /dev/kmsg, with its origin, without foreign bytes. */
static void worst_case(void **state)
{
	struct config config = facts_config(
		"0:0.0 driver=a23456789b23456789c23456789d23456789e23456789f23456789g23456789");
	struct machine machine = { .devices = calloc(8, sizeof(struct device)),
				   .groups = calloc(1, sizeof(struct group)) };
	static const struct plan plan = { .n_modules = 0 };
	char file[256], tail[600] = " [";

	(void)state;
	machine.platform.cmdline = strdup("quiet");
	assert_non_null(machine.devices);
	assert_non_null(machine.groups);
	assert_non_null(machine.platform.cmdline);
	memset(file, '\x1b', sizeof(file) - 1);
	file[sizeof(file) - 1] = '\0';
	config.rules[0].origin.file = file;
	config.rules[0].origin.line = 4294967295u;
	for (size_t i = 0; i < 128; i++)
		strcat(tail, "\\x1b");
	strcat(tail, "...:4294967295]");
	machine.n_devices = 8;
	machine.n_groups = 1;
	machine.groups[0] =
		(struct group){ .number = UINT32_MAX >> 1, .members = calloc(8, sizeof(size_t)), .n_members = 8 };
	assert_non_null(machine.groups[0].members);
	for (size_t i = 0; i < 8; i++) {
		machine.devices[i] = facts_devices[NIC];
		machine.devices[i].address = (struct address){ 0xffffffff, (uint8_t)i, 0, 0 };
		machine.devices[i].group = INT32_MAX;
		memset(machine.devices[i].driver, '\xff', DRIVER_SIZE - 1);
		memset(machine.devices[i].reset, '\n', sizeof(machine.devices[i].reset) - 1);
	}
	for (int v = V_UNDECIDED + 1; v < V_COUNT; v++) {
		struct claim claim = { .verdict = (enum verdict)v, .notes = ~(notes_t)0, .error = 9999 };
		const char *word = verdict_word(claim.verdict);
		struct linebuf line;

		memset(claim.previous_driver, '\x7f', DRIVER_SIZE - 1);
		line = claim_line(&config, &machine, &plan, &claim);
		row_number(word, "is short enough", line.len < LINE_SIZE && line.len == strlen(line.at), true);
		for (size_t i = 0; i < line.len; i++)
			row_number(word, "is printable", line.at[i] >= 0x20 && line.at[i] < 0x7f, true);
		row_string(word, "origin", line.len > strlen(tail) ? line.at + line.len - strlen(tail) : "", tail);
		row_number(word, "names the verdict", strstr(line.at, word) != NULL, true);
	}
	rows_done();
	machine_done(&machine);
	config_done(&config);
}

/* What had to go is seen to be missing, right before the origin. */
static void a_cut_line_keeps_its_origin(void **state)
{
	struct config config = facts_config("02:00.0");
	struct machine machine = facts_machine(HBA);
	struct claim claim = { .device = NIC, .verdict = V_GROUP_SHARED };
	struct linebuf line;

	(void)state;
	for (size_t i = 0; i < HBA; i++) {
		machine.devices[i].group = 3;
		memset(machine.devices[i].driver, '\n', DRIVER_SIZE - 1);
		machine.groups[2].members[i] = i;
	}
	machine.groups[2].n_members = HBA;
	line = claim_line(&config, &machine, NULL, &claim);
	assert_int_equal(line.len, LINE_SIZE - 1);
	assert_string_equal(line.at + line.len - strlen("..." ORIGIN), "..." ORIGIN);
	machine_done(&machine);
	config_done(&config);
}

/* --- lines without a device --- */

static void rule_results(void **state)
{
	static const struct {
		const char *config;
		struct rule_result rule_result;
		const char *want;
	} rows[] = {
		{ "0000:09:00.0",
		  { .verdict = V_ABSENT },
		  "0000:09:00.0 absent: no device there; it may have moved: lspci -D lists the addresses" ORIGIN },
		{ "00:1C.0/00.* group",
		  { .verdict = V_ABSENT },
		  "00:1C.0/00.* absent: no device there; it may have moved: lspci -D lists the addresses" ORIGIN },
		{ "skip 09:00.0",
		  { .verdict = V_ABSENT },
		  "skip 09:00.0 absent: no device there; it may have moved: lspci -D lists the addresses" ORIGIN },
		{ "10de:1b80 optional",
		  { .verdict = V_NO_MATCH },
		  "10de:1b80 no-match: no device matches; lspci -nn lists the IDs" ORIGIN },
		{ "10de:1b80",
		  { .verdict = V_MULTIPLE_MATCHES, .fits = 3 },
		  "10de:1b80 multiple-matches: 3 devices match; name one by its address to leave the others "
		  "alone" ORIGIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct rule_result rule_result = rows[i].rule_result;
		struct decision decision = { .config = config, .matches = { .rule_results = &rule_result } };
		struct linebuf line;

		linebuf_start(&line);
		message_rule(&decision, 0, &line);
		row_string(rows[i].config, "line", line.at, rows[i].want);
		config_done(&config);
	}
	rows_done();
}

static void naming_of_foreign_bytes(void **state)
{
	struct config config = facts_config("10de:1b80");
	struct rule_result rule_result = { .verdict = V_NO_MATCH };
	struct decision decision = { .config = config, .matches = { .rule_results = &rule_result } };
	char selector[100];
	struct linebuf line;

	(void)state;
	memset(selector, '\n', sizeof(selector));
	config.rules[0].selector_text = (struct slice){ selector, sizeof(selector) };
	linebuf_start(&line);
	message_rule(&decision, 0, &line);
	assert_false(line.cut);
	assert_null(strchr(line.at, '\n'));
	assert_non_null(strstr(line.at, "\\x0a... no-match: no device matches; lspci -nn lists the IDs" ORIGIN));
	config_done(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms),
		cmocka_unit_test(platform_without_acpi),
		cmocka_unit_test(arm_platform_without_an_smmu),
		cmocka_unit_test(before),
		cmocka_unit_test(ready),
		cmocka_unit_test(not_bound),
		cmocka_unit_test(bound_but_not_ready),
		cmocka_unit_test(without_a_group),
		cmocka_unit_test(missing_module_by_plan),
		cmocka_unit_test(mismatched),
		cmocka_unit_test(predicted),
		cmocka_unit_test(notes_alone),
		cmocka_unit_test(many_neighbours),
		cmocka_unit_test(foreign_bytes_are_escaped),
		cmocka_unit_test(origins),
		cmocka_unit_test(worst_case),
		cmocka_unit_test(a_cut_line_keeps_its_origin),
		cmocka_unit_test(rule_results),
		cmocka_unit_test(naming_of_foreign_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
