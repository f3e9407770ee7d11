/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/paths.h"
#include "decide/protection.h"
#include "decide/verify.h"
#include "record/record.h"

const char *const record_steps[] = {
	[STEP_NONE] = "", [STEP_PARK] = "park", [STEP_LOAD] = "load", [STEP_UNBIND] = "unbind", [STEP_BIND] = "bind",
};

const char *const record_trials[] = {
	[TRIAL_NOT_MADE] = "not-made", [TRIAL_GROUP] = "group",		[TRIAL_STATUS] = "status",
	[TRIAL_VIABLE] = "viable",     [TRIAL_CONTAINER] = "container", [TRIAL_ATTACH] = "attach",
	[TRIAL_IOMMU] = "iommu",       [TRIAL_DONE] = "done",
};

const char *const record_tables[RECORD_TABLES] = { "dmar", "ivrs", "iort", "viot", "rimt" };

static void end_row(struct buffer *to)
{
	if (to->len && to->bytes[to->len - 1] != '\n')
		buffer_add(to, "\n", 1);
}

/* Without blanks, so that words stay words. */
static void add_escaped(struct buffer *to, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		char escaped[8];

		buffer_add(to, escaped,
			   (size_t)snprintf(escaped, sizeof(escaped),
					    c <= ' ' || c >= 0x7f || c == '\\' ? "\\x%02x" : "%c", c));
	}
}

/*
 * Words, by a pattern of "KEY=T" with a blank between them, and an argument for
 * each of type T; one in a capital letter is left out where there is nothing to
 * say. A pattern that begins with a blank goes on in the same row, a newline in it begins another.
 *
 *	s string or NULL	l struct slice *	o struct origin *
 *	u number		c class			p vendor << 16 | device
 *	g IOMMU group		y "yes" or nothing
 */
static void put(struct buffer *to, const char *pattern, ...)
{
	va_list args;

	if (*pattern != ' ')
		end_row(to);
	va_start(args, pattern);
	while (*pattern) {
		size_t len = strcspn(pattern, "=") + 1;
		char type = pattern[len], text[32] = "";
		struct slice value = { text, 0 };
		const struct origin *origin = NULL;

		if (strchr("sSlLo", type)) {
			const void *pointer = va_arg(args, const void *);

			if (type == 'o')
				pointer = (origin = pointer)->file;
			if (type == 'l' || type == 'L')
				value = *(const struct slice *)pointer;
			else if (pointer)
				value = slice_of(pointer);
		} else {
			unsigned n = va_arg(args, unsigned);

			if (type == 'P' && n)
				snprintf(text, sizeof(text), "%04x:%04x", n >> 16, n & 0xffff);
			else if (type == 'Y' && n)
				value.at = "yes";
			else if (type == 'G' ? n != (unsigned)NO_GROUP : n || type == 'u')
				snprintf(text, sizeof(text), type == 'C' ? "%06x" : "%u", n);
			value.len = strlen(value.at);
		}
		if (value.len || type >= 'a') {
			buffer_add(to, pattern, len);
			add_escaped(to, value);
		}
		if (origin && origin->line)
			buffer_add(to, text, (size_t)snprintf(text, sizeof(text), ":%u", origin->line));
		pattern += len + 1;
	}
	va_end(args);
}

/* --- lists --- */

/* The words of the bits in SET, with commas between them. */
static const char *join(char *to, size_t size, notes_t set, unsigned n, const char *(*word)(unsigned bit))
{
	size_t len = 0;

	to[0] = '\0';
	for (unsigned bit = 0; bit < n; bit++)
		if (set & (notes_t)1 << bit)
			len += (size_t)snprintf(to + len, size - len, "%s%s", len ? "," : "", word(bit));
	return to;
}

static const char *note_word(unsigned bit)
{
	return verdict_word((enum verdict)(V_FIRST_NOTE + bit));
}

static const char *table_word(unsigned bit)
{
	return record_tables[bit];
}

/* --- devices --- */

static unsigned pair(uint16_t first, uint16_t second)
{
	return (unsigned)first << 16 | second;
}

