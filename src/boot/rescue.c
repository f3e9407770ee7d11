/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/rescue.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/paths.h"
#include "boot/rescue_apply.h"
#include "boot/rescue_facts.h"
#include "config/cmdline.h"
#include "decide/rescue.h"
#include "machine/enumerate.h"
#include "record/record.h"

#define TURN_SECONDS 20	 /* for a hotplug run that holds the lock; the root is missing meanwhile */
#define ROUNDS_MAX 86400 /* a day, for a passphrase */

/* --- what could be restored --- */

static bool is_candidate(const struct rescue *rescue, struct address address)
{
	for (size_t i = 0; i < rescue->n; i++)
		if (address_compare(rescue->candidates[i].device.address, address) == 0)
			return true;
	return false;
}

/*
 * What a slow driver released after its step had timed out is as good as
 * parked, and what was bound then is there once it has a VFIO device node.
 * Until then nothing may touch it.
 */
static bool has_come_through(struct rescue *rescue, const struct device *device, const char *target)
{
	return !device->driver[0] ||
	       (!strcmp(device->driver, target) &&
		system_exists(rescue->sys, "sys/bus/pci/devices/%s/vfio-dev", address_name(device->address).at));
}

static int add_candidate(struct rescue *rescue, struct slice row, bool network_boot)
{
	struct candidate c = { .taken = "" };
	struct slice taken = record_value(row, "taken");
	bool hung = slice_is(record_value(row, "hung"), "yes");
	struct address address;
	struct device *device;
	int r;

	if ((!taken.at && !hung) || !address_from_name(record_value(row, "device"), &address))
		return 0;
	if ((hung || slice_is(taken, "bound")) && !slice_store(record_value(row, "target"), c.taken, sizeof(c.taken)))
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
	if (c.carrier == CARRIES_NO_ROOT)
		return 0;
	if (hung && !has_come_through(rescue, device, c.taken)) {
		rescue->hung++;
		return 0;
	}
	if (hung)
		slice_store(slice_of(device->driver), c.taken, sizeof(c.taken));
	/* Another program has bound it since. */
	if (strcmp(device->driver, c.taken) != 0)
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
	rescue->n = rescue->hung = 0;
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
	char bytes[160];
	ssize_t n = system_read(sys, bytes, sizeof(bytes), RUN_RESCUE);
	struct slice line = { bytes, n < 0 ? 0 : (size_t)n };

	*clock = (struct rescue_clock){
		.over = number_of(line, "over") != 0,
		.seen = number_of(line, "seen"),
		.disks = number_of(line, "disks"),
		.last = number_of(line, "expected") ? ROOT_EXPECTED : ROOT_MISSING,
		.waited = number_of(line, "waited"),
		.loading = number_of(line, "loading"),
		.working = number_of(line, "working"),
		.asking = number_of(line, "asking"),
	};
}

static int save_clock(struct system *sys, const struct rescue_clock *clock)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "over=%d seen=%lu disks=%u expected=%d waited=%u loading=%u working=%u asking=%u\n",
		    clock->over, clock->seen, clock->disks, clock->last == ROOT_EXPECTED, clock->waited, clock->loading,
		    clock->working, clock->asking);
	return sys->ops->replace_file(sys, RUN_RESCUE, line.at, line.len);
}

static int end(struct system *sys)
{
	struct rescue_clock clock = { .over = true };

	return save_clock(sys, &clock);
}

/* --- the rounds --- */

static bool is_wanted(const struct rescue *rescue)
{
	return (rescue->n || rescue->hung) && rescue->config.settings.rescue && !rescue->config.settings.off;
}

static void keep_keyboards(struct rescue *rescue)
{
	size_t n = 0;

	for (size_t i = 0; i < rescue->n; i++)
		if (rescue_carries_keyboard(&rescue->candidates[i].device.identity))
			rescue->candidates[n++] = rescue->candidates[i];
	rescue->n = n;
}

/* Who calls for a round. */
enum caller {
	CALLER_MISSES_DEVICE,
	CALLER_WAITS,
	CALLER_IS_TO_MOUNT,
};

static enum rescue_result do_round(struct rescue *rescue, enum caller caller)
{
	struct rescue_facts facts;
	struct rescue_clock clock;
	enum rescue_step step;
	enum rescue_reason reason;

	load_clock(rescue->sys, &clock);
	if (clock.over || !is_wanted(rescue))
		return RESCUE_OVER;
	rescue_read_facts(rescue, caller == CALLER_MISSES_DEVICE, &facts);
	if (facts.mounted)
		return RESCUE_OVER;
	step = rescue_step(&clock, &facts);
	save_clock(rescue->sys, &clock);
	if (step == RESCUE_KEYBOARDS)
		keep_keyboards(rescue);
	if (step == RESCUE_NOTHING || !rescue->n) {
		enum rescue_prospect prospect = rescue_prospect(&clock, &facts);

		return caller == CALLER_IS_TO_MOUNT && prospect != ROOT_MISSING && prospect != ROOT_LOADING
			       ? RESCUE_OVER
			       : RESCUE_WAITING;
	}
	reason = step == RESCUE_KEYBOARDS      ? RESCUED_KEYBOARD
		 : clock.last == ROOT_EXPECTED ? RESCUED_ROOT_LATE
					       : RESCUED_ROOT_MISSING;
	/* First, so that nothing can make it happen twice. */
	if (step == RESCUE_EVERYTHING && !rescue->hung)
		end(rescue->sys);
	/* What a hotplug run took or wrote meanwhile counts. One that hangs must not keep the root away. */
	rescue->sys->ops->lock(rescue->sys, RUN_LOCK, TURN_SECONDS);
	find_candidates(rescue);
	if (step == RESCUE_KEYBOARDS)
		keep_keyboards(rescue);
	rescue_apply(rescue, reason);
	return RESCUE_DONE;
}

static enum rescue_result round_for(struct system *sys, bool echo, enum caller caller)
{
	enum rescue_result result = RESCUE_OVER;
	struct rescue rescue;

	if (rescue_open(&rescue, sys, echo) == 0)
		result = do_round(&rescue, caller);
	rescue_close(&rescue);
	return result;
}

static enum rescue_result rounds_for(struct system *sys, bool echo, enum caller caller)
{
	enum rescue_result result = RESCUE_WAITING;

	for (unsigned i = 0; i < ROUNDS_MAX && result == RESCUE_WAITING; i++) {
		if (i)
			sys->ops->sleep_ms(sys, 1000);
		result = round_for(sys, echo, caller);
	}
	return result;
}

enum rescue_result rescue_round(struct system *sys, bool echo)
{
	return round_for(sys, echo, CALLER_MISSES_DEVICE);
}

enum rescue_result rescue_rounds(struct system *sys, bool echo)
{
	return rounds_for(sys, echo, CALLER_WAITS);
}

enum rescue_result rescue_before_mount(struct system *sys, bool echo)
{
	return rounds_for(sys, echo, CALLER_IS_TO_MOUNT);
}

bool rescue_is_possible(struct system *sys)
{
	struct rescue rescue;
	bool possible = rescue_open(&rescue, sys, false) == 0 && is_wanted(&rescue);

	rescue_close(&rescue);
	return possible;
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
