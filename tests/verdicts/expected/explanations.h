/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from src/verdicts/ by generate.awk. */
#define EXPLANATION_ROWS \
	[V_ALL_WELL] = { .verdict = V_ALL_WELL, \
		.brief = "all is well", \
		.meaning = "Nothing is wrong.", \
		.causes = "None.", \
		.remedy = "Nothing to do.", \
		.steps = 0 }, \
	[V_LEFT] = { .verdict = V_LEFT, \
		.brief = "left alone", \
		.meaning = "It was left alone, with 100% certainty.", \
		.causes = "A choice (`skip a|b`).", \
		.remedy = "Use `GRUB=\"x\" | tool`.", \
		.parameter = "quiet", \
		.steps = REMEDY_ADD_PARAMETER | REMEDY_FIRMWARE }, \
	[V_LEFT_TOO] = { .verdict = V_LEFT_TOO, \
		.brief = "left alone as well", \
		.meaning = "The same.", \
		.causes = "The same.", \
		.remedy = "The same.", \
		.explain_only = true, \
		.steps = REMEDY_FIRMWARE }, \
	[V_BY_THE_WAY] = { .verdict = V_BY_THE_WAY, \
		.brief = "by the way", \
		.meaning = "A note.", \
		.causes = "None.", \
		.remedy = "None.", \
		.steps = 0 }, \

#define REMEDY_TITLES \
	{ REMEDY_FIRMWARE, "The setup" }, \
	{ REMEDY_ADD_PARAMETER, "Adding a parameter" }, \

#define REMEDY_STEPS \
	{ REMEDY_FIRMWARE, "All machines", \
		"Press a key.", \
		NULL, NULL, \
		NULL, NULL, NULL }, \
	{ REMEDY_ADD_PARAMETER, "GRUB", \
		"Run `tool --args=\"{parameter}\"`, then `other`.", \
		"usr/sbin/tool", "tool --args=\"{parameter}\"", \
		"maker", "usr/lib/maker/hook etc/maker/hook", "maker.conf" }, \

