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

static void root_paths(void **state)
{
	static const struct {
		const char *cmdline, *path;
	} rows[] = {
		{ "root=/dev/mapper/a-b", "dev/mapper/a-b" },
		{ "root=UUID=1-2", "dev/disk/by-uuid/1-2" },
		{ "root=LABEL=r", "dev/disk/by-label/r" },
		{ "root=PARTUUID=1", "dev/disk/by-partuuid/1" },
		{ "root=\"PARTLABEL=a b\"", "dev/disk/by-partlabel/a b" },
		{ "root=/dev/nfs", NULL },
		{ "root=zfs:AUTO", NULL },
		{ "root=UUID=12345678901234567890123456789012345678901234567890", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[48] = "";
		bool found = rescue_root_path(slice_of(rows[i].cmdline), path, sizeof(path));

		row_number(rows[i].cmdline, "found", found, rows[i].path != NULL);
		if (found && rows[i].path)
			row_text(rows[i].cmdline, "path", slice_of(path), rows[i].path);
	}
	/* Too small for what udev's links begin with, and just large enough. */
	for (size_t size = 1; size <= sizeof("dev/disk/by-uuid/1"); size++) {
		char path[sizeof("dev/disk/by-uuid/1") + 1] = "";

		path[size] = '#';
		row_number("a small buffer", "found", rescue_root_path(slice_of("root=UUID=1"), path, size),
			   size == sizeof("dev/disk/by-uuid/1"));
		row_number("a small buffer", "byte after it", path[size], '#');
	}
	rows_done();
}

static void works(void **state)
{
	static const struct {
		const char *process;
		enum rescue_work work;
	} rows[] = {
		{ "zpool", WORK_ON_ROOT },
		{ "mount", WORK_ON_ROOT },
		{ "mount.zfs", WORK_ON_ROOT },
		{ "fsck.ext4", WORK_ON_ROOT },
		{ "e2fsck", WORK_ON_ROOT },
		{ "systemd-fsck", WORK_ON_ROOT },
		{ "systemd-cryptse", WORK_ON_ROOT },
		{ "iscsistart", WORK_ON_ROOT },
		{ "iscsiadm", WORK_ON_ROOT },
		{ "iscsid", WORK_NONE },
		{ "askpass", WORK_ASK },
		{ "plymouth", WORK_ASK },
		{ "plymouthd", WORK_NONE },
		{ "zfs", WORK_ASK },
		{ "zfs-import", WORK_NONE },
		{ "systemd-ask-pas", WORK_ASK },
		{ "dropbear", WORK_LOGIN },
		{ "sshd", WORK_LOGIN },
		{ "systemd-udevd", WORK_NONE },
		{ "sh", WORK_NONE },
		{ "", WORK_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].process, "work", rescue_work_of(slice_of(rows[i].process)), rows[i].work);
	rows_done();
}

static void keyboards(void **state)
{
	static const struct {
		const char *keys;
		bool is;
	} rows[] = {
		{ "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n", true },
		{ "10000 7 ff9f207a c14057ff febeffdf ffefffff ffffffff fffffffe\n", true }, /* 32 bits */
		{ "10000000000000 0\n", false },					     /* power button */
		{ "70000 0 0 0 0\n", false },						     /* mouse */
		{ "0\n", false },
		{ "fffffffe", true },
		{ "", false },
		{ "fffffffg", false },
	};
	static const struct {
		const char *cmdline;
		bool serial;
	} consoles[] = {
		{ "console=ttyS0,115200", true },
		{ "console=tty0", false },
		{ "console=tty1", false },
		{ "console=tty", false },
		{ "console=null", false },
		{ "console", false },
		/* /dev/console is the last one */
		{ "console=tty0 console=ttyAMA0", true },
		{ "console=ttyS0 console=tty0", false },
		{ "console=ttyS0 console=null", false },
		{ "console=hvc0", true },
		{ "console=", false },
		{ "quiet", false },
		{ "quiet -- console=ttyS0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		row_number(rows[i].keys, "is one", rescue_is_keyboard(slice_of(rows[i].keys)), rows[i].is);
	for (size_t i = 0; i < COUNT_OF(consoles); i++)
		row_number(consoles[i].cmdline, "serial", rescue_has_serial_console(slice_of(consoles[i].cmdline)),
			   consoles[i].serial);
	rows_done();
}

/* What a round finds, and how often it is repeated a second apart. */
struct span {
	unsigned seconds;
	struct rescue_facts facts;
};

/* The second in which devices are restored, or 0, with what they are. */
static unsigned second_of(const struct span *spans, size_t n, enum rescue_step *step)
{
	struct rescue_clock clock = { .over = false };
	unsigned now = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned j = 0; j < spans[i].seconds; j++) {
			struct rescue_facts facts = spans[i].facts;

			facts.now = 500 + 100ul * now;
			*step = rescue_step(&clock, &facts);
			if (*step != RESCUE_NOTHING)
				return now;
			now++;
		}
	return 0;
}

static void situations(void **state)
{
#define MISSING .waited_for = true
#define HEALTHY .planned = true, .in_place = true, .has_disk = true
#define STALE .planned = true
	static const struct {
		const char *name;
		struct span spans[4];
		unsigned second;
		enum rescue_step step;
	} rows[] = {
		{ "a boot script misses the device", { { 99, { MISSING } } }, 10, RESCUE_EVERYTHING },
		{ "a controller of the plan is not there", { { 99, { STALE } } }, 10, RESCUE_EVERYTHING },
		{ "the plan knows nothing, and there is no disk", { { 99, { .disks = 1 } } }, 10, RESCUE_EVERYTHING },
		{ "the plan knows nothing, and there is a disk",
		  { { 99, { .has_disk = true } } },
		  60,
		  RESCUE_EVERYTHING },
		{ "all of the plan is there, disks are late", { { 60, { HEALTHY, MISSING } } }, 0, RESCUE_NOTHING },
		{ "all of the plan is there, and yet no root",
		  { { 99, { HEALTHY, MISSING } } },
		  60,
		  RESCUE_EVERYTHING },
		{ "a disk appears",
		  { { 9, { MISSING, .disks = 1 } }, { 99, { MISSING, .disks = 2 } } },
		  19,
		  RESCUE_EVERYTHING },
		{ "a controller of the plan is late",
		  { { 9, { STALE } }, { 60, { HEALTHY, .disks = 1 } } },
		  0,
		  RESCUE_NOTHING },
		{ "a controller of the plan vanishes",
		  { { 30, { HEALTHY } }, { 99, { STALE } } },
		  40,
		  RESCUE_EVERYTHING },
		{ "udev loads drivers for half a minute",
		  { { 30, { MISSING, .loading = true } }, { 60, { HEALTHY } } },
		  0,
		  RESCUE_NOTHING },
		{ "udev never ends", { { 999, { MISSING, .loading = true } } }, 70, RESCUE_EVERYTHING },
		{ "a pool is imported for 25 s",
		  { { 25, { .has_disk = true, .working = true } }, { 59, { .has_disk = true } } },
		  0,
		  RESCUE_NOTHING },
		{ "a pool is imported for five minutes", { { 300, { HEALTHY, .working = true } } }, 0, RESCUE_NOTHING },
		{ "a check never ends", { { 9999, { MISSING, .working = true } } }, 610, RESCUE_EVERYTHING },
		{ "an import without its disks fails",
		  { { 5, { STALE, .working = true } }, { 99, { STALE } } },
		  14,
		  RESCUE_EVERYTHING },
		{ "a server answers late", { { 500, { .by_network = true, .has_card = true } } }, 0, RESCUE_NOTHING },
		{ "a server never answers",
		  { { 999, { .by_network = true, .has_card = true } } },
		  661,
		  RESCUE_EVERYTHING },
		{ "a server without a card", { { 99, { .by_network = true } } }, 10, RESCUE_EVERYTHING },
		{ "a passphrase over night",
		  { { 36000, { MISSING, .asking = true, .can_answer = true } } },
		  0,
		  RESCUE_NOTHING },
		{ "a passphrase, and then no root",
		  { { 100, { MISSING, .asking = true, .can_answer = true } }, { 99, { MISSING } } },
		  109,
		  RESCUE_EVERYTHING },
		{ "a passphrase without a keyboard", { { 99, { HEALTHY, .asking = true } } }, 10, RESCUE_KEYBOARDS },
		{ "a keyboard that is late",
		  { { 9, { HEALTHY, .asking = true } }, { 99, { HEALTHY, .asking = true, .can_answer = true } } },
		  0,
		  RESCUE_NOTHING },
		{ "two questions without a keyboard",
		  { { 8, { HEALTHY, .asking = true } }, { 2, { HEALTHY } }, { 8, { HEALTHY, .asking = true } } },
		  0,
		  RESCUE_NOTHING },
	};
#undef MISSING
#undef HEALTHY
#undef STALE

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum rescue_step step;

		row_number(rows[i].name, "second", second_of(rows[i].spans, 4, &step), rows[i].second);
		row_number(rows[i].name, "step", step, rows[i].step);
	}
	rows_done();
}

/* local-top/cryptroot holds up the rounds for ten minutes: that is one round. */
static void clocks(void **state)
{
	static const unsigned long held_up[] = { 500, 600, 60600, 60700, 120700, 120800, 120900, 121000 };
	/* A clock that stands still or goes back is no waiting. */
	static const unsigned long odd[] = { 500, 500, 100, 0, 9000 };
	struct rescue_facts facts = { .waited_for = true };
	struct rescue_clock clock = { .over = false };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(held_up); i++) {
		facts.now = held_up[i];
		assert_int_equal(rescue_step(&clock, &facts), RESCUE_NOTHING);
	}
	clock = (struct rescue_clock){ .over = false };
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		facts.now = odd[i];
		assert_int_equal(rescue_step(&clock, &facts), RESCUE_NOTHING);
	}
	clock = (struct rescue_clock){ .over = true, .seen = 1, .waited = 9999 };
	facts.now = 100;
	assert_int_equal(rescue_step(&clock, &facts), RESCUE_NOTHING);
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
	fake_file(fake, "proc/mounts", "none / rootfs rw 0 0\nproc /proc proc rw 0 0\n");
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

	add_to_plan(fake, "need root " NVME " 144d:a808 / on nvme0n1p2");
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

	add_to_plan(fake, "need root " NVME " 144d:a808 / on nvme0n1p2");
	assert_int_equal(run_binder(fake, NVME " even-if-needed\n"), 0);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

