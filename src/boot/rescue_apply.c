/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/rescue_apply.h"

#include "base/errno_name.h"
#include "base/paths.h"
#include "bind/bind.h"
#include "machine/enumerate.h"
#include "record/record.h"
#include "report/message.h"

/* --- giving back --- */

static int restore(struct rescue *rescue)
{
	static const struct plan no_plan = { .n_modules = 0 };
	struct work work = {
		.sys = rescue->sys,
		.release = rescue->machine.platform.release,
		.cmdline = slice_of(rescue->machine.platform.cmdline),
		.timeout = rescue->config.settings.timeout,
	};
	int r = work_init(&work, rescue->n, &no_plan);

	for (size_t i = 0; r == 0 && i < rescue->n; i++)
		work.bindings[work.n_bindings++] = (struct binding){
			.address = rescue->candidates[i].device.address,
			.driver = rescue->candidates[i].taken,
			.restore = RESTORE_LOAD_NATIVE,
		};
	if (r == 0)
		bind_restore(&work);
	work_done(&work);
	return r;
}

/* --- the log and the record --- */

static void log_candidate(struct rescue *rescue, const struct candidate *c, enum rescue_reason reason)
{
	struct linebuf line;

	linebuf_start(&line);
	message_rescued(&c->device, c->taken, c->carrier, reason, &line);
	log_line(&rescue->log, verdict_level(V_RESCUED), &line);
}

void rescue_apply(struct rescue *rescue, enum rescue_reason reason)
{
	/* First: udev starts hotplug runs for what the devices make appear as soon as they are restored. */
	int marked = reason == RESCUED_KEYBOARD ? 0 : rescue->sys->ops->replace_file(rescue->sys, RUN_RESCUED, "", 0);
	int r = restore(rescue), recorded;
	struct buffer text = { .bytes = NULL };

	r = r < 0 ? r : marked;
	for (size_t i = 0; i < rescue->n; i++) {
		struct device *device = &rescue->candidates[i].device;

		refresh_driver(rescue->sys, device);
		log_candidate(rescue, &rescue->candidates[i], reason);
		record_add_rescued(&text, device->address, device->driver, reason);
	}
	recorded = record_append(rescue->sys, &text);
	r = r < 0 ? r : recorded;
	if (r < 0)
		log_text(&rescue->log, LEVEL_PROBLEM, "the rescue is not complete (%s)", errno_name(r));
	log_save(&rescue->log, RUN_LOG);
}
