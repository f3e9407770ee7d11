/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as it will be at the next boot, derived from the running one: a
 * struct system in which the binder's own code finds what it will find then.
 *
 * Before udev no driver that is a module has a device; /run is empty; a device
 * that a driver creates (a virtual function, a device below a VMD) does not
 * exist yet; and where devices get their groups late, or their IOMMU's driver is
 * a module itself, a device without a driver has no group. All of it is read
 * from sysfs; every operation that would change something is refused.
 */
#ifndef EARLYBIND_TOOL_PREDICT_NEXT_BOOT_H
#define EARLYBIND_TOOL_PREDICT_NEXT_BOOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "config/config.h"
#include "system/system.h"

/* Devices as they will be once the binder has had them. */
struct next_boot_bound {
	struct address address;
	char driver[DRIVER_SIZE];
};

struct next_boot {
	struct system sys;   /* first, so that the operations find the rest */
	struct system *now;  /* the running machine */
	const char *release; /* of the kernel that will boot, or NULL: the running one */
	bool later;	     /* not before udev, but when hotplugged devices appear */
	bool groups_late;    /* devices get their groups when a driver probes them */
	bool iommu_loaded;   /* the IOMMU's own module is loaded */
	struct next_boot_bound *bound;
	size_t n_bound, bound_room;
};

/* NOW and RELEASE must outlive it. */
void next_boot_open(struct next_boot *next_boot, struct system *now, const char *release);
void next_boot_close(struct next_boot *next_boot);

/* From now on DRIVER has the device, and its group exists. 0 or -ENOMEM. */
int next_boot_bind(struct next_boot *next_boot, struct address address, const char *driver);
/* As if it had not been tried. */
void next_boot_unbind(struct next_boot *next_boot, struct address address);

/* Some driver makes it appear: it is not there when the binder runs. */
bool device_is_hotplugged(struct system *now, struct address address);

#endif
