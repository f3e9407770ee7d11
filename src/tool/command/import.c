/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `earlybind import`: the devices that other tools bind to VFIO, as lines for
 * earlybind.conf. Prints the lines and nothing else on standard output.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool/command/command.h"
#include "tool/host/needs.h"
#include "tool/import/import.h"
#include "tool/plan/builder.h"

static const char help[] = "Usage: earlybind import [OPTION]... [FILE]...\n"
			   "\n"
			   "Print lines for /etc/earlybind.conf for the devices that other tools bind to\n"
			   "VFIO on this system: vfio-pci's ids= in modprobe.d and on the kernel command\n"
			   "line, rd.qubes.hide_pci=, /etc/driverctl.d and /boot/config/vfio-pci.cfg\n"
			   "(Unraid). With FILE, read only those: one of the above, or one address a line\n"
			   "(TrueNAS). Settings without an equivalent are reported on standard error.\n"
			   "\n"
			   "  --sysroot DIR      inspect the system in DIR instead of this one\n"
			   "  --help             print this help\n"
			   "\n"
			   "Exit status: 0 every setting was converted, 1 a setting is unreadable, has no\n"
			   "equivalent, or names a device that the host needs, 2 wrong usage.\n";

static int run(const struct command *command, struct import *import, int n_files, char **files)
{
	struct host_needs needs;
	int r = host_devices_open(&import->devices, command, import->sysroot);

	if (r != STATUS_FINE)
		return r;
	r = host_needs_find(&import->devices.sys, false, &needs);
	r = r < 0 ? r : plan_fill_needs(&needs, &import->plan);
	host_needs_done(&needs);
	if (r < 0)
		return r;
	if (!n_files)
		r = import_system(import);
	for (int i = 0; i < n_files && r == 0; i++)
		r = import_file(import, files[i]);
	if (r < 0)
		return r;
	if (import->n_lines && import->n_remove) {
		puts("\n# Before the first boot with earlybind, remove what binds these devices now:");
		for (size_t i = 0; i < import->n_remove; i++)
			printf("#   %s\n", import->remove[i]);
	}
	return import->problem ? STATUS_PROBLEM : STATUS_FINE;
}

static int import_main(const struct command *command, int argc, char **argv)
{
	struct import import = { .sysroot = "/" };
	int r;

	if (!sysroot_option(command, argc, argv, &import.sysroot, &r))
		return r;
	r = run(command, &import, argc - optind, argv + optind);
	for (size_t i = 0; i < import.n_lines; i++)
		free(import.lines[i]);
	for (size_t i = 0; i < import.n_remove; i++)
		free(import.remove[i]);
	free(import.lines);
	free(import.remove);
	plan_done(&import.plan);
	host_devices_close(&import.devices);
	return r;
}

const struct command command_import = {
	.name = "import",
	.does = "print lines for the devices that other tools bind to VFIO",
	.help = help,
	.run = import_main,
};
