/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BOOT_BINDING_H
#define EARLYBIND_BOOT_BINDING_H

#include "boot/run.h"

/* Bind the claims whose verdict is V_UNDECIDED, and judge them. 0 or -ENOMEM. */
int run_bind(struct run *run);

#endif
