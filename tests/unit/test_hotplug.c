/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hotplug runs on the fake kernel: devices that appear after the boot's own run. */
#include <errno.h>
#include <stdlib.h>

#include "binder_run.h"
#include "decide/hotplug.h"

#define PORT "0000:00:1c.0"
#define CARD "0000:05:00.0"
#define SOUND "0000:05:00.1"
#define OLD "0000:06:00.0"

static const struct fake_device port = { PORT, "1b36:000c", "060400", "pcieport", NULL, 1, NULL, NULL, false };
static const struct fake_device old = { OLD, "8086:10d3", NULL, "e1000e", NULL, 5, NULL, NULL, false };
static const struct fake_device card = { CARD, "10de:1b80", "030000", NULL, "nouveau", 5, "bus\n", PORT, false };
static const struct fake_device sound = {
	SOUND, "10de:10f0", "040300", NULL, "snd_hda_intel", 5, "bus\n", PORT, false
};

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static int setup(void **state)
{
	*state = fake_new();
	fake_add(*state, &port);
	return 0;
}

static void forget_calls(struct fake *fake)
{
	fake_file(fake, "calls", "");
}

static int do_hotplug(struct fake *fake, const char *late)
{
	struct run run = { .sys = &fake->sys };
	struct address address = { 0 };
	int status;

	assert_true(address_from_name(slice_of(late), &address));
	run_hotplug(&run, address);
	status = run.end.status;
	run_done(&run);
	return status;
}

/* The boot: the binder runs with CONFIG, before the hotplugged devices are there. */
static void boot(struct fake *fake, const char *config)
{
	fake_file(fake, "etc/earlybind.conf", config);
	run_binder(fake, NULL);
	fake_file(fake, "run/udev/data/x", "");
	/* The image and its plan are gone; what /etc holds now is for the next boot. */
	fake_remove(fake, "etc");
	fake_file(fake, "etc/earlybind.conf", "class=06\n" OLD "\n");
	forget_calls(fake);
	fake_file(fake, LOG, "");
}

static void must_have_done(struct fake *fake, const char *address, bool done)
{
	char path[64];

	snprintf(path, sizeof(path), "run/earlybind/hotplug/%s", address);
	assert_int_equal(system_exists(&fake->real, "%s", path), done);
}

static void must_have_changed_nothing(struct fake *fake)
{
	assert_string_equal(fake_calls(fake), "");
	assert_string_equal(fake_read(fake, LOG), "");
}

static void test_taken(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " id=10de:1b80 optional\n");
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	assert_string_equal(fake_read(fake, LOG),
			    "earlybind: " CARD " 10de:1b80 ready: vfio-pci, group 5, reset bus [earlybind.conf:1]\n");
	must_have(fake, "dev/kmsg", "earlybind: " CARD " 10de:1b80 ready: ");
	must_have(fake, RECORD,
		  "\nstatus=0\n"
		  "device=" CARD
		  " id=10de:1b80 verdict=ready driver=vfio-pci group=5 rule=earlybind.conf:1 selector=" CARD " ");
	must_have(fake, RECORD, " hotplug=yes target=vfio-pci taken=bound ");
	must_have_done(fake, CARD, true);
}

/* Its own driver was quicker. */
static void test_taken_over(void **state)
{
	struct fake_device quick = card;
	struct fake *fake = *state;

	quick.driver = "nouveau";
	boot(fake, "10de:1b80 optional\n");
	fake_add(fake, &quick);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	must_have(fake, LOG, "taken over from nouveau");
}

/* The modules of the plan are loaded for the first hotplugged device, from what the boot left. */
static void test_loads_by_the_plan(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	do_hotplug(fake, CARD);
	must_have(fake, "calls", "load lib/modules/6.1.0-fake/kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1\n");
}

static void test_not_named(void **state)
{
	struct fake *fake = *state;

	boot(fake, SOUND " optional\n");
	fake_add(fake, &card);
	fake_add(fake, &old);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	/* That line was written after the boot. */
	assert_int_equal(do_hotplug(fake, OLD), 0);
	must_have_changed_nothing(fake);
	assert_string_equal(fake_driver(fake, OLD), "e1000e");
}

