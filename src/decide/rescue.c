/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/rescue.h"

#include "base/array.h"
#include "config/cmdline.h"

/* Rounds come about once a second; the rest of a longer pause was no waiting for the root. */
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

bool rescue_root_is_device(struct slice cmdline)
{
	static const char *const devices[] = { "/dev/", "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=" };
	struct slice root = cmdline_value(cmdline, "root");

	return starts_with_one(root, devices, COUNT_OF(devices)) && !slice_is(root, "/dev/nfs");
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

/*
 * The root is missing, and not only slow, if nothing happens for a number of
 * rounds. While a passphrase is typed the encrypted disk is there: if programs
 * ask by systemd's files, ASKING restarts the count; if the prompt delays the
 * rounds themselves (initramfs-tools, dracut without systemd), the time it takes
 * is one round. A disk that appears restarts the count, too: a controller is
 * still at work, and more may follow.
 */
bool rescue_is_due(struct rescue_clock *clock, unsigned long now, unsigned disks, bool asking)
{
	unsigned long pause = clock->seen && now > clock->seen ? now - clock->seen : 0;

	if (clock->over)
		return false;
	clock->waited = asking || disks != clock->disks ? 0 : clock->waited + (pause < ROUND_MAX ? pause : ROUND_MAX);
	clock->seen = now;
	clock->disks = disks;
	return clock->waited >= RESCUE_AFTER * 100;
}
