/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a server to the network cards on the way to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/host/search.h"

#define ROUTES_MAX (1024 * 1024)
#define INTERFACE_SIZE 64

static int search_interface(struct search *s, const char *name);

static int each_lower(const char *name, void *data)
{
	const char *lower = "lower_";

	/* Bonds, bridges and VLANs have a link to each interface below. */
	return strncmp(name, lower, strlen(lower)) ? 0 : search_interface(data, name + strlen(lower));
}

static int search_interface(struct search *s, const char *name)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), "sys/class/net/%s", name) >= sizeof(path) ||
	    s->sys->ops->readlink(s->sys, path, target, sizeof(target)) < 0)
		return 0;
	if (++s->depth > SEARCH_DEPTH_MAX)
		return search_unknown(s, "too many network devices on top of each other");
	r = search_sysfs_path(s, target, &seen);
	if (r == 0 && !seen)
		r = system_for_each_entry(s->sys, each_lower, s, "sys/class/net/%s", name);
	s->depth--;
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
	return search_interface(data, name);
}

/* By IPv6, or by a name, or nobody knows how: all cards could be on the way. */
static int search_all(struct search *s)
{
	int r = system_for_each_entry(s->sys, each_interface, s, "sys/class/net");

	return r == -ENOMEM ? r : 0;
}

int search_network(struct search *s, struct slice server)
{
	char interface[INTERFACE_SIZE] = "", address[INET_ADDRSTRLEN], *routes = NULL;
	struct in_addr in;
	size_t len = 0;

	if (!slice_store(server, address, sizeof(address)) || inet_pton(AF_INET, address, &in) != 1)
		return search_all(s);
	if (s->sys->ops->read_all(s->sys, "proc/net/route", ROUTES_MAX, &routes, &len) == 0)
		find_route((struct slice){ routes, len }, in.s_addr, interface, sizeof(interface));
	free(routes);
	return interface[0] ? search_interface(s, interface) : search_all(s);
}