static void test_gone_again(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	assert_int_equal(do_hotplug(fake, CARD), 0);
	must_have_changed_nothing(fake);
}

static void test_other_device(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " id=10de:2204 optional\n");
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	assert_string_equal(fake_calls(fake), "");
	must_have(fake, LOG, CARD " 10de:1b80 other-device: left alone");
	must_have_done(fake, CARD, true);
}

/* Other devices that lines name are not looked at again. */
static void test_others_are_left(void **state)
{
	static const struct fake_device nic = {
		"0000:00:03.0", "8086:10d3", NULL, "e1000e", NULL, 3, NULL, NULL, false
	};
	struct fake *fake = *state;

	boot(fake, "8086:10d3 optional\n" CARD " optional\n");
	fake_add(fake, &nic);
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	assert_string_equal(fake_driver(fake, "0000:00:03.0"), "e1000e");
	assert_null(strstr(fake_calls(fake), "0000:00:03.0"));
	assert_null(strstr(fake_read(fake, LOG), "0000:00:03.0"));
}

/* With `group`: what came with it is taken, what had a driver before is in use. */
static void test_group(void **state)
{
	struct fake_device quick = sound;
	struct fake *fake = *state;

	quick.driver = "snd_hda_intel";
	boot(fake, CARD " group optional\n");
	fake_add(fake, &old);
	fake_add(fake, &card);
	fake_add(fake, &quick);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	assert_string_equal(fake_driver(fake, SOUND), "vfio-pci");
	assert_string_equal(fake_driver(fake, OLD), "e1000e");
	must_have(fake, LOG,
		  OLD " 8086:10d3 neighbour-in-use: left bound to e1000e: it was in use before the device whose line "
		      "has the option group appeared [earlybind.conf:1]\n");
	must_have(fake, LOG, CARD " 10de:1b80 group-shared: group 5 also holds " OLD " (e1000e)");
}

/* Both are named, and udev calls for one after the other: nothing is to be added to the configuration. */
static void test_functions_in_turn(void **state)
{
	struct fake_device quick = sound;
	struct fake *fake = *state;

	quick.driver = "snd_hda_intel";
	boot(fake, "05:00.* optional\n");
	fake_add(fake, &card);
	fake_add(fake, &quick);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	must_have(fake, LOG,
		  CARD " 10de:1b80 group-shared: group 5 also holds " SOUND
		       " (snd_hda_intel); the configuration names it: ");
	assert_int_equal(do_hotplug(fake, SOUND), 0);
	assert_string_equal(fake_driver(fake, SOUND), "vfio-pci");
}

/* The physical function of a virtual one is in the same slot, and in use. */
static void test_group_of_a_virtual_function(void **state)
{
	static const struct fake_device physical = { CARD, "15b3:101d", "020000", "mlx5_core", NULL,
						     5,	   NULL,	PORT,	  false };
	static const struct fake_device virtual = { "0000:05:00.2", "15b3:101e", "020000", NULL, "mlx5_core", 5,
						    NULL,	    PORT,	 false };
	struct fake *fake = *state;

	fake_add(fake, &physical);
	boot(fake, "15b3:101e group optional\n");
	fake_add(fake, &virtual);
	fake_link(fake, "../" CARD, "sys/bus/pci/devices/0000:05:00.2/physfn");
	assert_int_equal(do_hotplug(fake, "0000:05:00.2"), 1);
	assert_string_equal(fake_driver(fake, CARD), "mlx5_core");
	assert_string_equal(fake_driver(fake, "0000:05:00.2"), "vfio-pci");
	must_have(fake, LOG, CARD " 15b3:101d neighbour-in-use: left bound to mlx5_core: it was in use before ");
}

static void probe_during_trial(struct system *sys, unsigned group, struct trial *ret)
{
	(void)sys;
	assert_int_equal(group, 5);
	*ret = (struct trial){ TRIAL_DONE, 0 };
}

