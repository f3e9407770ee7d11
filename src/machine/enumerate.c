/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about devices and their IOMMU groups. */
#include "machine/enumerate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "system/pci.h"

/* /sys/bus/pci/devices/X is a link through all bridges above X. */
static void read_chain(struct system *sys, struct device *device)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	struct slice rest;

	device->n_chain = 0;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s", address_name(device->address).at);
	if (sys->ops->readlink(sys, path, target, sizeof(target)) < 0)
		return;
	rest = slice_of(target);
	while (rest.at && device->n_chain < CHAIN_MAX)
		if (address_from_name(slice_cut(&rest, '/'), &device->chain[device->n_chain]))
			device->n_chain++;
}

/* Add the device at ADDRESS unless it is known or not there; RET is its index. 0, -ENOENT or -ENOMEM. */
static int add_device(struct system *sys, struct machine *machine, struct address address, size_t *ret)
{
	struct device device = { .address = address, .group = NO_GROUP };
	struct device *known = machine_device(machine, address);
	char modalias[MODALIAS_SIZE];
	ssize_t n;
	int r;

	if (known) {
		*ret = (size_t)(known - machine->devices);
		return 0;
	}
	n = pci_read(sys, address, "modalias", modalias, sizeof(modalias));
	if (n == -ENOENT && !pci_exists(sys, address, ""))
		return -ENOENT;
	if (n < 0)
		device.error = (int)-n;
	else if (!identity_from_modalias((struct slice){ modalias, (size_t)n }, &device.identity))
		device.error = EINVAL;
	read_chain(sys, &device);
	r = ARRAY_GROW(machine->devices, machine->n_devices, machine->devices_room);
	if (r < 0)
		return r;
	*ret = machine->n_devices;
	machine->devices[machine->n_devices++] = device;
	return 0;
}

/* What the walks below carry. */
struct walk {
	struct system *sys;
	struct machine *machine;
	const struct selector *selector;
	unsigned hop;
	int error; /* -ENOMEM, or 0; a directory that cannot be listed costs no other device */
};

static int add_found(struct walk *walk, struct address address)
{
	size_t index;
	int r = add_device(walk->sys, walk->machine, address, &index);

	if (r == -ENOMEM)
		walk->error = r;
	return walk->error;
}

static int add_listed(const char *name, void *data)
{
	struct address address;

	return address_from_name(slice_of(name), &address) ? add_found(data, address) : 0;
}

static int descend(struct walk *walk, struct address from);

static int add_child(const char *name, void *data)
{
	struct walk *walk = data;
	const struct selector *s = walk->selector;
	const struct hop *hop = &s->hops[walk->hop];
	bool last = walk->hop + 1 == s->n_hops;
	struct address address;
	int r;

	if (!address_from_name(slice_of(name), &address) || address.device != hop->device)
		return 0;
	if (address.function != hop->function && !(last && s->any_function))
		return 0;
	if (last)
		return add_found(walk, address);
	walk->hop++;
	r = descend(walk, address);
	walk->hop--;
	return r;
}

/* A bridge's directory holds the directories of the devices below it. */
static int descend(struct walk *walk, struct address from)
{
	system_for_each_entry(walk->sys, add_child, walk, PCI_DEVICES "/%s", address_name(from).at);
	return walk->error;
}

static int enumerate_selector(struct system *sys, struct machine *machine, const struct selector *selector)
{
	struct walk walk = { .sys = sys, .machine = machine, .selector = selector };
	struct address address = selector->address;
	int r = 0;

	if (selector->kind == SELECT_PATH)
		return descend(&walk, address);
	if (!selector->any_function)
		return add_found(&walk, address);
	for (address.function = 0; address.function < 8 && r == 0; address.function++)
		r = add_found(&walk, address);
	return r;
}

/* Of addresses, and of devices, which begin with theirs. */
static int compare_addresses(const void *a, const void *b)
{
	const struct address *aa = a, *ab = b;

	return address_compare(*aa, *ab);
}

static void sort_devices(struct machine *machine)
{
	_Static_assert(offsetof(struct device, address) == 0, "compare_addresses() compares devices");
	if (machine->n_devices > 1)
		qsort(machine->devices, machine->n_devices, sizeof(machine->devices[0]), compare_addresses);
}

int enumerate_every(struct system *sys, struct machine *machine)
{
	struct walk walk = { .sys = sys, .machine = machine };

	system_for_each_entry(sys, add_listed, &walk, PCI_DEVICES);
	sort_devices(machine);
	return walk.error;
}

