/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/checklist.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "decide/verify.h"
#include "tool/output/remedy.h"

void checklist_add(struct findings *findings, const char *about, enum level level, const char *format, ...)
{
	struct finding *f;
	va_list args;

	va_start(args, format);
	f = findings_say_list(findings, FINDING_CHECK, level, V_NONE, format, args);
	va_end(args);
	f->about = findings_copy(findings, about);
}

/* An IORT need not describe an SMMU, but only root may look into it. */
static bool is_out_of_sight(struct system *sys, const struct platform *p)
{
	char byte;

	return (p->tables & ACPI_IORT) && !p->units &&
	       sys->ops->read(sys, "sys/firmware/acpi/tables/IORT", &byte, 1) == -EACCES;
}

static void check_firmware(struct findings *findings, struct system *sys, const struct platform *p)
{
	const struct iommu_kind *kind = iommu_kind_of_tables(p->tables);

	if (is_out_of_sight(sys, p))
		checklist_add(findings, "firmware", LEVEL_NOTE,
			      "has an IORT table, but only root can read whether it describes an SMMU");
	else if (kind)
		checklist_add(findings, "firmware", LEVEL_GOOD, "describes %s (%s)", kind->name, kind->table_name);
	else if (!p->acpi)
		checklist_add(findings, "firmware", LEVEL_GOOD, "describes a device tree");
	else
		checklist_add(findings, "firmware", p->units ? LEVEL_GOOD : LEVEL_PROBLEM, "describes no IOMMU: %s",
			      verdict_remedy(V_IOMMU_NO_TABLE));
}

/* WHERE: the place for PARAMETER on this system, if it is known. */
static void check_parameter(struct findings *findings, struct system *sys, enum remedy how, const char *what,
			    const char *parameter)
{
	struct linebuf where;

	linebuf_start(&where);
	if (!remedy_here(sys, how, parameter, &where))
		linebuf_add(&where, "%s the kernel command line",
			    how == REMEDY_ADD_PARAMETER ? "add it to" : "remove it from");
	checklist_add(findings, "command line", LEVEL_PROBLEM, "%s %s: %s", what, parameter, where.at);
}

static void check_cmdline(struct findings *findings, struct system *sys, const struct platform *p)
{
	const char *culprit = verify_platform_culprit(p);

	switch (verify_platform(p)) {
	case V_IOMMU_OFF:
		check_parameter(findings, sys, REMEDY_REMOVE_PARAMETER, "disables the IOMMU with", culprit);
		break;
	case V_IOMMU_NOT_ENABLED:
	case V_IOMMU_WRONG_PARAMETER:
		check_parameter(findings, sys, REMEDY_ADD_PARAMETER, "lacks", "intel_iommu=on");
		break;
	default:
		checklist_add(findings, "command line", LEVEL_GOOD, "nothing disables the IOMMU");
	}
}

static void check_iommu(struct findings *findings, const struct platform *p)
{
	enum verdict verdict = verify_platform(p);

	if (verdict == V_IOMMU_ACTIVE) {
		checklist_add(findings, "IOMMU", LEVEL_GOOD, "%s, %u unit%s", iommu_kind(p->unit), p->units,
			      p->units == 1 ? "" : "s");
		checklist_add(findings, "groups", p->groups ? LEVEL_GOOD : LEVEL_PROBLEM, "%u", p->groups);
	} else if (verdict == V_IOMMU_FAILED || verdict == V_IOMMU_NO_DRIVER) {
		checklist_add(findings, "IOMMU", LEVEL_PROBLEM, "not active: %s", verdict_remedy(verdict));
	} else {
		checklist_add(findings, "IOMMU", LEVEL_PROBLEM, "not active: see above");
	}
	if (!p->units || !iommu_remaps_separately(p->unit))
		return;
	checklist_add(findings, "interrupt remapping", p->remapping ? LEVEL_GOOD : LEVEL_PROBLEM, "%s%s",
		      p->remapping ? "on" : "off: ", p->remapping ? "" : verdict_remedy(V_NO_INTERRUPT_REMAPPING));
}

void checklist_platform(struct findings *findings, struct system *sys, const struct platform *platform)
{
	check_firmware(findings, sys, platform);
	check_cmdline(findings, sys, platform);
	check_iommu(findings, platform);
}

void checklist_print(const struct findings *findings)
{
	size_t width = 0;

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (f->kind == FINDING_CHECK && f->about && strlen(f->about) > width)
			width = strlen(f->about);
	}
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];
		char first[64], rest[64];

		if (f->kind != FINDING_CHECK)
			continue;
		snprintf(first, sizeof(first), "%s %-*s  ", mark_of(f->level), (int)width, f->about ? f->about : "");
		snprintf(rest, sizeof(rest), "%*s", (int)width + 4, "");
		printf("%s", style_begin(style_of(f->level)));
		print_wrapped(first, rest, f->text ? f->text : "", 0);
		printf("%s", style_end(style_of(f->level)));
	}
}