/* A driver that came for it while the group was tried got EBUSY. */
static void test_trial_costs_no_driver(void **state)
{
	struct fake *fake = *state;
	struct system_ops ops;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	fake_add(fake, &sound);
	ops = *fake->sys.ops;
	ops.try_group = probe_during_trial;
	fake->sys.ops = &ops;
	do_hotplug(fake, CARD);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	assert_string_equal(fake_driver(fake, SOUND), "snd_hda_intel");
}

/* The next run is to find it without a driver. */
static void test_trial_before_the_next_run(void **state)
{
	struct fake *fake = *state;

	boot(fake, "05:00.* optional\n");
	fake_add(fake, &card);
	fake_add(fake, &sound);
	do_hotplug(fake, CARD);
	assert_string_equal(fake_driver(fake, SOUND), "");
}

/* --- neighbours that come because of `group`, and are named by no line --- */

#define BRIDGE "0000:00:1e.0"
#define FIRST "0000:07:01.0"
#define SECOND "0000:07:02.0"
#define RULES "run/udev/rules.d/74-earlybind-named.rules"

static const struct fake_device bridge = { BRIDGE, "1b36:000e", "060400", NULL, NULL, 7, NULL, NULL, false };
static const struct fake_device first = { FIRST, "8086:100e", NULL, NULL, "e1000", 7, "pm\n", BRIDGE, false };
static const struct fake_device second = { SECOND, "8086:100e", NULL, NULL, "e1000", 7, "pm\n", BRIDGE, false };
static const struct fake_device quick_second = { SECOND, "8086:100e", NULL, "e1000", NULL, 7, "pm\n", BRIDGE, false };

static void unplug(struct fake *fake, const struct fake_device *d)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices/%s", d->group, d->address);
	fake_remove(fake, path);
	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/%s", d->under, d->address);
	fake_remove(fake, path);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->address);
	fake_remove(fake, path);
	assert_false(system_exists(&fake->real, "%s", path));
}

static void boot_with_group(struct fake *fake, const char *config)
{
	fake_add(fake, &bridge);
	fake_add(fake, &first);
	fake_add(fake, &second);
	boot(fake, config);
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
}

/* Out and in again, as users do to reset a card; its native driver is there then. */
static void test_neighbour_returns(void **state)
{
	struct fake *fake = *state;

	boot_with_group(fake, FIRST " group\n");
	must_have(fake, RULES, "\nKERNEL==\"" SECOND "\", ENV{.EARLYBIND}=\"named\"\n");
	unplug(fake, &second);
	fake_add(fake, &quick_second);
	assert_int_equal(do_hotplug(fake, SECOND), 0);
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
	assert_string_equal(fake_read(fake, LOG),
			    "earlybind: " SECOND " 8086:100e ready: vfio-pci, group 7, reset pm, taken over from "
			    "e1000 [earlybind.conf:1]\n");
	must_have(fake, RECORD, "device=" SECOND " id=8086:100e verdict=ready driver=vfio-pci group=7 ");
	must_have_done(fake, SECOND, true);
	assert_null(strstr(fake_calls(fake), FIRST));
}

/* A guest has the group: it cannot be opened a second time, and the guest can use the card nevertheless. */
static void test_neighbour_returns_to_a_guest(void **state)
{
	struct fake *fake = *state;

	boot_with_group(fake, FIRST " group\n");
	unplug(fake, &second);
	fake_add(fake, &second);
	fake_fault(fake, "try-group", "7", EBUSY);
	assert_int_equal(do_hotplug(fake, SECOND), 0);
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
	must_have(fake, RECORD, "device=" SECOND " ");
	must_have(fake, RECORD, " hotplug=yes target=vfio-pci taken=bound ");
	must_have(fake, RECORD, " notes=not-verified\n");
}

/* The named one is taken again; its neighbour stays where it is. */
static void test_named_returns(void **state)
{
	struct fake *fake = *state;

	boot_with_group(fake, FIRST " group\n");
	unplug(fake, &first);
	fake_add(fake, &first);
	assert_int_equal(do_hotplug(fake, FIRST), 0);
	assert_string_equal(fake_driver(fake, FIRST), "vfio-pci");
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
	assert_null(strstr(fake_calls(fake), "unbind"));
	must_have(fake, LOG, FIRST " 8086:100e ready: ");
	must_have(fake, LOG, SECOND " 8086:100e ready: ");
}

