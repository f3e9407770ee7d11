/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/cmdline.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "config/config.h"
#include "config/nearest.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

static struct slice unquoted(struct slice t)
{
	if (!t.len || t.at[0] != '"')
		return t;
	t = slice_sub(t, 1, t.len);
	if (t.len && t.at[t.len - 1] == '"')
		t.len--;
	return t;
}

/* Up to the next blank that is not inside double quotes. */
static struct slice next_parameter(struct slice *rest)
{
	struct slice parameter;
	bool quoted = false;
	size_t n = 0;

	while (rest->len && is_blank(rest->at[0]))
		*rest = slice_sub(*rest, 1, rest->len);
	while (n < rest->len && (quoted || !is_blank(rest->at[n]))) {
		if (rest->at[n] == '"')
			quoted = !quoted;
		n++;
	}
	parameter = slice_sub(*rest, 0, n);
	*rest = slice_sub(*rest, n, rest->len);
	return parameter;
}

bool cmdline_next(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice parameter = next_parameter(rest);

	if (!parameter.len || slice_is(parameter, "--"))
		return false;
	if (parameter.at[0] == '"')
		parameter = unquoted(parameter);
	*name = slice_cut(&parameter, '=');
	*value = parameter.at ? unquoted(parameter) : parameter;
	return true;
}

struct slice cmdline_value(struct slice cmdline, const char *name)
{
	struct slice found = { NULL, 0 }, n, v;

	while (cmdline_next(&cmdline, &n, &v))
		if (slice_is(n, name))
			found = v;
	return found;
}

bool cmdline_says(struct slice cmdline, const char *name, const char *word, const char *contrary)
{
	struct slice n, list;
	bool says = false;

	while (cmdline_next(&cmdline, &n, &list)) {
		while (slice_is(n, name) && list.at) {
			struct slice item = slice_cut(&list, ',');

			if (slice_is(item, word))
				says = true;
			else if (contrary && slice_is(item, contrary))
				says = false;
		}
	}
	return says;
}

/* --- MODULE.PARAMETER=VALUE --- */

/*
 * While such a driver is loaded it takes every unbound device of its ids=,
 * whatever the configuration says, the disk of the root included.
 */
bool module_takes_ids(const char *module)
{
	return !strcmp(module, "vfio_pci") || !strcmp(module, "pci_stub");
}

bool module_options_remove_ids(const char *module, char *options)
{
	struct slice rest = slice_of(options), name, value;
	const char *from = options;
	bool found = false;
	char *to = options;

	if (!module_takes_ids(module))
		return false;
	while (cmdline_next(&rest, &name, &value)) {
		size_t len = (size_t)(rest.at - from);

		if (slice_is(name, "ids")) {
			found = true;
		} else {
			memmove(to, from, len);
			to += len;
		}
		from = rest.at;
	}
	*to = '\0';
	return found;
}

bool cmdline_has_ids(struct slice cmdline, const char *module)
{
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value)) {
		struct slice prefix = slice_cut(&name, '.');

		if (slice_is(name, "ids") && value.len && slice_is_module(prefix, module))
			return true;
	}
	return false;
}

bool cmdline_module_options(struct slice cmdline, const char *module, char *to, size_t size)
{
	size_t len = strlen(to);
	struct slice name, value;

	while (cmdline_next(&cmdline, &name, &value)) {
		struct slice parameter = name, prefix = slice_cut(&parameter, '.');
		const char *quote = "";
		int n;

		if (!parameter.len || !slice_is_module(prefix, module) ||
		    (slice_is(parameter, "ids") && module_takes_ids(module)))
			continue;
		for (size_t i = 0; i < value.len; i++)
			if (is_blank(value.at[i]))
				quote = "\"";
		n = snprintf(to + len, size - len, "%s%.*s%s%s%.*s%s", len ? " " : "", SLICE_ARGS(parameter),
			     value.at ? "=" : "", quote, (int)value.len, value.at ? value.at : "", quote);
		if (n < 0 || (size_t)n >= size - len)
			return false;
		len += (size_t)n;
	}
	return true;
}

/* --- rd.earlybind* --- */

static void problem_at(struct config *config, struct slice word, const char *what, const char *instead)
{
	config_add_problem(config, &(struct problem){
					   .origin = { .file = CONFIG_CMDLINE },
					   .word = word,
					   .what = what,
					   .instead = instead,
				   });
}

/* `rd.earlybind.take=` and `.skip=`: a comma-separated list of selectors. */
static int parse_selectors(struct config *config, struct slice name, struct slice list, bool skip)
{
	int r = 0;

	if (!list.len) {
		problem_at(config, name, "needs devices: an address, an ID or class=, separated by commas", NULL);
		return 0;
	}
	while (list.at && r == 0) {
		struct slice word = slice_cut(&list, ',');
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

static bool is_yes(struct slice value)
{
	return !value.at || slice_is(value, "1") || slice_is(value, "yes") || slice_is(value, "on");
}

static int parse_own(struct config *config, struct slice name, struct slice value)
{
	static const char *const names[] = { "rd.earlybind", "rd.earlybind.take", "rd.earlybind.skip",
					     "rd.earlybind.debug" };
	struct settings *s = &config->settings;

	if (slice_is(name, "rd.earlybind.take") || slice_is(name, "rd.earlybind.skip"))
		return parse_selectors(config, name, value, slice_is(name, "rd.earlybind.skip"));
	/* Written at the boot menu to switch earlybind off: only a clear yes does not. */
	if (slice_is(name, "rd.earlybind"))
		s->off = !is_yes(value);
	else if (!slice_is(name, "rd.earlybind.debug"))
		problem_at(config, name, "unknown parameter", nearest_name(name, names, COUNT_OF(names)));
	else if (is_yes(value) || slice_is(value, "0") || slice_is(value, "no") || slice_is(value, "off"))
		s->debug = is_yes(value);
	else
		problem_at(config, name, "is 0 or 1", NULL);
	return 0;
}

int config_parse_cmdline(struct config *config, struct slice cmdline)
{
	struct slice rest = cmdline, name, value;
	int r = 0;

	while (r == 0 && cmdline_next(&rest, &name, &value))
		if (slice_is(name, "rd.earlybind") || slice_starts(name, "rd.earlybind."))
			r = parse_own(config, name, value);
	return r;
}
