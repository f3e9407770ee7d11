/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what `earlybind plan` found on the host for the kernel of an image,
 * a word and its values per line. /etc/earlybind.plan in the image.
 *
 *	earlybind-plan 2
 *	kernel 6.1.0-37-amd64
 *	module vfio kernel/drivers/vfio/vfio.ko
 *	module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1
 *	builtin irqbypass
 *	missing vfio_iommu_type1
 *	iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko
 *	variant mlx5_vfio_pci mlx5_core kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko
 *	variant mlx5_vfio_pci mlx5_vfio_pci kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko
 *	alias v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
 *	need root 0000:00:1d.0 144d:a808:144d:a801 / on nvme0n1p2, swap on nvme0n1p3
 *	need network 0000:00:1f.6 8086:15b8:1043:8672 default route over eno1
 *	driver 8086:a145:1043:8694 060100 none
 *	driver 8086:a170:1043:8694 040300 expected snd_hda_intel snd_hda_intel
 *
 * Modules are in load order; paths are relative to /lib/modules/KERNEL. `iommu`
 * modules drive an IOMMU that the firmware describes and that is no part of the
 * kernel itself; they are loaded only on machines that have one. `variant`
 * modules are what the VFIO driver that is named first needs besides those, with
 * itself last; they are loaded only for a device that an `alias` fits and whose
 * line has driver=auto. An alias is the kernel's without "vfio_pci:".
 *
 * `need` names a device that the host needs: what for, where it was, what it was
 * ("-" if that could not be read), and, for people, what depends on it. `need
 * unknown - -` says that the devices of something the host needs could not be
 * found: then no storage controller is taken.
 *
 * `driver` tells whether a driver of this kernel will bind devices of an ID and a
 * class, for the neighbours of what lines name: a word of enum prospect, the
 * modules concerned, separated by commas ("-" if one is built into the kernel),
 * and the driver, whose name may have blanks.
 */
#ifndef EARLYBIND_CONFIG_PLAN_H
#define EARLYBIND_CONFIG_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/slice.h"
#include "config/selector.h"

#define PLAN_VERSION 2
#define PLAN_FILE_MAX (256 * 1024)
#define PLAN_PATH_SIZE 256
#define PLAN_OPTIONS_SIZE 1024
#define MODULE_OPTIONS_SIZE (PLAN_OPTIONS_SIZE * 2) /* with those of the kernel command line */
#define PLAN_MODULES_MAX 256			    /* a graphics card's variant driver needs some 30 */
#define PLAN_ALIASES_MAX 256
#define PLAN_PATTERN_SIZE MODALIAS_SIZE
#define PLAN_NEEDS_MAX 256
#define PLAN_WHAT_SIZE 160
#define PLAN_DRIVERS_MAX 1024
#define PLAN_DRIVER_MODULES_SIZE 128

/* What the host needs a device for; the first of several. */
enum need_kind {
	NEED_ROOT,     /* to boot and to let people log in */
	NEED_MOUNT,    /* another filesystem or encrypted volume that the boot waits for */
	NEED_NETWORK,  /* the default route */
	NEED_KEYBOARD, /* to type a passphrase at boot */
	NEED_UNKNOWN,  /* no device: something that could not be traced to its devices */
	/* Never in a plan: what is lost if a guest gets the device. */
	NEED_IN_USE,
	NEED_DISPLAY,
	NEED_CONSOLE,
};

enum plan_kind { PLAN_MODULE, PLAN_IOMMU, PLAN_BUILTIN, PLAN_MISSING, PLAN_VARIANT };

struct plan_module {
	enum plan_kind kind;
	char name[DRIVER_SIZE]; /* with underscores, as in /sys/module */
	char path[PLAN_PATH_SIZE];
	char options[PLAN_OPTIONS_SIZE];
	char variant[DRIVER_SIZE]; /* PLAN_VARIANT: the module that this one is loaded for */
};

struct plan_alias {
	char pattern[PLAN_PATTERN_SIZE];
	char module[DRIVER_SIZE];
};

struct plan_need {
	enum need_kind kind;
	struct address address;	   /* none if the kind is NEED_UNKNOWN */
	struct id_pattern id;	   /* fits everything if the plan does not know it */
	char what[PLAN_WHAT_SIZE]; /* not escaped */
};

/* Whether a device that is left alone gets a driver on its way to the running system. */
enum prospect {
	PROSPECT_NONE,	      /* this kernel has no driver for it */
	PROSPECT_BLACKLISTED, /* modprobe.d keeps its modules from being loaded for it */
	PROSPECT_DECLINED,    /* its drivers were there on the running system, and none has bound it */
	PROSPECT_EXPECTED,
};

struct plan_driver {
	struct identity identity;
	enum prospect prospect;
	char modules[PLAN_DRIVER_MODULES_SIZE];
	char driver[DRIVER_SIZE]; /* or "" */
};

struct plan {
	char kernel[RELEASE_SIZE]; /* "" if the plan does not tell */
	struct plan_module *modules;
	size_t n_modules, modules_room;
	struct plan_alias *aliases;
	size_t n_aliases, aliases_room;
	struct plan_need *needs;
	size_t n_needs, needs_room;
	struct plan_driver *drivers;
	size_t n_drivers, drivers_room;
	unsigned bad_lines; /* lines that this version does not understand */
};

/*
 * Parse BYTES; nothing of them is kept. 0, -EPROTONOSUPPORT if it is no plan
 * of this version, or -ENOMEM. The caller calls plan_done() in every case.
 */
int plan_parse(struct plan *plan, struct slice bytes);
void plan_done(struct plan *plan);

/* The word of the plan, the record and JSON: "root". */
const char *need_kind_word(enum need_kind kind);
/* The host must keep the device; otherwise a person needs to know what is lost. */
bool need_is_protected(enum need_kind kind);

/* One line for NEED, and all of PLAN, as plan_parse() reads them. */
void plan_format_need(const struct plan_need *need, struct linebuf *ret);
void plan_format(const struct plan *plan, struct buffer *to);

/* The module NAME, unless it is there for a variant driver only; or NULL. */
const struct plan_module *plan_find(const struct plan *plan, const char *name);
/* DRIVER has the name of MODULE, which has underscores where the driver may have dashes. */
bool plan_is_module_of(const char *module, const char *driver);
/* As plan_find(), for the module of DRIVER. */
const struct plan_module *plan_find_driver(const struct plan *plan, const char *driver);
/* What PLAN tells of devices of this identity, or NULL. */
const struct plan_driver *plan_find_prospect(const struct plan *plan, const struct identity *identity);

#endif
