/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a round of the rescue reads about the root. */
#ifndef EARLYBIND_BOOT_RESCUE_FACTS_H
#define EARLYBIND_BOOT_RESCUE_FACTS_H

#include "boot/rescue_apply.h"

/*
 * RESCUE has its platform and its candidates; adds the plan's controllers to
 * its machine. What cannot be read is left at "no". WAITED_FOR: the caller
 * knows that the root's device is missing.
 */
void rescue_read_facts(struct rescue *rescue, bool waited_for, struct rescue_facts *ret);

#endif
