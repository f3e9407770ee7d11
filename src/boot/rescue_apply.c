/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/rescue_apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "bind/bind.h"
#include "boot/run.h"
#include "machine/enumerate.h"
#include "report/record_read.h"

/* --- giving back --- */

static int give_back(struct rescue *rescue)
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
			.driver = rescue->candidates[i].previous_driver,
			.restore = RESTORE_LOAD_NATIVE,
		};
	if (r == 0)
		bind_restore(&work);
	work_done(&work);
	return r;
}

/* --- the log --- */

static void log_candidate(struct rescue *rescue, const struct candidate *c)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s %04x:%04x %s: ", address_name(c->device.address).at, c->device.identity.vendor,
		    c->device.identity.device, verdict_word(V_RESCUED));
	linebuf_add(&line, "no root device within %d s, and %s could carry it: ", RESCUE_AFTER,
		    rescue_carrier_name(c->carrier));
	if (c->device.driver[0] && !strcmp(c->device.driver, c->previous_driver)) {
		linebuf_add_escaped(&line, slice_of(c->previous_driver), DRIVER_SIZE);
		linebuf_add(&line, " did not release the device");
	} else if (c->device.driver[0]) {
		linebuf_add(&line, "restored to ");
		linebuf_add_escaped(&line, slice_of(c->device.driver), DRIVER_SIZE);
	} else {
		linebuf_add(&line, "released, no driver has it yet");
	}
	linebuf_add(&line, "; %s", verdict_remedy(V_RESCUED));
	log_line(&rescue->log, verdict_level(V_RESCUED), &line);
}

/* --- the record --- */

static const struct candidate *find(const struct rescue *rescue, struct slice name)
{
	struct address address;

	for (size_t i = 0; address_from_name(name, &address) && i < rescue->n; i++)
		if (address_compare(rescue->candidates[i].device.address, address) == 0)
			return &rescue->candidates[i];
	return NULL;
}

/* The line of a device with another verdict and driver; its other words stay. */
static void rewrite_device(struct linebuf *to, struct slice line, const struct candidate *c)
{
	const char *between = "";
	struct slice word;

	while ((word = slice_word(&line)).len) {
		linebuf_add(to, "%s", between);
		if (slice_starts(word, "verdict="))
			linebuf_add(to, "verdict=%s", verdict_word(V_RESCUED));
		else if (slice_starts(word, "driver="))
			linebuf_add(to, "driver=%s", c->device.driver);
		else
			linebuf_add(to, "%.*s", SLICE_ARGS(word));
		between = " ";
	}
}

/* The record with what has changed, at TO, which has room enough; its length. */
static size_t rewrite_record(const struct rescue *rescue, char *to)
{
	struct slice rest = { rescue->record, rescue->record_len };
	size_t len = 0;

	while (rest.len) {
		struct slice text = slice_cut(&rest, '\n');
		const struct candidate *c = find(rescue, record_value(text, "device"));
		struct linebuf line;

		if (find(rescue, record_value(text, "taken")))
			continue;
		if (c) {
			linebuf_start(&line);
			rewrite_device(&line, text, c);
			text = (struct slice){ line.at, line.len };
		}
		memcpy(to + len, text.at, text.len);
		len += text.len;
		to[len++] = '\n';
	}
	return len;
}

static int save_record(struct rescue *rescue)
{
	char *bytes = malloc(rescue->record_len + rescue->n * sizeof(struct linebuf) + 1);
	int r = -ENOMEM;

	if (bytes)
		r = rescue->sys->ops->replace_file(rescue->sys, RUN_DIR "/record", bytes,
						   rewrite_record(rescue, bytes));
	free(bytes);
	return r;
}

void rescue_apply(struct rescue *rescue)
{
	/* First: udev calls late sessions for what the devices make appear as soon as they are back. */
	int marked = rescue->sys->ops->replace_file(rescue->sys, RESCUED_FILE, "", 0);
	int r = give_back(rescue);

	r = r < 0 ? r : marked;
	for (size_t i = 0; i < rescue->n; i++) {
		refresh_driver(rescue->sys, &rescue->candidates[i].device);
		log_candidate(rescue, &rescue->candidates[i]);
	}
	r = r < 0 ? r : save_record(rescue);
	if (r < 0)
		log_text(&rescue->log, LEVEL_PROBLEM, "the rescue is not complete (%s)", errno_name(r));
	log_save(&rescue->log, RUN_DIR "/log");
}
