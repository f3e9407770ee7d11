/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_name.h"
#include "base/print.h"
#include "boot/hotplug.h"
#include "boot/rescue.h"
#include "boot/run.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR]\n"
	"                      [--hotplug ADDRESS | --rescue | --rescue-wait | --rescue-before-mount |\n"
	"                       --rescue-cancel | --rescue-possible]\n"
	"       earlybind-boot --version | --help\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO. See earlybind-boot(8).\n";

enum mode { BOOT, HOTPLUG, RESCUE, RESCUE_WAIT, RESCUE_BEFORE_MOUNT, RESCUE_CANCEL, RESCUE_POSSIBLE };

struct request {
	const char *root;
	bool verbose;
	enum mode mode;
	struct address hotplugged; /* the device of HOTPLUG */
};

static int __attribute__((format(printf, 1, 2))) error(const char *format, ...)
{
	char line[SYSTEM_PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	print_text(STDERR_FILENO, "earlybind-boot: ");
	print_text(STDERR_FILENO, line);
	print_text(STDERR_FILENO, "\n");
	return 2;
}

static int carry_out(struct system *sys, const struct request *request)
{
	struct run run = { .sys = sys, .log.echo = request->verbose };
	int status;

	switch (request->mode) {
	case RESCUE:
		return rescue_round(sys, request->verbose) != RESCUE_DONE;
	case RESCUE_WAIT:
		return rescue_rounds(sys, request->verbose) != RESCUE_DONE;
	case RESCUE_BEFORE_MOUNT:
		return rescue_before_mount(sys, request->verbose) != RESCUE_DONE;
	case RESCUE_POSSIBLE:
		return !rescue_is_possible(sys);
	case RESCUE_CANCEL:
		return rescue_cancel(sys) < 0;
	case HOTPLUG:
		run_hotplug(&run, request->hotplugged);
		break;
	default:
		run_boot(&run);
	}
	status = run.end.status;
	run_done(&run);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = { .root = "/" };
	struct system sys;
	int r;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			request.verbose = true;
		} else if (!strcmp(argv[i], "--sysroot")) {
			if (++i == argc)
				return error("option --sysroot requires a directory");
			request.root = argv[i];
		} else if (!strcmp(argv[i], "--hotplug")) {
			if (++i == argc || !address_from_name(slice_of(argv[i]), &request.hotplugged))
				return error("option --hotplug requires an address such as 0000:01:00.0");
			request.mode = HOTPLUG;
		} else if (!strcmp(argv[i], "--rescue")) {
			request.mode = RESCUE;
		} else if (!strcmp(argv[i], "--rescue-wait")) {
			request.mode = RESCUE_WAIT;
		} else if (!strcmp(argv[i], "--rescue-before-mount")) {
			request.mode = RESCUE_BEFORE_MOUNT;
		} else if (!strcmp(argv[i], "--rescue-cancel")) {
			request.mode = RESCUE_CANCEL;
		} else if (!strcmp(argv[i], "--rescue-possible")) {
			request.mode = RESCUE_POSSIBLE;
		} else if (!strcmp(argv[i], "--version")) {
			print_text(STDOUT_FILENO, "earlybind-boot " EARLYBIND_VERSION "\n");
			return 0;
		} else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			print_text(STDOUT_FILENO, usage);
			return 0;
		} else {
			return error("unknown argument %s; try --help", argv[i]);
		}
	}
	r = system_open(&sys, request.root);
	if (r < 0) {
		return error("cannot open %s: %s", request.root, errno_name(r));
	}
	r = carry_out(&sys, &request);
	system_close(&sys);
	return r;
}
