/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts: a line and what it names. */
#include "base/array.h"
#include "tool/output/explanation.h"

static const struct explanation rows[] = {
	{
		.verdict = V_ABSENT,
		.brief = "no device is at the address or path that a line names",
		.means = "The line did nothing.",
		.causes = "The device is not plugged in, or is switched off in the firmware setup; or another card was "
			  "added "
			  "or moved, and the buses were numbered anew.",
		.todo = "Look for it with `lspci -Dnn` and correct the address. A path through bridges (`lspci -PP`) "
			"survives new "
			"bus numbers, and an ID as guard (`0000:01:00.0 id=10de:1b80`) keeps a wrong device from being "
			"taken. Where it is fine that the device is not there, add the option `optional`.",
	},
	{
		.verdict = V_NO_MATCH,
		.brief = "no device of this machine has the ID or class that a line names",
		.means = "The line did nothing.",
		.causes = "The ID is misspelled, the subsystem part does not fit, or the device is not there.",
		.todo = "Compare with `lspci -Dnn`, and with `lspci -Dnnv` for the subsystem. Where it is fine that "
			"there is "
			"none, add the option `optional`.",
	},
	{
		.verdict = V_MULTIPLE_MATCHES,
		.brief = "one ID fits several devices, and all of them are taken",
		.means = "That is what the line says, and may not be what was meant: of two identical cards the host "
			 "keeps "
			 "none.",
		.causes = "Two cards of one kind, or one card with several functions of one kind.",
		.todo = "To keep one for the host, name the other by its address, with the ID as guard: `0000:01:00.0 "
			"id=10de:1b80`; or keep one with `skip 0000:02:00.0`.",
	},
	{
		.verdict = V_OTHER_DEVICE,
		.brief = "another device than the line expects is at that place; it was left alone",
		.means = "The guard (`id=` or `class=`) does not fit. This is what guards are for: addresses move when "
			 "a card is "
			 "added, and the wrong device could be the root disk.",
		.causes = "A card was added, removed or moved to another slot, or replaced by another model; or the "
			  "guard is "
			  "misspelled.",
		.todo = "Find the device with `lspci -Dnn` and correct the address or the guard.",
	},
	{
		.verdict = V_SKIPPED,
		.brief = "left alone because a skip line names it",
		.means = "A `skip` line, or `rd.earlybind.skip=` on the kernel command line, wins over every other "
			 "line.",
		.causes = "It was asked for.",
		.todo = "Nothing; remove the skip line to have the device taken.",
	},
};

const struct explanations explain_naming = { rows, COUNT_OF(rows) };