/* It was not there at boot: udev knows it by the group that it comes into. */
static void test_new_neighbour(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_add(fake, &first);
	boot(fake, FIRST " group\n");
	must_have(fake, RULES,
		  "\nENV{SYNTH_UUID}!=\"?*\", TEST==\"iommu_group/devices/" FIRST "\", ENV{.EARLYBIND}=\"named\"\n");
	fake_add(fake, &quick_second);
	assert_int_equal(do_hotplug(fake, SECOND), 0);
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
	must_have(fake, LOG, "taken over from e1000");
}

/* What was there at boot, in the group of a hotplugged device, is known from then on. */
static void test_neighbour_of_a_late_device(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_add(fake, &second);
	boot(fake, FIRST " group optional\n");
	must_not_have(fake, RULES, SECOND);
	fake_add(fake, &first);
	assert_int_equal(do_hotplug(fake, FIRST), 0);
	assert_string_equal(fake_driver(fake, SECOND), "vfio-pci");
	assert_string_equal(fake_read(fake, "run/udev/rules.d/74-earlybind-named-" FIRST ".rules"),
			    "# Written by earlybind-boot for a hotplugged device: the others in its group.\n"
			    "SUBSYSTEM!=\"pci\", GOTO=\"earlybind_named_end\"\n"
			    "ACTION!=\"add\", GOTO=\"earlybind_named_end\"\n"
			    "ENV{SYNTH_UUID}!=\"?*\", TEST==\"iommu_group/devices/" FIRST
			    "\", ENV{.EARLYBIND}=\"named\"\n"
			    "KERNEL==\"" SECOND "\", ENV{.EARLYBIND}=\"named\"\n"
			    "LABEL=\"earlybind_named_end\"\n");
}

/* Nothing brings it along: no `group`, another group, a device that is left alone itself, or one that is gone. */
static void test_not_along(void **state)
{
	static const struct {
		const char *config;
		int group;
		bool group_owner;
	} rows[] = {
		{ FIRST "\n", 7, true },
		{ FIRST " group\n", 8, true },
		{ FIRST " id=8086:10d3 group\n", 7, true },
		{ FIRST " group\nskip 8086:100e class=02\n", 7, true },
		{ FIRST " group\n", 7, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake_device late = quick_second;
		struct fake *fake;

		fake_free(*state);
		setup(state);
		fake = *state;
		fake_add(fake, &bridge);
		fake_add(fake, &first);
		boot(fake, rows[i].config);
		if (!rows[i].group_owner)
			unplug(fake, &first);
		late.group = rows[i].group;
		fake_add(fake, &late);
		assert_int_equal(do_hotplug(fake, SECOND), 0);
		row_string(rows[i].config, "driver", fake_driver(fake, SECOND), "e1000");
		row_string(rows[i].config, "calls", fake_calls(fake), "");
		row_string(rows[i].config, "log", fake_read(fake, LOG), "");
	}
	rows_done();
}

/* Where groups come late, its place brings it along, and its group confirms it. */
static void test_neighbour_returns_without_a_group(void **state)
{
	static const struct fake_device functions[] = {
		{ "0000:07:01.0", "8086:100e", NULL, NULL, "e1000", 0, "pm\n", BRIDGE, false },
		{ "0000:07:01.1", "8086:100e", NULL, NULL, "e1000", 0, "pm\n", BRIDGE, false },
	};
	struct fake_device returned = functions[1];
	struct fake *fake = *state;

	fake_remove(fake, "sys/class/iommu");
	fake_remove(fake, "sys/firmware/acpi/tables");
	fake_file(fake, "sys/firmware/acpi/tables/VIOT", "");
	fake_file(fake, "sys/class/iommu/0000:00:02.0/devices", "");
	fake_add(fake, &bridge);
	fake_add(fake, &functions[0]);
	fake_add(fake, &functions[1]);
	boot(fake, "0000:07:01.0 group\n");
	must_have(fake, RULES, "\nKERNEL==\"0000:07:01.1\", ENV{.EARLYBIND}=\"named\"\n");
	assert_string_equal(fake_driver(fake, "0000:07:01.1"), "vfio-pci");
	unplug(fake, &returned);
	fake_add(fake, &returned);
	assert_int_equal(do_hotplug(fake, "0000:07:01.1"), 0);
	assert_string_equal(fake_driver(fake, "0000:07:01.1"), "vfio-pci");
	must_have(fake, LOG, "0000:07:01.1 8086:100e ready: ");
}

/* A skip line wins in a hotplug run as it does at boot, and udev starts none. */
static void test_skipped_neighbour_returns(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &bridge);
	fake_add(fake, &first);
	fake_add(fake, &second);
	boot(fake, FIRST " group\nskip " SECOND "\n");
	must_not_have(fake, RULES, "KERNEL==\"" SECOND "\", ENV{.EARLYBIND}=\"named\"");
	unplug(fake, &second);
	fake_add(fake, &quick_second);
	assert_int_equal(do_hotplug(fake, SECOND), 0);
	assert_string_equal(fake_driver(fake, SECOND), "e1000");
}

