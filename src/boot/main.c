/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/session.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR]\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO, before their own drivers can.\n"
	"\n"
	"  -v, --verbose      print the log to standard output as well\n"
	"      --sysroot DIR  work on the captured machine in DIR; loads no module\n"
	"      --version      print the version\n"
	"  -h, --help         print this help\n"
	"\n"
	"Exit status: 0 all is as asked for, 1 something is not (the log says what), 2 wrong usage.\n";

static int complain(const char *what, const char *word)
{
	fprintf(stderr, "earlybind-boot: %s %s; try --help\n", what, word);
	return 2;
}

static int bind_and_report(const char *root, bool verbose)
{
	struct session session;
	struct door door;
	int r = door_open(&door, root);

	if (r < 0) {
		fprintf(stderr, "earlybind-boot: cannot open %s: %s\n", root, errno_name(r));
		return 2;
	}
	memset(&session, 0, sizeof(session));
	session.door = &door;
	session.log.echo = verbose;
	session_run(&session);
	r = session.status;
	session_done(&session);
	door_close(&door);
	return r;
}

int main(int argc, char **argv)
{
	const char *root = "/";
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			verbose = true;
		} else if (!strcmp(argv[i], "--sysroot")) {
			if (++i == argc)
				return complain("--sysroot needs", "a folder");
			root = argv[i];
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
	return bind_and_report(root, verbose);
}
