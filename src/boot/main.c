/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/hotplug.h"
#include "boot/rescue.h"
#include "boot/run.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR]\n"
	"                      [--hotplug ADDRESS | --rescue | --rescue-wait | --rescue-before-mount |\n"
	"                       --rescue-cancel | --rescue-possible]\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO, before any other driver can claim them.\n"
	"\n"
	"      --hotplug ADDRESS  only the device at ADDRESS, which appeared after this boot's own run,\n"
	"                         with the configuration of that run in /run/earlybind (for udev)\n"
	"  -v, --verbose          print the log to standard output as well\n"
	"      --sysroot DIR      work on the captured machine in DIR; load no module\n"
	"      --rescue           the root device is missing: after 10 s of such calls, about one per\n"
	"                         second, restore what could carry it; 0 if that was done now, else 1\n"
	"      --rescue-wait      wait until the root is mounted, and restore likewise if it does not come\n"
	"      --rescue-before-mount\n"
	"                         the same, but only while what the root needs is missing\n"
	"      --rescue-cancel    the root is there: restore nothing from now on\n"
	"      --rescue-possible  0 if a device that could carry the root was taken, else 1\n"
	"      --version          print the version\n"
	"  -h, --help             print this help\n"
	"\n"
	"Exit status: 0 success, 1 something is not as configured (see the log), 2 wrong usage.\n";

enum mode { BOOT, HOTPLUG, RESCUE, RESCUE_WAIT, RESCUE_BEFORE_MOUNT, RESCUE_CANCEL, RESCUE_POSSIBLE };

struct request {
	const char *root;
	bool verbose;
	enum mode mode;
	struct address hotplugged; /* the device of HOTPLUG */
};

static int usage_error(const char *what, const char *word)
{
	fprintf(stderr, "earlybind-boot: %s %s; try --help\n", what, word);
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
				return usage_error("--sysroot needs", "a directory");
			request.root = argv[i];
		} else if (!strcmp(argv[i], "--hotplug")) {
			if (++i == argc || !address_from_name(slice_of(argv[i]), &request.hotplugged))
				return usage_error("--hotplug needs", "an address such as 0000:01:00.0");
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
			puts("earlybind-boot " EARLYBIND_VERSION);
			return 0;
		} else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return 0;
		} else {
			return usage_error("unknown argument", argv[i]);
		}
	}
	r = system_open(&sys, request.root);
	if (r < 0) {
		fprintf(stderr, "earlybind-boot: cannot open %s: %s\n", request.root, errno_name(r));
		return 2;
	}
	r = carry_out(&sys, &request);
	system_close(&sys);
	return r;
}
