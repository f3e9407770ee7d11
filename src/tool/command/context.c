/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/command/context.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "decide/verify.h"
#include "report/message.h"
#include "tool/inspect/sysroot.h"

bool context_options(struct context *context, int argc, char **argv, const struct option *options,
		     void (*other)(struct context *context, int c, const char *value), void (*print_columns)(void),
		     int *ret)
{
	int c;

	*ret = STATUS_USAGE;
	while ((c = next_option(context->command, argc, argv, options)) != -1) {
		if (c == 'h') {
			*ret = print_help(context->command->help);
			print_columns();
		}
		if (c == 'h' || c == '?')
			return false;
		if (!table_option(&context->options, c, optarg) && other)
			other(context, c, optarg);
	}
	return no_more_words(context->command, argc, argv) == STATUS_FINE;
}

int context_open(struct context *context, const struct command *command)
{
	int r;

	context->command = command;
	r = sysroot_open_system(&context->sys, command, context->options.sysroot);
	return r == STATUS_FINE ? names_open(&context->names, context->options.sysroot) : r;
}

void context_done(struct context *context)
{
	findings_done(&context->findings);
	if (context->names.access)
		names_close(&context->names);
	if (context->sys.root >= 0)
		system_close(&context->sys);
}

/* "Advanced Micro Devices, Inc. [AMD/ATI]" is AMD/ATI to people, and "Intel Corporation" is Intel. */
static void shorten_vendor(char *vendor)
{
	static const char *const tails[] = { ", Inc",	 " Inc",       " Corp",		 " Co.",
					     " Co ",	 " Ltd",       " LLC",		 " GmbH",
					     " Limited", " Technolog", " Semiconductor", " Electronics" };
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
static char *short_name(struct context *context, const struct identity *id)
{
	char vendor[NAME_SIZE_MAX], whole[2 * NAME_SIZE_MAX];
	const char *name = names_vendor(&context->names, id->vendor);

	if (!name)
		return NULL;
	snprintf(vendor, sizeof(vendor), "%s", name);
	shorten_vendor(vendor);
	name = names_device(&context->names, id->vendor, id->device);
	snprintf(whole, sizeof(whole), "%s%s%s", vendor, name ? " " : "", name ? name : "");
	return findings_copy(&context->findings, whole);
}

char *context_name(struct context *context, const struct device *device)
{
	if (device->error)
		return NULL;
	if (!table_is_bare(&context->options))
		return short_name(context, &device->identity);
	return findings_copy(&context->findings, names_full(&context->names, &device->identity));
}

static char *copy_line(struct context *context, const struct linebuf *line)
{
	return findings_copy(&context->findings, line->at);
}

void context_origin_words(const struct origin *origin, struct linebuf *ret)
{
	linebuf_start(ret);
	linebuf_add(ret, "%s", origin->file);
	if (origin->line)
		linebuf_add(ret, ":%u", origin->line);
}

char *context_origin(struct context *context, const struct origin *origin)
{
	struct linebuf line;

	context_origin_words(origin, &line);
	return copy_line(context, &line);
}

void context_platform(struct context *context, const struct decision *decision)
{
	enum verdict verdict = verify_platform(&decision->machine.platform);
	struct finding *f = findings_add(&context->findings, FINDING_PLATFORM, verdict_level(verdict), verdict);
	struct linebuf line;

	linebuf_start(&line);
	message_platform_facts(decision, &line);
	f->text = copy_line(context, &line);
	f->parameter = verify_platform_culprit(&decision->machine.platform);
}

void context_problems(struct context *context, const struct config *config)
{
	for (size_t i = 0; i < config->n_problems; i++) {
		struct finding *f;
		struct linebuf line;

		linebuf_start(&line);
		problem_format(&config->problems[i], &line);
		if (config->problems[i].error == EACCES)
			linebuf_add(&line, "; root may read it");
		f = findings_say(&context->findings, FINDING_NOTICE, LEVEL_PROBLEM, V_CONFIG_ERROR, "%s", line.at);
		f->line = context_origin(context, &config->problems[i].origin);
	}
	if (config->problems_total > config->n_problems)
		findings_say(&context->findings, FINDING_NOTICE, LEVEL_PROBLEM, V_CONFIG_ERROR, "and %zu more error%s",
			     config->problems_total - config->n_problems,
			     config->problems_total - config->n_problems == 1 ? "" : "s");
}

void context_unknown_needs(struct context *context, const struct plan *plan, enum level level)
{
	for (size_t i = 0; i < plan->n_needs; i++) {
		const struct plan_need *need = &plan->needs[i];
		struct finding *finding;
		struct linebuf text;

		if (need->kind != NEED_UNKNOWN)
			continue;
		linebuf_start(&text);
		linebuf_add_escaped(&text, slice_of(need->what), PLAN_WHAT_SIZE);
		finding = findings_say(&context->findings, FINDING_NEED, level, V_NONE,
				       "what the host needs is unknown: %s; no storage controller is bound unless its "
				       "line has even-if-needed",
				       text.at);
		finding->about = findings_copy(&context->findings, need_kind_word(need->kind));
	}
}

const struct problem *context_unreadable(const struct config *config)
{
	for (size_t i = 0; i < config->n_problems; i++)
		if (config->problems[i].error)
			return &config->problems[i];
	return NULL;
}

static char *identity_of(struct context *context, const struct device *device)
{
	char id[sizeof("ffff:ffff")];

	if (device->error)
		return NULL;
	snprintf(id, sizeof(id), "%04x:%04x", device->identity.vendor, device->identity.device);
	return findings_copy(&context->findings, id);
}

static void add_note_facts(struct context *context, const struct decision *decision, const struct claim *claim,
			   enum tense tense, struct finding *f)
{
	size_t n = 0;

	for (enum verdict v = V_FIRST_NOTE; v <= V_LAST_NOTE && n < FINDING_NOTES_MAX; v++) {
		struct linebuf line;

		if (!(f->notes & NOTE(v)))
			continue;
		linebuf_start(&line);
		message_note(decision, claim, v, tense, &line);
		f->note_facts[n++] = copy_line(context, &line);
	}
}

/* What check says of it: nothing has happened yet. */
struct finding *context_claim(struct context *context, const struct decision *decision, const struct claim *claim,
			      enum tense tense)
{
	const struct device *device = &decision->machine.devices[claim->device];
	bool known = claim->verdict != V_UNKNOWN_WORD;
	struct finding *f = findings_add(&context->findings, FINDING_DEVICE,
					 known ? verdict_level(claim->verdict) : LEVEL_PROBLEM,
					 known ? claim->verdict : V_NONE);
	struct linebuf line;

	linebuf_start(&line);
	if (known)
		message_claim_facts(decision, claim, tense, &line);
	else
		linebuf_add(&line, "the record has a verdict of another version");
	f->text = copy_line(context, &line);
	f->device = findings_copy(&context->findings, address_name(device->address).at);
	f->id = identity_of(context, device);
	f->name = context_name(context, device);
	f->group = device->group;
	f->reset = findings_copy(&context->findings, device->reset);
	f->notes = claim->verdict == V_READY ? claim->notes : 0;
	add_note_facts(context, decision, claim, tense, f);
	f->line = context_origin(context, &decision->config.rules[claim->rule].origin);
	return f;
}

char *context_rule_name(struct context *context, const struct rule *rule)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "%s", rule->skip ? "skip " : "");
	linebuf_add_escaped(&line, rule->selector_text, 63);
	return copy_line(context, &line);
}

void context_rules(struct context *context, const struct decision *decision)
{
	for (size_t i = 0; decision->matches.rule_results && i < decision->config.n_rules; i++) {
		const struct rule *rule = &decision->config.rules[i];
		enum verdict verdict = decision->matches.rule_results[i].verdict;
		struct finding *f;
		struct linebuf line;

		if (verdict == V_UNDECIDED || verdict == V_UNKNOWN_WORD)
			continue;
		f = findings_add(&context->findings, FINDING_LINE, verdict_level(verdict), verdict);
		f->device = context_rule_name(context, rule);
		linebuf_start(&line);
		message_rule_facts(decision, i, &line);
		f->text = copy_line(context, &line);
		f->line = context_origin(context, &rule->origin);
	}
}

int context_status(const struct context *context)
{
	if (context->findings.lacks_memory)
		return -ENOMEM;
	return findings_have_problem(&context->findings) ? STATUS_PROBLEM : STATUS_FINE;
}