static void test_keep_only(void **state)
{
	struct device devices[] = { { .address = { 0, 5, 0, 0 } }, { .address = { 0, 6, 0, 0 } } };
	struct claim claims[] = { { .device = 0 }, { .device = 1, .rule = 7 } };
	struct machine machine = { .devices = devices, .n_devices = 2 };
	struct matches matches = { .claims = claims, .n_claims = 2 };

	(void)state;
	hotplug_keep_only(&machine, &matches, devices[1].address);
	assert_int_equal(matches.n_claims, 1);
	assert_int_equal(claims[0].device, 1);
	assert_int_equal(claims[0].rule, 7);
	hotplug_keep_only(&machine, &matches, devices[0].address);
	assert_int_equal(matches.n_claims, 0);
}

/* Of a device that no line names, only what is in its group could name it by the option group. */
static void test_keep_owners(void **state)
{
	struct device devices[] = {
		{ .address = { 0, 5, 0, 0 }, .group = 4 },
		{ .address = { 0, 6, 0, 0 }, .group = 5 },
		{ .address = { 0, 5, 0, 1 }, .group = 4 },
		{ .address = { 0, 7, 0, 0 }, .group = NO_GROUP },
	};
	struct claim claims[] = { { .device = 1 }, { .device = 0, .rule = 7 }, { .device = 3 } };
	struct machine machine = { .devices = devices, .n_devices = COUNT_OF(devices) };
	struct matches matches = { .claims = claims, .n_claims = COUNT_OF(claims) };

	(void)state;
	hotplug_keep_owners(&machine, &matches, devices[2].address);
	assert_int_equal(matches.n_claims, 1);
	assert_int_equal(claims[0].device, 0);
	assert_int_equal(claims[0].rule, 7);
}

