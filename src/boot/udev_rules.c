/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What udev has to know of this boot's configuration, as rules of its own
 * language: so no process is started for a device that no line names, nor for
 * one that was there when the binder ran. The installed rule,
 * 75-earlybind.rules, acts on what these find.
 *
 * A neighbour that comes along because of `group` is named by no line. One that
 * was there is known by its address, for when it leaves the bus and returns; a
 * new one by the group that it comes into, which the kernel has made before it
 * announces the device; where groups come late there is none yet.
 *
 * They are a first sieve and may let too much through; the binder itself
 * decides. Nothing that a person wrote goes in here but numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "boot/run.h"
#include "decide/verify.h"

#define RULES_DIR "run/udev/rules.d"
#define RULES_NAME RULES_DIR "/74-earlybind-named"
#define RULES_FILE RULES_NAME ".rules"

struct rules {
	char *bytes;
	size_t len, room;
	int error;
};

static void add_rule(struct rules *rules, const struct linebuf *line)
{
	for (size_t i = 0; i <= line->len && !rules->error; i++) {
		rules->error = ARRAY_GROW(rules->bytes, rules->len, rules->room);
		if (!rules->error)
			rules->bytes[rules->len++] = i < line->len ? line->at[i] : '\n';
	}
}

static void add_text(struct rules *rules, const char *text)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s", text);
	add_rule(rules, &line);
}

/* --- a selector as a pattern of udev's, in which * stands for slashes too --- */

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

static void add_selector(struct rules *rules, const struct selector *s)
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
	add_rule(rules, &line);
}

/* --- the file --- */

static size_t add_named(struct rules *rules, const struct config *config)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_rules; i++) {
		if (config->rules[i].skip)
			continue;
		add_selector(rules, &config->rules[i].selector);
		n++;
	}
	return n;
}

static bool brings_its_group(const struct config *config, const struct claim *claim)
{
	return !claim->by_group && config->rules[claim->rule].group;
}

static bool came_along(const struct config *config, const struct claim *claim)
{
	return claim->by_group && !config->rules[claim->rule].skip && claim->verdict != V_OTHER_GROUP;
}

/* What is in the group and came with no claim, such as a bridge, is not to be called for by a replay. */
static void add_groups(struct rules *rules, const struct decision *decision)
{
	struct linebuf line;

	for (size_t i = 0; i < decision->matches.n_claims; i++) {
		const struct claim *claim = &decision->matches.claims[i];
		const struct address_name name = address_name(decision->machine.devices[claim->device].address);

		linebuf_start(&line);
		if (brings_its_group(&decision->config, claim))
			linebuf_add(
				&line,
				"ENV{SYNTH_UUID}!=\"?*\", TEST==\"iommu_group/devices/%s\", ENV{.EARLYBIND}=\"named\"",
				name.at);
		else if (came_along(&decision->config, claim))
			linebuf_add(&line, "KERNEL==\"%s\", ENV{.EARLYBIND}=\"named\"", name.at);
		else
			continue;
		add_rule(rules, &line);
	}
}

static void add_known(struct rules *rules, const struct decision *decision)
{
	struct linebuf line;

	for (size_t i = 0; i < decision->matches.n_claims; i++) {
		const struct device *device = &decision->machine.devices[decision->matches.claims[i].device];

		linebuf_start(&line);
		linebuf_add(&line, "KERNEL==\"%s\", ENV{.EARLYBIND}=\"done\"", address_name(device->address).at);
		add_rule(rules, &line);
	}
}

static void add_head(struct rules *rules, const char *title)
{
	add_text(rules, title);
	add_text(rules, "SUBSYSTEM!=\"pci\", GOTO=\"earlybind_named_end\"");
	add_text(rules, "ACTION!=\"add\", GOTO=\"earlybind_named_end\"");
}

static void add_end(struct rules *rules)
{
	add_text(rules, "LABEL=\"earlybind_named_end\"");
}

static size_t write_rules(struct rules *rules, const struct decision *decision)
{
	size_t n;

	add_head(rules, "# Made by earlybind-boot for this boot: the devices that its configuration names.");
	n = add_named(rules, &decision->config);
	add_groups(rules, decision);
	add_text(rules, "# Those that were there when it ran. Only what is replayed (udevadm trigger) can mean them.");
	add_text(rules, "ENV{SYNTH_UUID}!=\"?*\", GOTO=\"earlybind_named_end\"");
	add_known(rules, decision);
	add_end(rules);
	return n;
}

static int put_rules(struct system *sys, const char *path, struct rules *rules)
{
	int r = rules->error;

	if (r == 0)
		r = sys->ops->mkdir(sys, "run/udev");
	if (r == 0)
		r = sys->ops->mkdir(sys, RULES_DIR);
	return r < 0 ? r : sys->ops->replace_file(sys, path, rules->bytes, rules->len);
}

int udev_rules_save(struct run *s)
{
	struct rules rules = { 0 };
	size_t named;
	int r;

	if (verify_run(&s->decision.config, &s->decision.machine.platform) != V_UNDECIDED)
		return 0;
	named = write_rules(&rules, &s->decision);
	r = named ? put_rules(s->sys, RULES_FILE, &rules) : rules.error;
	free(rules.bytes);
	return r;
}

int udev_rules_add(struct run *s, struct address address)
{
	const struct matches *matches = &s->decision.matches;
	char path[sizeof(RULES_FILE) + 1 + ADDRESS_SIZE];
	struct rules rules = { 0 };
	int r;

	/* Of a late session's claims the first is that on the device itself. */
	if (!matches->n_claims || !brings_its_group(&s->decision.config, &matches->claims[0]))
		return 0;
	add_head(&rules, "# Made by earlybind-boot for a device that appeared later: what shares its group.");
	add_groups(&rules, &s->decision);
	add_end(&rules);
	snprintf(path, sizeof(path), RULES_NAME "-%s.rules", address_name(address).at);
	r = put_rules(s->sys, path, &rules);
	free(rules.bytes);
	return r;
}
