/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/hotplug.h"

#include <errno.h>
#include <stdio.h>

#include "base/errno_name.h"
#include "base/paths.h"
#include "boot/binding.h"
#include "boot/report.h"
#include "boot/udev_rules.h"
#include "decide/verify.h"

/* udev ends what it started after 180 s; the rest is for the run itself. */
#define TURN_SECONDS 120

static void report(struct run *s, struct address address)
{
	char mark[sizeof(RUN_HOTPLUG) + 1 + ADDRESS_SIZE];
	struct buffer text = { .bytes = NULL };
	int r;

	run_report_claims(s);
	if (s->decision.matches.n_claims)
		record_add_devices(&text, &s->decision);
	r = record_append(s->sys, &text);
	if (r == 0)
		r = udev_rules_add(s, address);
	/* udev does not start another run for the device unless it goes and comes back. */
	if (r == 0)
		r = s->sys->ops->mkdir(s->sys, RUN_HOTPLUG);
	snprintf(mark, sizeof(mark), RUN_HOTPLUG "/%s", address_name(address).at);
	if (r == 0)
		r = s->sys->ops->replace_file(s->sys, mark, "", 0);
	if (r < 0)
		log_text(&s->log, LEVEL_PROBLEM, "the result for %s could not be written to /" RUN_DIR " (%s)",
			 address_name(address).at, errno_name(r));
	s->end.status = s->not_ready || r < 0;
}

static int run(struct run *s, struct address address)
{
	int r = decision_read(&s->decision);

	s->log.debug |= s->decision.config.settings.debug;
	if (r < 0 || verify_run(&s->decision.config, &s->decision.machine.platform) != V_UNDECIDED)
		return r;
	r = s->sys->ops->lock(s->sys, RUN_LOCK, TURN_SECONDS);
	if (r < 0)
		return r;
	log_debug(&s->log, "called for %s", address_name(address).at);
	s->decision.rescued = system_exists(s->sys, RUN_RESCUED);
	/* The boot's own run has reported what is wrong with the plan; modprobe may do without. */
	r = run_load_plan(s, RUN_PLAN);
	if (r != -ENOMEM)
		r = decision_make_hotplug(&s->decision, address);
	if (r == 0)
		r = run_bind(s);
	/* Even without memory, what was done is reported. */
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
	s->decision.dir = RUN_CONFIG;
	/* Unless the binder ran in this boot there is nothing to go by. */
	if (!system_exists(s->sys, RUN_RECORD))
		return;
	r = run(s, address);
	if (r < 0) {
		log_text(&s->log, LEVEL_PROBLEM, "%s: the run was aborted (%s)", address_name(address).at,
			 errno_name(r));
		s->end.status = 1;
	}
	log_save(&s->log, RUN_LOG);
}
