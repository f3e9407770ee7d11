/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bind: the only place that changes devices. It carries out what was decided
 * elsewhere and writes down the outcome of each device.
 *
 * Order: park every device (an override that names no driver), load the
 * modules, then those of variant drivers, and once the driver is there release
 * and bind the devices one by one. If the overrides named vfio-pci from the
 * start, loading it would attach all devices at once, and one that hangs would
 * block them all.
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

struct claim;
struct step;

/* What bind_restore() does with a device. */
enum restore {
	RESTORE_NOT,
	RESTORE_NATIVE,	     /* let its native driver take it */
	RESTORE_LOAD_NATIVE, /* likewise, and first have the image load that driver */
	RESTORE_NO_DRIVER,   /* park it */
};

struct binding {
	struct address address;
	const char *driver;	 /* owned by the configuration */
	const char *variant;	 /* the module of a better driver, owned by the plan, or NULL */
	char found[DRIVER_SIZE]; /* that driver's name once it is there, or "" */
	struct claim *claim;	 /* that it carries out, or NULL; bind does not look at it */
	enum restore restore;
	struct outcome outcome;
};

struct group_trial {
	unsigned group;
	struct trial trial;
};

/* What the steps work on. Bindings, trials and module errors lie in memory that the children share. */
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
	/* Driverless neighbours: a driver that probes one while a trial holds its group fails, and is not tried again.
	 */
	const struct address *probes;
	size_t n_probes;
	int *module_errors; /* one a module of the plan: 0 or a negative errno */
	struct step *steps;
	size_t n_steps;
	size_t shared_size;
};

/*
 * Memory for ROOM bindings and as many trials; the caller fills them in and
 * sets their numbers. 0 or -ENOMEM. PLAN may be empty: then the driver must be
 * there already or modprobe must find it. The caller calls work_done() in
 * every case.
 */
int work_init(struct work *work, size_t room, const struct plan *plan);
void work_done(struct work *work);

/*
 * Park, load, release, bind. Without its variant driver a device gets DRIVER,
 * and its outcome says why. Every outcome is written; no failure stops the others.
 */
void bind_devices(struct work *work);
/* Try each group of the trials, then have the kernel probe the `probes`. */
void bind_try_groups(struct work *work);
/*
 * Restore each binding as its `restore` says: clear its override, release it
 * from the driver that it was bound to, and have the kernel probe it, or park it.
 */
void bind_restore(struct work *work);

#endif
