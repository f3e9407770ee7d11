/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rescue's second half: giving back, and saying so. */
#ifndef EARLYBIND_BOOT_RESCUE_APPLY_H
#define EARLYBIND_BOOT_RESCUE_APPLY_H

#include "config/config.h"
#include "decide/rescue.h"
#include "machine/facts.h"
#include "report/log.h"

/* A device that the binder took and that could carry the root. */
struct candidate {
	struct device device;
	char taken[DRIVER_SIZE]; /* the driver that the run gave it, "" where it was parked */
	enum carrier carrier;
};

struct rescue {
	struct system *sys;
	struct log log;
	struct config config;	/* as this boot has used it */
	struct machine machine; /* the platform, and the devices that were taken */
	struct candidate *candidates;
	size_t n, room;
	size_t hung; /* devices of this kind whose driver has not released them yet */
};

/* Restore the candidates for REASON; write it to the log and into the record. */
void rescue_apply(struct rescue *rescue, enum rescue_reason reason);

#endif
