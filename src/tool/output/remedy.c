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

bool remedy_here(struct system *sys, enum remedy how, const char *parameter, struct linebuf *line)
{
	for (size_t i = 0; i < n_remedy_steps; i++) {
		if (remedy_steps[i].how != how || !remedy_steps[i].sign || !sys->ops->exists(sys, remedy_steps[i].sign))
			continue;
		remedy_fill(line, remedy_steps[i].brief, parameter);
		return true;
	}
	return false;
}
