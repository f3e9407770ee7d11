/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/message_parts.h"

void add_name(struct linebuf *line, const char *name)
{
	linebuf_add_escaped(line, slice_of(name), NAME_SHOWN);
}

void add_remedy(struct linebuf *line, enum verdict verdict, enum remedy_case which)
{
	const char *remedy = verdict_remedy_for(verdict, which);

	if (remedy)
		linebuf_add(line, "; %s", remedy);
}
