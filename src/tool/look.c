/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/look.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "decide/verify.h"
#include "report/finding.h"
#include "tool/sysroot.h"

bool look_options(struct look *look, int argc, char **argv, const struct option *options,
		  void (*other)(struct look *look, int c, const char *value), void (*print_columns)(void), int *ret)
{
	int c;

	*ret = STATUS_USAGE;
	while ((c = next_option(look->command, argc, argv, options)) != -1) {
		if (c == 'h') {
			*ret = print_help(look->command->help);
			print_columns();
		}
		if (c == 'h' || c == '?')
			return false;
		if (!table_option(&look->options, c, optarg) && other)
			other(look, c, optarg);
	}
	return no_more_words(look->command, argc, argv) == STATUS_FINE;
}

int look_open(struct look *look, const struct command *command)
{
	int r;

	look->command = command;
	r = sysroot_open_system(&look->door, command, look->options.sysroot);
	return r == STATUS_FINE ? names_open(&look->names, look->options.sysroot) : r;
}

void look_done(struct look *look)
{
	findings_done(&look->findings);
	if (look->names.access)
		names_close(&look->names);
	if (look->door.root >= 0)
		door_close(&look->door);
}

/* "Advanced Micro Devices, Inc. [AMD/ATI]" is AMD/ATI to people, and "Intel Corporation" is Intel. */
static void shorten_vendor(char *vendor)
{
	static const char *const tails[] = { ", Inc", " Inc",  " Corp",	  " Co.",	   " Co ",	   " Ltd",
					     " LLC",  " GmbH", " Limited", " Technolog", " Semiconductor", " Electronics" };
	char *open = strrchr(vendor, '['), *close = open ? strchr(open, ']') : NULL;

	if (close && close > open + 1) {
		memmove(vendor, open + 1, (size_t)(close - open - 1));
		vendor[close - open - 1] = '\0';
	}
	for (size_t i = 0; i < COUNT_OF(tails); i++) {
		char *tail = strstr(vendor, tails[i]);

		if (tail && tail > vendor)
			*tail = '\0';
	}
}

/* On a terminal a name has a few columns only, and the vendor's comes first. */
static char *short_name(struct look *look, const struct identity *id)
{
	char vendor[NAME_SIZE_MAX], whole[2 * NAME_SIZE_MAX];
	const char *name = names_vendor(&look->names, id->vendor);

	if (!name)
		return NULL;
	snprintf(vendor, sizeof(vendor), "%s", name);
	shorten_vendor(vendor);
	name = names_device(&look->names, id->vendor, id->device);
	snprintf(whole, sizeof(whole), "%s%s%s", vendor, name ? " " : "", name ? name : "");
	return findings_copy(&look->findings, whole);
}

char *look_name(struct look *look, const struct device *device)
{
	if (device->error)
		return NULL;
	if (!table_is_bare(&look->options))
		return short_name(look, &device->identity);
	return findings_copy(&look->findings, names_full(&look->names, &device->identity));
}

static char *copy_line(struct look *look, const struct line *line)
{
	return findings_copy(&look->findings, line->at);
}

void look_origin_words(const struct origin *origin, struct line *ret)
{
	line_start(ret);
	line_add(ret, "%s", origin->file);
	if (origin->line)
		line_add(ret, ":%u", origin->line);
}

char *look_origin(struct look *look, const struct origin *origin)
{
	struct line line;

	look_origin_words(origin, &line);
	return copy_line(look, &line);
}

void look_platform(struct look *look, const struct survey *survey)
{
	enum verdict verdict = verify_platform(&survey->machine.platform);
	struct finding *f = findings_add(&look->findings, FINDING_PLATFORM, verdict_level(verdict), verdict);
	struct line line;
	const char *text = line.at;

	line_start(&line);
	finding_platform(survey, &line);
	/* A problem's word stands in front; it has a place of its own here. */
	if (verdict != V_IOMMU_ACTIVE && strchr(line.at, ' '))
		text = strchr(line.at, ' ') + 1;
	f->text = findings_copy(&look->findings, text);
	if (verdict == V_IOMMU_OFF)
		f->parameter = verify_platform_culprit(&survey->machine.platform);
}

void look_problems(struct look *look, const struct config *config)
{
	for (size_t i = 0; i < config->n_problems; i++) {
		struct line line;

		line_start(&line);
		problem_format(&config->problems[i], &line);
		if (config->problems[i].error == EACCES)
			line_add(&line, "; root may read it");
		findings_say(&look->findings, FINDING_CONFIG, LEVEL_WARNING, V_CONFIG_ERROR, "%s", line.at);
	}
	if (config->problems_total > config->n_problems)
		findings_say(&look->findings, FINDING_CONFIG, LEVEL_WARNING, V_CONFIG_ERROR, "and %zu more mistakes",
			     config->problems_total - config->n_problems);
}

void look_unknowns(struct look *look, const struct root *root)
{
	for (size_t i = 0; i < root->n_unknowns; i++)
		findings_say(&look->findings, FINDING_ROOT, LEVEL_NOTE, V_COUNT,
			     "%s; so nothing keeps a line of the configuration from taking a device below it",
			     root->unknowns[i].what);
}

const struct problem *look_unreadable(const struct config *config)
{
	for (size_t i = 0; i < config->n_problems; i++)
		if (config->problems[i].error)
			return &config->problems[i];
	return NULL;
}

static char *identity_of(struct look *look, const struct device *device)
{
	char id[sizeof("ffff:ffff")];

	if (device->error)
		return NULL;
	snprintf(id, sizeof(id), "%04x:%04x", device->identity.vendor, device->identity.device);
	return findings_copy(&look->findings, id);
}

struct finding *look_claim(struct look *look, const struct survey *survey, const struct claim *claim)
{
	const struct device *device = &survey->machine.devices[claim->device];
	struct finding *f = findings_add(&look->findings, FINDING_DEVICE, verdict_level(claim->verdict), claim->verdict);
	struct line line;

	line_start(&line);
	finding_claim_facts(survey, claim, &line);
	f->text = copy_line(look, &line);
	f->device = findings_copy(&look->findings, address_name(device->address).at);
	f->id = identity_of(look, device);
	f->name = look_name(look, device);
	f->group = device->group;
	f->reset = findings_copy(&look->findings, device->reset);
	f->notes = claim->verdict == V_READY ? claim->notes : 0;
	f->line = look_origin(look, &survey->config.rules[claim->rule].origin);
	return f;
}

char *look_named(struct look *look, const struct rule *rule)
{
	struct line line;

	line_start(&line);
	line_add(&line, "%s", rule->skip ? "skip " : "");
	line_add_escaped(&line, rule->selector_text, 63);
	return copy_line(look, &line);
}

void look_namings(struct look *look, const struct survey *survey)
{
	for (size_t i = 0; survey->matches.namings && i < survey->config.n_rules; i++) {
		const struct rule *rule = &survey->config.rules[i];
		enum verdict verdict = survey->matches.namings[i].verdict;
		struct finding *f;
		struct line line;

		if (verdict == V_NONE)
			continue;
		f = findings_add(&look->findings, FINDING_LINE, verdict_level(verdict), verdict);
		f->device = look_named(look, rule);
		line_start(&line);
		finding_naming_facts(survey, i, &line);
		f->text = copy_line(look, &line);
		f->line = look_origin(look, &rule->origin);
	}
}

int look_status(const struct look *look)
{
	if (look->findings.lacks_memory)
		return -ENOMEM;
	return findings_have_problem(&look->findings) ? STATUS_PROBLEM : STATUS_FINE;
}
