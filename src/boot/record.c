/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of this boot, put in place and added to. */
#include <errno.h>
#include <stdlib.h>

#include "boot/run.h"

int record_save(const struct run *run)
{
	struct record_text text = { 0 };
	int r;

	record_add_run(&text, &run->decision, &run->end);
	r = text.error;
	if (r == 0)
		r = run->sys->ops->replace_file(run->sys, RECORD_PATH, text.bytes, text.len);
	free(text.bytes);
	return r;
}

int record_append(struct system *sys, struct record_text *text)
{
	int r = text->error;

	if (r == 0 && text->len)
		r = sys->ops->append(sys, RECORD_PATH, text->bytes, text->len);
	free(text->bytes);
	return r;
}
