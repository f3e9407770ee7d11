/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Predict: the outcome of binding and of the trial, before either was tried.
 * With verify_outcome() it gives the verdict of a boot to come. Pure.
 *
 * The facts must be those that the binder will find: before udev, without the
 * drivers that are modules (tool/predict/next_boot.h). What cannot be known is
 * assumed to succeed: that a driver releases a device, that the next one's probe
 * works, that Secure Boot permits a module.
 */
#ifndef EARLYBIND_DECIDE_PREDICT_H
#define EARLYBIND_DECIDE_PREDICT_H

#include "config/config.h"
#include "config/plan.h"
#include "decide/match.h"
#include "decide/outcome.h"
#include "machine/facts.h"

/* A driver of VFIO's by its name: vfio-pci, mlx5_vfio_pci, xe-vfio-pci. */
bool predict_is_vfio(const char *driver);

/*
 * The outcome of binding the claim's device. If PLAN is empty, the modules are
 * assumed to be there. The device has the group that the probe will find.
 */
struct outcome predict_outcome(const struct config *config, const struct plan *plan, const struct machine *machine,
			       const struct claim *claim);

/*
 * The firmware's framebuffer at the next boot, once the CLAIMS without a failure are bound. If the running system shows
 * none, its driver may have gone since: UEFI firmware leaves one on the boot display, unless the command line forbids
 * it.
 */
void predict_framebuffer(struct machine *machine, const struct matches *matches);

/* Whether a parameter will have VFIO attach where interrupts are not remapped: platform.unsafe_irqs. */
bool predict_unsafe_interrupts(const struct plan *plan, const struct platform *platform);

/* The trial of GROUP, whose members have the drivers that they will have then. */
struct trial predict_trial(const struct plan *plan, const struct machine *machine, const struct group *group);

#endif
