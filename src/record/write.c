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

/* In the order of the enumerations, each ended by its NUL: a pointer for each would be as long as the word. */
const char record_steps[] = "\0park\0load\0unbind\0bind";
const char record_trials[] = "not-made\0group\0status\0viable\0container\0attach\0iommu\0done\0open\0type";
const char record_tables[] = "dmar\0ivrs\0iort\0viot\0rimt";
const char record_reasons[] = "\0\0root-late\0keyboard";

const char *record_word(const char *words, unsigned n)
{
	while (n--)
		words += strlen(words) + 1;
	return words;
}

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
 *	s string or NULL	l struct slice *	o struct origin *	a struct address *
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

		if (strchr("sSlLoaA", type)) {
			const void *pointer = va_arg(args, const void *);
			struct address_name name;

			if (type == 'o')
				pointer = (origin = pointer)->file;
			if (pointer && (type | ' ') == 'a') {
				name = address_name(*(const struct address *)pointer);
				pointer = memcpy(text, name.at, sizeof(name.at));
			}
			if ((type | ' ') == 'l')
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

/* One more item of a list, and what stands before the next. */
static const char *add_item(struct buffer *to, const char *before, const char *item)
{
	buffer_add(to, before, strlen(before));
	buffer_add(to, item, strlen(item));
	return ",";
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
	const char *before = " path=";

	put(to, pattern, &device->address, pair(id->vendor, id->device), state, device->driver, device->group, rule,
	    selector);
	put(to, " subsystem=P class=C id-errno=U vfio=Y virtual=Y", pair(id->subvendor, id->subdevice), id->class,
	    device->error, device->vfio, device->virtual_function);
	for (unsigned i = 0; i + 1 < device->n_chain; i++)
		before = add_item(to, before, address_name(device->chain[i]).at);
}

static struct address_name need_name(const struct plan_need *need)
{
	static const struct address_name unknown = { "-" };

	return need->kind == NEED_UNKNOWN ? unknown : address_name(need->address);
}

static void put_claim(struct buffer *to, const struct decision *d, const struct claim *claim)
{
	const struct device *device = &d->machine.devices[claim->device];
	const struct rule *rule = &d->config.rules[claim->rule];
	const struct outcome *outcome = &claim->outcome;
	const struct plan_need *need = NULL;
	const char *before = " notes=";
	bool moved = false;

	if (claim->verdict == V_NEEDED_BY_HOST)
		need = protection_find(&d->plan, &d->machine, device, &moved);
	put_device(to, "device=a id=P verdict=s driver=s group=G rule=o selector=l", device,
		   verdict_word(claim->verdict), &rule->origin, &rule->selector_text);
	put(to,
	    " hotplug=Y target=s taken=S previous=S errno=U step=S step-errno=U hung=Y restore-errno=U variant=S "
	    "variant-errno=U reset=S display=Y gone=Y owner=A need=S moved=Y",
	    claim->hotplugged, claim_driver(&d->config, claim), record_word("\0bound\0parked", claim->taken),
	    claim->previous_driver, claim->error, record_word(record_steps, outcome->failed), outcome->error,
	    outcome->hung, outcome->restore_error, claim->variant, outcome->variant_error, device->reset,
	    device->boot_vga, device->gone, claim->by_group ? &d->machine.devices[claim->group_owner].address : NULL,
	    need ? need_name(need).at : NULL, moved);
	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE; v++)
		if (claim->notes & NOTE(v))
			before = add_item(to, before, verdict_word(v));
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
	for (size_t i = 0; i < d->machine.n_devices; i++) {
		const struct device *device = &d->machine.devices[i];
		const struct claim *claim = matches_find(&d->matches, i);

		if (claim)
			put_claim(to, d, claim);
		else if (device->unrequested || is_neighbour(d, device))
			put_device(to,
				   is_neighbour(d, device) ? "neighbour=a id=P state=s driver=s group=G"
							   : "bound-before=a id=P state=s driver=s group=G",
				   device,
				   record_word("harmless\0idle\0unbound\0bound",
					       verify_neighbour(&d->plan, &d->machine.platform, device)),
				   NULL, NULL);
		if (device->unrequested)
			put(to, " unrequested=Y restored=Y", 1, device->restored);
	}
	for (size_t i = 0; i < d->machine.n_groups; i++) {
		const struct group *group = &d->machine.groups[i];

		put(to, "group=u trial=s trial-errno=U errno=U noiommu=Y reserved=Y", group->number,
		    record_word(record_trials, group->trial.step), group->trial.error, group->error, group->noiommu,
		    group->reserved_direct);
	}
}

void record_add_devices(struct buffer *to, const struct decision *d)
{
	put_devices(to, d);
	end_row(to);
}

void record_add_rescued(struct buffer *to, struct address address, const char *driver, enum rescue_reason reason)
{
	put(to, "rescued=a driver=s reason=S", &address, driver, record_word(record_reasons, reason));
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
		put(to, "need=s kind=s what=s present=Y", need_name(&plan->needs[i]).at,
		    need_kind_word(plan->needs[i].kind), plan->needs[i].what,
		    protection_is_present(&plan->needs[i], &d->machine));
}

static void put_rules(struct buffer *to, const struct decision *d)
{
	for (size_t i = 0; i < d->config.n_rules; i++) {
		const struct rule *rule = &d->config.rules[i];
		const struct rule_result *result = &d->matches.rule_results[i];

		put(to, "rule=o verdict=S fits=u skipped=U selector=l skip=Y optional=Y", &rule->origin,
		    result->verdict == V_UNDECIDED ? NULL : verdict_word(result->verdict), result->fits,
		    result->skipped, &rule->selector_text, rule->skip, rule->optional);
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
	const char *before = " tables=";

	put(to, "format=u\nversion=s\nkernel=s\nrun=s\ndisabled=S", RECORD_FORMAT, EARLYBIND_VERSION, p->release,
	    p->settled ? "too-late" : "early",
	    verify_run(&d->config, p) != V_DISABLED ? NULL
	    : p->crash_kernel			    ? "crash-kernel"
						    : "command-line");
	put(to,
	    "platform=s units=u groups=u unit=S parameter=S remapping=Y unsafe-interrupts=Y acpi=Y arm=Y "
	    "iommu-module=Y "
	    "late-groups=Y vfio-first=Y no-display=Y framebuffer=S framebuffer-at=A framebuffer-gone=Y",
	    verdict_word(verify_platform(p)), p->units, p->groups, p->unit, verify_platform_culprit(p), p->remapping,
	    p->unsafe_irqs, p->acpi, p->arm, p->iommu_planned, d->machine.groups_come_late, p->vfio_first,
	    p->no_display, p->framebuffer.name, p->framebuffer.owned ? &p->framebuffer.owner : NULL,
	    p->framebuffer.gone);
	for (unsigned i = 0; i < RECORD_TABLES; i++)
		if (p->tables & 1u << i)
			before = add_item(to, before, record_word(record_tables, i));
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
