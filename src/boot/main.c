/* SPDX-License-Identifier: GPL-2.0-or-later */
/* earlybind-boot: the binder. Runs in the initramfs before udev. */
#include <stdio.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/rescue.h"
#include "boot/run.h"

static const char usage[] =
	"Usage: earlybind-boot [--verbose] [--sysroot DIR]\n"
	"                      [--hotplug ADDRESS | --rescue | --rescue-wait | --rescue-cancel]\n"
	"Bind the PCI devices that /etc/earlybind.conf names to VFIO, before their own drivers can.\n"
	"\n"
	"      --hotplug ADDRESS only the device there, which came after this boot's own run: with\n"
	"                     the configuration that run left in /run/earlybind (for udev)\n"
	"  -v, --verbose      print the log to standard output as well\n"
	"      --sysroot DIR  work on the captured machine in DIR; loads no module\n"
	"      --rescue       the initramfs still waits for its root: after 10 s of such calls, one about\n"
	"                     every second, give back what could carry it; 0 if that was done now, else 1\n"
	"      --rescue-wait  the same, and wait\n"
	"      --rescue-cancel   the root is there: give back nothing any more\n"
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
	bool verbose;
	struct address late; /* for bind_late() */
	int (*run)(struct system *sys, const struct request *request);
};

static int finish(struct run *run)
{
	int status = run->end.status;

	run_done(run);
	return status;
}

static int bind_and_report(struct system *sys, const struct request *request)
{
	struct run run = { .sys = sys, .log.echo = request->verbose };

	run_boot(&run);
	return finish(&run);
}

static int bind_late(struct system *sys, const struct request *request)
{
	struct run run = { .sys = sys, .log.echo = request->verbose };

	run_hotplug(&run, request->late);
	return finish(&run);
}

static int rescue(struct system *sys, const struct request *request)
{
	return rescue_round(sys, request->verbose) == RESCUE_DONE ? 0 : 1;
}

static int rescue_and_wait(struct system *sys, const struct request *request)
{
	return rescue_rounds(sys, request->verbose) == RESCUE_DONE ? 0 : 1;
}

static int root_found(struct system *sys, const struct request *request)
{
	(void)request;
	return rescue_cancel(sys) < 0 ? 1 : 0;
}

static int with_system(const struct request *request)
{
	struct system sys;
	int r = system_open(&sys, request->root);

	if (r < 0) {
		fprintf(stderr, "earlybind-boot: cannot open %s: %s\n", request->root, errno_name(r));
		return 2;
	}
	r = request->run(&sys, request);
	system_close(&sys);
	return r;
}

int main(int argc, char **argv)
{
	struct request request = { .root = "/", .run = bind_and_report };

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			request.verbose = true;
		} else if (!strcmp(argv[i], "--sysroot")) {
			if (++i == argc)
				return complain("--sysroot needs", "a directory");
			request.root = argv[i];
		} else if (!strcmp(argv[i], "--hotplug")) {
			if (++i == argc || !address_from_name(slice_of(argv[i]), &request.late))
				return complain("--hotplug needs", "an address such as 0000:01:00.0");
			request.run = bind_late;
		} else if (!strcmp(argv[i], "--rescue")) {
			request.run = rescue;
		} else if (!strcmp(argv[i], "--rescue-wait")) {
			request.run = rescue_and_wait;
		} else if (!strcmp(argv[i], "--rescue-cancel")) {
			request.run = root_found;
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
	return with_system(&request);
}
