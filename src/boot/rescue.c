/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/rescue.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/paths.h"
#include "boot/rescue_apply.h"
#include "config/cmdline.h"
#include "decide/rescue.h"
#include "machine/enumerate.h"
#include "record/record.h"

#define TURN_SECONDS 20 /* for a late session that is at work; the root is missing all the while */
#define ROUNDS_MAX 900	/* a quarter of an hour: more than any initramfs waits */

/* --- what could be given back --- */

static bool is_candidate(const struct rescue *rescue, struct address address)
{
	for (size_t i = 0; i < rescue->n; i++)
		if (address_compare(rescue->candidates[i].device.address, address) == 0)
			return true;
	return false;
}

static int add_candidate(struct rescue *rescue, struct slice row, bool network_boot)
{
	struct candidate c = { .taken = "" };
	struct slice taken = record_value(row, "taken");
	struct address address;
	struct device *device;
	int r;

	if (!taken.at || !address_from_name(record_value(row, "device"), &address))
		return 0;
	if (slice_is(taken, "bound") && !slice_store(record_value(row, "target"), c.taken, sizeof(c.taken)))
		return 0;
	/* It appeared, went, and came again: the record has a row each time. */
	if (is_candidate(rescue, address))
		return 0;
	r = enumerate_one(rescue->sys, &rescue->machine, address);
	device = machine_device(&rescue->machine, address);
	if (r < 0 || !device || device->error)
		return r;
	refresh_driver(rescue->sys, device);
	c.device = *device;
	c.carrier = rescue_carrier(&device->identity, network_boot);
	/* Somebody else has had his hand on it since, or it carries no root. */
	if (c.carrier == CARRIES_NO_ROOT || strcmp(device->driver, c.taken) != 0)
		return 0;
	r = ARRAY_GROW(rescue->candidates, rescue->n, rescue->room);
	if (r == 0)
		rescue->candidates[rescue->n++] = c;
	return r;
}

/* By the record as it is now; where it cannot be read, what was known before stands. */
static int find_candidates(struct rescue *rescue)
{
	struct slice rest = { NULL, 0 }, row;
	bool network_boot = rescue_network_boot(slice_of(rescue->machine.platform.cmdline));
	char *bytes;
	int r;

	r = rescue->sys->ops->read_all(rescue->sys, RUN_RECORD, RECORD_MAX, &bytes, &rest.len);
	if (r < 0)
		return r;
	rescue->n = 0;
	rest.at = bytes;
	while (r == 0 && record_next(&rest, "device", &row))
		r = add_candidate(rescue, row, network_boot);
	free(bytes);
	return r;
}

/* What was taken, and the settings that this boot has used so far. */
static int rescue_open(struct rescue *rescue, struct system *sys, bool echo)
{
	int r;

	*rescue = (struct rescue){ .sys = sys, .log = { .sys = sys, .echo = echo } };
	config_init(&rescue->config);
	r = read_platform(sys, &rescue->machine);
	r = r < 0 ? r : config_load(&rescue->config, sys, RUN_CONFIG);
	r = r < 0 ? r : config_parse_cmdline(&rescue->config, slice_of(rescue->machine.platform.cmdline));
	return r < 0 ? r : find_candidates(rescue);
}

static void rescue_close(struct rescue *rescue)
{
	free(rescue->candidates);
	log_done(&rescue->log);
	machine_done(&rescue->machine);
	config_done(&rescue->config);
}

/* --- the clock --- */

static unsigned number_of(struct slice line, const char *key)
{
	uint32_t number = 0;

	slice_decimal(record_value(line, key), UINT32_MAX, &number);
	return number;
}

static void load_clock(struct system *sys, struct rescue_clock *clock)
{
	char bytes[128];
	ssize_t n = system_read(sys, bytes, sizeof(bytes), RUN_RESCUE);
	struct slice line = { bytes, n < 0 ? 0 : (size_t)n };

	clock->over = number_of(line, "over") != 0;
	clock->waited = number_of(line, "waited");
	clock->seen = number_of(line, "seen");
	clock->disks = number_of(line, "disks");
}

