/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The platform's line: is the IOMMU active, and if not, why not and what to do. */
#include "decide/verify.h"
#include "report/message_parts.h"

static void add_count(struct linebuf *line, unsigned n, const char *what)
{
	linebuf_add(line, "%u %s%s", n, what, n == 1 ? "" : "s");
}

static void platform_active(const struct platform *p, struct linebuf *line)
{
	linebuf_add(line, "%s active: ", iommu_kind(p->unit));
	add_count(line, p->units, "unit");
	linebuf_add(line, ", ");
	add_count(line, p->groups, "group");
	if (iommu_remaps_separately(p->unit))
		linebuf_add(line, ", interrupt remapping %s", p->remapping ? "on" : "off");
}

static void platform_no_table(const struct platform *p, const char *culprit, struct linebuf *line)
{
	enum remedy_case which = !p->acpi ? CASE_DEVICE_TREE : p->arm ? CASE_ARM : CASE_USUAL;

	linebuf_add(line, which == CASE_DEVICE_TREE ? "the device tree describes no IOMMU that this kernel supports"
			  : which == CASE_ARM	    ? "the firmware's IORT table describes no SMMU"
						    : "the firmware has no DMAR, IVRS, IORT or VIOT table");
	if (culprit)
		linebuf_add(line, ", although the kernel command line has %s", culprit);
	add_remedy(line, V_IOMMU_NO_TABLE, which);
}

void message_platform_facts(const struct decision *decision, struct linebuf *line)
{
	const struct platform *p = &decision->machine.platform;
	const struct iommu_kind *kind = iommu_kind_of_tables(p->tables);
	const char *culprit = verify_platform_culprit(p);
	enum verdict verdict = verify_platform(p);

	if (verdict == V_IOMMU_ACTIVE) {
		platform_active(p, line);
		return;
	}
	linebuf_add(line, "no IOMMU is active: ");
	if (verdict == V_IOMMU_NO_TABLE) {
		platform_no_table(p, culprit, line);
		return;
	}
	if (kind)
		linebuf_add(line, "the firmware describes %s%s (%s)", kind->article, kind->name, kind->table_name);
	if (verdict == V_IOMMU_OFF)
		linebuf_add(line, ", but the kernel command line has %s", culprit);
	else if (culprit)
		linebuf_add(line, ", although the kernel command line has %s", culprit);
	else if (verdict == V_IOMMU_NOT_ENABLED)
		linebuf_add(line, ", but the kernel does not use it");
	else if (verdict == V_IOMMU_NO_DRIVER)
		linebuf_add(line, ", but %s",
			    p->iommu_planned ? "the module virtio_iommu did not activate it"
					     : "neither this kernel nor the image has its driver");
	add_remedy(line, verdict, CASE_USUAL);
}

void message_platform(const struct decision *decision, struct linebuf *line)
{
	enum verdict verdict = verify_platform(&decision->machine.platform);

	if (verdict != V_IOMMU_ACTIVE)
		linebuf_add(line, "%s: ", verdict_word(verdict));
	message_platform_facts(decision, line);
}
