/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enumeration: read the facts from sysfs and procfs, and only those that the
 * configuration needs. Only attributes that take no device lock are read, so a
 * driver that hangs in its probe cannot hang this.
 *
 * All functions return 0 or -ENOMEM; what cannot be read is left at "none", or
 * noted in device.error.
 */
#ifndef EARLYBIND_MACHINE_ENUMERATE_H
#define EARLYBIND_MACHINE_ENUMERATE_H

#include "config/config.h"
#include "config/plan.h"
#include "system/system.h"
#include "machine/facts.h"

/* The kernel and its command line, IOMMU units, groups, firmware tables. MACHINE starts zeroed. */
int read_platform(struct system *sys, struct machine *machine);

/* Read again which IOMMU units run: loading a module may have started one. */
void refresh_iommu(struct system *sys, struct platform *platform);

/* Every device that a line of CONFIG could mean, by address. */
int enumerate_devices(struct system *sys, const struct config *config, struct machine *machine);

/* Every device, by address. */
int enumerate_every(struct system *sys, struct machine *machine);

/* The device at ADDRESS, if there is one. */
int enumerate_one(struct system *sys, struct machine *machine, struct address address);

/* What is now at the addresses of the devices that the host needs by PLAN: two reads each. */
int enumerate_needs(struct system *sys, const struct plan *plan, struct machine *machine);

/*
 * Driver, group, reset methods of MACHINE's device INDEX, and the group with
 * its members. May add devices, so pointers to them become stale; indices stay.
 */
int read_details(struct system *sys, struct machine *machine, size_t index);

/* How many displays the machine has, and the firmware's framebuffer. Reads something of every device. */
void read_displays(struct system *sys, struct platform *platform);
/* The firmware's framebuffer, as the kernel has it now. */
void read_framebuffer(struct system *sys, struct platform *platform);
/* Whether a framebuffer that was there is gone. */
void refresh_framebuffer(struct system *sys, struct platform *platform);
/*
 * Whether the firmware uses the display at ADDRESS: by boot_vga, or, for displays that are no VGA devices, by
 * boot_display of its DRM driver (6.17 on).
 */
bool read_boot_display(struct system *sys, struct address address);

/*
 * Read again what binding changes, each fact once a pass. refresh_start() begins
 * a pass; refresh_device() reads whether the device is there, its driver, its
 * group, and all of a group that is new; refresh_members() the drivers of the
 * group's members.
 */
void refresh_start(struct machine *machine);
int refresh_device(struct system *sys, struct machine *machine, size_t index);
void refresh_members(struct system *sys, struct machine *machine, size_t index);

/*
 * Where groups come late: every device of the machine with its driver and the
 * group that it has so far. To be called after enumerate_devices().
 */
int enumerate_all(struct system *sys, struct machine *machine);

/* What vfio-pci has before the run, by ids= or by another tool. 0 or -ENOMEM. */
int enumerate_bound(struct system *sys, struct machine *machine);

/* Read the driver that has the device now, at any time: "" for none. */
void refresh_driver(struct system *sys, struct device *device);

#endif
