/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a configuration file: `SELECTOR [OPTION]...`, `skip SELECTOR`, `set NAME VALUE`. */
#include <string.h>

#include "base/array.h"
#include "base/limits.h"
#include "config/config.h"
#include "config/nearest.h"

/* One line while it is parsed. */
struct parser {
	struct config *config;
	struct origin origin; /* column unset */
	struct slice line;    /* without comment and end */
	struct slice rest;    /* what is still to be parsed */
	bool failed;	      /* this line has a problem and names nothing */
};

static void problem_from(struct parser *p, const char *from, struct slice word, const char *what, const char *instead)
{
	struct problem problem = { .origin = p->origin, .word = word, .what = what, .instead = instead };

	problem.origin.column = (unsigned)(from - p->line.at) + 1;
	config_add_problem(p->config, &problem);
	p->failed = true;
}

static void problem_at(struct parser *p, struct slice word, const char *what, const char *instead)
{
	problem_from(p, word.at, word, what, instead);
}

static void problem_in(struct parser *p, struct slice word, const struct complaint *c)
{
	struct slice part = slice_sub(word, c->at, c->at + c->len);

	/* An empty part shows nothing: quote the whole word, the column still tells the place. */
	problem_from(p, part.at, part.len ? part : word, c->what, c->instead);
}

/* --- options --- */

static void apply_id(struct parser *p, struct rule *rule, struct slice value)
{
	struct complaint complaint;

	if (!id_pattern_is_any(&rule->selector.id))
		problem_at(p, value, "this line already names an ID", NULL);
	else if (!id_pattern_parse(value, &rule->selector.id, &complaint))
		problem_in(p, value, &complaint);
}

static void apply_class(struct parser *p, struct rule *rule, struct slice value)
{
	struct complaint complaint;

	if (rule->selector.class.mask)
		problem_at(p, value, "this line already names a class", NULL);
	else if (!class_pattern_parse(value, &rule->selector.class, &complaint))
		problem_in(p, value, &complaint);
}

static void apply_driver(struct parser *p, struct rule *rule, struct slice value)
{
	if (rule->driver_auto || rule->driver[0])
		problem_at(p, value, "this line already names a driver", NULL);
	else if (slice_is(value, "auto"))
		rule->driver_auto = true;
	/* The module's name; sysfs and driver_override go by the driver's. */
	else if (slice_is(value, "vfio_pci"))
		problem_at(p, value, "no driver has this name", DRIVER_DEFAULT);
	/* The name becomes part of a path, so nothing but letters, digits, - and _. */
	else if (!slice_is_name(value) || !slice_store(value, rule->driver, sizeof(rule->driver)))
		problem_at(p, value, "not a driver's name: letters, digits, - and _, such as vfio-pci", NULL);
}

static const struct option {
	const char *name; /* with "=" if it takes a value */
	bool for_skip;	  /* makes sense on a `skip` line too */
	void (*apply)(struct parser *p, struct rule *rule, struct slice value);
	size_t flag; /* in struct rule, where there is no value to apply */
} options[] = {
	{ "id=", true, apply_id, 0 },
	{ "class=", true, apply_class, 0 },
	{ "driver=", false, apply_driver, 0 },
	{ "group", false, NULL, offsetof(struct rule, group) },
	{ "leave-bound", false, NULL, offsetof(struct rule, leave_bound) },
	{ "optional", true, NULL, offsetof(struct rule, optional) },
	{ "even-if-needed", false, NULL, offsetof(struct rule, even_if_needed) },
};

static const struct option *find_option(struct slice word)
{
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		const struct option *o = &options[i];

		if (o->apply ? slice_starts(word, o->name) : slice_is(word, o->name))
			return o;
	}
	return NULL;
}

/* Often a second device, or an ID without "id=". */
static void problem_unknown(struct parser *p, struct slice word)
{
	const char *names[COUNT_OF(options)];
	struct slice head = word, rest = word;
	struct complaint complaint;
	struct selector second;

	if (selector_parse(word, &second, &complaint)) {
		problem_at(p, word,
			   second.kind == SELECT_ID
				   ? "a line names one device; write id= before the ID that this one must have"
				   : "a line names one device; write this one on a line of its own",
			   NULL);
		return;
	}
	/* What it was meant to be: compare up to and including its "=". */
	slice_cut(&rest, '=');
	if (rest.at)
		head = slice_sub(word, 0, (size_t)(rest.at - word.at));
	for (size_t i = 0; i < COUNT_OF(options); i++)
		names[i] = options[i].name;
	problem_at(p, word, "unknown option", nearest_name(head, names, COUNT_OF(names)));
}

static void parse_option(struct parser *p, struct rule *rule, struct slice word)
{
	const struct option *option = find_option(word);
	struct slice value;

	if (!option) {
		problem_unknown(p, word);
		return;
	}
	if (rule->skip && !option->for_skip) {
		problem_at(p, word, "has no meaning on a skip line", NULL);
		return;
	}
	value = slice_sub(word, strlen(option->name), word.len);
	if (!option->apply)
		*(bool *)((char *)rule + option->flag) = true;
	else if (value.len == 0)
		problem_at(p, word, "the value is missing", NULL);
	else
		option->apply(p, rule, value);
}

