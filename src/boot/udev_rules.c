/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In udev's own language, so that no process is started for a device that no
 * line names, nor for one that was there when the binder ran. The installed
 * rule, 75-earlybind.rules, acts on what these find.
 *
 * A neighbour that `group` brings along is named by no line. One that was there
 * is known by its address, for when it leaves the bus and returns; a new one by
 * the group that it comes into, which the kernel has made before it announces
 * the device; where groups come late there is none yet.
 *
 * They may match too much; the binder itself decides. Of what a person wrote
 * only numbers become part of them.
 */
#include "boot/udev_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "decide/verify.h"

#define RULES_DIR "run/udev/rules.d"
#define RULES_NAME RULES_DIR "/74-earlybind-named"
#define RULES_FILE RULES_NAME ".rules"

static const char head[] = "SUBSYSTEM!=\"pci\", GOTO=\"earlybind_named_end\"\n"
			   "ACTION!=\"add\", GOTO=\"earlybind_named_end\"\n";
static const char tail[] = "LABEL=\"earlybind_named_end\"\n";

static void add_text(struct buffer *rules, const char *text)
{
	buffer_add(rules, text, strlen(text));
}

/* --- a selector as a pattern of udev's, in which * matches slashes too --- */

static void add_function(struct linebuf *line, unsigned device, unsigned function, bool any)
{
	if (any)
		linebuf_add(line, "%02x.[0-7]", device);
	else
		linebuf_add(line, "%02x.%x", device, function);
}

static void address_pattern(struct linebuf *line, const struct selector *s)
{
	linebuf_add(line, "KERNEL==\"%04x:%02x:", s->address.domain, s->address.bus);
	add_function(line, s->address.device, s->address.function, s->any_function);
}

static void path_pattern(struct linebuf *line, const struct selector *s)
{
	linebuf_add(line, "DEVPATH==\"*/%s", address_name(s->address).at);
	for (unsigned i = 0; i < s->n_hops; i++) {
		linebuf_add(line, "/*:");
		add_function(line, s->hops[i].device, s->hops[i].function, s->any_function && i + 1 == s->n_hops);
	}
}

static void add_number(struct linebuf *line, const char *key, int32_t value)
{
	linebuf_add(line, "%s", key);
	if (value == ID_ANY)
		linebuf_add(line, "*");
	else
		linebuf_add(line, "%08X", (unsigned)value);
}

static void add_class(struct linebuf *line, const char *key, const struct class_pattern *p, unsigned shift)
{
	linebuf_add(line, "%s", key);
	if (p->mask >> shift & 0xff)
		linebuf_add(line, "%02X", (unsigned)(p->value >> shift & 0xff));
	else
		linebuf_add(line, "*");
}

static void modalias_pattern(struct linebuf *line, const struct selector *s)
{
	linebuf_add(line, "ENV{MODALIAS}==\"pci:");
	add_number(line, "v", s->id.vendor);
	add_number(line, "d", s->id.device);
	add_number(line, "sv", s->id.subvendor);
	add_number(line, "sd", s->id.subdevice);
	add_class(line, "bc", &s->class, 16);
	add_class(line, "sc", &s->class, 8);
	add_class(line, "i", &s->class, 0);
}

static void add_selector(struct buffer *rules, const struct selector *s)
{
	static void (*const patterns[])(struct linebuf * line, const struct selector *s) = {
		[SELECT_ADDRESS] = address_pattern,
		[SELECT_PATH] = path_pattern,
		[SELECT_ID] = modalias_pattern,
		[SELECT_CLASS] = modalias_pattern,
	};
	struct linebuf line;

	linebuf_start(&line);
	patterns[s->kind](&line, s);
	linebuf_add(&line, "\", ENV{.EARLYBIND}=\"named\"");
	buffer_add_line(rules, &line);
}

/* --- the file --- */

/* Not for what a replay (udevadm trigger) names: a bridge, for example, is in the group and came with no claim. */
#define NOT_REPLAYED "ENV{SYNTH_UUID}!=\"?*\", "

/* Of each claim that brings its group along whatever comes into that group, and of each that came along itself. */
static void add_groups(struct buffer *rules, const struct decision *decision)
{
	struct linebuf line;

	for (size_t i = 0; i < decision->matches.n_claims; i++) {
		const struct claim *claim = &decision->matches.claims[i];
		const struct rule *rule = &decision->config.rules[claim->rule];
		const struct address_name name = address_name(decision->machine.devices[claim->device].address);

		linebuf_start(&line);
		if (!claim->by_group && rule->group)
			linebuf_add(&line, NOT_REPLAYED "TEST==\"iommu_group/devices/%s\"", name.at);
		else if (claim->by_group && !rule->skip && claim->verdict != V_OTHER_GROUP)
			linebuf_add(&line, "KERNEL==\"%s\"", name.at);
		else
			continue;
		linebuf_add(&line, ", ENV{.EARLYBIND}=\"named\"");
		buffer_add_line(rules, &line);
	}
}

static int write_rules(struct system *sys, const char *path, struct buffer *rules)
{
	int r = rules->error;

	if (r == 0)
		r = sys->ops->mkdir(sys, "run/udev");
	if (r == 0)
		r = sys->ops->mkdir(sys, RULES_DIR);
	if (r == 0)
		r = sys->ops->replace_file(sys, path, rules->bytes, rules->len);
	buffer_done(rules);
	return r;
}

int udev_rules_save(struct run *s)
{
	const struct decision *decision = &s->decision;
	struct buffer rules = { .bytes = NULL };
	struct linebuf line;
	bool any = false;

	if (verify_run(&decision->config, &decision->machine.platform) != V_UNDECIDED)
		return 0;
	add_text(&rules, "# Written by earlybind-boot: the devices that the configuration of this boot names.\n");
	add_text(&rules, head);
	for (size_t i = 0; i < decision->config.n_rules; i++) {
		if (decision->config.rules[i].skip)
			continue;
		add_selector(&rules, &decision->config.rules[i].selector);
		any = true;
	}
	if (!any) {
		buffer_done(&rules);
		return 0;
	}
	add_groups(&rules, decision);
	add_text(&rules, "# Present when it ran; only a replayed event (udevadm trigger) can name them.\n");
	add_text(&rules, NOT_REPLAYED "GOTO=\"earlybind_named_end\"\n");
	for (size_t i = 0; i < decision->matches.n_claims; i++) {
		const struct device *device = &decision->machine.devices[decision->matches.claims[i].device];

		linebuf_start(&line);
		linebuf_add(&line, "KERNEL==\"%s\", ENV{.EARLYBIND}=\"done\"", address_name(device->address).at);
		buffer_add_line(&rules, &line);
	}
	add_text(&rules, tail);
	return write_rules(s->sys, RULES_FILE, &rules);
}

int udev_rules_add(struct run *s, struct address address)
{
	const struct matches *matches = &s->decision.matches;
	char path[sizeof(RULES_FILE) + 1 + ADDRESS_SIZE];
	struct buffer rules = { .bytes = NULL };

	/* Of a hotplug run's claims the first is on the device itself. */
	if (!matches->n_claims || matches->claims[0].by_group ||
	    !s->decision.config.rules[matches->claims[0].rule].group)
		return 0;
	add_text(&rules, "# Written by earlybind-boot for a hotplugged device: the others in its group.\n");
	add_text(&rules, head);
	add_groups(&rules, &s->decision);
	add_text(&rules, tail);
	snprintf(path, sizeof(path), RULES_NAME "-%s.rules", address_name(address).at);
	return write_rules(s->sys, path, &rules);
}
