/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from src/verdicts/ by generate.awk. */
#define VERDICT_ROWS \
	[V_ALL_WELL] = { 10, 0, LEVEL_GOOD }, \
	[V_LEFT] = { 19, 24, LEVEL_NOTE }, \
	[V_LEFT_TOO] = { 37, 0, LEVEL_PROBLEM }, \
	[V_BY_THE_WAY] = { 46, 24, LEVEL_NOTE }, \

#define REMEDY_CASE_ROWS \
	{ V_LEFT, CASE_ARM, 57 }, \

#define VERDICT_STRINGS \
	"undecided" "\0" \
	"all-well" "\0" \
	"left" "\0" \
	"say \"please\"" "\0" \
	"left-too" "\0" \
	"by-the-way" "\0" \
	"say it slowly" "\0" \