static int save_clock(struct system *sys, const struct rescue_clock *clock)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "over=%d waited=%u seen=%lu disks=%u\n", clock->over, clock->waited, clock->seen,
		    clock->disks);
	return sys->ops->replace_file(sys, RUN_RESCUE, line.at, line.len);
}

static int end(struct system *sys)
{
	struct rescue_clock clock = { .over = true };

	return save_clock(sys, &clock);
}

/* /proc/uptime begins with seconds and hundredths. */
static unsigned long uptime(struct system *sys)
{
	uint32_t seconds = 0, hundredths = 0;
	struct slice rest, word;
	char bytes[64];

	if (system_read(sys, bytes, sizeof(bytes), "proc/uptime") <= 0)
		return 0;
	rest = slice_of(bytes);
	word = slice_word(&rest);
	slice_decimal(slice_cut(&word, '.'), UINT32_MAX / 100 - 1, &seconds);
	slice_decimal(word, 99, &hundredths);
	return seconds * 100ul + hundredths;
}

static int count_entry(const char *name, void *data)
{
	unsigned *count = data;

	(void)name;
	++*count;
	return 0;
}

/* systemd's way of asking: a file ask.XXXXXX for each question. */
static int is_question(const char *name, void *data)
{
	(void)data;
	return !strncmp(name, "ask.", 4);
}

static bool is_due(struct system *sys, struct rescue_clock *clock)
{
	bool asking = system_for_each_entry(sys, is_question, NULL, "run/systemd/ask-password") > 0;
	unsigned disks = 0;

	system_for_each_entry(sys, count_entry, &disks, "sys/class/block");
	return rescue_is_due(clock, uptime(sys), disks, asking);
}

/* --- the rounds --- */

static int is_card(const char *name, void *data)
{
	return system_exists(data, "sys/class/net/%s/device", name);
}

/* Where the root is on a server, a network card is what there is to wait for. */
static bool is_network_there(struct system *sys, struct slice cmdline)
{
	return rescue_waits_for_network(cmdline) && system_for_each_entry(sys, is_card, sys, "sys/class/net") > 0;
}

static enum rescue_result do_round(struct rescue *rescue)
{
	struct rescue_clock clock;

	load_clock(rescue->sys, &clock);
	if (clock.over || !rescue->n || !rescue->config.settings.rescue || rescue->config.settings.off)
		return RESCUE_OVER;
	if (is_network_there(rescue->sys, slice_of(rescue->machine.platform.cmdline)))
		return RESCUE_OVER;
	if (!is_due(rescue->sys, &clock)) {
		save_clock(rescue->sys, &clock);
		return RESCUE_WAITING;
	}
	/* First, so that nothing can make it happen twice. */
	end(rescue->sys);
	/* What a late session took or wrote meanwhile counts. One that hangs must not keep the root away. */
	rescue->sys->ops->lock(rescue->sys, RUN_LOCK, TURN_SECONDS);
	find_candidates(rescue);
	rescue_apply(rescue);
	return RESCUE_DONE;
}

enum rescue_result rescue_round(struct system *sys, bool echo)
{
	enum rescue_result result = RESCUE_OVER;
	struct rescue rescue;

	if (rescue_open(&rescue, sys, echo) == 0)
		result = do_round(&rescue);
	rescue_close(&rescue);
	return result;
}

enum rescue_result rescue_rounds(struct system *sys, bool echo)
{
	enum rescue_result result = RESCUE_WAITING;

	for (unsigned i = 0; i < ROUNDS_MAX && result == RESCUE_WAITING; i++) {
		if (i)
			sys->ops->sleep_ms(sys, 1000);
		result = rescue_round(sys, echo);
	}
	return result;
}

int rescue_cancel(struct system *sys)
{
	struct machine machine = { .n_devices = 0 };
	int r = read_platform(sys, &machine);

	/* Where systemd waits for no device the target is reached at once, and says nothing. */
	if (r == 0 && rescue_root_is_device(slice_of(machine.platform.cmdline)))
		r = end(sys);
	machine_done(&machine);
	return r;
}
