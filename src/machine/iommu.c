/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/iommu.h"

#include <stddef.h>
#include <string.h>

/* A virtio-iommu goes by its own PCI address, or by "virtio" and a number. */
const struct iommu_kind iommu_kinds[IOMMU_KINDS] = {
	{ "dmar", "DMAR", ACPI_DMAR, "", "Intel VT-d", true },
	{ "ivhd", "IVRS", ACPI_IVRS, "", "AMD-Vi", true },
	{ "smmu.", "IORT", ACPI_IORT, "an ", "Arm SMMU", false },
	{ "smmu3.", "IORT", ACPI_IORT, "an ", "Arm SMMUv3", false },
	{ "0", "VIOT", ACPI_VIOT, "a ", "virtio-iommu", false },
	{ "virtio", "VIOT", ACPI_VIOT, "a ", "virtio-iommu", false },
	{ "riscv-iommu", "RIMT", ACPI_RIMT, "a ", "RISC-V IOMMU", false },
};

const struct iommu_kind *iommu_kind_of_unit(const char *unit)
{
	for (size_t i = 0; i < IOMMU_KINDS; i++)
		if (!strncmp(unit, iommu_kinds[i].unit, strlen(iommu_kinds[i].unit)))
			return &iommu_kinds[i];
	return NULL;
}

const struct iommu_kind *iommu_kind_of_tables(unsigned tables)
{
	for (size_t i = 0; i < IOMMU_KINDS; i++)
		if (tables & iommu_kinds[i].table)
			return &iommu_kinds[i];
	return NULL;
}

const char *iommu_kind(const char *unit)
{
	const struct iommu_kind *kind = iommu_kind_of_unit(unit);

	return kind ? kind->name : "IOMMU";
}

bool iommu_remaps_separately(const char *unit)
{
	const struct iommu_kind *kind = iommu_kind_of_unit(unit);

	return kind && kind->x86;
}