/* RULE and SELECTOR are missing where PATTERN does not name them. */
static void put_device(struct buffer *to, const char *pattern, const struct device *device, const char *state,
		       const struct origin *rule, const struct slice *selector)
{
	const struct identity *id = &device->identity;
	char path[CHAIN_MAX * ADDRESS_SIZE];
	size_t len = 0;

	path[0] = '\0';
	for (unsigned i = 0; i + 1 < device->n_chain; i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "%s%s", i ? "," : "",
					address_name(device->chain[i]).at);
	put(to, pattern, address_name(device->address).at, pair(id->vendor, id->device), state, device->driver,
	    device->group, rule, selector);
	put(to, " subsystem=P class=C id-errno=U vfio=Y virtual=Y path=S", pair(id->subvendor, id->subdevice),
	    id->class, device->error, device->vfio, device->virtual_function, path);
}

static void put_claim(struct buffer *to, const struct decision *d, const struct claim *claim)
{
	static const char *const takens[] = { [TAKEN_NOT] = NULL, [TAKEN_BOUND] = "bound", [TAKEN_PARKED] = "parked" };
	const struct device *device = &d->machine.devices[claim->device];
	const struct rule *rule = &d->config.rules[claim->rule];
	const struct outcome *outcome = &claim->outcome;
	const struct plan_need *need = NULL;
	bool moved = false;
	char notes[256];

	if (claim->verdict == V_NEEDED_BY_HOST)
		need = protection_find(&d->plan, &d->machine, device, &moved);
	put_device(to, "device=s id=P verdict=s driver=s group=G rule=o selector=l", device,
		   verdict_word(claim->verdict), &rule->origin, &rule->selector_text);
	put(to,
	    " hotplug=Y target=s taken=S previous=S errno=U step=S step-errno=U hung=Y "
	    "restore-errno=U variant=S variant-errno=U notes=S reset=S display=Y gone=Y owner=S need=S moved=Y",
	    claim->hotplugged, claim_driver(&d->config, claim), takens[claim->taken], claim->previous_driver,
	    claim->error, record_steps[outcome->failed], outcome->error, outcome->hung, outcome->restore_error,
	    claim->variant, outcome->variant_error,
	    join(notes, sizeof(notes), claim->notes, V_LAST_NOTE - V_FIRST_NOTE + 1, note_word), device->reset,
	    device->boot_vga, device->gone,
	    claim->by_group ? address_name(d->machine.devices[claim->group_owner].address).at : NULL,
	    need ? address_name(need->address).at : NULL, moved);
}

static bool is_neighbour(const struct decision *d, const struct device *device)
{
	bool shares = false;

	for (size_t i = 0; i < d->matches.n_claims; i++)
		shares |= shares_group(&d->machine, &d->machine.devices[d->matches.claims[i].device], device);
	return shares;
}

static void put_devices(struct buffer *to, const struct decision *d)
{
	static const char *const states[] = {
		[NEIGHBOUR_HARMLESS] = "harmless", [NEIGHBOUR_UNBOUND] = "unbound", [NEIGHBOUR_BOUND] = "bound"
	};

	for (size_t i = 0; i < d->machine.n_devices; i++) {
		const struct device *device = &d->machine.devices[i];
		const struct claim *claim = matches_find(&d->matches, i);

		if (claim)
			put_claim(to, d, claim);
		else if (device->unrequested || is_neighbour(d, device))
			put_device(to,
				   is_neighbour(d, device) ? "neighbour=s id=P state=s driver=s group=G"
							   : "bound-before=s id=P state=s driver=s group=G",
				   device, states[verify_neighbour(&d->machine.platform, device)], NULL, NULL);
		if (device->unrequested)
			put(to, " unrequested=Y restored=Y", 1, device->restored);
	}
	for (size_t i = 0; i < d->machine.n_groups; i++) {
		const struct group *group = &d->machine.groups[i];

		put(to, "group=u trial=s trial-errno=U errno=U noiommu=Y reserved=Y", group->number,
		    record_trials[group->trial.step], group->trial.error, group->error, group->noiommu,
		    group->reserved_direct);
	}
}

