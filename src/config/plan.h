/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what `earlybind plan` found out on the host for the kernel of an
 * image, one word and its values a line. /etc/earlybind.plan in the image.
 *
 *	earlybind-plan 1
 *	kernel 6.1.0-37-amd64
 *	module vfio kernel/drivers/vfio/vfio.ko
 *	module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1
 *	builtin irqbypass
 *	missing vfio_iommu_type1
 *	iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko
 *	variant mlx5_vfio_pci mlx5_core kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko
 *	variant mlx5_vfio_pci mlx5_vfio_pci kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko
 *	alias v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
 *	root 0000:00:1d.0 144d:a808:144d:a801 / on nvme0n1p2, swap on nvme0n1p3
 *
 * Modules stand in load order; paths are relative to /lib/modules/KERNEL.
 * `iommu` modules drive an IOMMU that the firmware describes and the kernel
 * does not run by itself; they are loaded only on machines that have one.
 * `variant` modules are what the VFIO driver named first needs beside those,
 * itself last; they are loaded only for a device that an `alias` fits, which is
 * the kernel's without "vfio_pci:", and whose line says driver=auto.
 *
 * `root` names a device that the host stands on: where it was, what it was ("-"
 * where nobody could read that), and what stands on it, for people. There is
 * none where the image was made for another machine.
 */
#ifndef EARLYBIND_CONFIG_PLAN_H
#define EARLYBIND_CONFIG_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/slice.h"
#include "config/selector.h"

#define PLAN_VERSION 1
#define PLAN_FILE_MAX (256 * 1024)
#define PLAN_NAME_SIZE 64
#define PLAN_PATH_SIZE 256
#define PLAN_OPTIONS_SIZE 1024
#define PLAN_MODULES_MAX 256 /* a variant driver of a graphics card brings some 30 along */
#define PLAN_ALIASES_MAX 256
#define PLAN_PATTERN_SIZE 128 /* a modalias without any * has 54 characters */
#define PLAN_NEEDS_MAX 256
#define PLAN_WHAT_SIZE 160

enum plan_kind { PLAN_MODULE, PLAN_IOMMU, PLAN_BUILTIN, PLAN_MISSING, PLAN_VARIANT };

struct plan_module {
	enum plan_kind kind;
	char name[PLAN_NAME_SIZE]; /* with underscores, as in /sys/module */
	char path[PLAN_PATH_SIZE];
	char options[PLAN_OPTIONS_SIZE];
	char variant[PLAN_NAME_SIZE]; /* PLAN_VARIANT: the module that this one is loaded for */
};

struct plan_alias {
	char pattern[PLAN_PATTERN_SIZE];
	char module[PLAN_NAME_SIZE];
};

struct plan_need {
	struct address address;
	struct id_pattern id;	   /* fits everything where the plan does not know it */
	char what[PLAN_WHAT_SIZE]; /* not escaped */
};

struct plan {
	char kernel[PLAN_NAME_SIZE + 1]; /* "" when the plan does not say */
	struct plan_module *modules;
	size_t n_modules, modules_room;
	struct plan_alias *aliases;
	size_t n_aliases, aliases_room;
	struct plan_need *needs;
	size_t n_needs, needs_room;
	unsigned bad_lines; /* lines that this version does not understand */
};

/*
 * Parse BYTES; nothing of them is kept. 0, -EPROTONOSUPPORT when it is no plan
 * of this version, or -ENOMEM. The caller calls plan_done() in every case.
 */
int plan_parse(struct plan *plan, struct slice bytes);
void plan_done(struct plan *plan);

/* The row of NAME, other than those that are there for a variant driver; or NULL. */
const struct plan_module *plan_find(const struct plan *plan, const char *name);
/* DRIVER has the name of MODULE: a module is written with underscores, its driver with either. */
bool plan_is_module_of(const char *module, const char *driver);
/* As plan_find(), for the module of DRIVER. */
const struct plan_module *plan_find_driver(const struct plan *plan, const char *driver);

#endif
