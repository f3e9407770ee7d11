/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run as a whole: why it does nothing, and what is wrong with the image's plan. */
#include <errno.h>

#include "base/errno_name.h"
#include "report/message_parts.h"

static void run_disabled(const struct decision *decision, struct linebuf *line)
{
	if (decision->config.settings.off)
		linebuf_add(line, "rd.earlybind=0 is on the kernel command line; no device is touched");
	else
		linebuf_add(line, "this kernel only saves a crash dump; no device is touched");
}

static void run_no_plan(const struct decision *decision, struct linebuf *line)
{
	int error = decision->plan_error;

	if (error)
		linebuf_add(line, "the image has no usable plan (%s)",
			    error == EPROTONOSUPPORT ? "another version" : errno_name(error));
	else
		linebuf_add(line, "%u lines of the image's plan are damaged", decision->plan.bad_lines);
}

void message_run(const struct decision *decision, enum verdict verdict, struct linebuf *line)
{
	switch (verdict) {
	case V_DISABLED:
		run_disabled(decision, line);
		return;
	case V_NO_CONFIGURATION:
		linebuf_add(line, decision->config.n_sources ? "the configuration names no device"
							     : "this image has no earlybind.conf and no earlybind.d");
		break;
	case V_IMAGE_STALE:
		linebuf_add(line, "the plan is for kernel ");
		add_name(line, decision->plan.kernel);
		linebuf_add(line, ", this is ");
		add_name(line, decision->machine.platform.release);
		break;
	case V_IDS_IGNORED:
		linebuf_add(line, "vfio-pci is loaded without its ids=; only what the configuration names is bound");
		break;
	default:
		run_no_plan(decision, line);
	}
	add_remedy(line, verdict, CASE_USUAL);
}

void message_unread(const struct system_failures *failures, struct linebuf *line)
{
	linebuf_add(line, "cannot read /");
	linebuf_add_escaped(line, slice_of(failures->first), 256);
	linebuf_add(line, " (%s)", errno_name(failures->error));
	if (failures->count > 1)
		linebuf_add(line, ", and %u more", failures->count - 1);
}