static int parse_rule(struct parser *p, struct slice word, bool skip)
{
	struct rule rule = { .origin = p->origin, .skip = skip, .selector_text = word };
	struct complaint complaint;
	bool named;

	rule.origin.column = (unsigned)(word.at - p->line.at) + 1;
	named = selector_parse(word, &rule.selector, &complaint);
	if (!named)
		problem_in(p, word, &complaint);
	while (p->rest.len) {
		struct slice option = slice_word(&p->rest);

		/* Without a device there is nothing to check its options against. */
		if (option.len && (named || !find_option(option)))
			parse_option(p, &rule, option);
	}
	/* A skip line protects: its device is skipped even if an option of it cannot be understood. */
	if (p->failed && !(skip && named))
		return 0;
	return config_add_rule(p->config, &rule);
}

/* --- settings --- */

enum { SET_IOMMU, SET_ON_FAILURE, SET_RESCUE, SET_TIMEOUT };

static const struct setting {
	const char *name;
	const char *words[2]; /* of the value; without them it is a number */
	const char *values;   /* what would be right */
} settings[] = {
	[SET_IOMMU] = { "iommu", { "required", "optional" }, "iommu must be required or optional" },
	[SET_ON_FAILURE] = { "on-failure", { "native", "no-driver" }, "on-failure must be native or no-driver" },
	[SET_RESCUE] = { "rescue", { "off", "on" }, "rescue must be on or off" },
	[SET_TIMEOUT] = { "timeout", { NULL }, "timeout must be 1 to " AS_TEXT(CONFIG_TIMEOUT_MAX) " seconds" },
};

/* False if setting I has no such VALUE; then S is not to be used. */
static bool apply_setting(struct settings *s, size_t i, struct slice value)
{
	const char *const *words = settings[i].words;
	bool first = words[0] && slice_is(value, words[0]), second = words[0] && slice_is(value, words[1]);
	uint32_t seconds = 0;

	switch (i) {
	case SET_IOMMU:
		s->iommu_optional = second;
		break;
	case SET_ON_FAILURE:
		s->on_failure = second ? ON_FAILURE_NO_DRIVER : ON_FAILURE_NATIVE;
		break;
	case SET_RESCUE:
		s->rescue = second;
		break;
	case SET_TIMEOUT:
		first = slice_decimal(value, CONFIG_TIMEOUT_MAX, &seconds) && seconds;
		s->timeout = seconds;
		break;
	}
	return first || second;
}

static void parse_set(struct parser *p, struct slice set)
{
	struct slice name = slice_word(&p->rest), value = slice_word(&p->rest), more = slice_word(&p->rest);
	struct settings changed = p->config->settings;
	const char *names[COUNT_OF(settings)];
	size_t found = COUNT_OF(settings);

	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		names[i] = settings[i].name;
		if (slice_is(name, names[i]))
			found = i;
	}
	if (!name.len)
		problem_at(p, set, "needs a setting: iommu, on-failure, timeout or rescue", NULL);
	else if (found == COUNT_OF(settings))
		problem_at(p, name, "unknown setting", nearest_name(name, names, COUNT_OF(names)));
	else if (!value.len)
		problem_at(p, name, settings[found].values, NULL);
	else if (!apply_setting(&changed, found, value))
		problem_at(p, value, settings[found].values, NULL);
	else if (more.len)
		problem_at(p, more, "a setting has one value", NULL);
	else
		p->config->settings = changed;
}

/* --- lines --- */

static int parse_line(struct parser *p)
{
	struct slice word, skip;

	p->failed = false;
	if (p->line.len > CONFIG_LINE_MAX) {
		problem_at(p, slice_sub(p->line, 0, 16), "the line is longer than " AS_TEXT(CONFIG_LINE_MAX) " bytes",
			   NULL);
		return 0;
	}
	/* A comment starts at a # that begins a word. */
	for (size_t i = 0; i < p->line.len; i++)
		if (p->line.at[i] == '#' && (i == 0 || p->line.at[i - 1] == ' ' || p->line.at[i - 1] == '\t'))
			p->line.len = i;
	p->rest = p->line;
	word = slice_word(&p->rest);
	if (!word.len)
		return 0;
	if (slice_is(word, "set")) {
		parse_set(p, word);
		return 0;
	}
	if (!slice_is(word, "skip"))
		return parse_rule(p, word, false);
	skip = word;
	word = slice_word(&p->rest);
	if (word.len)
		return parse_rule(p, word, true);
	problem_at(p, skip, "skip needs a device", NULL);
	return 0;
}

int config_parse(struct config *config, const char *name, struct slice bytes)
{
	struct parser p = { .config = config, .origin = { .file = name } };
	struct slice rest = bytes;
	int r = 0;

	if (slice_starts(bytes, "\xff\xfe") || slice_starts(bytes, "\xfe\xff")) {
		config_add_problem(config, &(struct problem){
						   .origin = { .file = name },
						   .what = "the file is UTF-16; save it as UTF-8 or plain ASCII",
					   });
		return 0;
	}
	if (slice_starts(bytes, "\xef\xbb\xbf"))
		rest = slice_sub(bytes, 3, bytes.len);
	while (rest.len && r == 0) {
		p.origin.line++;
		p.line = slice_cut(&rest, '\n');
		if (p.line.len && p.line.at[p.line.len - 1] == '\r')
			p.line.len--;
		r = parse_line(&p);
	}
	return r;
}
