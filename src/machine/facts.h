/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a machine: data only. machine/enumerate.c fills it from
 * sysfs, tests fill it by hand, and deciding reads it.
 */
#ifndef EARLYBIND_MACHINE_FACTS_H
#define EARLYBIND_MACHINE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/limits.h"
#include "base/slice.h"
#include "machine/iommu.h"
#include "system/system.h"

#define CHAIN_MAX 24
#define NO_GROUP (-1)
#define PORT_DRIVER "pcieport"

struct device {
	struct address address; /* first, for sorting */
	struct identity identity;
	int error;		  /* why its identity could not be read: an errno, or 0 */
	bool gone;		  /* it was there and is no more */
	bool virtual_function;	  /* of SR-IOV: made by its physical function */
	char driver[DRIVER_SIZE]; /* "" when no driver has it */
	/* The functions from the root port down to this one, itself last; for path selectors. */
	struct address chain[CHAIN_MAX];
	unsigned n_chain;
	unsigned pass; /* in which its driver was read, from 1; 0: not yet */
	/* Of devices that a line names: */
	unsigned functions;	 /* virtual functions that it can make, or 0; */
	unsigned function_first; /* from the first one's routing ID to its own, */
	unsigned function_step;	 /* and from one to the next */
	uint16_t function_id;	 /* their device ID */
	int group;		 /* IOMMU group, or NO_GROUP */
	bool iommu_link;	 /* the `iommu` link: an IOMMU translates for it */
	bool boot_vga;		 /* the firmware's display, by boot_vga or boot_display */
	bool vfio;		 /* it has a VFIO device node: its driver leaves DMA to the user */
	bool unrequested;	 /* vfio-pci had it before the run, and no line asks for that */
	bool restored;		 /* and the run has released it for the host, which needs it */
	char reset[48];		 /* reset methods by their kernel names, or "" for none */
};

struct group {
	unsigned number;
	int error;	      /* why its members could not be read: an errno, or 0 */
	bool noiommu;	      /* no-IOMMU mode: no isolation at all */
	bool reserved_direct; /* firmware-reserved memory that blocks assignment */
	size_t *members;      /* indices into machine.devices */
	size_t n_members, members_room;
	unsigned pass;	    /* in which its members' drivers were read */
	struct trial trial; /* once it was made */
};

/* The console that the firmware leaves to the kernel: memory of a display that efifb, simpledrm and others draw in. */
struct framebuffer {
	char name[24];	      /* in /proc/iomem, or of its platform device; "" for none */
	bool owned;	      /* known to be in the memory of a device: */
	struct address owner; /* this one */
	bool gone;	      /* since the devices were bound */
};

struct platform {
	char release[RELEASE_SIZE];
	unsigned major, minor; /* of the kernel */
	char *cmdline;	       /* never NULL once it was read */
	unsigned units;	       /* IOMMU units that the kernel runs */
	char unit[32];	       /* the name of the first: dmar0, ivhd0, smmu3.0x... */
	unsigned groups;
	unsigned tables;    /* enum acpi_table */
	bool acpi;	    /* false: the machine is described by a device tree */
	bool arm;	    /* by its ACPI tables an Arm machine */
	bool remapping;	    /* x86: interrupts go through the IOMMU */
	bool unsafe_irqs;   /* a module's parameter has VFIO attach where they do not */
	bool iommu_planned; /* the image's plan has the module of the IOMMU in the VIOT table */
	bool crash_kernel;  /* it was started to save a crash dump (kdump) */
	bool settled;	    /* udev has run: a device without a driver stays so */
	/* If a line names a display: */
	struct framebuffer framebuffer;
	bool uefi;	   /* the firmware, which leaves a framebuffer */
	unsigned displays; /* in the machine, */
	bool no_display;   /* all of which are to be bound */
	bool vfio_first;   /* vfio-pci was there before the run, so that its ids= has had effect */
};

struct machine {
	struct platform platform;
	struct device *devices; /* by address */
	size_t n_devices, devices_room;
	struct group *groups;
	size_t n_groups, groups_room;
	unsigned pass; /* refreshes so far: the number of the current pass is one more */
	/* Every device was read, and one without a group gets it when a driver probes it. */
	bool groups_come_late;
};

void machine_done(struct machine *machine);

/* The device at ADDRESS, or NULL. */
struct device *machine_device(const struct machine *machine, struct address address);
/* The group that DEVICE is in, or NULL if it has none or it was not read. */
struct group *machine_group(const struct machine *machine, const struct device *device);
/* A bridge's configuration header is not that of an endpoint: VFIO never takes it. */
bool device_is_bridge(const struct device *device);
/* The host bridge, which no guest wants. It has an endpoint's header, so VFIO would take it, and some get a driver. */
bool device_is_host_bridge(const struct device *device);
/*
 * A guest can have it: no bridge, no IOMMU, and no part of the PCIe port driver, which has event collectors (class
 * 0807) as well. DEVICE's driver has been read.
 */
bool device_is_endpoint(const struct device *device);
/*
 * A function of the chipset that the board's own firmware and host drivers rely on: memory controllers, the LPC or ISA
 * bridge, SMBus, SPI flash and other serial buses on the root bus. A guest could harm the board through it.
 */
bool device_is_of_board(const struct device *device);
/* It can have a monitor: 3D controllers have none. */
bool device_is_display(const struct device *device);
bool device_is_vga(const struct device *device);
/* Whether the running kernel is MAJOR.MINOR or later. */
bool kernel_is(const struct platform *platform, unsigned major, unsigned minor);

#endif
