/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One machine for the tests of deciding and reporting, filled by hand. */
#ifndef EARLYBIND_TESTS_FACTS_TABLE_H
#define EARLYBIND_TESTS_FACTS_TABLE_H

#include <stdlib.h>

#include "unit.h"

#include "config/config.h"
#include "machine/facts.h"

#define AT(bus, device, function)                                                                                      \
	{                                                                                                              \
		0, bus, device, function                                                                               \
	}
#define VMD(bus, device, function)                                                                                     \
	{                                                                                                              \
		0x10000, bus, device, function                                                                         \
	}

/* Indices of the devices below. */
enum { PORT, GPU, AUDIO, NIC, TWIN, SHPC, NVME, HBA, MUTE, FACTS_DEVICES };

static const struct device facts_devices[FACTS_DEVICES] = {
	[PORT] = { .address = AT(0, 0x1c, 0),
		   .identity = { 0x8086, 0x3420, 0, 0, 0x060400 },
		   .group = 1,
		   .iommu_link = true,
		   .driver = "pcieport",
		   .chain = { AT(0, 0x1c, 0) },
		   .n_chain = 1 },
	[GPU] = { .address = AT(1, 0, 0),
		  .identity = { 0x10de, 0x1b80, 0x1043, 0x85aa, 0x030000 },
		  .group = 2,
		  .iommu_link = true,
		  .chain = { AT(0, 0x1c, 0), AT(1, 0, 0) },
		  .n_chain = 2,
		  .reset = "bus" },
	[AUDIO] = { .address = AT(1, 0, 1),
		    .identity = { 0x10de, 0x10f0, 0x1043, 0x85aa, 0x040300 },
		    .group = 2,
		    .iommu_link = true,
		    .chain = { AT(0, 0x1c, 0), AT(1, 0, 1) },
		    .n_chain = 2 },
	[NIC] = { .address = AT(2, 0, 0),
		  .identity = { 0x8086, 0x10d3, 0, 0, 0x020000 },
		  .group = 3,
		  .iommu_link = true,
		  .chain = { AT(0, 0x1c, 4), AT(2, 0, 0) },
		  .n_chain = 2,
		  .reset = "pm" },
	[TWIN] = { .address = AT(3, 0, 0),
		   .identity = { 0x8086, 0x10d3, 0, 0, 0x020000 },
		   .group = 3,
		   .iommu_link = true,
		   .chain = { AT(0, 0x1c, 4), AT(2, 1, 0), AT(3, 0, 0) },
		   .n_chain = 3 },
	[SHPC] = { .address = AT(2, 1, 0),
		   .identity = { 0x1b36, 0x000e, 0, 0, 0x060400 },
		   .group = 3,
		   .iommu_link = true,
		   .chain = { AT(0, 0x1c, 4), AT(2, 1, 0) },
		   .n_chain = 2 },
	[NVME] = { .address = VMD(0xe1, 0, 0),
		   .identity = { 0x144d, 0xa808, 0x144d, 0xa801, 0x010802 },
		   .group = 5,
		   .iommu_link = true,
		   .chain = { AT(0, 0x0e, 0), VMD(0xe0, 6, 0), VMD(0xe1, 0, 0) },
		   .n_chain = 3 },
	[HBA] = { .address = AT(4, 0, 1),
		  .identity = { 0x1000, 0x0072, 0x1000, 0x3020, 0x010700 },
		  .group = 4,
		  .iommu_link = true },
	[MUTE] = { .address = AT(4, 0, 0), .error = 5 /* EIO */, .group = 4, .iommu_link = true },
};

/* Members of the groups above, by number; each device in at most one. */
static inline void facts_group(struct machine *machine, unsigned number)
{
	struct group *group = &machine->groups[machine->n_groups++];

	group->number = number;
	group->members = calloc(FACTS_DEVICES, sizeof(*group->members));
	assert_non_null(group->members);
	for (size_t i = 0; i < machine->n_devices; i++)
		if (machine->devices[i].group == (int)number)
			group->members[group->n_members++] = i;
}

/* The first N of the devices above with all their groups, on VT-d and Linux 6.12; machine_done() frees it. */
static inline struct machine facts_machine(size_t n)
{
	struct machine machine = {
		.platform = { .release = "6.12.0",
			      .major = 6,
			      .minor = 12,
			      .units = 1,
			      .unit = "dmar0",
			      .groups = 5,
			      .tables = ACPI_DMAR,
			      .acpi = true,
			      .remapping = true },
		.devices = calloc(FACTS_DEVICES, sizeof(struct device)),
		.n_devices = n,
		.groups = calloc(8, sizeof(struct group)),
	};

	machine.platform.cmdline = strdup("quiet");
	assert_non_null(machine.devices);
	assert_non_null(machine.groups);
	assert_non_null(machine.platform.cmdline);
	memcpy(machine.devices, facts_devices, n * sizeof(struct device));
	for (unsigned number = 1; number <= 5; number++)
		facts_group(&machine, number);
	return machine;
}

static inline struct config facts_config(const char *text)
{
	struct config config;

	config_init(&config);
	assert_int_equal(config_parse(&config, "earlybind.conf", slice_of(text)), 0);
	assert_int_equal(config.problems_total, 0);
	return config;
}

#endif