int enumerate_devices(struct system *sys, const struct config *config, struct machine *machine)
{
	struct walk walk = { .sys = sys, .machine = machine };
	bool all = false;
	int r = 0;

	/* A skip line by ID or class only ever takes away from what others name. */
	for (size_t i = 0; i < config->n_rules; i++)
		all |= !config->rules[i].skip && !selector_is_place(&config->rules[i].selector);
	if (all) {
		system_for_each_entry(sys, add_listed, &walk, PCI_DEVICES);
		r = walk.error;
	}
	for (size_t i = 0; i < config->n_rules && r == 0; i++)
		if (selector_is_place(&config->rules[i].selector))
			r = enumerate_selector(sys, machine, &config->rules[i].selector);
	sort_devices(machine);
	return r;
}

int enumerate_one(struct system *sys, struct machine *machine, struct address address)
{
	size_t index;
	int r = add_device(sys, machine, address, &index);

	return r == -ENOENT ? 0 : r;
}

int enumerate_needs(struct system *sys, const struct plan *plan, struct machine *machine)
{
	struct walk walk = { .sys = sys, .machine = machine };
	int r = 0;

	for (size_t i = 0; i < plan->n_needs && r == 0; i++)
		r = add_found(&walk, plan->needs[i].address);
	sort_devices(machine);
	return r;
}

int enumerate_bound(struct system *sys, struct machine *machine)
{
	struct walk walk = { .sys = sys, .machine = machine };
	int r = system_for_each_entry(sys, add_listed, &walk, "sys/bus/pci/drivers/" DRIVER_DEFAULT);

	machine->platform.vfio_first = r != -ENOENT;
	sort_devices(machine);
	return walk.error;
}

void refresh_driver(struct system *sys, struct device *device)
{
	if (pci_link_name(sys, device->address, "driver", device->driver, sizeof(device->driver)) < 0)
		device->driver[0] = '\0';
	/* From Linux 6.1 on "vfio-dev" tells a VFIO driver, whatever its name. */
	device->vfio = !strcmp(device->driver, DRIVER_DEFAULT) ||
		       (device->driver[0] && pci_exists(sys, device->address, "vfio-dev"));
}

/* Likewise, once a pass; and at the first time whether it is a virtual function. */
static void read_driver(struct system *sys, const struct machine *machine, struct device *device)
{
	if (device->pass == machine->pass + 1)
		return;
	if (!device->pass)
		device->virtual_function = pci_exists(sys, device->address, "physfn");
	device->pass = machine->pass + 1;
	refresh_driver(sys, device);
}

static void read_group_number(struct system *sys, struct device *device)
{
	uint32_t number;
	char group[16];

	device->group = NO_GROUP;
	if (pci_link_name(sys, device->address, "iommu_group", group, sizeof(group)) == 0 &&
	    slice_decimal(slice_of(group), INT32_MAX, &number))
		device->group = (int)number;
}

static void read_iommu_link(struct system *sys, struct device *device)
{
	char iommu[DRIVER_SIZE];

	device->iommu_link = pci_link_name(sys, device->address, "iommu", iommu, sizeof(iommu)) == 0;
}

/* "0x... 0x... direct" is memory that firmware goes on using; a guest may have "direct-relaxable". */
static bool has_direct_region(char *regions)
{
	struct slice rest = slice_of(regions), line;

	while (rest.len) {
		struct slice word, last = { NULL, 0 };

		line = slice_cut(&rest, '\n');
		while ((word = slice_word(&line)).len)
			last = word;
		if (slice_is(last, "direct"))
			return true;
	}
	return false;
}

struct addresses {
	struct address *items;
	size_t n, room;
	int error; /* -ENOMEM, or 0 */
};

static int list_member(const char *name, void *data)
{
	struct addresses *addresses = data;
	struct address address;
	int r;

	/* Members that are no PCI devices do not hinder; VFIO ignores other buses' names here. */
	if (!address_from_name(slice_of(name), &address))
		return 0;
	r = ARRAY_GROW(addresses->items, addresses->n, addresses->room);
	if (r == 0)
		addresses->items[addresses->n++] = address;
	addresses->error = r;
	return r;
}

