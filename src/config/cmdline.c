/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/cmdline.h"

#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "config/config.h"
#include "config/nearest.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

static struct text unquoted(struct text t)
{
	if (!t.len || t.at[0] != '"')
		return t;
	t = text_slice(t, 1, t.len);
	if (t.len && t.at[t.len - 1] == '"')
		t.len--;
	return t;
}

/* Up to the next blank that is not inside double quotes. */
static struct text next_parameter(struct text *rest)
{
	struct text parameter;
	bool quoted = false;
	size_t n = 0;

	while (rest->len && is_blank(rest->at[0]))
		*rest = text_slice(*rest, 1, rest->len);
	while (n < rest->len && (quoted || !is_blank(rest->at[n]))) {
		if (rest->at[n] == '"')
			quoted = !quoted;
		n++;
	}
	parameter = text_slice(*rest, 0, n);
	*rest = text_slice(*rest, n, rest->len);
	return parameter;
}

bool cmdline_next(struct text *rest, struct text *name, struct text *value)
{
	struct text parameter = next_parameter(rest);

	if (!parameter.len || text_is(parameter, "--"))
		return false;
	if (parameter.at[0] == '"')
		parameter = unquoted(parameter);
	*name = text_cut(&parameter, '=');
	*value = parameter.at ? unquoted(parameter) : parameter;
	return true;
}

bool cmdline_says(struct text cmdline, const char *name, const char *word, const char *contrary)
{
	struct text n, list;
	bool says = false;

	while (cmdline_next(&cmdline, &n, &list)) {
		while (text_is(n, name) && list.at) {
			struct text item = text_cut(&list, ',');

			if (text_is(item, word))
				says = true;
			else if (contrary && text_is(item, contrary))
				says = false;
		}
	}
	return says;
}

/* --- MODULE.PARAMETER=VALUE --- */

/* The parameter behind "MODULE." when NAME starts so, else an empty text. */
static struct text parameter_of(struct text name, const char *module)
{
	size_t len = strlen(module);

	if (name.len < len + 2 || name.at[len] != '.')
		return (struct text){ NULL, 0 };
	for (size_t i = 0; i < len; i++)
		if ((name.at[i] == '-' ? '_' : name.at[i]) != module[i])
			return (struct text){ NULL, 0 };
	return text_slice(name, len + 1, name.len);
}

static bool has_blank(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (is_blank(t.at[i]))
			return true;
	return false;
}

bool cmdline_module_options(struct text cmdline, const char *module, char *to, size_t size)
{
	size_t len = strlen(to);
	struct text name, value;

	while (cmdline_next(&cmdline, &name, &value)) {
		struct text parameter = parameter_of(name, module);
		const char *quote = has_blank(value) ? "\"" : "";
		int n;

		if (!parameter.len)
			continue;
		n = snprintf(to + len, size - len, "%s%.*s%s%s%.*s%s", len ? " " : "", TEXT_ARGS(parameter),
			     value.at ? "=" : "", quote, (int)value.len, value.at ? value.at : "", quote);
		if (n < 0 || (size_t)n >= size - len)
			return false;
		len += (size_t)n;
	}
	return true;
}

/* --- rd.earlybind* --- */

static void problem_at(struct config *config, struct text word, const char *what, const char *instead)
{
	config_add_problem(config, &(struct problem){
					   .origin = { .file = CONFIG_CMDLINE },
					   .word = word,
					   .what = what,
					   .instead = instead,
				   });
}

/* `rd.earlybind.take=` and `.skip=`: a comma-separated list of selectors. */
static int parse_selectors(struct config *config, struct text name, struct text list, bool skip)
{
	int r = 0;

	if (!list.len) {
		problem_at(config, name, "needs devices: an address, an ID or class=, separated by commas",
			   NULL);
		return 0;
	}
	while (list.at && r == 0) {
		struct text word = text_cut(&list, ',');
		struct rule rule = {
			.origin = { .file = CONFIG_CMDLINE },
			.selector_text = word,
			.skip = skip,
		};
		struct complaint complaint;

		if (selector_parse(word, &rule.selector, &complaint))
			r = config_add_rule(config, &rule);
		else
			problem_at(config, word.len ? word : name, complaint.what, complaint.instead);
	}
	return r;
}

static bool is_no(struct text value)
{
	return text_is(value, "0") || text_is(value, "no") || text_is(value, "off");
}

static bool is_yes(struct text value)
{
	return !value.at || text_is(value, "1") || text_is(value, "yes") || text_is(value, "on");
}

static int parse_own(struct config *config, struct text name, struct text value)
{
	static const char *const names[] = { "rd.earlybind", "rd.earlybind.take", "rd.earlybind.skip",
					     "rd.earlybind.debug" };
	struct settings *s = &config->settings;

	if (text_is(name, "rd.earlybind.take") || text_is(name, "rd.earlybind.skip"))
		return parse_selectors(config, name, value, text_is(name, "rd.earlybind.skip"));
	/* Somebody who writes this in the boot menu wants it off: only a clear yes is none. */
	if (text_is(name, "rd.earlybind"))
		s->off = !is_yes(value);
	else if (text_is(name, "rd.earlybind.debug") && (is_no(value) || is_yes(value)))
		s->debug = is_yes(value);
	else if (text_is(name, "rd.earlybind.debug"))
		problem_at(config, name, "is 0 or 1", NULL);
	else
		problem_at(config, name, "unknown parameter", nearest_name(name, names, COUNT_OF(names)));
	return 0;
}

int config_parse_cmdline(struct config *config, struct text cmdline)
{
	struct text rest = cmdline, name, value;
	int r = 0;

	while (r == 0 && cmdline_next(&rest, &name, &value))
		if (text_is(name, "rd.earlybind") || text_starts(name, "rd.earlybind."))
			r = parse_own(config, name, value);
	return r;
}
