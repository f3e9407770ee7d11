/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a server to the network cards on the way to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/root_search.h"

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
	char path[DOOR_PATH_MAX], target[DOOR_PATH_MAX];
	unsigned seen = 0;
	int r;

	if ((size_t)snprintf(path, sizeof(path), "sys/class/net/%s", name) >= sizeof(path) ||
	    s->door->ops->link(s->door, path, target, sizeof(target)) < 0)
		return 0;
	if (++s->depth > SEARCH_DEPTH_MAX)
		return search_unknown(s, "too many network devices on top of each other");
	r = search_sysfs_path(s, target, &seen);
	if (r == 0 && !seen)
		r = door_list(s->door, each_lower, s, "sys/class/net/%s", name);
	s->depth--;
	return r == -ENOMEM ? r : 0;
}

/* A line of /proc/net/route: interface, destination and gateway, some numbers, the mask in the eighth column. */
struct route {
	char interface[INTERFACE_SIZE];
	uint32_t destination, mask; /* as they lie in memory */
};

static bool parse_route(struct text line, struct route *ret)
{
	struct text columns[8];

	for (size_t i = 0; i < 8; i++)
		columns[i] = text_word(&line);
	return text_store(columns[0], ret->interface, sizeof(ret->interface)) &&
	       text_hex(columns[1], 8, &ret->destination) && text_hex(columns[7], 8, &ret->mask);
}

/* The interface of the narrowest route to SERVER; "" when there is none. */
static void find_route(struct text routes, uint32_t server, char *to, size_t size)
{
	uint32_t narrowest = 0;
	struct route route;

	to[0] = '\0';
	text_cut(&routes, '\n');
	while (routes.len) {
		if (!parse_route(text_cut(&routes, '\n'), &route) || (server & route.mask) != route.destination)
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
	int r = door_list(s->door, each_interface, s, "sys/class/net");

	return r == -ENOMEM ? r : 0;
}

int search_network(struct search *s, struct text server)
{
	char interface[INTERFACE_SIZE] = "", address[INET_ADDRSTRLEN], *routes = NULL;
	struct in_addr in;
	size_t len = 0;

	if (!text_store(server, address, sizeof(address)) || inet_pton(AF_INET, address, &in) != 1)
		return search_all(s);
	if (s->door->ops->slurp(s->door, "proc/net/route", ROUTES_MAX, &routes, &len) == 0)
		find_route((struct text){ routes, len }, in.s_addr, interface, sizeof(interface));
	free(routes);
	return interface[0] ? search_interface(s, interface) : search_all(s);
}
