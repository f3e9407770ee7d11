/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bind: the only place that changes anything. It executes rows that were
 * decided elsewhere and writes down what came of each.
 *
 * Order: park every device (an override that keeps all drivers off), load the
 * modules, those of variant drivers last, and only when the driver is really there release and bind the
 * devices one by one. Loading vfio-pci with its final name in the overrides
 * would attach all devices at once, and one stuck device would block them all.
 */
#ifndef EARLYBIND_BIND_BIND_H
#define EARLYBIND_BIND_BIND_H

#include <stdbool.h>

#include "base/address.h"
#include "config/plan.h"
#include "decide/outcome.h"
#include "system/system.h"
#include "machine/facts.h"

/* An override that names no driver. */
#define PARKED "earlybind-parked"

struct binding {
	struct address address;
	const char *driver;	 /* owned by the configuration */
	const char *variant;	 /* the module of a better driver, owned by the plan, or NULL */
	char found[DRIVER_SIZE]; /* that driver's name once it is there, or "" */
	struct claim *claim;	 /* that it carries out, or NULL; bind does not look at it */
	bool undo;		 /* bound, but not as requested: to be restored */
	struct outcome outcome;
};

struct group_trial {
	unsigned group;
	struct trial trial;
};

/* What the steps work on; BINDINGS, PROOFS and MODULE_ERRORS lie in shared memory. */
struct work {
	struct system *sys;
	const struct plan *plan;
	const char *release;  /* of the running kernel */
	struct slice cmdline; /* of the running kernel: options for modules */
	unsigned timeout;     /* seconds a step may take */
	bool load_iommu;      /* the plan's `iommu` modules too */
	bool hotplug;	      /* the devices appeared a moment ago */
	struct binding *bindings;
	size_t n_bindings;
	struct group_trial *trials;
	size_t n_trials;
	int *module_errors; /* one a module of the plan: 0 or a negative errno */
	size_t room;	    /* bindings, and proofs, that there is memory for */
};

/*
 * Memory for ROOM bindings and as many proofs; the caller fills them in and
 * sets their numbers. 0 or -ENOMEM. PLAN may be empty: then the driver must be
 * there already or modprobe must find it.
 */
int work_init(struct work *work, size_t room, const struct plan *plan);
void work_done(struct work *work);

/*
 * Park, load, release, bind. Where a variant driver cannot be had, DRIVER is
 * taken, and variant_error says so. Every outcome is written; nothing stops at a failure. */
void bind_devices(struct work *work);
/* The dry run of each group in PROOFS. */
void bind_try_groups(struct work *work);
/*
 * Of each binding that failed and did not get stuck: clear its override and
 * have the kernel probe it, or with PARK leave it without a driver.
 */
void bind_restore_failed(struct work *work, bool park);
/*
 * Of each binding marked so in its outcome: have the image load the device's
 * own driver, and give the device back to it. It may have been bound or parked.
 */
void bind_restore_rescued(struct work *work);
/* Unbind again what is marked so in its outcome, and have its own driver take it. */
void bind_restore_marked(struct work *work);

#endif