static void protection_after_a_move(void **state)
{
	struct fake *fake = *state;

	add_to_plan(fake, "need root 0000:00:1c.0 144d:a808 / on nvme0n1p2");
	assert_int_equal(run_binder(fake, "144d:a808\n" NIC), 1);
	assert_string_equal(fake_driver(fake, TWIN), "");
	assert_string_equal(fake_driver(fake, NVME), "");
	assert_string_equal(fake_driver(fake, NIC), "vfio-pci");
	must_have(fake, LOG,
		  TWIN " 144d:a808 needed-by-host: left alone: the host depends on a device of this ID (/ on "
		       "nvme0n1p2), which is no longer at 0000:00:1c.0; ");
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
	add_to_plan(fake, "need root 0000:02:00.1 8086:2922 / on sda2");
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

/* The card is there, so the server's answer is what an iSCSI root waits for. */
static void no_rescue_of_a_root_by_iscsi(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=iscsi:10.0.0.1::::x\n");
	fake_file(fake, "sys/class/net/eth1/device/x", "");
	assert_int_equal(run_binder(fake, NIC "\n"), 0);
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_WAITING);
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

/* The seconds that CALL takes, and its result. */
static unsigned seconds_of(struct fake *fake, enum rescue_result (*call)(struct system *sys, bool echo),
			   enum rescue_result *result)
{
	const struct system_ops *before = fake->sys.ops;
	struct system_ops ops = *before;
	unsigned start;

	ops.sleep_ms = let_a_second_pass;
	fake->sys.ops = &ops;
	start = second;
	*result = call(&fake->sys, false);
	fake->sys.ops = before;
	return second - start;
}

/* A boot script that tries the root once, such as OpenZFS's. */
static void rescue_before_the_root_is_mounted(void **state)
{
	static const struct fake_device old = { "0000:00:1c.0", "8086:2922", "010601", "ahci", "ahci", 8,
						NULL,		NULL,	     false };
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "root=ZFS=rpool/ROOT boot=zfs\n");
	second = 5;
	let_a_second_pass(&fake->sys, 1000);
	/* The plan knows a controller that is not there. */
	add_to_plan(fake, "need root 0000:00:1c.0 8086:2922 / on sda2");
	/* It is not needed to mount the root. */
	add_to_plan(fake, "need keyboard 0000:00:1b.0 8086:a0ed the only keyboard");
	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	/* It is late, and has its driver. */
	fake_add(fake, &old);
	assert_int_equal(seconds_of(fake, rescue_before_mount, &result), 0);
	assert_int_equal(result, RESCUE_OVER);
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
	fake_remove(fake, "sys/bus/pci/devices/0000:00:1c.0/driver");
	assert_int_equal(seconds_of(fake, rescue_before_mount, &result), 10);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

/* Where the plan tells nothing, a disk shows that the boot script may find the root. */
static void rescue_where_nothing_is_known(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_file(fake, "proc/cmdline", "boot=zfs\n");
	second = 5;
	let_a_second_pass(&fake->sys, 1000);
	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake_file(fake, "sys/class/block/sda/device/x", "");
	assert_int_equal(seconds_of(fake, rescue_before_mount, &result), 0);
	assert_int_equal(result, RESCUE_OVER);
	assert_int_equal(seconds_of(fake, rescue_rounds, &result), 60);
	assert_int_equal(result, RESCUE_DONE);
	must_have(fake, LOG, " rescued: no root device within 60 s, and a storage controller could carry it: ");
	must_have(fake, RECORD, "\nrescued=" NVME " driver=nvme reason=root-late\n");
}

static void no_rescue_once_the_root_is_mounted(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	assert_int_equal(run_binder(fake, NVME "\n"), 0);
	fake_file(fake, "proc/mounts", "none / rootfs rw 0 0\nrpool/ROOT /root zfs rw 0 0\n");
	assert_int_equal(seconds_of(fake, rescue_rounds, &result), 0);
	assert_int_equal(result, RESCUE_OVER);
	/* run-init has taken /proc along. */
	fake_remove(fake, "proc/mounts");
	assert_int_equal(seconds_of(fake, rescue_rounds, &result), 0);
	assert_int_equal(result, RESCUE_OVER);
	assert_true(rescue_is_possible(&fake->sys));
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
}

#define USB "0000:00:14.0"

/* The passphrase cannot be typed; the other devices stay, and the rescue of the root is still to come. */
static void rescue_of_the_keyboard(void **state)
{
	static const struct fake_device usb = { USB, "8086:a0ed", "0c0330", NULL, "xhci_hcd", 8, NULL, NULL, false };
	struct fake *fake = *state;
	enum rescue_result result;

	fake_add(fake, &usb);
	fake_file(fake, "proc/cmdline", "root=/dev/mapper/root\n");
	second = 5;
	let_a_second_pass(&fake->sys, 1000);
	assert_int_equal(run_binder(fake, NVME "\n" USB "\n"), 0);
	fake_file(fake, "proc/77/comm", "askpass\n");
	fake_file(fake, "sys/class/input/input0/capabilities/key", "10000000000000 0\n");
	assert_int_equal(seconds_of(fake, rescue_rounds, &result), 10);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, USB), "xhci_hcd");
	assert_string_equal(fake_driver(fake, NVME), "vfio-pci");
	must_have(fake, LOG,
		  USB
		  " 8086:a0ed rescued: a passphrase was asked for, and no keyboard was found within 10 s: restored to "
		  "xhci_hcd; if the keyboard is on it, remove it from the configuration and regenerate the "
		  "initramfs");
	must_have(fake, RECORD, "\nrescued=" USB " driver=xhci_hcd reason=keyboard\n");
	fake_remove(fake, "proc/77/comm");
	assert_int_equal(seconds_of(fake, rescue_rounds, &result), 10);
	assert_int_equal(result, RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

/* It can be typed at the console, or by ssh. */
static void no_rescue_of_the_keyboard(void **state)
{
	static const struct fake_device usb = { USB, "8086:a0ed", "0c0330", NULL, "xhci_hcd", 8, NULL, NULL, false };
	struct fake *fake = *state;

	fake_add(fake, &usb);
	assert_int_equal(run_binder(fake, USB "\n"), 0);
	fake_file(fake, "run/systemd/ask-password/ask.xyz", "");
	fake_file(fake, "proc/78/comm", "dropbear\n");
	for (unsigned now = 5; now < 50; now++)
		assert_int_equal(round_at(fake, now), RESCUE_WAITING);
	fake_remove(fake, "proc/78/comm");
	fake_file(fake, "sys/class/input/input3/capabilities/key",
		  "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n");
	for (unsigned now = 50; now < 99; now++)
		assert_int_equal(round_at(fake, now), RESCUE_WAITING);
	assert_string_equal(fake_driver(fake, USB), "vfio-pci");
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

/* The link to the driver is there during its probe, the device node only afterwards. */
static void rescue_of_what_is_stuck(void **state)
{
	struct fake *fake = *state;
	enum rescue_result result;

	fake_fault(fake, "bind", NVME, FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n" NVME "\n"), 1);
	must_have(fake, RECORD, "verdict=driver-hung");
	must_not_have(fake, RECORD, "taken=");
	fake_link(fake, "../../../bus/pci/drivers/vfio-pci", "sys/bus/pci/devices/" NVME "/driver");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_WAITING);
	/* Its probe ends at last. */
	fake_file(fake, "sys/bus/pci/devices/" NVME "/vfio-dev/vfio0/x", "");
	assert_int_equal(round_at(fake, 61), RESCUE_DONE);
	assert_string_equal(fake_driver(fake, NVME), "nvme");
}

/* A driver that lets go long after the step has timed out: the device is left parked. */
static void rescue_after_a_slow_release(void **state)
{
	static const struct fake_device slow = { "0000:00:1f.0", "8086:2922", "010601", "ahci", "ahci", 8,
						 NULL,		 NULL,	      false };
	struct fake *fake = *state;
	enum rescue_result result;

	fake_add(fake, &slow);
	fake_fault(fake, "unbind", "0000:00:1f.0", FAKE_HANG);
	assert_int_equal(run_binder(fake, "set timeout 1\n00:1f.0\n"), 1);
	must_have(fake, RECORD, "device=0000:00:1f.0 id=8086:2922 verdict=driver-hung driver=ahci ");
	rounds(fake, &result);
	assert_int_equal(result, RESCUE_WAITING);
	assert_string_equal(fake_driver(fake, "0000:00:1f.0"), "ahci");
	fake_remove(fake, "sys/bus/pci/devices/0000:00:1f.0/driver");
	fake->n_faults = 0;
	assert_int_equal(round_at(fake, 61), RESCUE_DONE);
	assert_string_equal(fake_driver(fake, "0000:00:1f.0"), "ahci");
	assert_string_equal(fake_read(fake, "sys/bus/pci/devices/0000:00:1f.0/driver_override"), "(null)");
	must_have(fake, RECORD, "\nrescued=0000:00:1f.0 driver=ahci\n");
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
	/* No fact shows that a server is there. */
	assert_int_equal(rescue_cancel(&fake->sys), 0);
	assert_int_equal(round_at(fake, 3), RESCUE_WAITING);
	/* Another card is there for a while: the server may answer. */
	fake_file(fake, "sys/class/net/eth1/device/x", "");
	for (unsigned second = 4; second < 20; second++)
		assert_int_equal(round_at(fake, second), RESCUE_WAITING);
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
		cmocka_unit_test(root_paths),
		cmocka_unit_test(works),
		cmocka_unit_test(keyboards),
		cmocka_unit_test(situations),
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
		TEST(rescue_before_the_root_is_mounted),
		TEST(rescue_where_nothing_is_known),
		TEST(no_rescue_once_the_root_is_mounted),
		TEST(rescue_of_the_keyboard),
		TEST(no_rescue_of_the_keyboard),
		TEST(rescue_of_others),
		TEST(rescue_of_what_is_stuck),
		TEST(rescue_after_a_slow_release),
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
