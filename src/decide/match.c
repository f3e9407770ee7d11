/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"

#define NO_RULE SIZE_MAX
#define FUNCTIONS_MAX 1024 /* of one device; boards have up to 256 */

/* The path's bridges must be the last ones above the device. */
static bool at_path(const struct selector *s, const struct device *device)
{
	unsigned start;

	if (device->n_chain < s->n_hops + 1)
		return false;
	start = device->n_chain - s->n_hops - 1;
	if (address_compare(device->chain[start], s->address) != 0)
		return false;
	for (unsigned i = 0; i < s->n_hops; i++) {
		const struct address *a = &device->chain[start + 1 + i];
		bool any = s->any_function && i + 1 == s->n_hops;

		if (a->device != s->hops[i].device || (a->function != s->hops[i].function && !any))
			return false;
	}
	return true;
}

/* The device is where the line names one; an ID or a class names no place. */
static bool is_located(const struct selector *s, const struct device *device)
{
	if (s->kind == SELECT_ADDRESS)
		return s->any_function ? address_same_slot(s->address, device->address)
				       : address_compare(s->address, device->address) == 0;
	return s->kind != SELECT_PATH || at_path(s, device);
}

static bool fits(const struct selector *s, const struct device *device)
{
	if (!is_located(s, device))
		return false;
	if (!s->class.mask && id_pattern_is_any(&s->id))
		return true;
	return device->error == 0 && id_pattern_fits(&s->id, &device->identity) &&
	       class_pattern_fits(&s->class, &device->identity);
}

bool match_names(const struct config *config, const struct device *device)
{
	for (size_t i = 0; i < config->n_rules; i++)
		if (!config->rules[i].skip && fits(&config->rules[i].selector, device))
			return true;
	return false;
}

/* The lines that are about one device; rules by index, NO_RULE for none. */
struct relevant_rules {
	size_t take, skip, mismatched;
};

static struct relevant_rules find_rules(const struct config *config, const struct device *device,
					struct rule_result *rule_results)
{
	struct relevant_rules v = { NO_RULE, NO_RULE, NO_RULE };

	for (size_t i = 0; i < config->n_rules; i++) {
		const struct rule *rule = &config->rules[i];
		const struct selector *s = &rule->selector;
		bool here = selector_is_place(s) && is_located(s, device);

		rule_results[i].located += here;
		if (fits(s, device)) {
			rule_results[i].fits++;
			*(rule->skip ? &v.skip : &v.take) = i;
		} else if (!rule->skip && (here || (device->error && !selector_is_place(s)))) {
			/* Another device at the place, or one whose ID could not be read. */
			v.mismatched = i;
		}
	}
	return v;
}

static int add_claim(struct matches *matches, size_t device, size_t rule, bool by_group, enum verdict verdict)
{
	int r = ARRAY_GROW(matches->claims, matches->n_claims, matches->claims_room);

	if (r < 0)
		return r;
	matches->claims[matches->n_claims++] = (struct claim){
		.device = device,
		.rule = rule,
		.by_group = by_group,
		.verdict = verdict,
	};
	return 0;
}

static int match_device(const struct config *config, const struct machine *machine, size_t index,
			struct matches *matches)
{
	const struct device *device = &machine->devices[index];
	struct relevant_rules v = find_rules(config, device, matches->rule_results);

	if (v.skip != NO_RULE && v.take == NO_RULE)
		return 0;
	if (v.skip != NO_RULE) {
		matches->rule_results[v.take].skipped++;
		return add_claim(matches, index, v.skip, false, V_SKIPPED);
	}
	if (v.take != NO_RULE)
		return add_claim(matches, index, v.take, false, device->error ? V_UNREADABLE : V_UNDECIDED);
	if (v.mismatched != NO_RULE)
		return add_claim(matches, index, v.mismatched, false, device->error ? V_UNREADABLE : V_OTHER_DEVICE);
	return 0;
}

static enum verdict judge_rule(const struct rule *rule, const struct rule_result *rule_result)
{
	const struct selector *s = &rule->selector;

	if (selector_is_place(s))
		return rule_result->located || rule->optional ? V_UNDECIDED : V_ABSENT;
	/* Devices that only a skip line names were not enumerated. */
	if (rule->skip)
		return V_UNDECIDED;
	if (rule_result->fits == 0)
		return rule->optional ? V_UNDECIDED : V_NO_MATCH;
	/* An exact ID that fits two cards is a common mistake; a class or a * names many on purpose. */
	if (s->kind == SELECT_ID && rule_result->fits - rule_result->skipped > 1 && s->id.vendor != ID_ANY &&
	    s->id.device != ID_ANY)
		return V_MULTIPLE_MATCHES;
	return V_UNDECIDED;
}

int match_devices(const struct config *config, const struct machine *machine, struct matches *matches)
{
	int r = 0;

	memset(matches, 0, sizeof(*matches));
	matches->rule_results = calloc(config->n_rules + 1, sizeof(*matches->rule_results));
	if (!matches->rule_results)
		return -ENOMEM;
	for (size_t i = 0; i < machine->n_devices && r == 0; i++)
		r = match_device(config, machine, i, matches);
	for (size_t i = 0; i < config->n_rules; i++)
		matches->rule_results[i].verdict = judge_rule(&config->rules[i], &matches->rule_results[i]);
	return r;
}

const char *claim_driver(const struct config *config, const struct claim *claim)
{
	return claim->driver[0] ? claim->driver : rule_driver(&config->rules[claim->rule]);
}

