/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/rescue.h"

#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"

/*
 * Rounds come about once a second. The rest of a longer pause was no waiting for the root: the
 * passphrase prompts of initramfs-tools, and of dracut without systemd, hold up the rounds.
 */
#define ROUND_MAX 200

enum carrier rescue_carrier(const struct identity *identity, bool network_boot)
{
	switch (identity->class >> 8) {
	case 0x0805: /* SD host controller */
	case 0x0c00: /* FireWire */
	case 0x0c03: /* USB, Thunderbolt's among them */
	case 0x0c04: /* Fibre Channel */
	case 0x0c06: /* InfiniBand */
		return CARRIES_BUS;
	}
	switch (identity->class >> 16) {
	case 0x01:
		return CARRIES_STORAGE;
	case 0x02:
		return network_boot ? CARRIES_NETWORK : CARRIES_NO_ROOT;
	default:
		return CARRIES_NO_ROOT;
	}
}

bool rescue_carries_keyboard(const struct identity *identity)
{
	return identity->class >> 8 == 0x0c03;
}

const char *rescue_carrier_name(enum carrier carrier)
{
	static const char *const names[] = {
		[CARRIES_NO_ROOT] = "nothing",
		[CARRIES_STORAGE] = "a storage controller",
		[CARRIES_BUS] = "a controller that disks can be attached to",
		[CARRIES_NETWORK] = "a network card",
	};

	return names[carrier];
}

static bool starts_with_one(struct slice text, const char *const *beginnings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_starts(text, beginnings[i]))
			return true;
	return false;
}

static bool has_one(struct slice cmdline, const char *const *parameters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cmdline_value(cmdline, parameters[i]).at)
			return true;
	return false;
}

/* What root= starts with, and where udev links such a device. */
static const char *const root_kinds[][2] = {
	{ "/dev/", "dev/" },
	{ "UUID=", "dev/disk/by-uuid/" },
	{ "LABEL=", "dev/disk/by-label/" },
	{ "PARTUUID=", "dev/disk/by-partuuid/" },
	{ "PARTLABEL=", "dev/disk/by-partlabel/" },
};

bool rescue_root_path(struct slice cmdline, char *to, size_t size)
{
	struct slice root = cmdline_value(cmdline, "root");

	for (size_t i = 0; i < COUNT_OF(root_kinds) && !slice_is(root, "/dev/nfs"); i++) {
		size_t n = strlen(root_kinds[i][0]), m = strlen(root_kinds[i][1]);

		if (!slice_starts(root, root_kinds[i][0]) || m >= size)
			continue;
		memcpy(to, root_kinds[i][1], m);
		return slice_store(slice_sub(root, n, root.len), to + m, size - m);
	}
	return false;
}

bool rescue_root_is_device(struct slice cmdline)
{
	char path[512];

	return rescue_root_path(cmdline, path, sizeof(path));
}

bool rescue_waits_for_network(struct slice cmdline)
{
	static const char *const servers[] = { "nfs", "iscsi:", "nbd:" };
	static const char *const parameters[] = { "netroot", "nbdroot", "iscsi_initiator", "rd.iscsi.firmware" };
	struct slice root = cmdline_value(cmdline, "root");

	return slice_is(root, "/dev/nfs") || starts_with_one(root, servers, COUNT_OF(servers)) ||
	       slice_is(cmdline_value(cmdline, "boot"), "nfs") || has_one(cmdline, parameters, COUNT_OF(parameters));
}

/* What dracut and initramfs-tools take for a reason to bring up the network. */
bool rescue_network_boot(struct slice cmdline)
{
	static const char *const parameters[] = { "ip", "BOOTIF", "nfsroot", "rd.neednet" };

	return rescue_waits_for_network(cmdline) || has_one(cmdline, parameters, COUNT_OF(parameters));
}

enum rescue_work rescue_work_of(struct slice process)
{
	static const struct {
		const char *beginning;
		enum rescue_work work;
	} rows[] = {
		{ "zpool", WORK_ON_ROOT },	     { "mount", WORK_ON_ROOT },	     { "fsck", WORK_ON_ROOT },
		{ "e2fsck", WORK_ON_ROOT },	     { "xfs_repair", WORK_ON_ROOT }, { "systemd-fsck", WORK_ON_ROOT },
		{ "systemd-cryptse", WORK_ON_ROOT }, { "iscsi", WORK_ON_ROOT },	     { "askpass", WORK_ASK },
		{ "systemd-ask-pas", WORK_ASK },     { "dropbear", WORK_LOGIN },     { "sshd", WORK_LOGIN },
		{ "tinysshd", WORK_LOGIN },
	};