void record_add_devices(struct buffer *to, const struct decision *d)
{
	put_devices(to, d);
	end_row(to);
}

void record_add_rescued(struct buffer *to, struct address address, const char *driver)
{
	put(to, "rescued=s driver=s", address_name(address).at, driver);
	end_row(to);
}

/* --- the run --- */

static void put_plan(struct buffer *to, const struct decision *d)
{
	const struct plan *plan = &d->plan;
	enum verdict verdict = verify_plan(plan, d->plan_error, &d->machine.platform);

	put(to, "plan=s kernel=S errno=U damaged=U", verdict == V_UNDECIDED ? "good" : verdict_word(verdict),
	    plan->kernel, d->plan_error, plan->bad_lines);
	for (size_t i = 0; i < plan->n_needs; i++)
		put(to, "need=s what=s present=Y", address_name(plan->needs[i].address).at, plan->needs[i].what,
		    protection_is_present(&plan->needs[i], &d->machine));
}

static void put_rules(struct buffer *to, const struct decision *d)
{
	for (size_t i = 0; i < d->config.n_rules; i++) {
		const struct rule *rule = &d->config.rules[i];
		const struct rule_result *result = &d->matches.rule_results[i];

		put(to, "rule=o verdict=S fits=u skipped=U selector=l skip=Y", &rule->origin,
		    result->verdict == V_UNDECIDED ? NULL : verdict_word(result->verdict), result->fits,
		    result->skipped, &rule->selector_text, rule->skip);
	}
}

static void put_config(struct buffer *to, const struct config *config)
{
	put(to, "configuration=u rules=u problems=u", (int)config->n_sources, (int)config->n_rules,
	    (int)config->problems_total);
	for (size_t i = 0; i < config->n_problems; i++) {
		const struct problem *p = &config->problems[i];

		put(to, "problem=s line=U column=U word=L what=s instead=S errno=U", p->origin.file, p->origin.line,
		    p->origin.column, &p->word, p->what, p->instead, p->error);
	}
}

void record_add_run(struct buffer *to, const struct decision *d, const struct record_end *end)
{
	const struct platform *p = &d->machine.platform;
	const struct system_failures *failures = &d->sys->failures;
	char tables[64];

	put(to, "format=u\nversion=s\nkernel=s\nrun=s\ndisabled=S", RECORD_FORMAT, EARLYBIND_VERSION, p->release,
	    p->settled ? "too-late" : "early",
	    verify_run(&d->config, p) != V_DISABLED ? NULL
	    : p->crash_kernel			    ? "crash-kernel"
						    : "command-line");
	put(to,
	    "platform=s units=u groups=u unit=S tables=S parameter=S remapping=Y acpi=Y arm=Y iommu-module=Y "
	    "late-groups=Y vfio-first=Y",
	    verdict_word(verify_platform(p)), p->units, p->groups, p->unit,
	    join(tables, sizeof(tables), p->tables, RECORD_TABLES, table_word), verify_platform_culprit(p),
	    p->remapping, p->acpi, p->arm, p->iommu_planned, d->machine.groups_come_late, p->vfio_first);
	put_config(to, &d->config);
	if (d->matches.rule_results) {
		put_plan(to, d);
		put_rules(to, d);
	}
	put_devices(to, d);
	if (failures->count)
		put(to, "unread=s errno=u count=u", failures->first, failures->error, failures->count);
	put(to, "microseconds=u\nerror=U\nstatus=u", end->microseconds, end->error, end->status);
	end_row(to);
}

int record_save(struct system *sys, const struct decision *decision, const struct record_end *end)
{
	struct buffer text = { .bytes = NULL };
	int r;

	record_add_run(&text, decision, end);
	r = text.error;
	if (r == 0)
		r = sys->ops->replace_file(sys, RUN_RECORD, text.bytes, text.len);
	buffer_done(&text);
	return r;
}

int record_append(struct system *sys, struct buffer *rows)
{
	int r = rows->error;

	if (r == 0 && rows->len)
		r = sys->ops->append(sys, RUN_RECORD, rows->bytes, rows->len);
	buffer_done(rows);
	return r;
}
