/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from src/verdicts/ by generate.awk. */
#define REMEDY_LIST \
	REMEDY_FIRMWARE = 1 << 0, \
	REMEDY_ADD_PARAMETER = 1 << 1, \

