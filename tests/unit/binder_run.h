/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of the binder on a fake machine, and what they must leave in its files. */
#ifndef EARLYBIND_TESTS_BINDER_RUN_H
#define EARLYBIND_TESTS_BINDER_RUN_H

#include "unit.h"

#include "boot/hotplug.h"
#include "boot/run.h"
#include "fake_kernel.h"

#define LOG "run/earlybind/log"
#define RECORD "run/earlybind/record"

/* The boot's own run with CONFIG as its main file, or with what is there if NULL; the exit status. */
static inline int run_binder(struct fake *fake, const char *config)
{
	struct run run = { .sys = &fake->sys };
	int status;

	if (config)
		fake_file(fake, "etc/earlybind.conf", config);
	run_boot(&run);
	status = run.end.status;
	run_done(&run);
	return status;
}

static inline void must_have(struct fake *fake, const char *file, const char *text)
{
	if (!strstr(fake_read(fake, file), text))
		fail_msg("not in %s: %s\n%s", file, text, fake_read(fake, file));
}

static inline void must_not_have(struct fake *fake, const char *file, const char *text)
{
	if (strstr(fake_read(fake, file), text))
		fail_msg("in %s: %s\n%s", file, text, fake_read(fake, file));
}

#endif
