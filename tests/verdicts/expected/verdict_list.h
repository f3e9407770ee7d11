/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from src/verdicts/ by generate.awk. */
#define VERDICT_LIST \
	V_ALL_WELL, \
	V_LEFT, \
	V_LEFT_TOO, \
	V_BY_THE_WAY, \

#define V_FIRST_NOTE V_BY_THE_WAY
#define V_LAST_NOTE V_BY_THE_WAY
#define V_FIRST_DEVICE V_LEFT
#define V_LAST_DEVICE V_LEFT_TOO
#define REMEDY_CASE_LIST \
	CASE_ARM, \