/* A neighbour without a driver, or with one of VFIO's, can go along. */
static void test_spared_neighbours(void **state)
{
	static const struct {
		const char *driver;
		bool vfio, by_group;
		struct address address;
		enum verdict before, verdict;
		bool virtual_owner;
	} rows[] = {
		{ "e1000e", false, true, { 0, 6, 0, 0 }, V_UNDECIDED, V_NEIGHBOUR_IN_USE, false },
		{ "", false, true, { 0, 6, 0, 0 }, V_UNDECIDED, V_UNDECIDED, false },
		{ "mlx5_vfio_pci", true, true, { 0, 6, 0, 0 }, V_UNDECIDED, V_UNDECIDED, false },
		{ "snd_hda_intel", false, true, { 0, 5, 0, 1 }, V_UNDECIDED, V_UNDECIDED, false },
		{ "e1000e", false, false, { 0, 6, 0, 0 }, V_UNDECIDED, V_UNDECIDED, false },
		{ "e1000e", false, true, { 0, 6, 0, 0 }, V_SKIPPED, V_SKIPPED, false },
		/* its physical function; one that nothing has may go along all the same */
		{ "mlx5_core", false, true, { 0, 5, 0, 1 }, V_UNDECIDED, V_NEIGHBOUR_IN_USE, true },
		{ "", false, true, { 0, 5, 0, 1 }, V_UNDECIDED, V_UNDECIDED, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct device devices[] = { { .address = { 0, 5, 0, 0 } }, { .address = rows[i].address } };
		struct claim claim = { .device = 1, .by_group = rows[i].by_group, .verdict = rows[i].before };
		struct machine machine = { .devices = devices, .n_devices = 2 };
		struct matches matches = { .claims = &claim, .n_claims = 1 };
		char name[16];

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(devices[1].driver, rows[i].driver);
		devices[0].virtual_function = rows[i].virtual_owner;
		devices[1].vfio = rows[i].vfio;
		hotplug_spare_neighbours(&machine, &matches);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
	}
	rows_done();
}

/* After a rescue: what could carry the root, unless it has another verdict. */
static void test_spared_carriers(void **state)
{
	static const struct {
		uint32_t class;
		const char *cmdline;
		enum verdict before, verdict;
	} rows[] = {
		{ 0x010802, "quiet", V_UNDECIDED, V_RESCUED },	 { 0x010802, "quiet", V_SKIPPED, V_SKIPPED },
		{ 0x030000, "quiet", V_UNDECIDED, V_UNDECIDED }, { 0x020000, "quiet", V_UNDECIDED, V_UNDECIDED },
		{ 0x020000, "ip=dhcp", V_UNDECIDED, V_RESCUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct device device = { .identity.class = rows[i].class };
		struct claim claim = { .verdict = rows[i].before };
		struct machine machine = { .devices = &device, .n_devices = 1 };
		struct matches matches = { .claims = &claim, .n_claims = 1 };
		char cmdline[16], name[16];

		snprintf(name, sizeof(name), "row %zu", i);
		strcpy(cmdline, rows[i].cmdline);
		machine.platform.cmdline = cmdline;
		hotplug_spare_carriers(&machine, &matches);
		row_string(name, "verdict", verdict_word(claim.verdict), verdict_word(rows[i].verdict));
	}
	rows_done();
}

/* The kernel lets no driver have it yet: a device is announced before it is ready. */
static void test_too_early(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	fake_file(fake, "sys/bus/pci/devices/" CARD "/fake-not-yet", "");
	fake_file(fake, "fake-lets-bind", CARD);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
	must_have(fake, "calls", "\npause  \n");
}

static void test_never_lets_bind(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	fake_file(fake, "sys/bus/pci/devices/" CARD "/fake-not-yet", "");
	assert_int_equal(do_hotplug(fake, CARD), 1);
	assert_string_equal(fake_driver(fake, CARD), "nouveau");
	must_have(fake, LOG, CARD " 10de:1b80 bind-failed: vfio-pci refused the device (ENODEV)");
}

/* The attempts must not use up the time of the step: one that is killed is a device that hung. */
static void test_never_lets_bind_in_time(void **state)
{
	struct fake *fake = *state;
	unsigned n = 0;

	boot(fake, CARD " optional\nset timeout 1\n");
	fake_add(fake, &card);
	fake_file(fake, "sys/bus/pci/devices/" CARD "/fake-not-yet", "");
	assert_int_equal(do_hotplug(fake, CARD), 1);
	for (const char *c = fake_calls(fake); (c = strstr(c, "\npause ")); c++)
		n++;
	/* of 50 ms each */
	assert_int_equal(n, 10);
}

/* At boot nothing can be too early, so nothing waits. */
static void test_boot_does_not_wait(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &card);
	fake_file(fake, "sys/bus/pci/devices/" CARD "/fake-not-yet", "");
	fake_file(fake, "etc/earlybind.conf", CARD "\n");
	assert_int_equal(run_binder(fake, NULL), 1);
	assert_null(strstr(fake_calls(fake), "pause"));
}

static void test_switched_off(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/cmdline", "rd.earlybind=0\n");
	boot(fake, CARD "\n");
	assert_string_equal(fake_read(fake, "run/udev/rules.d/74-earlybind-named.rules"), "");
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	must_have_changed_nothing(fake);
}

/* Installed, and not yet in the image. */
static void test_no_run_before(void **state)
{
	struct fake *fake = *state;

	fake_add(fake, &card);
	fake_file(fake, "etc/earlybind.conf", CARD "\n");
	assert_int_equal(do_hotplug(fake, CARD), 0);
	must_have_changed_nothing(fake);
	assert_false(system_exists(&fake->real, "run/earlybind"));
}

static void test_no_turn(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	fake_fault(fake, "lock", "run/earlybind/lock", ETIMEDOUT);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	assert_string_equal(fake_calls(fake), "");
	must_have(fake, LOG, "earlybind: " CARD ": the run was aborted (ETIMEDOUT)\n");
	must_have_done(fake, CARD, false);
}

static void test_record_cannot_be_written(void **state)
{
	struct fake *fake = *state;

	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	fake_fault(fake, "append", RECORD, ENOSPC);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	must_have(fake, LOG, "the result for " CARD " could not be written to /run/earlybind (ENOSPC)");
}

/* --- the rules for udev --- */

#define HEAD                                                                                                           \
	"# Written by earlybind-boot: the devices that the configuration of this boot names.\n"                        \
	"SUBSYSTEM!=\"pci\", GOTO=\"earlybind_named_end\"\n"                                                           \
	"ACTION!=\"add\", GOTO=\"earlybind_named_end\"\n"
#define MIDDLE                                                                                                         \
	"# Present when it ran; only a replayed event (udevadm trigger) can name them.\n"                              \
	"ENV{SYNTH_UUID}!=\"?*\", GOTO=\"earlybind_named_end\"\n"
#define TAIL "LABEL=\"earlybind_named_end\"\n"
#define NAMED(match) match ", ENV{.EARLYBIND}=\"named\"\n"

static void test_rules(void **state)
{
	static const struct {
		const char *config, *named, *known;
	} rows[] = {
		{ CARD "\n", NAMED("KERNEL==\"" CARD "\""), "" },
		{ "5:0.*\n", NAMED("KERNEL==\"0000:05:00.[0-7]\""), "" },
		{ "10000:e1:00.0\n", NAMED("KERNEL==\"10000:e1:00.0\""), "" },
		/* The binder makes the identity check, and reports it. */
		{ CARD " id=10de:1b80\n", NAMED("KERNEL==\"" CARD "\""), "" },
		{ "00:1c.0/00.0\n", NAMED("DEVPATH==\"*/0000:00:1c.0/*:00.0\""), "" },
		{ "00:1c.0/02.0/00.*\n", NAMED("DEVPATH==\"*/0000:00:1c.0/*:02.0/*:00.[0-7]\""), "" },
		{ "10DE:1b80\n", NAMED("ENV{MODALIAS}==\"pci:v000010DEd00001B80sv*sd*bc*sc*i*\""), "" },
		{ "15b3:*:1043:85aa\n", NAMED("ENV{MODALIAS}==\"pci:v000015B3d*sv00001043sd000085AAbc*sc*i*\""), "" },
		{ "class=03\n", NAMED("ENV{MODALIAS}==\"pci:v*d*sv*sd*bc03sc*i*\""), "" },
		{ "class=0c03\n", NAMED("ENV{MODALIAS}==\"pci:v*d*sv*sd*bc0Csc03i*\""), "" },
		{ "class=0c0330\n", NAMED("ENV{MODALIAS}==\"pci:v*d*sv*sd*bc0Csc03i30\""), "" },
		{ "8086:1572 class=02\n", NAMED("ENV{MODALIAS}==\"pci:v00008086d00001572sv*sd*bc02sc*i*\""), "" },
		{ "skip 01:00.0\n" CARD "\n", NAMED("KERNEL==\"" CARD "\""), "" },
		/* There at boot, whatever became of it. */
		{ PORT "\n", NAMED("KERNEL==\"" PORT "\""), "KERNEL==\"" PORT "\", ENV{.EARLYBIND}=\"done\"\n" },
	};
	char want[2048];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fake_free(*state);
		setup(state);
		boot(*state, rows[i].config);
		snprintf(want, sizeof(want), HEAD "%s" MIDDLE "%s" TAIL, rows[i].named, rows[i].known);
		row_string(rows[i].config, "rules", fake_read(*state, "run/udev/rules.d/74-earlybind-named.rules"),
			   want);
	}
	rows_done();
}

