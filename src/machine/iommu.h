/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of IOMMU: one table of how firmware describes them and how the kernel names them. */
#ifndef EARLYBIND_MACHINE_IOMMU_H
#define EARLYBIND_MACHINE_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

/* ACPI tables in which firmware describes an IOMMU. */
enum acpi_table {
	ACPI_DMAR = 1 << 0, /* Intel VT-d */
	ACPI_IVRS = 1 << 1, /* AMD-Vi */
	ACPI_IORT = 1 << 2, /* Arm; set only if it describes an SMMU */
	ACPI_VIOT = 1 << 3, /* virtio-iommu */
	ACPI_RIMT = 1 << 4, /* RISC-V */
};

struct iommu_kind {
	char unit[12];	    /* how the names of its units in /sys/class/iommu begin */
	char table_name[5]; /* in which firmware describes it, */
	uint8_t table;	    /* an enum acpi_table */
	char article[4], name[16];
	bool x86; /* interrupt remapping is part of it, and can be off while it is on */
};

#define IOMMU_KINDS 7
extern const struct iommu_kind iommu_kinds[IOMMU_KINDS];

/* The only kind whose driver distributions build as a module. */
#define IOMMU_MODULE "virtio_iommu"

/* The kind of the unit with this name, or NULL. */
const struct iommu_kind *iommu_kind_of_unit(const char *unit);
/* The first kind that one of TABLES describes, or NULL. */
const struct iommu_kind *iommu_kind_of_tables(unsigned tables);

/* A name for the kind of IOMMU that UNIT belongs to. */
const char *iommu_kind(const char *unit);
/* Interrupt remapping is a question of its own only where interrupts pass an x86 IOMMU. */
bool iommu_remaps_separately(const char *unit);

#endif
