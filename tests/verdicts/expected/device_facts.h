/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from src/verdicts/ by generate.awk. */
#define DEVICE_FACTS \
	[V_LEFT - V_FIRST_DEVICE] = facts_left, \
	[V_LEFT_TOO - V_FIRST_DEVICE] = facts_left, \

