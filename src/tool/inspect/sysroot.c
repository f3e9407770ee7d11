/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/sysroot.h"

#include <string.h>

static int close_with_error(struct system *sys, const struct command *command, const char *sysroot, const char *what)
{
	struct linebuf shown;

	linebuf_start(&shown);
	linebuf_add_escaped(&shown, slice_of(sysroot), 256);
	if (sys->root >= 0)
		system_close(sys);
	sys->root = -1;
	return usage_error(command, "--sysroot %s: %s", shown.at, what);
}

int sysroot_open(struct system *sys, const struct command *command, const char *sysroot)
{
	int r = system_open(sys, sysroot);

	if (r == 0)
		return STATUS_FINE;
	sys->root = -1;
	return close_with_error(sys, command, sysroot, strerror(-r));
}

int sysroot_open_system(struct system *sys, const struct command *command, const char *sysroot)
{
	int r = sysroot_open(sys, command, sysroot);

	if (r == STATUS_FINE && !(system_exists(sys, "sys") && system_exists(sys, "proc")))
		return close_with_error(sys, command, sysroot,
					"not a running or captured system: it has no sys or no proc");
	return r;
}

int sysroot_open_machine(struct system *sys, const struct command *command, const char *sysroot)
{
	int r = sysroot_open_system(sys, command, sysroot);

	if (r == STATUS_FINE && !system_exists(sys, "sys/bus/pci/devices"))
		return close_with_error(
			sys, command, sysroot,
			"it has no /sys/bus/pci/devices: the machine has no PCI, or /sys is not mounted");
	return r;
}
