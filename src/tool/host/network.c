/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX (1024 * 1024)
#define INTERFACE_SIZE 64

static int trace_interface(struct trace *t, const char *name);

static int each_lower(const char *name, void *data)
{
	const char *lower = "lower_";

	/* Bonds, bridges and VLANs have a link to each interface below. */
	return strncmp(name, lower, strlen(lower)) ? 0 : trace_interface(data, name + strlen(lower));
}

static int trace_interface(struct trace *t, const char *name)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), "sys/class/net/%s", name) >= sizeof(path) ||
	    t->sys->ops->readlink(t->sys, path, target, sizeof(target)) < 0)
		return 0;
	if (++t->depth > TRACE_DEPTH_MAX)
		return trace_unknown(t, "too many layers of network devices");
	r = trace_sysfs_path(t, target, &seen);
	if (r == 0 && !seen)
		r = system_for_each_entry(t->sys, each_lower, t, "sys/class/net/%s", name);
	t->depth--;
	return r == -ENOMEM ? r : 0;
}

/* A line of /proc/net/route: interface, destination and gateway, some numbers, the mask in the eighth column. */
struct route {
	char interface[INTERFACE_SIZE];
	uint32_t destination, mask; /* as they lie in memory */
};

static bool parse_route(struct slice line, struct route *ret)
{
	struct slice columns[8];

	for (size_t i = 0; i < 8; i++)
		columns[i] = slice_word(&line);
	return slice_store(columns[0], ret->interface, sizeof(ret->interface)) &&
	       slice_hex(columns[1], 8, &ret->destination) && slice_hex(columns[7], 8, &ret->mask);
}

/* The interface of the narrowest route to SERVER; "" when there is none. */
static void find_route(struct slice routes, uint32_t server, char *to, size_t size)
{
	uint32_t narrowest = 0;
	struct route route;

	to[0] = '\0';
	slice_cut(&routes, '\n');
	while (routes.len) {
		if (!parse_route(slice_cut(&routes, '\n'), &route) || (server & route.mask) != route.destination)
			continue;
		if (to[0] && ntohl(route.mask) < narrowest)
			continue;
		narrowest = ntohl(route.mask);
		snprintf(to, size, "%s", route.interface);
	}
}

static int each_interface(const char *name, void *data)
{
	return trace_interface(data, name);
}

/* The interface is unknown, as with IPv6 or a name: every card may be on the way. */
static int trace_all(struct trace *t)
{
	int r = system_for_each_entry(t->sys, each_interface, t, "sys/class/net");

	return r == -ENOMEM ? r : 0;
}

int trace_network(struct trace *t, struct slice server)
{
	char interface[INTERFACE_SIZE] = "", address[INET_ADDRSTRLEN], *routes = NULL;
	struct in_addr in;
	size_t len = 0;

	if (!slice_store(server, address, sizeof(address)) || inet_pton(AF_INET, address, &in) != 1)
		return trace_all(t);
	if (t->sys->ops->read_all(t->sys, "proc/net/route", ROUTES_MAX, &routes, &len) == 0)
		find_route((struct slice){ routes, len }, in.s_addr, interface, sizeof(interface));
	free(routes);
	return interface[0] ? trace_interface(t, interface) : trace_all(t);
}
