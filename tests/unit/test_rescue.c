/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A root that does not appear: when devices are restored, which, and what is reported. And protection, before it. */
#include "binder_run.h"

#include <errno.h>
#include <stdlib.h>

#include "boot/rescue.h"
#include "decide/rescue.h"
#include "record/record.h"

/* --- deciding --- */

static void carriers(void **state)
{
	static const struct {
		uint32_t class;
		enum carrier local, network;
	} rows[] = {
		{ 0x010802, CARRIES_STORAGE, CARRIES_STORAGE },
		{ 0x010601, CARRIES_STORAGE, CARRIES_STORAGE },
		{ 0x010400, CARRIES_STORAGE, CARRIES_STORAGE }, /* VMD as well */
		{ 0x0c0330, CARRIES_BUS, CARRIES_BUS },
		{ 0x0c0010, CARRIES_BUS, CARRIES_BUS },
		{ 0x0c0400, CARRIES_BUS, CARRIES_BUS },
		{ 0x0c0600, CARRIES_BUS, CARRIES_BUS },
		{ 0x080501, CARRIES_BUS, CARRIES_BUS },
		{ 0x0c0500, CARRIES_NO_ROOT, CARRIES_NO_ROOT }, /* SMBus */
		{ 0x020000, CARRIES_NO_ROOT, CARRIES_NETWORK },
		{ 0x028000, CARRIES_NO_ROOT, CARRIES_NETWORK },
		{ 0x030000, CARRIES_NO_ROOT, CARRIES_NO_ROOT },
		{ 0x040300, CARRIES_NO_ROOT, CARRIES_NO_ROOT },
		{ 0x060400, CARRIES_NO_ROOT, CARRIES_NO_ROOT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct identity id = { .class = rows[i].class };
		char name[16];

		snprintf(name, sizeof(name), "%06x", (unsigned)rows[i].class);
		row_number(name, "with a local root", rescue_carrier(&id, false), rows[i].local);
		row_number(name, "in a network boot", rescue_carrier(&id, true), rows[i].network);
	}
	rows_done();
}

static void network_boots(void **state)
{
	static const struct {
		const char *cmdline;
		bool boot, server, device;
	} rows[] = {
		{ "root=/dev/sda2 ro quiet", false, false, true },
		{ "", false, false, false },
		{ "root=UUID=1 zip=dhcp nonfs=1", false, false, true },
		{ "root=LABEL=r", false, false, true },
		{ "root=PARTUUID=1", false, false, true },
		{ "root=\"PARTLABEL=a b\"", false, false, true },
		{ "root=/dev/nfs nfsroot=10.0.0.1:/r", true, true, false },
		{ "boot=nfs", true, true, false },
		{ "root=nfs4:10.0.0.1:/r", true, true, false },
		{ "root=/dev/nfs root=/dev/sda1", false, false, true },
		/* a passphrase by ssh, a boot by PXE: the root may be here */
		{ "root=/dev/mapper/root ip=dhcp", true, false, true },
		{ "root=UUID=1 rd.neednet=1", true, false, true },
		{ "root=UUID=1 BOOTIF=01-52-54-00", true, false, true },
		/* a server's block device */
		{ "root=iscsi:10.0.0.1::::x", true, true, false },
		{ "root=nbd:10.0.0.1:r", true, true, false },
		{ "root=/dev/sda1 netroot=iscsi:10.0.0.1::::x", true, true, true },
		{ "root=UUID=1 iscsi_initiator=iqn.x", true, true, true },
		{ "root=UUID=1 rd.iscsi.firmware=1", true, true, true },
		{ "root=/dev/nbd0 nbdroot=10.0.0.1,r", true, true, true },
		/* systemd waits for no device of these */
		{ "root=zfs:rpool/ROOT", false, false, false },
		{ "root=ZFS=rpool/ROOT", false, false, false },
		{ "root=live:/dev/sr0", false, false, false },
		{ "root=btrfs:UUID=1", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice cmdline = slice_of(rows[i].cmdline);

		row_number(rows[i].cmdline, "boot", rescue_network_boot(cmdline), rows[i].boot);
		row_number(rows[i].cmdline, "server", rescue_waits_for_network(cmdline), rows[i].server);
		row_number(rows[i].cmdline, "device", rescue_root_is_device(cmdline), rows[i].device);
	}
	rows_done();
}

/* One call of the clock. */
struct round {
	unsigned long now; /* in hundredths */
	unsigned disks;
	bool asking, due;
};

static void clocks(void **state)
{
	static const struct round steady[] = {
		{ 500, 0, false, false },  { 600, 0, false, false },  { 700, 0, false, false },
		{ 900, 0, false, false },  { 1100, 0, false, false }, { 1300, 0, false, false },
		{ 1499, 0, false, false }, { 1500, 0, false, true },
	};
	/* local-top/cryptroot holds up the rounds for ten minutes: that is one round. */
	static const struct round passphrase[] = {
		{ 500, 2, false, false },    { 600, 2, false, false },	  { 60600, 2, false, false },
		{ 60700, 2, false, false },  { 120700, 2, false, false }, { 120800, 2, false, false },
		{ 120900, 2, false, false }, { 121000, 2, false, false },
	};
	/* systemd goes on meanwhile, and shows that it asks. */
	static const struct round asked[] = {
		{ 500, 2, false, false },  { 700, 2, false, false },  { 900, 2, true, false },
		{ 1100, 2, true, false },  { 1900, 2, true, false },  { 2100, 2, false, false },
		{ 2300, 2, false, false }, { 2500, 2, false, false }, { 2700, 2, false, false },
		{ 2900, 2, false, true },
	};
	/* A controller that finds its disks one by one. */
	static const struct round disks[] = {
		{ 500, 1, false, false },  { 700, 1, false, false },  { 900, 1, false, false },
		{ 1100, 1, false, false }, { 1300, 1, false, false }, { 1500, 2, false, false },
		{ 1700, 2, false, false }, { 1900, 2, false, false }, { 2100, 2, false, false },
		{ 2300, 2, false, false }, { 2500, 2, false, true },
	};
	/* A clock that stands still or goes back is no waiting. */
	static const struct round odd[] = {
		{ 500, 0, false, false }, { 500, 0, false, false },  { 100, 0, false, false },
		{ 0, 0, false, false },	  { 9000, 0, false, false },
	};
	static const struct {
		const char *name;
		const struct round *rounds;
		size_t n;
	} rows[] = {
		{ "steady", steady, COUNT_OF(steady) }, { "passphrase", passphrase, COUNT_OF(passphrase) },
		{ "asked", asked, COUNT_OF(asked) },	{ "disks", disks, COUNT_OF(disks) },
		{ "odd", odd, COUNT_OF(odd) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rescue_clock clock = { .over = false };

		for (size_t j = 0; j < rows[i].n; j++) {
			const struct round *r = &rows[i].rounds[j];

			row_number(rows[i].name, "due", rescue_is_due(&clock, r->now, r->disks, r->asking), r->due);
		}
	}
	rows_done();
	assert_false(rescue_is_due(&(struct rescue_clock){ .over = true, .waited = 9999 }, 1, 0, false));
}

/* --- the record --- */

static void records(void **state)
{
	struct slice rest = slice_of(
		"format=1\ndevice=a x=1\n\ntaken=b  driver=\n takenx=c\ntaken\n\ttaken=d driver=e f=g");
	struct slice line;

	(void)state;
	assert_true(record_next(&rest, "taken", &line));
	assert_true(slice_is(record_value(line, "taken"), "b"));
	assert_non_null(record_value(line, "driver").at);
	assert_int_equal(record_value(line, "driver").len, 0);
	assert_null(record_value(line, "drive").at);
	assert_true(record_next(&rest, "taken", &line));
	assert_true(slice_is(record_value(line, "driver"), "e"));
	assert_true(slice_is(record_value(line, "f"), "g"));
	assert_false(record_next(&rest, "taken", &line));
	rest = (struct slice){ NULL, 0 };
	assert_false(record_next(&rest, "taken", &line));
	for (uint32_t seed = 1; seed < 500; seed++) {
		uint32_t s = seed * 2654435761u | 1;
		size_t len = noise(&s) % 300;
		char *bytes = malloc(len + 1);

		assert_non_null(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = "taken=driv \n\t\0\xff"[noise(&s) % 15];
		rest = (struct slice){ bytes, len };
		while (record_next(&rest, "taken", &line)) {
			struct slice value = record_value(line, "taken");

			assert_true(value.at >= bytes && value.at + value.len <= bytes + len);
		}
		free(bytes);
	}
}

/* --- on the fake kernel --- */

#define NVME "0000:00:1d.0"
#define TWIN "0000:00:1e.0"
#define NIC "0000:00:03.0"

static const struct fake_device nvme = { NVME, "144d:a808", "010802", NULL, "nvme", 3, NULL, NULL, false };
static const struct fake_device twin = { TWIN, "144d:a808", "010802", NULL, "nvme", 4, NULL, NULL, false };
static const struct fake_device nic = { NIC, "8086:10d3", "020000", NULL, "e1000e", 5, NULL, NULL, false };

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_add(fake, &nvme);
	fake_add(fake, &twin);
	fake_add(fake, &nic);
	fake_file(fake, "sys/class/block/loop0/x", "");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static void add_to_plan(struct fake *fake, const char *line)
{
	char plan[1024];

	snprintf(plan, sizeof(plan), "%s%s\n", fake_read(fake, "etc/earlybind.plan"), line);
	fake_file(fake, "etc/earlybind.plan", plan);
}

static enum rescue_result round_at(struct fake *fake, unsigned second)
{
	char uptime[32];

	snprintf(uptime, sizeof(uptime), "%u.50 99.00\n", second);
	fake_file(fake, "proc/uptime", uptime);
	return rescue_round(&fake->sys, false);
}

/* Rounds a second apart from second 5 on, until one is not in vain; its second. */
static unsigned rounds(struct fake *fake, enum rescue_result *result)
{
	unsigned second = 5;

	for (*result = RESCUE_WAITING; *result == RESCUE_WAITING && second < 60; second++)
		*result = round_at(fake, second);
	return second - 1;
}

static void protection(void **state)
{
	struct fake *fake = *state;

	add_to_plan(fake, "root " NVME " 144d:a808 / on nvme0n1p2");
	assert_int_equal(run_binder(fake, "144d:a808\n"), 1);
	assert_string_equal(fake_driver(fake, TWIN), "vfio-pci");
	assert_string_equal(fake_driver(fake, NVME), "");
	assert_null(strstr(fake_calls(fake), NVME));
	must_have(fake, LOG, NVME " 144d:a808 needed-by-host: left alone: the host depends on it (/ on nvme0n1p2); ");
	must_have(fake, RECORD, "device=" NVME " id=144d:a808 verdict=needed-by-host ");
}

static void protection_overridden(void **state)
{
	struct fake *fake = *state;

	add_to_plan(fake, "root " NVME " 144d:a808 / on nvme0n1p2");
	assert_int_equal(run_binder(fake, NVME " even-if-needed\n"), 0);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

static void protection_after_a_move(void **state)
{
	struct fake *fake = *state;

	add_to_plan(fake, "root 0000:00:1c.0 144d:a808 / on nvme0n1p2");
	assert_int_equal(run_binder(fake, "144d:a808\n" NIC), 1);
	assert_string_equal(fake_driver(fake, TWIN), "");
	assert_string_equal(fake_driver(fake, NVME), "");
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_have(fake, LOG,
		  TWIN
		  " 144d:a808 needed-by-host: left alone: the host depends on the device that was at 0000:00:1c.0, ");
}

/* A line for one device of a group does not bring the root along, and the group is shared then. */
static void protection_in_a_group(void **state)
{
	static const struct fake_device first = { "0000:02:00.0", "8086:10d3", "020000", NULL, "e1000e", 9,
						  NULL,		  NULL,	       false };
	static const struct fake_device root = { "0000:02:00.1", "8086:2922", "010601", NULL, "ahci", 9,
						 NULL,		 NULL,	      false };
	struct fake *fake = *state;

	fake_add(fake, &first);
	fake_add(fake, &root);
	add_to_plan(fake, "root 0000:02:00.1 8086:2922 / on sda2");
	assert_int_equal(run_binder(fake, "02:00.0 group\n"), 1);
	assert_string_equal(fake_driver(fake, "0000:02:00.0"), "vfio-pci");
	assert_null(strstr(fake_calls(fake), "0000:02:00.1"));
	must_have(fake, LOG, "0000:02:00.1 8086:2922 needed-by-host: ");
	must_have(fake, LOG, "0000:02:00.0 8086:10d3 group-shared: group 9 also holds 0000:02:00.1 (no driver yet)");
}

static void the_rescue(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n" NIC "\n"), 0);
	must_have(fake, RECORD, " target=vfio-pci taken=bound");
	assert_int_equal(rounds(fake, &result), 15);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/" NVME "/driver_override"), "(null)");
	assert_non_null(strstr(fake_calls(fake), "modprobe pci:v0000144Dd0000A808"));
	/* A network card carries no local root. */
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_have(fake, LOG,
		  "earlybind: " NVME " 144d:a808 rescued: no root device within 10 s, and a storage controller could "
		  "carry it: restored to nvme; if the root is on it, remove it ");
	must_have(fake, RECORD, "\nrescued=" NVME " driver=nvme\n");
	must_have(fake, RECORD, "device=" NIC " id=8086:10d3 verdict=ready driver=vfio-pci ");
	must_have(fake, RECORD, " target=vfio-pci taken=bound");
	must_have(fake, RECORD, "\nstatus=0\n");
	must_not_have(fake, RECORD, "rescued=" NIC);
	/* Once. */
	assert_int_equal(round_at(fake, 100), RESCUE_OVER);
}

static void no_rescue(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	/* nothing was taken, or it is unknown */
	assert_int_equal(round_at(fake, 1), RESCUE_OVER);
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	assert_int_equal(round_at(fake, 2), RESCUE_OVER);
	/* not wanted */
	assert_int_equal(run_binder(fake, NVME "\nset rescue off\n"), 0);
	assert_int_equal(rounds(fake, &result), 5);
	assert_int_equal(result, RESCUE_OVER);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

static void no_rescue_once_the_root_is_there(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=UUID=1 quiet\n");
	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	assert_int_equal(round_at(fake, 4), RESCUE_WAITING);
	assert_int_equal(rescue_cancel(&fake->sys), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_OVER);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

/* systemd's target for the root's device is reached at once when there is none to wait for. */
static void rescue_of_a_root_without_a_device(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=zfs:rpool/ROOT\n");
	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	assert_int_equal(rescue_cancel(&fake->sys), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
}

/* The card is there, so the address is all that an iSCSI root can be waiting for. */
static void no_rescue_of_a_root_by_iscsi(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=iscsi:10.0.0.1::::x\n");
	fake_file(fake, "sys/class/net/eth1/device/x", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_OVER);
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
}

/* A local root may be missed with a card in place: the network is for a passphrase. */
static void rescue_with_a_network(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=UUID=1 ip=dhcp\n");
	fake_file(fake, "sys/class/net/eth1/device/x", "");
	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
}

static unsigned second;

static void let_a_second_pass(struct system *sys, unsigned milliseconds)
{
	char uptime[32];

	assert_int_equal(milliseconds, 1000);
	snprintf(uptime, sizeof(uptime), "%u.50 99.00\n", ++second);
	fake_file((struct fake *)sys, "proc/uptime", uptime);
}

/* Without a caller that makes the rounds. */
static void rescue_by_itself(void **state)
{
	struct fake *fake = *state;
	struct system_ops ops = *fake->sys.ops;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	ops.sleep_ms = let_a_second_pass;
	fake->sys.ops = &ops;
	second = 5;
	let_a_second_pass(&fake->sys, 1000);
	assert_int_equal(rescue_rounds(&fake->sys, false), RESCUE_DONE);
	assert_int_equal(second, 16);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

static void no_rescue_while_a_passphrase_is_typed(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake_file(fake, "run/systemd/ask-password/ask.xyz", "");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_WAITING);
	fake_remove(fake, "run/systemd/ask-password/ask.xyz");
	assert_int_equal(round_at(fake, 61), RESCUE_WAITING);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

/* What got another driver or lost its own since is not touched; nor is what hung. */
static void rescue_of_others(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake_file(fake, "sys/bus/pci/drivers/other/bind", "");
	fake_remove(fake, "sys/bus/pci/devices/" NVME "/driver");
	fake_link(fake, "../../../bus/pci/drivers/other", "sys/bus/pci/devices/" NVME "/driver");
	assert_int_equal(rounds(fake, &result), 5);
	assert_int_equal(result, RESCUE_OVER);
	assert_string_equal(fake_driver(fake, NVME), "other");
}

static void rescue_of_what_hung(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_fault(fake, "bind", NVME, FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NVME "\n"), 1);
	must_have(fake, RECORD, "verdict=driver-hung");
	must_not_have(fake, RECORD, "taken=");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_OVER);
}

static void rescue_of_the_parked(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_fault(fake, "bind", NVME, EINVAL);
	assert_int_equal(run_binder(fake, "set on-failure no-driver\n" NVME "\n"), 1);
	must_have(fake, RECORD, " target=vfio-pci taken=parked");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

static void rescue_that_does_not_work(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, "set timeout 1\n" NVME "\n" TWIN "\n"), 0);
	fake_fault(fake, "unbind", NVME, FAKE_HANG);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	must_have(fake, LOG,
		  NVME " 144d:a808 rescued: no root device within 10 s, and a storage controller could carry it: "
		       "vfio-pci did not release the device; ");
	assert_string_equal(fake_driver(fake, TWIN), "nvme");
	must_have(fake, RECORD, "\nrescued=" TWIN " driver=nvme\n");
}

/* The module of its own driver is there already, or will be; a modprobe that hangs keeps no device from it. */
static void rescue_while_modprobe_hangs(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, "set timeout 1\n" NVME "\n" TWIN "\n"), 0);
	fake_fault(fake, "modprobe", "pci:", FAKE_HANG);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
	assert_string_equal(fake_driver(fake, TWIN), "nvme");
	must_not_have(fake, LOG, "did not release the device");
}

/* The root is on a disk behind that controller: udev starts a hotplug run for it as soon as it appears. */
static void rescue_of_what_a_disk_is_behind(void **state)
{
	static const struct fake_device vmd = {
		"0000:00:0e.0", "8086:9a0b", "010400", NULL, "vmd", 7, NULL, NULL, false
	};
	static const struct fake_device disk = { "10000:e1:00.0", "1c5c:174a", "010802", "nvme", NULL, 7, NULL,
						 "0000:00:0e.0",  false };
	struct run run = { .end.status = 0 };
	struct fake *fake = *state;
	enum rescue_result result;
	struct address address;

	fake_add(fake, &vmd);
	assert_int_equal(run_binder(fake, "class=01\n"), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, "0000:00:0e.0"), "vmd");
	fake_add(fake, &disk);
	fake_file(fake, "run/udev/data/x", "");
	assert_true(address_from_name(slice_of("10000:e1:00.0"), &address));
	run.sys = &fake->sys;
	run_hotplug(&run, address);
	run_done(&run);
	assert_string_equal(fake_driver(fake, "10000:e1:00.0"), "nvme");
	must_have(fake, LOG,
		  "10000:e1:00.0 1c5c:174a rescued: left alone: the root device was missing in this boot, and a "
		  "storage controller could carry it; if the root is on it, remove it ");
	must_have(fake, RECORD, "device=10000:e1:00.0 id=1c5c:174a verdict=rescued ");
}

#define LATE_LINES                                                                                                     \
	"device=" TWIN                                                                                                 \
	" id=144d:a808 verdict=ready driver=vfio-pci rule=earlybind.conf:1 hotplug=yes target=vfio-pci "               \
	"taken=bound\n"

/* Another process that has its turn first: a hotplug run that took the device TWIN. */
static int lock_after_a_hotplug_run(struct system *sys, const char *path, unsigned seconds)
{
	struct fake *fake = (struct fake *)sys;

	(void)path;
	assert_int_equal(seconds, 20);
	fake_remove(fake, "sys/bus/pci/devices/" TWIN "/driver");
	fake_link(fake, "/sys/bus/pci/drivers/vfio-pci", "sys/bus/pci/devices/" TWIN "/driver");
	return sys->ops->append(sys, RECORD, LATE_LINES, strlen(LATE_LINES));
}

static void rescue_after_a_hotplug_run(void **state)
{
	struct fake *fake = *state;
	struct system_ops ops = *fake->sys.ops;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	ops.lock = lock_after_a_hotplug_run;
	fake->sys.ops = &ops;
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
	assert_string_equal(fake_driver(fake, TWIN), "nvme");
	must_have(fake, RECORD, "\nrescued=" TWIN " driver=nvme\n");
}

/* A hotplug run that does not end must not prevent the rescue. */
static void rescue_without_a_turn(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake_fault(fake, "lock", "run/earlybind/lock", ETIMEDOUT);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

/* It went and came again, and was taken each time. */
static void rescue_of_one_taken_twice(void **state)
{
	struct fake *fake = *state;
	static const char row[] = "device=" NVME " driver=vfio-pci target=vfio-pci taken=bound\n";
	enum rescue_result result;
	char *first;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake->sys.ops->append(&fake->sys, RECORD, row, strlen(row));
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	first = strstr(fake_read(fake, LOG), " rescued: ");
	assert_non_null(first);
	assert_null(strstr(first + 1, " rescued: "));
}

static void rescue_of_a_network_root(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=/dev/nfs nfsroot=10.0.0.1:/r");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	/* Nobody can say that a server is there. */
	assert_int_equal(rescue_cancel(&fake->sys), 0);
	assert_int_equal(round_at(fake, 3), RESCUE_WAITING);
	/* Another card is there: nothing is missing. */
	fake_file(fake, "sys/class/net/eth1/device/x", "");
	assert_int_equal(round_at(fake, 4), RESCUE_OVER);
	fake_remove(fake, "sys/class/net/eth1/device/x");
	fake_remove(fake, "sys/class/net/eth1/device");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NIC), "e1000e");
	must_have(fake, LOG,
		  " rescued: no root device within 10 s, and a network card could carry it: restored to e1000e; ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carriers),
		cmocka_unit_test(network_boots),
		cmocka_unit_test(clocks),
		cmocka_unit_test(records),
		TEST(protection),
		TEST(protection_overridden),
		TEST(protection_after_a_move),
		TEST(protection_in_a_group),
		TEST(the_rescue),
		TEST(no_rescue),
		TEST(no_rescue_once_the_root_is_there),
		TEST(no_rescue_while_a_passphrase_is_typed),
		TEST(rescue_of_a_root_without_a_device),
		TEST(no_rescue_of_a_root_by_iscsi),
		TEST(rescue_with_a_network),
		TEST(rescue_by_itself),
		TEST(rescue_of_others),
		TEST(rescue_of_what_hung),
		TEST(rescue_of_the_parked),
		TEST(rescue_that_does_not_work),
		TEST(rescue_while_modprobe_hangs),
		TEST(rescue_of_what_a_disk_is_behind),
		TEST(rescue_after_a_hotplug_run),
		TEST(rescue_without_a_turn),
		TEST(rescue_of_one_taken_twice),
		TEST(rescue_of_a_network_root),
	};

	return cmocka_run_group_tests_name("rescue", tests, NULL, NULL);
}
