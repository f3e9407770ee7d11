/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOMMU as a whole: is it active, and if not, why not? */
#include <string.h>

#include "base/array.h"
#include "config/cmdline.h"
#include "decide/verify.h"

bool iommu_wants_module(const struct platform *platform)
{
	return (platform->tables & ACPI_VIOT) && !platform->units && platform->iommu_planned;
}

/*
 * What switches an IOMMU off, the word that takes it back, and the tables with
 * which the kernel reads it (0: always). Kernel: iommu_setup() of x86,
 * intel_iommu_setup(), parse_amd_iommu_options().
 */
static const struct off_switch {
	const char *name, *word, *contrary, *shown;
	unsigned tables;
} off_switches[] = {
	{ "iommu", "off", NULL, "iommu=off", 0 },
	{ "intel_iommu", "off", "on", "intel_iommu=off", ACPI_DMAR },
	{ "amd_iommu", "off", NULL, "amd_iommu=off", ACPI_IVRS },
};

static const char *find_off_switch(const struct platform *platform)
{
	struct slice cmdline = slice_of(platform->cmdline);

	for (size_t i = 0; i < COUNT_OF(off_switches); i++) {
		const struct off_switch *s = &off_switches[i];

		if (s->tables && !(s->tables & platform->tables))
			continue;
		if (cmdline_says(cmdline, s->name, s->word, s->contrary))
			return s->shown;
	}
	return NULL;
}

/* A parameter that switches an IOMMU on, and the table that this takes. */
static const struct on_switch {
	const char *name, *word, *contrary, *shown;
	unsigned table;
} on_switches[] = {
	{ "intel_iommu", "on", "off", "intel_iommu=on", ACPI_DMAR },
	{ "amd_iommu", "on", NULL, "amd_iommu=on", ACPI_IVRS },
	{ "amd_iommu", "force_enable", NULL, "amd_iommu=force_enable", ACPI_IVRS },
};

/* The first parameter that switches on an IOMMU which one of TABLES describes. */
static const char *find_on_switch(const struct platform *platform, unsigned tables)
{
	struct slice cmdline = slice_of(platform->cmdline);

	for (size_t i = 0; i < COUNT_OF(on_switches); i++) {
		const struct on_switch *s = &on_switches[i];

		if ((s->table & tables) && cmdline_says(cmdline, s->name, s->word, s->contrary))
			return s->shown;
	}
	return NULL;
}

enum verdict verify_platform(const struct platform *platform)
{
	if (platform->units)
		return V_IOMMU_ACTIVE;
	if (!platform->tables)
		return V_IOMMU_NO_TABLE;
	if (find_off_switch(platform))
		return V_IOMMU_OFF;
	if (platform->tables == ACPI_VIOT)
		return V_IOMMU_NO_DRIVER;
	/* Only VT-d may need a parameter: that depends on how the kernel was built. */
	if (!(platform->tables & ACPI_DMAR) || find_on_switch(platform, ACPI_DMAR))
		return V_IOMMU_FAILED;
	return find_on_switch(platform, ACPI_IVRS) ? V_IOMMU_WRONG_PARAMETER : V_IOMMU_NOT_ENABLED;
}

const char *verify_platform_culprit(const struct platform *platform)
{
	switch (verify_platform(platform)) {
	case V_IOMMU_OFF:
		return find_off_switch(platform);
	case V_IOMMU_WRONG_PARAMETER:
		return find_on_switch(platform, ACPI_IVRS);
	case V_IOMMU_NO_TABLE:
		return find_on_switch(platform, ACPI_DMAR | ACPI_IVRS);
	case V_IOMMU_FAILED:
		/* The kernel ignores a parameter for another vendor's IOMMU. */
		return find_on_switch(platform, platform->tables);
	default:
		return NULL;
	}
}
