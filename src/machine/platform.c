/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about the kernel, the firmware and the IOMMU as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "machine/gather.h"

#define CMDLINE_MAX (64 * 1024)
#define INTERRUPTS_MAX (1024 * 1024)

static void gather_release(struct door *door, struct platform *platform)
{
	struct text rest, part;
	uint32_t value;
	ssize_t n;

	n = door_read(door, platform->release, sizeof(platform->release), "proc/sys/kernel/osrelease");
	if (n < 0) {
		platform->release[0] = '\0';
		return;
	}
	platform->release[strcspn(platform->release, "\n")] = '\0';
	rest = text_of(platform->release);
	part = text_cut(&rest, '.');
	if (text_decimal(part, 1000, &value))
		platform->major = value;
	for (n = 0; (size_t)n < rest.len && rest.at[n] >= '0' && rest.at[n] <= '9';)
		n++;
	if (text_decimal(text_slice(rest, 0, (size_t)n), 100000, &value))
		platform->minor = value;
}

static int gather_cmdline(struct door *door, struct platform *platform)
{
	char *bytes = NULL;
	size_t len = 0;

	if (door->ops->slurp(door, "proc/cmdline", CMDLINE_MAX, &bytes, &len) < 0)
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

	/* The lowest name, so that the log does not depend on the folder's order. */
	if (platform->units == 0 || strcmp(name, platform->unit) < 0)
		if (!text_store(text_of(name), platform->unit, sizeof(platform->unit)))
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
 * An IORT also describes interrupt controllers, so its presence says nothing.
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

static void gather_iort(struct door *door, struct platform *platform)
{
	char *bytes;
	size_t len;

	if (!(platform->tables & TABLE_IORT))
		return;
	if (door->ops->slurp(door, "sys/firmware/acpi/tables/IORT", IORT_MAX, &bytes, &len) < 0)
		return;
	if (!iort_has_smmu(bytes, len))
		platform->tables &= ~(unsigned)TABLE_IORT;
	free(bytes);
}

static void gather_firmware(struct door *door, struct platform *platform)
{
	static const struct {
		enum table table;
		const char *name;
	} tables[] = {
		{ TABLE_DMAR, "DMAR" }, { TABLE_IVRS, "IVRS" }, { TABLE_IORT, "IORT" },
		{ TABLE_VIOT, "VIOT" }, { TABLE_RIMT, "RIMT" },
	};

	platform->acpi = door_exists(door, "sys/firmware/acpi/tables");
	for (size_t i = 0; platform->acpi && i < COUNT_OF(tables); i++)
		if (door_exists(door, "sys/firmware/acpi/tables/%s", tables[i].name))
			platform->tables |= tables[i].table;
	/* The generic timer's table, which no other machine has. */
	platform->arm = platform->acpi && door_exists(door, "sys/firmware/acpi/tables/GTDT");
	gather_iort(door, platform);
}

/*
 * Interrupt controllers behind the IOMMU are named IR-IO-APIC, IR-PCI-MSI and
 * so on. A hint for the log only; the dry run is what decides.
 */
static void gather_remapping(struct door *door, struct platform *platform)
{
	struct text rest;
	char *bytes;
	size_t len;

	platform->remapping = false;
	if (!platform->units)
		return;
	if (door->ops->slurp(door, "proc/interrupts", INTERRUPTS_MAX, &bytes, &len) < 0)
		return;
	rest = (struct text){ bytes, len };
	while (rest.len && !platform->remapping)
		platform->remapping = text_starts(text_word(&rest), "IR-");
	free(bytes);
}

void gather_iommu(struct door *door, struct platform *platform)
{
	struct platform seen = *platform;
	int units, groups;

	seen.units = 0;
	seen.groups = 0;
	units = door_list(door, count_unit, &seen, "sys/class/iommu");
	groups = door_list(door, count_entry, &seen.groups, "sys/kernel/iommu_groups");
	/* What cannot be read now is as it was. */
	if ((units < 0 && units != -ENOENT) || (groups < 0 && groups != -ENOENT))
		return;
	*platform = seen;
	gather_remapping(door, platform);
}

int gather_platform(struct door *door, struct machine *machine)
{
	struct platform *platform = &machine->platform;

	gather_release(door, platform);
	gather_firmware(door, platform);
	gather_iommu(door, platform);
	/* Its control socket says less: systemd opens that before udev is started. */
	platform->settled = door_exists(door, "run/udev/data");
	platform->crash_kernel = door_exists(door, "proc/vmcore");
	return gather_cmdline(door, platform);
}
