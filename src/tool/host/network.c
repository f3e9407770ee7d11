/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "config/plan.h"

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
	if (++t->depth > TRACE_DEPTH_MAX || ++t->steps > TRACE_STEPS_MAX)
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

/* --- the default route --- */

#define DEFAULT_ROUTE "default route over "
#define RTF_UP 0x0001
#define RTF_REJECT 0x0200

/* TEXT consists of zeros. */
static bool is_zero(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '0')
			return false;
	return text.len > 0;
}

/* The interface of a default route, from a line of /proc/net/route or /proc/net/ipv6_route. */
static bool parse_default_route(struct slice line, bool ipv6, char interface[INTERFACE_SIZE])
{
	struct slice columns[10];
	uint32_t flags;

	for (size_t i = 0; i < 10; i++)
		columns[i] = slice_word(&line);
	/* The mask, or the length of the prefix. */
	if (!is_zero(columns[ipv6 ? 0 : 1]) || !is_zero(columns[ipv6 ? 1 : 7]) ||
	    !slice_hex(columns[ipv6 ? 8 : 3], 8, &flags) || !(flags & RTF_UP) || flags & RTF_REJECT)
		return false;
	return slice_store(columns[ipv6 ? 9 : 0], interface, INTERFACE_SIZE) && interface[0];
}

static int trace_default_routes(struct trace *t, const char *path, bool ipv6)
{
	char interface[INTERFACE_SIZE], purpose[INTERFACE_SIZE + 32], *bytes = NULL;
	struct slice rest;
	size_t len = 0;
	int r = t->sys->ops->read_all(t->sys, path, ROUTES_MAX, &bytes, &len);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = (struct slice){ bytes, len };
	while (rest.at && r == 0) {
		if (!parse_default_route(slice_cut(&rest, '\n'), ipv6, interface))
			continue;
		snprintf(purpose, sizeof(purpose), DEFAULT_ROUTE "%s", interface);
		trace_begin(t, NEED_NETWORK, purpose, (struct slice){ NULL, 0 });
		r = trace_interface(t, interface);
	}
	free(bytes);
	return r;
}

/* --- without a default route --- */

/*
 * The network may be down when the image is made, as in an offline update. What
 * the plan of this boot says of default routes is true of a card that is still
 * at its place.
 */
static int trace_planned_route(struct trace *t, const struct plan_need *need)
{
	struct identity identity;
	struct slice rest = slice_of(need->what);
	int r = 0;

	if (need->kind != NEED_NETWORK || !pci_identity(t->sys, need->address, &identity) ||
	    !id_pattern_fits(&need->id, &identity))
		return 0;
	while (rest.at && r == 0) {
		struct slice purpose = slice_trim(slice_cut(&rest, ','));
		char text[PLAN_WHAT_SIZE];

		if (!slice_starts(purpose, DEFAULT_ROUTE) || !slice_store(purpose, text, sizeof(text)))
			continue;
		trace_begin(t, NEED_NETWORK, text, (struct slice){ NULL, 0 });
		r = trace_found(t, need->address);
	}
	return r;
}

static int trace_planned_routes(struct trace *t)
{
	struct plan plan = { .n_modules = 0 };
	char *bytes = NULL;
	size_t len = 0;
	int r = t->sys->ops->read_all(t->sys, RUN_PLAN, PLAN_FILE_MAX, &bytes, &len);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = plan_parse(&plan, (struct slice){ bytes, len });
	for (size_t i = 0; i < plan.n_needs && r == 0; i++)
		r = trace_planned_route(t, &plan.needs[i]);
	plan_done(&plan);
	free(bytes);
	return r == -ENOMEM ? r : 0;
}

#define CLASS_ETHERNET 0x0200
#define CLASS_NETWORK 0x02

struct cards {
	struct trace *trace;
	struct card {
		char interface[INTERFACE_SIZE];
		unsigned n;
	} wired, any; /* the last of each, and how many there are */
};

static int each_card(const char *name, void *data)
{
	struct cards *cards = data;
	struct system *sys = cards->trace->sys;
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	struct address address;
	uint32_t class;

	if ((size_t)snprintf(path, sizeof(path), "sys/class/net/%s", name) >= sizeof(path) ||
	    sys->ops->readlink(sys, path, target, sizeof(target)) < 0 || !pci_controller(sys, target, &address))
		return 0;
	/* Of a card that is there already. */
	if (system_exists(sys, "sys/bus/pci/devices/%s/physfn", address_name(address).at))
		return 0;
	cards->any.n++;
	snprintf(cards->any.interface, INTERFACE_SIZE, "%s", name);
	class = pci_class(sys, address);
	/* An adapter on a USB controller is of no class of its own. */
	if (system_exists(sys, "sys/class/net/%s/wireless", name) ||
	    (class >> 16 == CLASS_NETWORK && class >> 8 != CLASS_ETHERNET))
		return 0;
	cards->wired.n++;
	snprintf(cards->wired.interface, INTERFACE_SIZE, "%s", name);
	return 0;
}

static int find_cards(struct trace *t, struct cards *ret)
{
	int r;

	*ret = (struct cards){ .trace = t };
	r = system_for_each_entry(t->sys, each_card, ret, "sys/class/net");
	return r == -ENOMEM ? r : 0;
}

static int trace_card(struct trace *t, enum need_kind kind, const char *what, const struct card *card)
{
	char purpose[INTERFACE_SIZE + 32];

	if (card->n != 1)
		return 0;
	snprintf(purpose, sizeof(purpose), "%s %s", what, card->interface);
	trace_begin(t, kind, purpose, (struct slice){ NULL, 0 });
	return trace_interface(t, card->interface);
}

int trace_default_route(struct trace *t)
{
	size_t before = t->found;
	struct cards cards;
	int r = trace_default_routes(t, "proc/net/route", false);

	r = r < 0 ? r : trace_default_routes(t, "proc/net/ipv6_route", true);
	/* None, or over a tunnel only, whose own way is not known. */
	if (r == 0 && t->found == before)
		r = trace_planned_routes(t);
	t->routed = t->found > before;
	if (r < 0 || t->routed)
		return r;
	/* If the host is ever to be reached, it is over this one. */
	r = find_cards(t, &cards);
	return r < 0 ? r : trace_card(t, NEED_NETWORK, "the only network card", &cards.any);
}

int trace_last_wired_card(struct trace *t)
{
	struct cards cards;
	int r = t->routed ? 0 : find_cards(t, &cards);

	/* Beside a wireless card it may as well be meant for a guest. */
	return r < 0 || t->routed ? r : trace_card(t, NEED_IN_USE, "the only wired network card", &cards.wired);
}
