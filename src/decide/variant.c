/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/variant.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

static unsigned count_stars(const char *pattern)
{
	unsigned n = 0;

	for (; *pattern; pattern++)
		n += *pattern == '*';
	return n;
}

const struct plan_alias *variant_find(const struct plan *plan, const struct identity *id)
{
	const struct plan_alias *best = NULL;
	char name[PLAN_PATTERN_SIZE];

	snprintf(name, sizeof(name), "v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X", id->vendor, id->device, id->subvendor,
		 id->subdevice, (unsigned)(id->class >> 16 & 0xff), (unsigned)(id->class >> 8 & 0xff),
		 (unsigned)(id->class & 0xff));
	for (size_t i = 0; i < plan->n_aliases; i++) {
		const struct plan_alias *alias = &plan->aliases[i];

		if (fnmatch(alias->pattern, name, 0) == 0 &&
		    (!best || count_stars(alias->pattern) < count_stars(best->pattern)))
			best = alias;
	}
	return best;
}

void variant_choose(const struct config *config, const struct plan *plan, const struct machine *machine,
		    struct matches *matches)
{
	for (size_t i = 0; i < matches->n_claims; i++) {
		struct claim *claim = &matches->claims[i];
		const struct rule *rule = &config->rules[claim->rule];
		const struct device *device = &machine->devices[claim->device];
		const struct plan_alias *alias;

		if (claim->verdict != V_UNDECIDED || !rule->driver_auto)
			continue;
		/* One of VFIO's drivers already has it, and keeps it. */
		if (rule->leave_bound && device->vfio) {
			memcpy(claim->driver, device->driver, sizeof(claim->driver));
			continue;
		}
		alias = variant_find(plan, &device->identity);
		claim->variant = alias ? alias->module : NULL;
	}
}

/* --- what a rule can mean --- */

/*
 * Cut "sv00001043" off REST, KEY being "sv" and DIGITS 8; RET is ID_ANY for a *.
 * False if REST begins with something else.
 */
static bool cut_field(struct slice *rest, const char *key, unsigned digits, int32_t *ret)
{
	uint32_t value;

	if (!slice_starts(*rest, key))
		return false;
	*rest = slice_sub(*rest, strlen(key), rest->len);
	if (rest->len && rest->at[0] == '*') {
		*ret = ID_ANY;
		*rest = slice_sub(*rest, 1, rest->len);
		return true;
	}
	if (rest->len < digits || !slice_hex(slice_sub(*rest, 0, digits), digits, &value) || value > 0xffff)
		return false;
	*ret = (int32_t)value;
	*rest = slice_sub(*rest, digits, rest->len);
	return true;
}

/* The byte of a class pattern at SHIFT, or ID_ANY. */
static int32_t class_byte(const struct class_pattern *p, unsigned shift)
{
	return p->mask >> shift & 0xff ? (int32_t)(p->value >> shift & 0xff) : ID_ANY;
}

bool variant_may_fit(const struct rule *rule, struct slice pattern)
{
	const struct selector *s = &rule->selector;
	const struct {
		const char *key;
		unsigned digits;
		int32_t want;
	} fields[] = {
		{ "v", 8, s->id.vendor },
		{ "d", 8, s->id.device },
		{ "sv", 8, s->id.subvendor },
		{ "sd", 8, s->id.subdevice },
		{ "bc", 2, class_byte(&s->class, 16) },
		{ "sc", 2, class_byte(&s->class, 8) },
		{ "i", 2, class_byte(&s->class, 0) },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		int32_t want = fields[i].want, value;

		if (!cut_field(&pattern, fields[i].key, fields[i].digits, &value))
			return true;
		if (value != ID_ANY && want != ID_ANY && value != want)
			return false;
	}
	return true;
}
