/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/rescue.h"
#include "boot/session.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR] [--rescue | --rescue-wait | --root-found]\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO, before their own drivers can.\n"
	"\n"
	"  -v, --verbose      print the log to standard output as well\n"
	"      --sysroot DIR  work on the captured machine in DIR; loads no module\n"
	"      --rescue       the initramfs still waits for its root: after 10 s of such calls, one about\n"
	"                     every second, give back what could carry it; 0 if that was done now, else 1\n"
	"      --rescue-wait  the same, and wait\n"
	"      --root-found   the root is there: give back nothing any more\n"
	"      --version      print the version\n"
	"  -h, --help         print this help\n"
	"\n"
	"Exit status: 0 all is as asked for, 1 something is not (the log says what), 2 wrong usage.\n";

static int complain(const char *what, const char *word)
{
	fprintf(stderr, "earlybind-boot: %s %s; try --help\n", what, word);
	return 2;
}

static int bind_and_report(struct door *door, bool verbose)
{
	struct session session;
	int status;

	memset(&session, 0, sizeof(session));
	session.door = door;
	session.log.echo = verbose;
	session_run(&session);
	status = session.status;
	session_done(&session);
	return status;
}

static int rescue(struct door *door, bool verbose)
{
	return rescue_round(door, verbose) == RESCUE_DONE ? 0 : 1;
}

static int rescue_and_wait(struct door *door, bool verbose)
{
	return rescue_rounds(door, verbose) == RESCUE_DONE ? 0 : 1;
}

static int root_found(struct door *door, bool verbose)
{
	(void)verbose;
	return rescue_end(door) < 0 ? 1 : 0;
}

static int with_door(const char *root, bool verbose, int (*run)(struct door *door, bool verbose))
{
	struct door door;
	int r = door_open(&door, root);

	if (r < 0) {
		fprintf(stderr, "earlybind-boot: cannot open %s: %s\n", root, errno_name(r));
		return 2;
	}
	r = run(&door, verbose);
	door_close(&door);
	return r;
}

int main(int argc, char **argv)
{
	int (*run)(struct door *door, bool verbose) = bind_and_report;
	const char *root = "/";
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			verbose = true;
		} else if (!strcmp(argv[i], "--sysroot")) {
			if (++i == argc)
				return complain("--sysroot needs", "a folder");
			root = argv[i];
		} else if (!strcmp(argv[i], "--rescue")) {
			run = rescue;
		} else if (!strcmp(argv[i], "--rescue-wait")) {
			run = rescue_and_wait;
		} else if (!strcmp(argv[i], "--root-found")) {
			run = root_found;
		} else if (!strcmp(argv[i], "--version")) {
			puts("earlybind-boot " EARLYBIND_VERSION);
			return 0;
		} else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return 0;
		} else {
			return complain("unknown argument", argv[i]);
		}
	}
	return with_door(root, verbose, run);
}
