/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/session.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR] [--late ADDRESS]\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO, before their own drivers can.\n"
	"\n"
	"      --late ADDRESS only the device there, which came after this boot's own run: with\n"
	"                     the configuration that run left in /run/earlybind (for udev)\n"
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

/* What is asked for on the command line. */
struct request {
	const char *root;
	bool verbose, late;
	struct address address; /* with LATE */
};

static int bind_and_report(const struct request *request)
{
	struct session session;
	struct door door;
	int r = door_open(&door, request->root);

	if (r < 0) {
		fprintf(stderr, "earlybind-boot: cannot open %s: %s\n", request->root, errno_name(r));
		return 2;
	}
	memset(&session, 0, sizeof(session));
	session.door = &door;
	session.log.echo = request->verbose;
	if (request->late)
		session_run_late(&session, request->address);
	else
		session_run(&session);
	r = session.status;
	session_done(&session);
	door_close(&door);
	return r;
}

int main(int argc, char **argv)
{
	struct request request = { .root = "/" };

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			request.verbose = true;
		} else if (!strcmp(argv[i], "--sysroot")) {
			if (++i == argc)
				return complain("--sysroot needs", "a folder");
			request.root = argv[i];
		} else if (!strcmp(argv[i], "--late")) {
			if (++i == argc || !address_from_name(text_of(argv[i]), &request.address))
				return complain("--late needs", "an address such as 0000:01:00.0");
			request.late = true;
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
	return bind_and_report(&request);
}
