/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/sysroot.h"

#include <string.h>

static int complain(struct door *door, const struct command *command, const char *sysroot, const char *what)
{
	struct line shown;

	line_start(&shown);
	line_add_escaped(&shown, text_of(sysroot), 256);
	if (door->root >= 0)
		door_close(door);
	door->root = -1;
	return usage_error(command, "--sysroot %s: %s", shown.at, what);
}

int sysroot_open(struct door *door, const struct command *command, const char *sysroot)
{
	int r = door_open(door, sysroot);

	if (r == 0)
		return STATUS_FINE;
	door->root = -1;
	return complain(door, command, sysroot, strerror(-r));
}

int sysroot_open_system(struct door *door, const struct command *command, const char *sysroot)
{
	int r = sysroot_open(door, command, sysroot);

	if (r == STATUS_FINE && !(door_exists(door, "sys") && door_exists(door, "proc")))
		return complain(door, command, sysroot, "there is no system in it: no sys or no proc");
	return r;
}

int sysroot_open_machine(struct door *door, const struct command *command, const char *sysroot)
{
	int r = sysroot_open_system(door, command, sysroot);

	if (r == STATUS_FINE && !door_exists(door, "sys/bus/pci/devices"))
		return complain(door, command, sysroot,
				"there is no /sys/bus/pci/devices in it, so it is no machine with PCI, or /sys is not mounted");
	return r;
}
