/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Predict: what binding and the dry run will come to, before either has been
 * tried. Together with verify_outcome() it gives the verdict of a boot that is
 * still to come. Pure.
 *
 * The facts must be those that the binder will find: before udev, without the
 * drivers that are modules (tool/ahead.h). What cannot be foreseen is taken to
 * go well: that a driver lets go of a device, that the next one's probe
 * succeeds, that Secure Boot lets a module be loaded.
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
 * How far binding the claim's device will get. PLAN may be empty: then nobody
 * knows the modules, and they are taken to be there. The device has the group
 * that the probe will find.
 */
struct outcome predict_outcome(const struct config *config, const struct plan *plan, const struct machine *machine,
			       const struct claim *claim);

/* What the dry run of GROUP will end with, its members having the drivers that they will have then. */
struct trial predict_trial(const struct plan *plan, const struct machine *machine, const struct group *group);

#endif
