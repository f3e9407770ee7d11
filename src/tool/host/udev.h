/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What udev's database (/run/udev/data) knows of block devices. Reading it needs no access to the devices. */
#ifndef EARLYBIND_TOOL_HOST_UDEV_H
#define EARLYBIND_TOOL_HOST_UDEV_H

#include <stdbool.h>
#include <stddef.h>

#include "system/system.h"

/* The property KEY of the block device NAME, decoded; false if udev does not know it. */
bool udev_property(struct system *sys, const char *name, const char *key, char *to, size_t size);
/* The first link in /dev to the block device NAME that begins with PREFIX, without PREFIX ("zvol/"). */
bool udev_link(struct system *sys, const char *name, const char *prefix, char *to, size_t size);
/* The block device whose property KEY is VALUE. */
bool udev_find_block(struct system *sys, const char *key, const char *value, char *to, size_t size);

#endif