static int add_member(struct system *sys, struct machine *machine, struct group *group, struct address address)
{
	size_t index;
	int r = add_device(sys, machine, address, &index);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = ARRAY_GROW(group->members, group->n_members, group->members_room);
	if (r < 0)
		return r;
	read_driver(sys, machine, &machine->devices[index]);
	machine->devices[index].group = (int)group->number;
	/* There is room for it now. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	group->members[group->n_members++] = index;
	return 0;
}

/* Members are added by address, so that nothing depends on the directory's order; those listed before an error stay. */
static int read_group(struct system *sys, struct machine *machine, unsigned number)
{
	struct group group = { .number = number, .pass = machine->pass + 1 };
	struct addresses addresses = { 0 };
	char text[4096];
	int r;

	r = ARRAY_GROW(machine->groups, machine->n_groups, machine->groups_room);
	if (r < 0)
		return r;
	if (system_read(sys, text, sizeof(text), "sys/kernel/iommu_groups/%u/name", number) > 0)
		group.noiommu = slice_starts(slice_of(text), "vfio-noiommu");
	if (system_read(sys, text, sizeof(text), "sys/kernel/iommu_groups/%u/reserved_regions", number) > 0)
		group.reserved_direct = has_direct_region(text);
	r = system_for_each_entry(sys, list_member, &addresses, "sys/kernel/iommu_groups/%u/devices", number);
	group.error = r < 0 ? -r : 0;
	r = addresses.error;
	if (addresses.n > 1)
		qsort(addresses.items, addresses.n, sizeof(addresses.items[0]), compare_addresses);
	for (size_t i = 0; i < addresses.n && r == 0; i++)
		r = add_member(sys, machine, &group, addresses.items[i]);
	if (r < 0)
		group.error = -r;
	free(addresses.items);
	machine->groups[machine->n_groups++] = group;
	return r;
}

/* A number of at most 16 bits, decimal or (HEX) hexadecimal; 0 where there is none. */
static unsigned read_number(struct system *sys, struct address address, const char *attribute, bool hex)
{
	uint32_t number = 0;
	char text[16];

	if (pci_read(sys, address, attribute, text, sizeof(text)) > 0) {
		text[strcspn(text, "\n")] = '\0';
		if (hex)
			slice_hex(slice_of(text), 4, &number);
		else
			slice_decimal(slice_of(text), UINT16_MAX, &number);
	}
	return number;
}

static void read_functions(struct system *sys, struct device *device)
{
	device->functions = read_number(sys, device->address, "sriov_totalvfs", false);
	if (!device->functions)
		return;
	device->function_first = read_number(sys, device->address, "sriov_offset", false);
	device->function_step = read_number(sys, device->address, "sriov_stride", false);
	device->function_id = (uint16_t)read_number(sys, device->address, "sriov_vf_device", true);
}

int read_details(struct system *sys, struct machine *machine, size_t index)
{
	struct device *device = &machine->devices[index];

	read_driver(sys, machine, device);
	read_functions(sys, device);
	/*
	 * reset_method (5.15 on) is there only when there is a method. Older kernels
	 * tell no more than that there is one.
	 */
	if (pci_read(sys, device->address, "reset_method", device->reset, sizeof(device->reset)) >= 0)
		device->reset[strcspn(device->reset, "\n")] = '\0';
	else
		strcpy(device->reset, pci_exists(sys, device->address, "reset") ? "yes" : "");
	if (device_is_display(device)) {
		device->boot_vga = read_boot_display(sys, device->address);
		if (!machine->platform.displays)
			read_displays(sys, &machine->platform);
	}
	/* The number of a group whose members were read is known. */
	if (device->group == NO_GROUP)
		read_group_number(sys, device);
	read_iommu_link(sys, device);
	if (device->group == NO_GROUP || machine_group(machine, device))
		return 0;
	return read_group(sys, machine, (unsigned)device->group);
}

int enumerate_all(struct system *sys, struct machine *machine)
{
	struct walk walk = { .sys = sys, .machine = machine };
	int r = system_for_each_entry(sys, add_listed, &walk, PCI_DEVICES);

	sort_devices(machine);
	for (size_t i = 0; i < machine->n_devices; i++) {
		read_driver(sys, machine, &machine->devices[i]);
		read_group_number(sys, &machine->devices[i]);
	}
	machine->groups_come_late = r == 0;
	return walk.error;
}

void refresh_start(struct machine *machine)
{
	machine->pass++;
}

int refresh_device(struct system *sys, struct machine *machine, size_t index)
{
	struct device *device = &machine->devices[index];

	device->gone = !pci_exists(sys, device->address, "");
	read_group_number(sys, device);
	read_iommu_link(sys, device);
	read_driver(sys, machine, device);
	if (device->group == NO_GROUP || machine_group(machine, device))
		return 0;
	return read_group(sys, machine, (unsigned)device->group);
}

void refresh_members(struct system *sys, struct machine *machine, size_t index)
{
	struct group *group = machine_group(machine, &machine->devices[index]);

	if (!group || group->pass == machine->pass + 1)
		return;
	group->pass = machine->pass + 1;
	for (size_t i = 0; i < group->n_members; i++)
		read_driver(sys, machine, &machine->devices[group->members[i]]);
}
