/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A late session: udev calls the binder for one device that came after it had
 * run. Several may be called at once, when a card gets its virtual functions;
 * they take turns, so that no two of them write one device's override or open
 * one group.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "boot/run.h"
#include "decide/verify.h"

/* udev ends what it called after 180 s; the rest is for the session itself. */
#define TURN_SECONDS 120

static int read_plan(struct run *s)
{
	char *bytes = NULL;
	size_t len;
	int r = run_read_plan(s, RUN_PLAN, &bytes, &len);

	free(bytes);
	/* The boot's own run has said what is wrong with it; modprobe may do without. */
	return r == -ENOMEM ? r : 0;
}

/* The device is not called for again unless it goes and comes back. */
static int mark_done(struct run *s, struct address address)
{
	char path[sizeof(HOTPLUG_DIR) + 1 + ADDRESS_SIZE];
	int r = s->sys->ops->mkdir(s->sys, HOTPLUG_DIR);

	snprintf(path, sizeof(path), HOTPLUG_DIR "/%s", address_name(address).at);
	return r < 0 ? r : s->sys->ops->replace_file(s->sys, path, "", 0);
}

static void report(struct run *s, struct address address)
{
	struct record_text text = { 0 };
	int r;

	run_report_claims(s);
	if (s->decision.matches.n_claims)
		record_add_devices(&text, &s->decision);
	r = record_append(s->sys, &text);
	if (r == 0)
		r = udev_rules_add(s, address);
	if (r == 0)
		r = mark_done(s, address);
	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM, "the result for %s could not be written to /" RUN_DIR " (%s)",
			 address_name(address).at, errno_name(r));
	s->end.status = s->not_ready || r < 0;
}

static int do_hotplug(struct run *s, struct address address)
{
	int r = decision_read(&s->decision);

	s->log.debug |= s->decision.config.settings.debug;
	if (r < 0 || verify_run(&s->decision.config, &s->decision.machine.platform) != V_UNDECIDED)
		return r;
	r = s->sys->ops->lock(s->sys, RUN_DIR "/lock", TURN_SECONDS);
	if (r < 0)
		return r;
	log_debug(&s->log, "called for %s", address_name(address).at);
	s->decision.rescued = system_exists(s->sys, RESCUED_FILE);
	r = read_plan(s);
	if (r == 0)
		r = decision_make_hotplug(&s->decision, address);
	if (r == 0)
		r = run_bind(s);
	/* Also when memory ran out: what was done has to be told. */
	if (r < 0)
		matches_give_up(&s->decision.matches);
	report(s, address);
	return r;
}

void run_hotplug(struct run *s, struct address address)
{
	int r;

	s->log.sys = s->sys;
	s->hotplug = true;
	decision_init(&s->decision, s->sys);
	s->decision.dir = RUN_DIR "/etc";
	/* Where the binder did not run there is nothing to go by. */
	if (!system_exists(s->sys, RUN_DIR "/record"))
		return;
	r = do_hotplug(s, address);
	if (r < 0) {
		log_text(&s->log, LEVEL_PROBLEM, "%s: the run was aborted (%s)", address_name(address).at,
			 errno_name(r));
		s->end.status = 1;
	}
	log_save(&s->log, RUN_DIR "/log");
}
