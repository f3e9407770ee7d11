/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a server to the network cards on the way to it. */
#ifndef EARLYBIND_TOOL_HOST_NETWORK_H
#define EARLYBIND_TOOL_HOST_NETWORK_H

#include "tool/host/trace.h"

/* SERVER is an address; where it is anything else, the server may be anywhere. */
int trace_network(struct trace *trace, struct slice server);

/*
 * The cards that a default route goes over, by IPv4 or IPv6. Where there is no
 * default route, the only wired card, or the only card, is how the host can be reached.
 */
int trace_default_route(struct trace *trace);

#endif
