/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about the kernel, the firmware and the IOMMU as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/enumerate.h"

#define CMDLINE_MAX (64 * 1024)
#define INTERRUPTS_MAX (1024 * 1024)

static void read_release(struct system *sys, struct platform *platform)
{
	struct slice rest, part;
	uint32_t value;
	ssize_t n;

	n = system_read(sys, platform->release, sizeof(platform->release), "proc/sys/kernel/osrelease");
	if (n < 0) {
		platform->release[0] = '\0';
		return;
	}
	platform->release[strcspn(platform->release, "\n")] = '\0';
	rest = slice_of(platform->release);
	part = slice_cut(&rest, '.');
	if (slice_decimal(part, 1000, &value))
		platform->major = value;
	for (n = 0; (size_t)n < rest.len && rest.at[n] >= '0' && rest.at[n] <= '9';)
		n++;
	if (slice_decimal(slice_sub(rest, 0, (size_t)n), 100000, &value))
		platform->minor = value;
}

static int read_cmdline(struct system *sys, struct platform *platform)
{
	char *bytes = NULL;
	size_t len = 0;

	if (sys->ops->read_all(sys, "proc/cmdline", CMDLINE_MAX, &bytes, &len) < 0)
		len = 0;
	platform->cmdline = calloc(1, len + 1);
	if (platform->cmdline && len)
		memcpy(platform->cmdline, bytes, len);
	free(bytes);
	return platform->cmdline ? 0 : -ENOMEM;
}

static int count_unit(const char *name, void *data)
{
	struct platform *platform = data;

	/* The lowest name, so that the log does not depend on the directory's order. */
	if (platform->units == 0 || strcmp(name, platform->unit) < 0)
		if (!slice_store(slice_of(name), platform->unit, sizeof(platform->unit)))
			platform->unit[0] = '\0';
	platform->units++;
	return 0;
}

static int count_entry(const char *name, void *data)
{
	unsigned *count = data;

	(void)name;
	++*count;
	return 0;
}

/* Little-endian, as all of ACPI. */
static uint32_t read_u32(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

#define IORT_MAX (256 * 1024)
#define IORT_SMMU 3
#define IORT_SMMUV3 4

/*
 * An IORT also describes interrupt controllers, so its presence is no proof.
 * Header of 36 bytes, number of nodes, offset of the first; a node begins with
 * its type in one byte and its length in two (Arm DEN 0049).
 */
static bool iort_has_smmu(const char *bytes, size_t len)
{
	size_t nodes, at;

	if (len < 44)
		return false;
	nodes = read_u32(bytes + 36);
	at = read_u32(bytes + 40);
	for (; nodes && at <= len && len - at >= 4; nodes--) {
		uint32_t head = read_u32(bytes + at);
		size_t length = head >> 8 & 0xffff;

		if ((head & 0xff) == IORT_SMMU || (head & 0xff) == IORT_SMMUV3)
			return true;
		if (!length)
			return false;
		at += length;
	}
	return false;
}

static void read_iort(struct system *sys, struct platform *platform)
{
	char *bytes;
	size_t len;

	if (!(platform->tables & ACPI_IORT))
		return;
	if (sys->ops->read_all(sys, "sys/firmware/acpi/tables/IORT", IORT_MAX, &bytes, &len) < 0)
		return;
	if (!iort_has_smmu(bytes, len))
		platform->tables &= ~(unsigned)ACPI_IORT;
	free(bytes);
}

static void read_firmware(struct system *sys, struct platform *platform)
{
	platform->acpi = system_exists(sys, "sys/firmware/acpi/tables");
	for (size_t i = 0; platform->acpi && i < IOMMU_KINDS; i++)
		if (!(platform->tables & iommu_kinds[i].table) &&
		    system_exists(sys, "sys/firmware/acpi/tables/%s", iommu_kinds[i].table_name))
			platform->tables |= iommu_kinds[i].table;
	/* The generic timer's table, which only Arm machines have. */
	platform->arm = platform->acpi && system_exists(sys, "sys/firmware/acpi/tables/GTDT");
	read_iort(sys, platform);
}

/*
 * Interrupt controllers whose interrupts are remapped are named IR-IO-APIC,
 * IR-PCI-MSI and so on. For the log only; the trial of a group is what decides.
 */
static void read_remapping(struct system *sys, struct platform *platform)
{
	struct slice rest;
	char *bytes;
	size_t len;

	platform->remapping = false;
	if (!platform->units)
		return;
	if (sys->ops->read_all(sys, "proc/interrupts", INTERRUPTS_MAX, &bytes, &len) < 0)
		return;
	rest = (struct slice){ bytes, len };
	while (rest.len && !platform->remapping)
		platform->remapping = slice_starts(slice_word(&rest), "IR-");
	free(bytes);
}

/* The parameter of the module that attaches: iommufd's where there is no other. */
static void read_unsafe_interrupts(struct system *sys, struct platform *platform)
{
	static const char *const modules[] = { "vfio_iommu_type1", "iommufd" };
	char value[4];

	platform->unsafe_irqs = false;
	for (size_t i = 0; i < COUNT_OF(modules); i++) {
		if (!system_exists(sys, "sys/module/%s", modules[i]))
			continue;
		platform->unsafe_irqs = system_read(sys, value, sizeof(value),
						    "sys/module/%s/parameters/allow_unsafe_interrupts",
						    modules[i]) > 0 &&
					value[0] == 'Y';
		return;
	}
}

void refresh_iommu(struct system *sys, struct platform *platform)
{
	struct platform seen = *platform;
	int units, groups;

	seen.units = 0;
	seen.groups = 0;
	units = system_for_each_entry(sys, count_unit, &seen, "sys/class/iommu");
	groups = system_for_each_entry(sys, count_entry, &seen.groups, "sys/kernel/iommu_groups");
	/* What cannot be read now stays as it was. */
	if ((units < 0 && units != -ENOENT) || (groups < 0 && groups != -ENOENT))
		return;
	*platform = seen;
	read_remapping(sys, platform);
	read_unsafe_interrupts(sys, platform);
}

int read_platform(struct system *sys, struct machine *machine)
{
	struct platform *platform = &machine->platform;

	read_release(sys, platform);
	read_firmware(sys, platform);
	refresh_iommu(sys, platform);
	/* Its control socket is no proof: systemd opens that before it starts udev. */
	platform->settled = system_exists(sys, "run/udev/data");
	platform->crash_kernel = system_exists(sys, "proc/vmcore");
	return read_cmdline(sys, platform);
}
