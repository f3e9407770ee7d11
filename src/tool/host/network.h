/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a server to the network cards on the way to it. */
#ifndef EARLYBIND_TOOL_HOST_NETWORK_H
#define EARLYBIND_TOOL_HOST_NETWORK_H

#include "tool/host/trace.h"

/* SERVER is an address; where it is anything else, the server may be anywhere. */
int trace_network(struct trace *trace, struct slice server);

#endif
