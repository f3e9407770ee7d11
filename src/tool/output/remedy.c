/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/remedy.h"

#include <string.h>

#include "base/array.h"
#include "generated/explanations.h"

const struct remedy_step remedy_steps[] = { REMEDY_STEPS };
const size_t n_remedy_steps = COUNT_OF(remedy_steps);

const struct remedy_title remedy_titles[] = { REMEDY_TITLES };
const size_t n_remedy_titles = COUNT_OF(remedy_titles);

void remedy_fill(struct linebuf *line, const char *text, const char *parameter)
{
	static const char gap[] = "{parameter}";
	const char *at;

	for (; (at = strstr(text, gap)); text = at + strlen(gap))
		linebuf_add(line, "%.*s%s", (int)(at - text), text, parameter);
	linebuf_add(line, "%s", text);
}

/* How many of the files in LIST, separated by blanks, SYS has; RET_N is how many there are. */
static size_t count_files(struct system *sys, const char *list, size_t *ret_n)
{
	size_t there = 0, len;

	for (*ret_n = 0; *list; list += len + (list[len] == ' '), (*ret_n)++) {
		len = strcspn(list, " ");
		there += system_exists(sys, "%.*s", (int)len, list);
	}
	return there;
}

const struct remedy_step *remedy_find(struct system *sys, enum remedy how)
{
	size_t n;

	for (size_t i = 0; i < n_remedy_steps; i++)
		if (remedy_steps[i].how == how && remedy_steps[i].sign &&
		    count_files(sys, remedy_steps[i].sign, &n) == n)
			return &remedy_steps[i];
	return NULL;
}

bool remedy_has_hook(struct system *sys, const struct remedy_step *step)
{
	size_t n;

	return step->hook && count_files(sys, step->hook, &n);
}

bool remedy_here(struct system *sys, enum remedy how, const char *parameter, struct linebuf *line)
{
	const struct remedy_step *step = remedy_find(sys, how);

	if (step)
		remedy_fill(line, step->brief, parameter);
	return step;
}

void remedy_regenerate(struct system *sys, struct linebuf *line)
{
	if (!remedy_here(sys, REMEDY_REGENERATE, "", line))
		linebuf_add(line, "update-initramfs -u, or dracut --force");
}
