/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard that a passphrase at boot needs. */
#ifndef EARLYBIND_TOOL_HOST_KEYBOARD_H
#define EARLYBIND_TOOL_HOST_KEYBOARD_H

#include "tool/host/trace.h"

/* The only controller with a keyboard, if a passphrase is asked for at boot and can be typed on nothing else. */
int trace_keyboard(struct trace *trace);

#endif
