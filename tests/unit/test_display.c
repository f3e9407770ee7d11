/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Displays: the firmware's framebuffer, the console on it, and the last display. */
#include <errno.h>

#include "binder_run.h"
#include "decide/predict.h"
#include "decide/verify.h"
#include "facts_table.h"
#include "machine/enumerate.h"

#define CARD "0000:01:00.0"
#define SPARE "0000:03:00.0"
#define HOST "0000:00:02.0"

static const struct fake_device card = { CARD, "10de:1b80", "030000", NULL, "nouveau", 3, "bus\n", NULL, false };
static const struct fake_device nic = { SPARE, "8086:10d3", "020000", NULL, NULL, 5, NULL, NULL, false };
static const struct fake_device host = { HOST, "8086:3e92", "030000", NULL, "i915", 4, NULL, NULL, true };

/* --- where it is --- */

static void iomem(void **state)
{
	static const struct {
		const char *iomem, *platform, *name, *owner;
	} rows[] = {
		{ "00000000-00000fff : Reserved\n", NULL, "", NULL },
		{ "", NULL, "", NULL },
		/* as root, and as anybody */
		{ "c0000000-dfffffff : PCI Bus 0000:00\n"
		  "  c0000000-d1ffffff : PCI Bus 0000:01\n"
		  "    c0000000-cfffffff : 0000:01:00.0\n"
		  "      c0000000-c02fffff : BOOTFB\n"
		  "        c0000000-c02fffff : simpledrm\n",
		  NULL, "BOOTFB", CARD },
		{ "00000000-00000000 : PCI Bus 0000:00\n"
		  "  00000000-00000000 : 0000:00:02.0\n"
		  "    00000000-00000000 : efifb\n",
		  NULL, "efifb", HOST },
		/* behind a switch: what is deeper than five is shown as five */
		{ "0-0 : PCI Bus 0000:00\n  0-0 : PCI Bus 0000:01\n    0-0 : PCI Bus 0000:02\n"
		  "      0-0 : PCI Bus 0000:03\n        0-0 : PCI Bus 0000:04\n          0-0 : 0000:01:00.0\n"
		  "          0-0 : efifb\n",
		  NULL, "efifb", CARD },
		/* beside a device, and not in it */
		{ "c0000000-dfffffff : PCI Bus 0000:00\n"
		  "  c0000000-cfffffff : 0000:01:00.0\n"
		  "  d0000000-d02fffff : efifb\n",
		  NULL, "efifb", NULL },
		{ "c0000000-cfffffff : 0000:01:00.0\nd0000000-d02fffff : vesafb\n", NULL, "vesafb", NULL },
		/* no driver draws in it, so no memory is claimed */
		{ "", "efi-framebuffer.0", "efi-framebuffer", NULL },
		{ "", "serial8250", "", NULL },
		/* damaged */
		{ " : \n:::\n      \nefifb\n  BOOTFB :", NULL, "", NULL },
		{ "x : efifb", NULL, "efifb", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct platform platform = { .units = 0 };
		struct fake *fake = fake_new();
		char name[32], path[64];

		snprintf(name, sizeof(name), "row %zu", i);
		fake_file(fake, "proc/iomem", rows[i].iomem);
		if (rows[i].platform) {
			snprintf(path, sizeof(path), "sys/bus/platform/devices/%s/x", rows[i].platform);
			fake_file(fake, path, "");
		}
		read_framebuffer(&fake->sys, &platform);
		row_string(name, "name", platform.framebuffer.name, rows[i].name);
		row_number(name, "owned", platform.framebuffer.owned, rows[i].owner != NULL);
		if (rows[i].owner && platform.framebuffer.owned)
			row_string(name, "owner", address_name(platform.framebuffer.owner).at, rows[i].owner);
		fake_free(fake);
	}
	rows_done();
}

/* --- what the boot says --- */

static const char in_card[] = "c0000000-cfffffff : 0000:01:00.0\n  c0000000-c02fffff : efifb\n";
static const char in_host[] = "c0000000-cfffffff : 0000:00:02.0\n  c0000000-c02fffff : BOOTFB\n";

/* What is there before; a write to bind that the fake kernel lets through does not take it away. */
static void stays(void **state)
{
	struct fake *fake = fake_new();

	(void)state;
	fake_add(fake, &card);
	fake_add(fake, &host);
	fake_file(fake, "proc/iomem", in_card);
	assert_int_equal(run_binder(fake, CARD "\n"), 0);
	must_have(fake, LOG,
		  CARD " 10de:1b80 ready: vfio-pci, group 3, reset bus, the firmware's framebuffer (efifb) is in its "
		       "memory, which QEMU cannot map then; add video=efifb:off to the kernel command line [");
	must_have(fake, RECORD, " notes=firmware-framebuffer\n");
	must_have(fake, RECORD, " framebuffer=efifb framebuffer-at=" CARD);
	must_not_have(fake, RECORD, "framebuffer-gone");
	must_not_have(fake, LOG, "console");
	fake_free(fake);
}

static void on_another_display(void **state)
{
	struct fake *fake = fake_new();

	(void)state;
	fake_add(fake, &card);
	fake_add(fake, &host);
	fake_file(fake, "proc/iomem", in_host);
	assert_int_equal(run_binder(fake, CARD "\n"), 0);
	must_have(fake, LOG, CARD " 10de:1b80 ready: vfio-pci, group 3, reset bus [");
	must_have(fake, RECORD, " framebuffer=BOOTFB framebuffer-at=" HOST);
	fake_free(fake);
}

static void last_display(void **state)
{
	struct fake *fake = fake_new();

	(void)state;
	fake_add(fake, &card);
	fake_add(fake, &host);
	fake_add(fake, &nic);
	assert_int_equal(run_binder(fake, CARD "\n" HOST "\n" SPARE "\n"), 0);
	must_have(fake, LOG, CARD " 10de:1b80 ready: vfio-pci, group 3, reset bus, the host keeps no display [");
	must_have(fake, LOG, SPARE " 8086:10d3 ready: vfio-pci, group 5, reset none [");
	must_have(fake, LOG, HOST " 8086:3e92 ready: vfio-pci, group 4, reset none, the host keeps no display [");
	must_have(fake, RECORD, " no-display=yes");
	fake_free(fake);
}

/* With a 3D controller the host has no display either; with one that stays it has. */
static void boot_display(void **state)
{
	static const struct fake_device accelerator = { "0000:02:00.0", "10de:1db6", "030200", NULL, NULL, 5,
							NULL,		NULL,	     false };
	struct fake *fake = fake_new();

	(void)state;
	fake_add(fake, &host);
	fake_add(fake, &accelerator);
	assert_int_equal(run_binder(fake, HOST "\n"), 0);
	must_have(fake, LOG, "reset none, the host keeps no display [");
	fake_free(fake);

	fake = fake_new();
	fake_add(fake, &host);
	fake_add(fake, &card);
	assert_int_equal(run_binder(fake, HOST "\n"), 0);
	must_have(fake, LOG, "reset none, this is the boot display: the host console on it ends [");
	fake_free(fake);
}

/* A display that is no VGA device has no boot_vga; its driver tells. */
static void boot_display_of_drm(void **state)
{
	static const struct address at = { 0, 1, 0, 0 };
	struct fake *fake = fake_new();

	(void)state;
	fake_add(fake, &card);
	assert_false(read_boot_display(&fake->sys, at));
	fake_file(fake, "sys/bus/pci/devices/" CARD "/drm/renderD128/dev", "");
	fake_file(fake, "sys/bus/pci/devices/" CARD "/drm/card1/dev", "");
	assert_false(read_boot_display(&fake->sys, at));
	fake_file(fake, "sys/bus/pci/devices/" CARD "/drm/card1/boot_display", "1\n");
	assert_true(read_boot_display(&fake->sys, at));
	fake_free(fake);
}

/* --- notes --- */

static const struct plan no_plan;

static void notes(void **state)
{
	static const struct {
		const char *what;
		struct framebuffer framebuffer;
		unsigned class;
		bool boot_vga, vfio;
		const char *owner_driver;
		notes_t want;
	} rows[] = {
		{ "none", { "", false, AT(0, 0, 0), true }, 0x030000, false, true, "", 0 },
		{ "stays",
		  { "efifb", true, AT(1, 0, 0), false },
		  0x030000,
		  false,
		  true,
		  "",
		  NOTE(V_FIRMWARE_FRAMEBUFFER) },
		{ "evicted", { "efifb", true, AT(1, 0, 0), true }, 0x030000, false, true, "", 0 },
		{ "elsewhere, gone",
		  { "efifb", true, AT(2, 0, 0), true },
		  0x030000,
		  false,
		  true,
		  "",
		  NOTE(V_CONSOLE_LOST) },
		{ "elsewhere, gone with its own",
		  { "efifb", true, AT(2, 0, 0), true },
		  0x030000,
		  false,
		  true,
		  "vfio-pci",
		  0 },
		{ "elsewhere", { "efifb", true, AT(2, 0, 0), false }, 0x030000, false, true, "", 0 },
		{ "not VGA", { "efifb", true, AT(2, 0, 0), true }, 0x038000, false, true, "", 0 },
		{ "not VFIO", { "efifb", true, AT(2, 0, 0), true }, 0x030000, false, false, "", 0 },
		{ "owner not read",
		  { "efifb", true, AT(9, 0, 0), true },
		  0x030000,
		  false,
		  true,
		  "",
		  NOTE(V_CONSOLE_LOST) },
		{ "place unknown, gone",
		  { "efifb", false, AT(0, 0, 0), true },
		  0x030000,
		  false,
		  true,
		  "",
		  NOTE(V_CONSOLE_LOST) },
		{ "place unknown, stays", { "efifb", false, AT(1, 0, 0), false }, 0x030000, false, true, "", 0 },
		{ "its own, probably",
		  { "efifb", false, AT(0, 0, 0), true },
		  0x030000,
		  true,
		  true,
		  "",
		  NOTE(V_BOOT_DISPLAY) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config("01:00.0 driver=test");
		struct machine machine = facts_machine(HBA);
		struct device *device = &machine.devices[GPU];
		struct claim claim = { .device = GPU };

		strcpy(device->driver, "test");
		device->vfio = rows[i].vfio;
		device->boot_vga = rows[i].boot_vga;
		device->identity.class = rows[i].class;
		strcpy(machine.devices[NIC].driver, rows[i].owner_driver);
		machine.devices[NIC].vfio = rows[i].owner_driver[0];
		machine.platform.framebuffer = rows[i].framebuffer;
		machine_group(&machine, device)->trial.step = TRIAL_DONE;
		machine.platform.settled = true;
		verify_outcome(&config, &no_plan, &machine, &claim);
		row_number(rows[i].what, "notes", (long long)(claim.notes & ~NOTE(V_NEIGHBOUR_UNBOUND)),
			   (long long)rows[i].want);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void every_display(void **state)
{
	static const struct {
		unsigned displays;
		enum verdict verdict;
		unsigned class;
		bool virtual_function, want;
	} rows[] = {
		{ 1, V_UNDECIDED, 0x030000, false, true },  { 2, V_UNDECIDED, 0x030000, false, false },
		{ 1, V_SKIPPED, 0x030000, false, false },   { 1, V_UNDECIDED, 0x038000, false, true },
		{ 1, V_UNDECIDED, 0x030200, false, false }, { 0, V_UNDECIDED, 0x020000, false, false },
		{ 1, V_UNDECIDED, 0x030000, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = GPU, .verdict = rows[i].verdict };
		struct matches matches = { .claims = &claim, .n_claims = 1 };
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		machine.platform.displays = rows[i].displays;
		machine.devices[GPU].identity.class = rows[i].class;
		machine.devices[GPU].virtual_function = rows[i].virtual_function;
		row_number(name, "every display", match_every_display(&machine, &matches), rows[i].want);
		machine_done(&machine);
	}
	rows_done();
}

/* --- before the reboot --- */

static void predicted(void **state)
{
	static const struct {
		const char *what;
		struct framebuffer now;
		bool uefi;
		const char *cmdline;
		unsigned linux_version, class;
		bool boot_vga, vfio;
		const char *name;
		bool owned, gone;
	} rows[] = {
		{ "BIOS", { "", false, AT(0, 0, 0), false }, false, "", 612, 0x030000, true, true, "", false, false },
		{ "its driver has removed it",
		  { "", false, AT(0, 0, 0), true },
		  true,
		  "quiet",
		  510,
		  0x030000,
		  true,
		  true,
		  "UEFI",
		  true,
		  false },
		{ "off",
		  { "", false, AT(0, 0, 0), false },
		  true,
		  "video=efifb:off",
		  510,
		  0x030000,
		  true,
		  true,
		  "",
		  false,
		  false },
		{ "not registered",
		  { "", false, AT(0, 0, 0), false },
		  true,
		  "initcall_blacklist=foo,sysfb_init",
		  510,
		  0x030000,
		  true,
		  true,
		  "",
		  false,
		  false },
		{ "5.19",
		  { "efifb", true, AT(1, 0, 0), false },
		  true,
		  "",
		  519,
		  0x030000,
		  true,
		  true,
		  "efifb",
		  true,
		  false },
		{ "6.0",
		  { "efifb", true, AT(1, 0, 0), false },
		  true,
		  "",
		  600,
		  0x030000,
		  true,
		  true,
		  "efifb",
		  true,
		  true },
		{ "6.12, its own",
		  { "efifb", true, AT(1, 0, 0), false },
		  true,
		  "",
		  612,
		  0x030000,
		  true,
		  true,
		  "efifb",
		  true,
		  true },
		{ "6.12, not VGA",
		  { "efifb", true, AT(1, 0, 0), false },
		  true,
		  "",
		  612,
		  0x038000,
		  true,
		  true,
		  "efifb",
		  true,
		  false },
		{ "6.10, another's",
		  { "efifb", true, AT(2, 0, 0), true },
		  true,
		  "",
		  610,
		  0x030000,
		  false,
		  true,
		  "efifb",
		  true,
		  true },
		{ "6.11, another's",
		  { "efifb", true, AT(2, 0, 0), true },
		  true,
		  "",
		  611,
		  0x030000,
		  false,
		  true,
		  "efifb",
		  true,
		  false },
		{ "6.1, another's, unknown",
		  { "", false, AT(0, 0, 0), false },
		  true,
		  "",
		  601,
		  0x030000,
		  false,
		  true,
		  "UEFI",
		  false,
		  true },
		{ "6.12, another's, unknown",
		  { "", false, AT(0, 0, 0), false },
		  true,
		  "",
		  612,
		  0x030000,
		  false,
		  true,
		  "UEFI",
		  false,
		  false },
		{ "not bound",
		  { "efifb", true, AT(1, 0, 0), false },
		  true,
		  "",
		  612,
		  0x030000,
		  true,
		  false,
		  "efifb",
		  true,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = facts_machine(HBA);
		struct claim claim = { .device = GPU };
		struct matches matches = { .claims = &claim, .n_claims = 1 };
		const struct framebuffer *framebuffer = &machine.platform.framebuffer;

		machine.platform.framebuffer = rows[i].now;
		machine.platform.uefi = rows[i].uefi;
		machine.platform.major = rows[i].linux_version / 100;
		machine.platform.minor = rows[i].linux_version % 100;
		free(machine.platform.cmdline);
		machine.platform.cmdline = strdup(rows[i].cmdline);
		machine.devices[GPU].boot_vga = rows[i].boot_vga;
		machine.devices[GPU].vfio = rows[i].vfio;
		machine.devices[GPU].identity.class = rows[i].class;
		predict_framebuffer(&machine, &matches);
		row_string(rows[i].what, "name", framebuffer->name, rows[i].name);
		row_number(rows[i].what, "owned", framebuffer->owned, rows[i].owned);
		row_number(rows[i].what, "gone", framebuffer->gone, rows[i].gone);
		machine_done(&machine);
	}
	rows_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iomem),	cmocka_unit_test(stays),	 cmocka_unit_test(on_another_display),
		cmocka_unit_test(last_display), cmocka_unit_test(boot_display),	 cmocka_unit_test(boot_display_of_drm),
		cmocka_unit_test(notes),	cmocka_unit_test(every_display), cmocka_unit_test(predicted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
