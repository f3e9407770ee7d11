/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the next image that is made on this system will contain earlybind. */
#ifndef EARLYBIND_TOOL_INSPECT_INTEGRATION_H
#define EARLYBIND_TOOL_INSPECT_INTEGRATION_H

#include "system/system.h"
#include "tool/inspect/image.h"

/*
 * A finding if the system's initramfs generator lacks earlybind's hook, or none is
 * known that has one; then IMAGES with earlybind show that it is added otherwise.
 */
void integration_check(struct findings *findings, struct system *sys, enum images images);

#endif
