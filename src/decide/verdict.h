/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every outcome is one verdict: a short stable word, the facts, the remedy.
 * A new verdict is one row in verdict.c and one line in the list below.
 */
#ifndef EARLYBIND_DECIDE_VERDICT_H
#define EARLYBIND_DECIDE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum verdict {
	V_UNDECIDED,	 /* nothing speaks against the device so far; never reported */
	V_OUT_OF_MEMORY, /* and nothing could be decided any more */
	/* the platform */
	V_IOMMU_ACTIVE,
	V_IOMMU_NO_TABLE,
	V_IOMMU_NOT_ENABLED,
	V_IOMMU_OFF,
	V_IOMMU_WRONG_PARAMETER,
	V_IOMMU_FAILED,
	V_IOMMU_NO_DRIVER,
	V_DISABLED,
	V_NO_CONFIGURATION,
	V_IMAGE_STALE,
	V_NO_PLAN,
	/* a device, before anything is done to it */
	V_SKIPPED,
	V_OTHER_DEVICE,
	V_UNREADABLE,
	V_BRIDGE,
	V_NEEDED_BY_HOST,
	V_LEFT_BOUND,
	V_NEIGHBOUR_IN_USE,
	V_NO_IOMMU,
	V_NOT_BEHIND_IOMMU,
	/* a line that names nothing, or much */
	V_ABSENT,
	V_NO_MATCH,
	V_MULTIPLE_MATCHES,
	/* a device, after it was bound or was not */
	V_READY,
	V_NO_IOMMU_MODE,
	V_VANISHED,
	V_DRIVER_HUNG,
	V_UNBIND_FAILED,
	V_OTHER_GROUP,
	V_MODULE_MISSING,
	V_MODULE_REFUSED,
	V_BIND_FAILED,
	V_TYPE1_MISSING,
	V_NOT_VFIO,
	V_GROUP_UNREADABLE,
	V_GROUP_SHARED,
	V_NO_INTERRUPT_REMAPPING,
	V_RESERVED_MEMORY,
	V_ATTACH_FAILED,
	V_RESCUED,
	/* a device, some time after it was ready */
	V_DRIVER_CHANGED,
	/* notes beside V_READY */
	V_TAKEN_OVER,
	V_NEIGHBOUR_UNBOUND,
	V_NO_RESET,
	V_BOOT_DISPLAY,
	V_NOT_VERIFIED,
	V_DRIVER_FALLBACK,
	/* the configuration */
	V_CONFIG_ERROR,
	V_COUNT,
};

enum level {
	LEVEL_GOOD,    /* as asked for */
	LEVEL_NOTE,    /* good to know */
	LEVEL_PROBLEM, /* something that was asked for is not so */
};

/* The stable word, as in the log and the record. */
const char *verdict_word(enum verdict verdict);
enum level verdict_level(enum verdict verdict);
/* What a person can do about it, or NULL where there is nothing to do. */
const char *verdict_remedy(enum verdict verdict);

/* A set of notes. */
typedef uint64_t notes_t;
#define NOTE(verdict) ((notes_t)1 << (verdict))

#endif
