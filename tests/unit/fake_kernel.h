/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in a temporary directory, and a fake kernel that reacts: a
 * write to `bind` makes the driver link appear or returns the errno of your
 * choice. All state lies in the directory, so that it survives the binder's
 * children; only the faults are in memory, and set before.
 */
#ifndef EARLYBIND_TESTS_FAKE_KERNEL_H
#define EARLYBIND_TESTS_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "system/system.h"

#define FAKE_HANG (-1)	 /* instead of an errno: the call never comes back */
#define FAKE_VANISH (-2) /* the device is gone, and the call fails with ENODEV */
#define FAKE_IGNORE (-3) /* the call reports success and does nothing */
#define FAKE_FAULTS_MAX 64

/* What happens instead when operation OP is called with a path or a value that contains WHERE. */
struct fake_fault {
	const char *op;
	const char *where;
	int error;
};

struct fake {
	struct system sys; /* first, so that the operations find the rest */
	struct system real;
	char root[64];
	struct fake_fault faults[FAKE_FAULTS_MAX];
	size_t n_faults;
	bool note_reads;   /* set before the run: fake_reads() counts what is looked at */
	char appeared[32]; /* what fake_appear() returned */
};

/* A device and its surroundings. Unset fields: no driver, no group, class 0200. */
struct fake_device {
	const char *address;
	const char *id;	    /* "8086:10d3", or with subsystem */
	const char *class;  /* six digits */
	const char *driver; /* bound now, its native driver */
	const char *native; /* would take it when probed, or NULL */
	int group;	    /* 0: none; so groups start at 1 */
	const char *reset;  /* contents of reset_method, or NULL */
	const char *under;  /* address of the bridge above, or NULL */
	bool boot_vga;
};

/* A machine with VT-d, Linux 6.1, the vfio modules in /lib/modules and a plan for them. Aborts on failure. */
struct fake *fake_new(void);
/*
 * A copy of the machine in the directory TREE, as tests/hosts/make has made or
 * tests/capture has taken it, with the same modules and plan for its kernel.
 * Every device's driver is the one that takes it again when it is probed.
 */
struct fake *fake_load_tree(const char *tree);
/*
 * Turn back such a machine to where the initramfs finds it: only drivers that
 * are built in have their devices, udev has not run, and what some driver makes
 * appear, virtual functions and a VMD's domain, is not there yet.
 */
void fake_boot_again(struct fake *fake);
/* The rest of that boot, after the binder: udev loads the modules, and their drivers get what they may have. */
void fake_boot_on(struct fake *fake);
/*
 * Then let the next device appear that its maker's driver makes, as yet without a driver of its
 * own: its address, until the next call, or NULL.
 */
const char *fake_appear(struct fake *fake);
/* The device's own driver takes it if its override lets it: 0 or a negative errno. */
int fake_probe(struct fake *fake, const char *address);
/* The machine as it is now into the directory TREE, which exists, without what is the fake's own; the fake is then to
 * be freed. */
void fake_save_tree(struct fake *fake, const char *tree);
/* Remove the directory. */
void fake_free(struct fake *fake);

/* vfio-pci is loaded with OPTIONS, as something else in the image or a built-in driver has it. */
void fake_load_vfio_pci(struct fake *fake, const char *options);
void fake_add(struct fake *fake, const struct fake_device *device);
/* Write a file below the root, directories included; FORMAT-less, the content as it is. */
void fake_file(struct fake *fake, const char *path, const char *content);
void fake_remove(struct fake *fake, const char *path);
void fake_link(struct fake *fake, const char *target, const char *path);
void fake_fault(struct fake *fake, const char *op, const char *where, int error);

/* The driver of the device, or "" (static buffer). */
const char *fake_driver(struct fake *fake, const char *address);
/* Contents of a file below the root (static buffer), or "" when there is none. */
const char *fake_read(struct fake *fake, const char *path);
/* Every changing call so far, a line each: "write PATH DATA", "load PATH OPTIONS", "try N". */
const char *fake_calls(struct fake *fake);
/* How often PATH was looked at: read, listed, followed as a link, or asked whether it is there. */
unsigned fake_reads(struct fake *fake, const char *path);

#endif
