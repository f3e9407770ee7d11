/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a configuration file: `SELECTOR [OPTION]...`, `skip SELECTOR`, `set NAME VALUE`. */
#include <string.h>

#include "base/array.h"
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

struct option {
	const char *name;
	bool takes_value;
	bool for_skip; /* makes sense on a `skip` line too */
	void (*apply)(struct parser *p, struct rule *rule, struct slice value);
};

static void apply_id(struct parser *p, struct rule *rule, struct slice value)
{
	struct complaint complaint;

	if (!id_pattern_is_any(&rule->selector.id))
		problem_at(p, value, "this line names an ID already", NULL);
	else if (!id_pattern_parse(value, &rule->selector.id, &complaint))
		problem_in(p, value, &complaint);
}

static void apply_class(struct parser *p, struct rule *rule, struct slice value)
{
	struct complaint complaint;

	if (rule->selector.class.mask)
		problem_at(p, value, "this line names a class already", NULL);
	else if (!class_pattern_parse(value, &rule->selector.class, &complaint))
		problem_in(p, value, &complaint);
}

static void apply_driver(struct parser *p, struct rule *rule, struct slice value)
{
	if (rule->driver_auto || rule->driver[0])
		problem_at(p, value, "this line names a driver already", NULL);
	else if (slice_is(value, "auto"))
		rule->driver_auto = true;
	/* The module's name; the driver's is what sysfs and driver_override go by. */
	else if (slice_is(value, "vfio_pci"))
		problem_at(p, value, "no driver has this name", DRIVER_DEFAULT);
	/* The name becomes part of a path, so nothing but letters, digits, - and _. */
	else if (!slice_is_name(value) || !slice_store(value, rule->driver, sizeof(rule->driver)))
		problem_at(p, value, "not a driver's name: letters, digits, - and _, such as vfio-pci", NULL);
}

static void apply_group(struct parser *p, struct rule *rule, struct slice value)
{
	(void)p;
	(void)value;
	rule->group = true;
}

static void apply_leave_bound(struct parser *p, struct rule *rule, struct slice value)
{
	(void)p;
	(void)value;
	rule->leave_bound = true;
}

static void apply_optional(struct parser *p, struct rule *rule, struct slice value)
{
	(void)p;
	(void)value;
	rule->optional = true;
}

static void apply_allow_root(struct parser *p, struct rule *rule, struct slice value)
{
	(void)p;
	(void)value;
	rule->even_if_needed = true;
}

static const struct option options[] = {
	{ "id=", true, true, apply_id },
	{ "class=", true, true, apply_class },
	{ "driver=", true, false, apply_driver },
	{ "group", false, false, apply_group },
	{ "leave-bound", false, false, apply_leave_bound },
	{ "optional", false, true, apply_optional },
	{ "even-if-needed", false, false, apply_allow_root },
};

static const struct option *find_option(struct slice word)
{
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		const struct option *o = &options[i];

		if (o->takes_value ? slice_starts(word, o->name) : slice_is(word, o->name))
			return o;
	}
	return NULL;
}

/* What an unknown option was meant to be: compare up to and including its "=". */
static const char *nearest_option(struct slice word)
{
	const char *names[COUNT_OF(options)];
	struct slice head = word, rest = word;

	slice_cut(&rest, '=');
	if (rest.at)
		head = slice_sub(word, 0, (size_t)(rest.at - word.at));
	for (size_t i = 0; i < COUNT_OF(options); i++)
		names[i] = options[i].name;
	return nearest_name(head, names, COUNT_OF(names));
}

/* People write a second device, or an ID without saying that it is a guard. */
static void problem_unknown(struct parser *p, struct slice word)
{
	struct complaint complaint;
	struct selector second;

	if (!selector_parse(word, &second, &complaint))
		problem_at(p, word, "unknown option", nearest_option(word));
	else if (second.kind == SELECT_ID)
		problem_at(p, word, "a line names one device; an ID that is its guard needs id= in front", NULL);
	else
		problem_at(p, word, "a line names one device; write this one on a line of its own", NULL);
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
	if (option->takes_value && value.len == 0)
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

		/* A selector that is wrong leaves nothing to check its guard against. */
		if (option.len && (named || !find_option(option)))
			parse_option(p, &rule, option);
	}
	/* A skip line protects: what can be understood of it holds, and a guard that cannot does not narrow it. */
	if (p->failed && !(skip && named))
		return 0;
	return config_add_rule(p->config, &rule);
}

/* --- settings --- */

static bool set_iommu(struct settings *s, struct slice value)
{
	s->iommu_optional = slice_is(value, "optional");
	return s->iommu_optional || slice_is(value, "required");
}

static bool set_on_failure(struct settings *s, struct slice value)
{
	s->on_failure = slice_is(value, "no-driver") ? ON_FAILURE_NO_DRIVER : ON_FAILURE_NATIVE;
	return s->on_failure == ON_FAILURE_NO_DRIVER || slice_is(value, "native");
}

static bool set_rescue(struct settings *s, struct slice value)
{
	s->rescue = slice_is(value, "on");
	return s->rescue || slice_is(value, "off");
}

static bool set_timeout(struct settings *s, struct slice value)
{
	uint32_t seconds;

	if (!slice_decimal(value, 600, &seconds) || seconds == 0)
		return false;
	s->timeout = seconds;
	return true;
}

static const struct setting {
	const char *name;
	bool (*set)(struct settings *s, struct slice value);
	const char *values; /* what would be right */
} settings[] = {
	{ "iommu", set_iommu, "iommu is required or optional" },
	{ "on-failure", set_on_failure, "on-failure is native or no-driver" },
	{ "timeout", set_timeout, "timeout is 1 to 600 seconds" },
	{ "rescue", set_rescue, "rescue is on or off" },
};

static const struct setting *find_setting(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (slice_is(name, settings[i].name))
			return &settings[i];
	return NULL;
}

static const char *nearest_setting(struct slice name)
{
	const char *names[COUNT_OF(settings)];

	for (size_t i = 0; i < COUNT_OF(settings); i++)
		names[i] = settings[i].name;
	return nearest_name(name, names, COUNT_OF(names));
}

static void parse_set(struct parser *p, struct slice set)
{
	struct slice name = slice_word(&p->rest), value = slice_word(&p->rest), more = slice_word(&p->rest);
	const struct setting *setting = find_setting(name);
	struct settings changed = p->config->settings;

	if (!name.len)
		problem_at(p, set, "needs a setting: iommu, on-failure, timeout or rescue", NULL);
	else if (!setting)
		problem_at(p, name, "unknown setting", nearest_setting(name));
	else if (!value.len)
		problem_at(p, name, setting->values, NULL);
	else if (!setting->set(&changed, value))
		problem_at(p, value, setting->values, NULL);
	else if (more.len)
		problem_at(p, more, "one value is enough", NULL);
	else
		p->config->settings = changed;
}

/* --- lines --- */

/* A comment starts at a # that begins a word. */
static struct slice without_comment(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
			return slice_sub(line, 0, i);
	return line;
}

static int parse_line(struct parser *p)
{
	struct slice word, skip;

	p->failed = false;
	if (p->line.len > CONFIG_LINE_MAX) {
		problem_at(p, slice_sub(p->line, 0, 16), "the line is longer than 1024 bytes", NULL);
		return 0;
	}
	p->line = without_comment(p->line);
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
