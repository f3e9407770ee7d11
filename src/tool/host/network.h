/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a server to the network cards on the way to it. */
#ifndef EARLYBIND_TOOL_HOST_NETWORK_H
#define EARLYBIND_TOOL_HOST_NETWORK_H

#include "tool/host/trace.h"

/* SERVER is an address; where it is anything else, the server may be anywhere. */
int trace_network(struct trace *trace, struct slice server);

/*
 * The cards that a default route goes over, by IPv4 or IPv6. Where there is no
 * default route now: those of this boot's plan that are still there, or else the
 * only card.
 */
int trace_default_route(struct trace *trace);
/* Without any of these, the only wired card beside others, as in use. To be called after trace_default_route(). */
int trace_last_wired_card(struct trace *trace);

#endif