const struct claim *matches_find(const struct matches *matches, size_t device)
{
	for (size_t i = 0; i < matches->n_claims; i++)
		if (matches->claims[i].device == device)
			return &matches->claims[i];
	return NULL;
}

bool shares_group(const struct machine *machine, const struct device *device, const struct device *other)
{
	if (device == other)
		return false;
	if (other->group != NO_GROUP)
		return other->group == device->group;
	if (!machine->groups_come_late || device_is_bridge(other))
		return false;
	if (address_same_slot(device->address, other->address))
		return true;
	/* Below the same bridge; on a root bus there is none. */
	if (device->n_chain > 1 && other->n_chain > 1 &&
	    address_compare(device->chain[device->n_chain - 2], other->chain[other->n_chain - 2]) == 0)
		return true;
	/* Below a bridge that has the device's group. */
	for (unsigned i = 0; device->group != NO_GROUP && i + 1 < other->n_chain; i++) {
		const struct device *bridge = machine_device(machine, other->chain[i]);

		if (bridge && bridge->group == device->group)
			return true;
	}
	return false;
}

static int claim_member(const struct config *config, const struct machine *machine, size_t member, size_t group_owner,
			size_t rule, struct matches *matches)
{
	const struct device *device = &machine->devices[member];
	size_t skip = NO_RULE;
	int r;

	if (!device_is_endpoint(device) || matches_find(matches, member))
		return 0;
	/* Probed, and still without a group: it will not be in this one. */
	if (device->group == NO_GROUP && device->driver[0])
		return 0;
	for (size_t i = 0; i < config->n_rules && skip == NO_RULE; i++)
		if (config->rules[i].skip && fits(&config->rules[i].selector, device))
			skip = i;
	if (skip != NO_RULE)
		r = add_claim(matches, member, skip, true, V_SKIPPED);
	else
		r = add_claim(matches, member, rule, true, device->error ? V_UNREADABLE : V_UNDECIDED);
	if (r == 0)
		matches->claims[matches->n_claims - 1].group_owner = group_owner;
	return r;
}

int match_groups(const struct config *config, const struct machine *machine, struct matches *matches)
{
	size_t n = matches->n_claims;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		size_t device = matches->claims[i].device, rule = matches->claims[i].rule;

		if (matches->claims[i].verdict != V_UNDECIDED || !config->rules[rule].group)
			continue;
		for (size_t j = 0; j < machine->n_devices && r == 0; j++)
			if (shares_group(machine, &machine->devices[device], &machine->devices[j]))
				r = claim_member(config, machine, j, device, rule, matches);
	}
	return r;
}

/* The kernel command line has a driver make virtual functions: i915.max_vfs=7. */
static bool makes_functions(struct slice cmdline)
{
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value)) {
		struct slice module = slice_cut(&name, '.');

		if (module.len && slice_is(name, "max_vfs") && value.len && !slice_is(value, "0"))
			return true;
	}
	return false;
}

bool rule_fits_function(const struct rule *rule, const struct device *device)
{
	unsigned own = device->address.bus << 8 | device->address.device << 3 | device->address.function;
	struct device function = *device;
	bool found = false;

	function.identity.device = device->function_id;
	for (unsigned i = 0; i < device->functions && i < FUNCTIONS_MAX && !found; i++) {
		unsigned id = own + device->function_first + i * device->function_step;

		function.address.bus = (uint8_t)(id >> 8);
		function.address.device = id >> 3 & 31;
		function.address.function = id & 7;
		if (function.n_chain)
			function.chain[function.n_chain - 1] = function.address;
		found = fits(&rule->selector, &function);
	}
	return found;
}

const struct rule *match_functions(const struct config *config, const struct platform *platform,
				   const struct device *device)
{
	bool made = device->functions && makes_functions(slice_of(platform->cmdline));

	for (size_t i = 0; i < config->n_rules; i++) {
		const struct rule *rule = &config->rules[i];

		if (!rule->skip && (!fits(&rule->selector, device) || rule->optional || made) &&
		    rule_fits_function(rule, device))
			return rule;
	}
	return NULL;
}

void match_pass_functions(const struct machine *machine, struct matches *matches)
{
	for (size_t i = 0; i < matches->n_claims; i++) {
		const struct claim *claim = &matches->claims[i];
		struct rule_result *result = &matches->rule_results[claim->rule];

		if (claim->by_group || !machine->devices[claim->device].virtual_function)
			continue;
		result->functions++;
		if (result->verdict == V_MULTIPLE_MATCHES && result->fits - result->skipped - result->functions <= 1)
			result->verdict = V_UNDECIDED;
	}
}

bool rule_fits(const struct rule *rule, const struct device *device)
{
	return fits(&rule->selector, device);
}

void matches_give_up(struct matches *matches)
{
	for (size_t i = 0; i < matches->n_claims; i++)
		if (matches->claims[i].verdict == V_UNDECIDED)
			matches->claims[i].verdict = V_OUT_OF_MEMORY;
}

void matches_done(struct matches *matches)
{
	free(matches->claims);
	free(matches->rule_results);
	memset(matches, 0, sizeof(*matches));
}

bool match_every_display(const struct machine *machine, const struct matches *matches)
{
	unsigned n = 0;

	for (size_t i = 0; i < matches->n_claims; i++) {
		const struct device *device = &machine->devices[matches->claims[i].device];

		n += matches->claims[i].verdict == V_UNDECIDED && device_is_display(device) &&
		     !device->virtual_function;
	}
	return n && n >= machine->platform.displays;
}
