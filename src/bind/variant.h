/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BIND_VARIANT_H
#define EARLYBIND_BIND_VARIANT_H

#include "bind/bind.h"

/*
 * Load the module VARIANT with all that it needs by the plan, or by name without
 * a plan, and read from it the name of its PCI driver, which may differ from its
 * own, into RET. 0, or the negative errno of what failed; then RET is "".
 */
int variant_load(const struct work *work, const char *variant, char ret[DRIVER_SIZE]);

#endif
