/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BIND_VARIANT_H
#define EARLYBIND_BIND_VARIANT_H

#include "bind/bind.h"

/*
 * Load the module VARIANT with all that the plan says it needs, or find it
 * without the plan, and ask it for its PCI driver's name, which goes to RET: a
 * driver's name is not its module's. 0, or the negative errno of what failed;
 * RET is "" then.
 */
int variant_load(const struct work *work, const char *variant, char ret[DRIVER_SIZE]);

#endif
