/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host uses and can do without: a person should know what is lost with a device. */
#ifndef EARLYBIND_TOOL_HOST_USES_H
#define EARLYBIND_TOOL_HOST_USES_H

#include "tool/host/trace.h"

/* Mounted filesystems, active volumes, imported pools, running guests, the only display, the console. */
int trace_uses(struct trace *trace);

#endif