static void test_no_rules_for_nothing(void **state)
{
	struct fake *fake = *state;

	boot(fake, "skip " CARD "\n");
	assert_false(system_exists(&fake->real, "run/udev/rules.d"));
}

/* What is named now is taken all the same. */
static void test_rules_cannot_be_written(void **state)
{
	struct fake *fake = *state;

	fake_fault(fake, "put", "74-earlybind-named.rules", EROFS);
	boot(fake, "skip " PORT "\n" CARD " optional\n");
	must_have(fake, "dev/kmsg",
		  "earlybind: hotplugged devices will keep their native drivers: the udev rules cannot be written "
		  "(EROFS)\n");
	must_have(fake, RECORD, "\nstatus=0\n");
}

/* The host depends on it, also if it is plugged in. */
static void test_protected(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "etc/earlybind.plan", "earlybind-plan 2\nneed root " CARD " 10de:1b80 / on sda1\n");
	boot(fake, CARD " optional\n");
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 1);
	assert_string_equal(fake_calls(fake), "");
	must_have(fake, LOG, CARD " 10de:1b80 needed-by-host: ");
}

static void test_rules_for_the_command_line(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "proc/cmdline", "rd.earlybind.take=" CARD "\n");
	boot(fake, "");
	must_have(fake, "run/udev/rules.d/74-earlybind-named.rules", NAMED("KERNEL==\"" CARD "\""));
	fake_add(fake, &card);
	assert_int_equal(do_hotplug(fake, CARD), 0);
	assert_string_equal(fake_driver(fake, CARD), "vfio-pci");
}

