/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot/rescue_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "machine/enumerate.h"

#define MOUNTS_MAX (256 * 1024)

struct looked {
	struct system *sys;
	struct rescue_facts *facts;
};

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

/* At the places of initramfs-tools, dracut and mkinitcpio. run-init takes /proc along, and what it leaves is no boot.
 */
static bool is_mounted(struct system *sys)
{
	static const char *const places[] = { "/root", "/sysroot", "/new_root" };
	struct slice rest, line;
	bool found = false;
	char *bytes;
	size_t len;

	if (sys->ops->read_all(sys, "proc/mounts", MOUNTS_MAX, &bytes, &len) < 0)
		return true;
	for (rest = (struct slice){ bytes, len }; rest.len && !found;) {
		line = slice_cut(&rest, '\n');
		slice_word(&line);
		line = slice_word(&line);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			found |= slice_is(line, places[i]);
	}
	free(bytes);
	return found;
}

static int look_at_disk(const char *name, void *data)
{
	struct looked *looked = data;

	looked->facts->disks++;
	/* A partition, and what lies above a disk, has no such link. */
	looked->facts->has_disk = looked->facts->has_disk ||
				  system_exists(looked->sys, "sys/class/block/%s/device", name);
	return 0;
}

static int is_card(const char *name, void *data)
{
	return system_exists(data, "sys/class/net/%s/device", name);
}

static int look_at_input(const char *name, void *data)
{
	struct looked *looked = data;
	char keys[256];

	return !strncmp(name, "input", 5) &&
	       system_read(looked->sys, keys, sizeof(keys), "sys/class/input/%s/capabilities/key", name) > 0 &&
	       rescue_is_keyboard(slice_of(keys));
}

static int look_at_process(const char *name, void *data)
{
	struct looked *looked = data;
	char command[32];

	if (name[0] < '0' || name[0] > '9' ||
	    system_read(looked->sys, command, sizeof(command), "proc/%s/comm", name) <= 0)
		return 0;
	switch (rescue_work_of(slice_trim(slice_of(command)))) {
	case WORK_ON_ROOT:
		looked->facts->working = true;
		break;
	case WORK_ASK:
		looked->facts->asking = true;
		break;
	case WORK_LOGIN:
		looked->facts->can_answer = true;
		break;
	case WORK_NONE:
		break;
	}
	return 0;
}

/* systemd's way of asking: a file ask.XXXXXX for each question. */
static int is_question(const char *name, void *data)
{
	(void)data;
	return !strncmp(name, "ask.", 4);
}

static bool is_candidate(const struct rescue *rescue, struct address address)
{
	for (size_t i = 0; i < rescue->n; i++)
		if (address_compare(rescue->candidates[i].device.address, address) == 0)
			return true;
	return false;
}

static void look_at_plan(struct rescue *rescue, struct rescue_facts *facts)
{
	struct plan plan = { .n_modules = 0 };
	char *bytes;
	size_t len;

	if (rescue->sys->ops->read_all(rescue->sys, RUN_PLAN, PLAN_FILE_MAX, &bytes, &len) < 0)
		return;
	facts->in_place = plan_parse(&plan, (struct slice){ bytes, len }) == 0;
	for (size_t i = 0; i < plan.n_needs; i++) {
		const struct plan_need *need = &plan.needs[i];
		struct device *device;

		if (need->kind != NEED_ROOT)
			continue;
		facts->planned = true;
		if (enumerate_one(rescue->sys, &rescue->machine, need->address) < 0)
			break;
		device = machine_device(&rescue->machine, need->address);
		if (device)
			refresh_driver(rescue->sys, device);
		facts->in_place = facts->in_place && device && id_pattern_fits(&need->id, &device->identity) &&
				  device->driver[0] && !is_candidate(rescue, need->address);
	}
	plan_done(&plan);
	free(bytes);
}

void rescue_read_facts(struct rescue *rescue, bool waited_for, struct rescue_facts *ret)
{
	struct slice cmdline = slice_of(rescue->machine.platform.cmdline);
	struct looked looked = { rescue->sys, ret };
	struct system *sys = rescue->sys;
	char root[SYSTEM_PATH_MAX];

	*ret = (struct rescue_facts){
		.now = uptime(sys),
		.mounted = is_mounted(sys),
		.waited_for = waited_for ||
			      (rescue_root_path(cmdline, root, sizeof(root)) && !system_exists(sys, "%s", root)),
		.by_network = rescue_waits_for_network(cmdline),
		.has_card = system_for_each_entry(sys, is_card, sys, "sys/class/net") > 0,
		.loading = system_exists(sys, "run/udev/queue"),
		.asking = system_for_each_entry(sys, is_question, NULL, "run/systemd/ask-password") > 0,
		.can_answer = rescue_has_serial_console(cmdline) ||
			      system_for_each_entry(sys, look_at_input, &looked, "sys/class/input") > 0,
	};
	system_for_each_entry(sys, look_at_disk, &looked, "sys/class/block");
	system_for_each_entry(sys, look_at_process, &looked, "proc");
	look_at_plan(rescue, ret);
}
