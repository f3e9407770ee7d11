/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_CONFIG_NEAREST_H
#define EARLYBIND_CONFIG_NEAREST_H

#include <stddef.h>

#include "base/slice.h"

/* The NAME (in lower case) that WORD was probably meant to be, at most two letters away, or NULL. */
const char *nearest_name(struct slice word, const char *const *names, size_t n);

#endif
