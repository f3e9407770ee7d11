/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "decide/verify.h"
#include "report/words.h"

static void add_identity(struct line *line, const struct device *device)
{
	if (device->error == 0)
		line_add(line, " %04x:%04x", device->identity.vendor, device->identity.device);
}

/* Where it was asked for is what a person needs first: of a line that is too long, the middle goes. */
static void add_origin(struct line *line, const struct rule *rule)
{
	struct line origin;

	line_start(&origin);
	line_add(&origin, " [");
	line_add_escaped(&origin, text_of(rule->origin.file), 128);
	if (rule->origin.line)
		line_add(&origin, ":%u", rule->origin.line);
	line_add(&origin, "]");
	if (line->cut || line->len + origin.len >= sizeof(line->at)) {
		line->cut = false;
		line->len = sizeof(line->at) - origin.len - sizeof("...");
		line_add(line, "...");
	}
	line_add(line, "%s", origin.at);
}

void add_name(struct line *line, const char *name)
{
	line_add_escaped(line, text_of(name), NAME_SHOWN);
}

void add_remedy(struct line *line, enum verdict verdict)
{
	const char *remedy = verdict_remedy(verdict);

	if (remedy)
		line_add(line, "; %s", remedy);
}

/* --- a device --- */

void finding_claim(const struct survey *survey, const struct claim *claim, struct line *line)
{
	struct subject s = { .survey = survey, .claim = claim };

	s.device = &survey->machine.devices[claim->device];
	s.group = machine_group(&survey->machine, s.device);
	s.rule = &survey->config.rules[claim->rule];
	line_add(line, "%s", address_name(s.device->address).at);
	add_identity(line, s.device);
	line_add(line, " %s", verdict_word(claim->verdict));
	add_claim_facts(&s, line);
	if (claim->verdict != V_NO_INTERRUPT_REMAPPING || iommu_remaps_separately(survey->machine.platform.unit))
		add_remedy(line, claim->verdict);
	add_origin(line, s.rule);
}

/* --- a line that names nothing, or much --- */

void finding_naming(const struct survey *survey, size_t index, struct line *line)
{
	const struct rule *rule = &survey->config.rules[index];
	const struct naming *naming = &survey->matches.namings[index];

	if (rule->skip)
		line_add(line, "skip ");
	line_add_escaped(line, rule->selector_text, NAME_SHOWN);
	line_add(line, " %s: ", verdict_word(naming->verdict));
	switch (naming->verdict) {
	case V_ABSENT:
		line_add(line, "no device there");
		break;
	case V_NO_MATCH:
		line_add(line, "no device fits");
		break;
	default:
		line_add(line, "%u devices fit", naming->fits);
	}
	add_remedy(line, naming->verdict);
	add_origin(line, rule);
}