/* More than any buffer of the boot's log holds. */
static void test_many_rules(void **state)
{
	struct fake *fake = *state;
	char config[64 * 256], *at = config;
	unsigned n = 0;

	for (unsigned i = 0; i < 256; i++)
		at += sprintf(at, "%02x:00.0 optional\n", i);
	boot(fake, config);
	for (const char *c = fake_read(fake, "run/udev/rules.d/74-earlybind-named.rules"); (c = strstr(c, "\"named\""));
	     c++)
		n++;
	assert_int_equal(n, 256);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_taken),
		TEST(test_taken_over),
		TEST(test_loads_by_the_plan),
		TEST(test_not_named),
		TEST(test_gone_again),
		TEST(test_other_device),
		TEST(test_others_are_left),
		TEST(test_group),
		TEST(test_functions_in_turn),
		TEST(test_trial_costs_no_driver),
		TEST(test_trial_before_the_next_run),
		TEST(test_group_of_a_virtual_function),
		TEST(test_neighbour_returns),
		TEST(test_neighbour_returns_to_a_guest),
		TEST(test_named_returns),
		TEST(test_new_neighbour),
		TEST(test_neighbour_of_a_late_device),
		TEST(test_not_along),
		TEST(test_neighbour_returns_without_a_group),
		TEST(test_skipped_neighbour_returns),
		cmocka_unit_test(test_spared_neighbours),
		cmocka_unit_test(test_spared_carriers),
		cmocka_unit_test(test_keep_only),
		cmocka_unit_test(test_keep_owners),
		TEST(test_too_early),
		TEST(test_never_lets_bind),
		TEST(test_never_lets_bind_in_time),
		TEST(test_boot_does_not_wait),
		TEST(test_switched_off),
		TEST(test_no_run_before),
		TEST(test_no_turn),
		TEST(test_record_cannot_be_written),
		TEST(test_rules),
		TEST(test_no_rules_for_nothing),
		TEST(test_rules_for_the_command_line),
		TEST(test_many_rules),
		TEST(test_rules_cannot_be_written),
		TEST(test_protected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
