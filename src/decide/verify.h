/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verify: may a device be touched, and is it ready afterwards? Pure; the
 * answers are verdicts, written into the claims. Differences between kernels
 * are handled here and nowhere else.
 */
#ifndef EARLYBIND_DECIDE_VERIFY_H
#define EARLYBIND_DECIDE_VERIFY_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "decide/outcome.h"
#include "decide/verdict.h"
#include "machine/facts.h"

/* The state of the IOMMU as a whole, or why there is none, from units, tables and command line. */
enum verdict verify_platform(const struct platform *platform);

/* Why a run does nothing at all: V_DISABLED or V_NO_CONFIGURATION; V_UNDECIDED where it does something. */
enum verdict verify_run(const struct config *config, const struct platform *platform);

/* What is wrong with the image's plan: V_NO_PLAN or V_IMAGE_STALE, or V_UNDECIDED. ERROR: why it could not be read. */
enum verdict verify_plan(const struct plan *plan, int error, const struct platform *platform);

/*
 * What became of the ids= of vfio-pci in the plan and on the command line: V_IDS_IGNORED, or V_UNDECIDED where there is
 * none or where the driver was there first; then V_BOUND_BEFORE tells of the devices.
 */
enum verdict verify_ids(const struct plan *plan, const struct platform *platform);
/* Of a device that is `unrequested`: V_BOUND_BEFORE or V_RESTORED_FOR_HOST. */
enum verdict verify_unrequested(const struct device *device);

/* The parameter on the command line that verify_platform() holds responsible, such as "iommu=off", or NULL. */
const char *verify_platform_culprit(const struct platform *platform);

/* The firmware describes an IOMMU whose driver is a module, and it does not run yet. */
bool iommu_wants_module(const struct platform *platform);

/* A device may have no group before a driver probes it: bind first, and look again. */
bool groups_come_late(const struct platform *platform);

/* Before anything is touched; leaves V_UNDECIDED where binding may go on. */
void verify_claim(const struct config *config, const struct machine *machine, struct claim *claim);

/*
 * After binding, with the claim's outcome and the facts read again: V_READY with
 * notes, or what prevents it. With V_GROUP_SHARED the note V_NEIGHBOUR_UNBOUND
 * means that the neighbours only have no driver yet: the trial of the group
 * worked, or, with V_NOT_VERIFIED, could not be made. With V_READY it means that
 * one has no driver and could get one.
 */
void verify_outcome(const struct config *config, const struct plan *plan, const struct machine *machine,
		    struct claim *claim);

/* The device is bound, but not as requested: it is to be restored. */
bool verify_is_to_be_restored(const struct settings *settings, const struct claim *claim);

/* The state of a device that was ready on DRIVER: DEVICE is as it is now, or NULL if it is gone. */
enum verdict verify_since(const struct device *device, const char *driver);

/* Interrupts cannot be forged by a guest, as far as is known, or the kernel is told not to care. */
bool verify_interrupts(const struct platform *platform);

/* Where VFIO attaches through iommufd, or has no groups: the kernel attaches when a device is opened. */
bool trial_needs_open(const struct trial *trial);
/* The trial told nothing about whether the group can be attached. */
bool trial_is_untried(const struct trial *trial);

/*
 * The state of a line for which the boot's run and those for hotplugged devices
 * have found no device: THEN is its verdict, PRESENT that a device is there now
 * which the line decides. V_NOT_APPEARED where the line is `optional`, otherwise
 * THEN; V_NOT_HANDLED if one is there.
 */
enum verdict verify_line_since(const struct rule *rule, enum verdict then, bool present);

/*
 * Whether MEMBER of a group prevents a guest from using the group. A native
 * driver does, one that leaves DMA to the user does not. Of a member without a
 * driver PLAN tells whether this kernel has one that will bind it; what PLAN does
 * not know may get one at any time.
 */
enum neighbour {
	NEIGHBOUR_HARMLESS,
	NEIGHBOUR_IDLE,	   /* it has no driver, and none will bind it unless a person has it done */
	NEIGHBOUR_UNBOUND, /* it has no driver yet */
	NEIGHBOUR_BOUND,
};
/* What PLAN, if it is for this kernel, tells of drivers for DEVICE, or NULL. */
const struct plan_driver *verify_prospect(const struct plan *plan, const struct platform *platform,
					  const struct device *device);
enum neighbour verify_neighbour(const struct plan *plan, const struct platform *platform, const struct device *member);
/* Likewise at the next boot, unless a line names MEMBER: a VFIO driver that it has now tells nothing of then. */
enum neighbour verify_next_neighbour(const struct plan *plan, const struct platform *platform,
				     const struct device *member);

#endif
