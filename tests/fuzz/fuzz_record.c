/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a boot: as the rescue reads it, and as the tool does. */
#include <stdlib.h>

#include "base/array.h"
#include "fuzz.h"
#include "record/record.h"
#include "report/message.h"

static void read_as_rescue(struct slice whole)
{
	static const char *const keys[] = { "device", "neighbour", "rescued", "status" };
	struct slice row;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct slice rest = whole;

		while (record_next(&rest, keys[i], &row)) {
			fuzz_check_inside(row, whole);
			MUST(record_value(row, keys[i]).at);
			fuzz_check_inside(record_value(row, "driver"), row);
		}
	}
}

/* Every message can be made of it, and none has a byte that moves a cursor. */
static void check_plain(const struct linebuf *line)
{
	for (size_t i = 0; i < line->len; i++)
		MUST(line->at[i] >= ' ' && line->at[i] <= '~');
}

static void check_claim(const struct decision *d, const struct claim *claim)
{
	struct linebuf line;

	MUST(claim->device < d->machine.n_devices && claim->rule < d->config.n_rules);
	MUST(claim->group_owner < d->machine.n_devices);
	MUST(d->machine.devices[claim->device].group >= NO_GROUP);
	if (claim->verdict == V_UNKNOWN_WORD)
		return;
	linebuf_start(&line);
	message_claim(d, claim, &line);
	check_plain(&line);
}

static void check_messages(struct decision *d)
{
	struct linebuf line;

	for (size_t i = 0; i < d->matches.n_claims; i++)
		check_claim(d, &d->matches.claims[i]);
	for (size_t i = 0; i < d->config.n_problems; i++) {
		linebuf_start(&line);
		problem_format(&d->config.problems[i], &line);
		check_plain(&line);
	}
	linebuf_start(&line);
	message_platform(d, &line);
	check_plain(&line);
	linebuf_start(&line);
	message_run(d, V_IMAGE_STALE, &line);
	check_plain(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct record record = { 0 };
	int r;

	read_as_rescue((struct slice){ copy, size });
	config_init(&record.decision.config);
	record.decision.machine.platform.cmdline = calloc(1, 1);
	MUST(record.decision.machine.platform.cmdline);
	r = record_parse(&record, (struct slice){ copy, size });
	/* Nothing of the bytes is kept. */
	free(copy);
	MUST(r <= 0);
	MUST((record.bad_lines == 0) == (record.first_bad == 0));
	check_messages(&record.decision);
	record_done(&record);
	return 0;
}