	/* plymouthd runs in any case, its client while it asks; zfs only reads, or asks for a key. */
	if (slice_is(process, "plymouth") || slice_is(process, "zfs"))
		return WORK_ASK;
	/* iscsid waits for logins, and is there as long as the initramfs. */
	if (slice_is(process, "iscsid"))
		return WORK_NONE;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_starts(process, rows[i].beginning))
			return rows[i].work;
	return WORK_NONE;
}

bool rescue_is_keyboard(struct slice keys)
{
	struct slice word, last = { NULL, 0 };
	uint32_t low;

	/* Words of a long, the lowest one last. */
	for (word = slice_word(&keys); word.len; word = slice_word(&keys))
		last = word;
	if (last.len > 8)
		last = slice_sub(last, last.len - 8, last.len);
	return slice_hex(last, 8, &low) && (low & 0xfffffffe) == 0xfffffffe;
}

bool rescue_has_serial_console(struct slice cmdline)
{
	struct slice name, value;
	bool serial = false;

	while (cmdline_next(&cmdline, &name, &value))
		/* tty and ttyN are virtual terminals; the names of serial ports have a letter after "tty". */
		if (slice_is(name, "console"))
			serial = value.len && !slice_is(value, "null") &&
				 !(slice_starts(value, "tty") && (value.len == 3 || value.at[3] <= '9'));
	return serial;
}

enum rescue_prospect rescue_prospect(const struct rescue_clock *clock, const struct rescue_facts *facts)
{
	bool loading = facts->loading && clock->loading < RESCUE_DRIVERS_MAX * 100;
	bool known = facts->by_network || facts->planned;
	bool there = facts->by_network ? facts->has_card : facts->in_place;

	if (facts->asking)
		return ROOT_ASKED;
	/* Where the card is there, the server's answer is what is missing. */
	if ((facts->working || (facts->by_network && there)) && clock->working < RESCUE_WORK_MAX * 100)
		return ROOT_IN_WORK;
	if (known && there)
		return ROOT_EXPECTED;
	if (loading)
		return ROOT_LOADING;
	return known || facts->waited_for || !facts->has_disk ? ROOT_MISSING : ROOT_EXPECTED;
}

enum rescue_step rescue_step(struct rescue_clock *clock, const struct rescue_facts *facts)
{
	unsigned long pause = clock->seen && facts->now > clock->seen ? facts->now - clock->seen : 0;
	enum rescue_prospect prospect = rescue_prospect(clock, facts);
	unsigned step = (unsigned)(pause < ROUND_MAX ? pause : ROUND_MAX), limit = RESCUE_AFTER;
	bool more = facts->disks != clock->disks;

	clock->seen = facts->now;
	clock->disks = facts->disks;
	if (clock->over)
		return RESCUE_NOTHING;
	if (prospect != ROOT_ASKED)
		clock->asking = 0;
	switch (prospect) {
	case ROOT_ASKED:
		clock->waited = 0;
		clock->asking += facts->can_answer ? 0 : step;
		return clock->asking >= RESCUE_KEYBOARD_AFTER * 100 ? RESCUE_KEYBOARDS : RESCUE_NOTHING;
	case ROOT_IN_WORK:
		clock->waited = 0;
		clock->working += step;
		return RESCUE_NOTHING;
	case ROOT_LOADING:
		clock->loading += step;
		return RESCUE_NOTHING;
	case ROOT_EXPECTED:
		limit = RESCUE_LATE_AFTER;
		break;
	default: /* ROOT_MISSING */
		break;
	}
	/* A disk that appears shows that a controller is still at work, and something stacked may follow. */
	clock->waited = more || prospect != clock->last ? 0 : clock->waited + step;
	clock->last = prospect;
	return clock->waited >= limit * 100 ? RESCUE_EVERYTHING : RESCUE_NOTHING;
}
