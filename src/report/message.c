/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "decide/protection.h"
#include "decide/verify.h"
#include "report/message_parts.h"

static void add_identity(struct linebuf *line, const struct device *device)
{
	if (device->error == 0)
		linebuf_add(line, " %s", identity_name(device->identity).at);
}

/* A person needs the origin first: a line that is too long loses its middle. */
static void add_origin(struct linebuf *line, const struct rule *rule)
{
	struct linebuf origin;

	linebuf_start(&origin);
	linebuf_add(&origin, " [");
	linebuf_add_escaped(&origin, slice_of(rule->origin.file), 128);
	if (rule->origin.line)
		linebuf_add(&origin, ":%u", rule->origin.line);
	linebuf_add(&origin, "]");
	if (line->cut || line->len + origin.len >= sizeof(line->at)) {
		line->cut = false;
		line->len = sizeof(line->at) - origin.len - sizeof("...");
		linebuf_add(line, "...");
	}
	linebuf_add(line, "%s", origin.at);
}

/* --- a device --- */

static struct subject subject_of(const struct decision *decision, const struct claim *claim, enum tense tense)
{
	struct subject s = { .decision = decision, .claim = claim, .tense = tense };

	s.device = &decision->machine.devices[claim->device];
	s.group = machine_group(&decision->machine, s.device);
	s.rule = &decision->config.rules[claim->rule];
	return s;
}

static enum remedy_case rescued_case(enum rescue_reason reason)
{
	return reason == RESCUED_KEYBOARD ? CASE_KEYBOARD : CASE_USUAL;
}

/* Whether there is a switch for interrupt remapping, and whose parameter does without it. */
static enum remedy_case remapping_case(const struct subject *s)
{
	bool has_switch = iommu_remaps_separately(s->decision->machine.platform.unit);

	if (s->group && trial_needs_open(&s->group->trial))
		return has_switch ? CASE_IOMMUFD : CASE_IOMMUFD_NO_SWITCH;
	return has_switch ? CASE_USUAL : CASE_NO_SWITCH;
}

static void add_claim_remedy(const struct subject *s, struct linebuf *line)
{
	add_remedy(line, s->claim->verdict,
		   s->claim->verdict == V_RESCUED ? rescued_case(s->claim->rescued) : remapping_case(s));
}

void message_claim(const struct decision *decision, const struct claim *claim, struct linebuf *line)
{
	struct subject s = subject_of(decision, claim, TENSE_PAST);

	linebuf_add(line, "%s", address_name(s.device->address).at);
	add_identity(line, s.device);
	linebuf_add(line, " %s", verdict_word(claim->verdict));
	add_claim_facts(&s, line, ": ");
	add_claim_remedy(&s, line);
	add_origin(line, s.rule);
}

void message_claim_facts(const struct decision *decision, const struct claim *claim, enum tense tense,
			 struct linebuf *line)
{
	struct subject s = subject_of(decision, claim, tense);

	add_claim_facts(&s, line, "");
	add_claim_remedy(&s, line);
}

void message_rescued(const struct device *device, const char *taken, enum carrier carrier, enum rescue_reason reason,
		     struct linebuf *line)
{
	linebuf_add(line, "%s", address_name(device->address).at);
	add_identity(line, device);
	linebuf_add(line, " %s: ", verdict_word(V_RESCUED));
	add_rescued(line, device, taken, carrier, reason);
	add_remedy(line, V_RESCUED, rescued_case(reason));
}

void message_unrequested_facts(const struct decision *decision, const struct device *device, struct linebuf *line)
{
	enum verdict verdict = verify_unrequested(device);
	bool moved;
	const struct plan_need *need = protection_find(&decision->plan, &decision->machine, device, &moved);

	linebuf_add(line, "bound to vfio-pci before earlybind ran");
	if (need) {
		linebuf_add(line, ", but the host depends on it (");
		linebuf_add_escaped(line, slice_of(need->what), PLAN_WHAT_SIZE);
		linebuf_add(line, ")%s",
			    device->restored ? ": released for its own driver" : "; it could not be released");
	} else {
		linebuf_add(line, ", and no line requests it");
	}
	add_remedy(line, verdict, CASE_USUAL);
}

void message_unrequested(const struct decision *decision, const struct device *device, struct linebuf *line)
{
	linebuf_add(line, "%s", address_name(device->address).at);
	add_identity(line, device);
	linebuf_add(line, " %s: ", verdict_word(verify_unrequested(device)));
	message_unrequested_facts(decision, device, line);
}

void message_note(const struct decision *decision, const struct claim *claim, enum verdict note, enum tense tense,
		  struct linebuf *line)
{
	struct subject s = subject_of(decision, claim, tense);

	add_note_facts(&s, note, line);
}

/* --- a line that names no device, or several --- */

void message_rule(const struct decision *decision, size_t index, struct linebuf *line)
{
	const struct rule *rule = &decision->config.rules[index];
	const struct rule_result *rule_result = &decision->matches.rule_results[index];

	if (rule->skip)
		linebuf_add(line, "skip ");
	linebuf_add_escaped(line, rule->selector_text, NAME_SHOWN);
	linebuf_add(line, " %s: ", verdict_word(rule_result->verdict));
	message_rule_facts(decision, index, line);
	add_origin(line, rule);
}

void message_rule_facts(const struct decision *decision, size_t index, struct linebuf *line)
{
	const struct rule_result *rule_result = &decision->matches.rule_results[index];

	switch (rule_result->verdict) {
	case V_ABSENT:
		linebuf_add(line, "no device there");
		break;
	case V_NO_MATCH:
		linebuf_add(line, "no device matches");
		break;
	default:
		linebuf_add(line, "%u devices match", rule_result->fits);
	}
	add_remedy(line, rule_result->verdict, CASE_USUAL);
}
