/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the images in /boot hold the configuration, the plan and the binder as they are now. */
#ifndef EARLYBIND_TOOL_INSPECT_IMAGE_H
#define EARLYBIND_TOOL_INSPECT_IMAGE_H

#include <stdbool.h>

#include "config/config.h"
#include "config/plan.h"
#include "system/system.h"
#include "tool/output/findings.h"

/* Whether the images that were looked at contain earlybind. */
enum images { IMAGES_UNKNOWN, IMAGES_WITH, IMAGES_WITHOUT };

/*
 * A finding for the image of kernel RELEASE, or with ALL for each image. Where
 * an image cannot be read, the finding tells why. An empty PLAN is not compared.
 * One image without earlybind makes it IMAGES_WITHOUT.
 */
enum images image_check(struct findings *findings, struct system *sys, const struct config *config,
			const struct plan *plan, const char *release, bool all);

#endif
