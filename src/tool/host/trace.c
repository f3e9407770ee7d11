/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/facts.h"

static void read_identity(struct system *sys, struct needed_device *device)
{
	char modalias[128];
	ssize_t n = system_read(sys, modalias, sizeof(modalias), "sys/bus/pci/devices/%s/modalias",
				address_name(device->address).at);

	if (n < 0)
		device->error = (int)-n;
	else if (!identity_from_modalias((struct slice){ modalias, (size_t)n }, &device->identity))
		device->error = EINVAL;
}

/* WHAT is one of the parts of LIST, which have commas between them. */
static bool has_part(const char *list, const char *what)
{
	size_t len = strlen(what);

	for (const char *at = list; (at = strstr(at, what)); at++)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

int trace_found(struct trace *t, struct address address)
{
	struct host_needs *needs = t->needs;
	struct needed_device *device = NULL;
	size_t len;

	t->found++;
	for (size_t i = 0; i < needs->n_devices; i++)
		if (address_compare(needs->devices[i].address, address) == 0)
			device = &needs->devices[i];
	/* What is lost with a device that must be kept does not matter. */
	if (device && need_is_protected(device->kind) && (t->only_new || !need_is_protected(t->kind)))
		return 0;
	if (!device) {
		int r = ARRAY_GROW(needs->devices, needs->n_devices, needs->devices_room);

		if (r < 0)
			return r;
		device = &needs->devices[needs->n_devices++];
		*device = (struct needed_device){ .kind = t->kind, .address = address };
		read_identity(t->sys, device);
	}
	if (has_part(device->what, t->what))
		return 0;
	len = strlen(device->what);
	/* That it is needed matters; the tenth reason does not. */
	if (len + 2 + strlen(t->what) < sizeof(device->what))
		snprintf(device->what + len, sizeof(device->what) - len, "%s%s", len ? ", " : "", t->what);
	return 0;
}

/* As needs.h promises. A comma separates two reasons, so that none may be in one. */
static void make_plain(char *text, bool comma)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || (*text == ',' && !comma))
			*text = '?';
}

int trace_unknown(struct trace *t, const char *why)
{
	struct host_needs *needs = t->needs;
	struct unresolved_need unknown;
	int r;

	if (!need_is_protected(t->kind))
		return 0;
	snprintf(unknown.what, sizeof(unknown.what), "%.*s: %s", (int)sizeof(unknown.what) / 2, t->what, why);
	make_plain(unknown.what, true);
	for (size_t i = 0; i < needs->n_unresolved; i++)
		if (!strcmp(needs->unresolved[i].what, unknown.what))
			return 0;
	r = ARRAY_GROW(needs->unresolved, needs->n_unresolved, needs->unresolved_room);
	if (r == 0)
		needs->unresolved[needs->n_unresolved++] = unknown;
	return r;
}

void trace_begin(struct trace *t, enum need_kind kind, const char *purpose, struct slice on)
{
	snprintf(t->what, sizeof(t->what), "%.*s%s%.*s", (int)sizeof(t->what) / 2, purpose, on.len ? " on " : "",
		 on.len > 60 ? 60 : (int)on.len, on.len ? on.at : "");
	make_plain(t->what, kind == NEED_KEYBOARD);
	t->kind = kind;
	t->depth = t->steps = 0;
}

int trace_volume(struct trace *t, const char *name)
{
	int r;

	if (!need_is_protected(t->kind))
		return 0;
	for (size_t i = 0; i < t->n_volumes; i++)
		if (!strncmp(t->volumes[i].at, name, VOLUME_NAME_SIZE - 1))
			return 0;
	r = ARRAY_GROW(t->volumes, t->n_volumes, t->volumes_room);
	if (r == 0)
		snprintf(t->volumes[t->n_volumes++].at, VOLUME_NAME_SIZE, "%s", name);
	return r;
}

bool pci_identity(struct system *sys, struct address address, struct identity *ret)
{
	char modalias[128];
	ssize_t n = system_read(sys, modalias, sizeof(modalias), "sys/bus/pci/devices/%s/modalias",
				address_name(address).at);

	return n >= 0 && identity_from_modalias((struct slice){ modalias, (size_t)n }, ret);
}

uint32_t pci_class(struct system *sys, struct address address)
{
	struct identity identity;

	return pci_identity(sys, address, &identity) ? identity.class : 0;
}

/* Unknown if it cannot be read: protecting one device more does no harm. */
static bool is_bridge(struct system *sys, struct address address)
{
	struct device device = { .identity.class = pci_class(sys, address) };

	return device_is_bridge(&device) || device_is_host_bridge(&device);
}

bool pci_controller(struct system *sys, const char *target, struct address *ret)
{
	struct slice rest = slice_of(target);
	bool found = false;

	while (rest.at) {
		struct address address;

		if (!address_from_name(slice_cut(&rest, '/'), &address) || is_bridge(sys, address))
			continue;
		*ret = address;
		found = true;
	}
	return found;
}

/* A VMD controller is in the path of the disks of its domain, and no bridge. */
int trace_sysfs_path(struct trace *t, const char *target, unsigned *seen)
{
	struct slice rest = slice_of(target);
	int r = 0;

	while (rest.at && r == 0) {
		struct address address, physical;
		char name[ADDRESS_SIZE];

		if (!address_from_name(slice_cut(&rest, '/'), &address) || is_bridge(t->sys, address))
			continue;
		++*seen;
		r = trace_found(t, address);
		/* A virtual function exists only while its physical function's own driver provides it. */
		if (r == 0 &&
		    system_link_name(t->sys, name, sizeof(name), "sys/bus/pci/devices/%s/physfn",
				     address_name(address).at) == 0 &&
		    address_from_name(slice_of(name), &physical))
			r = trace_found(t, physical);
	}
	return r;
}
