/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/integration.h"

#include <string.h>

#include "base/paths.h"
#include "tool/output/remedy.h"

static void report_missing_hook(struct findings *findings, struct system *sys, const struct remedy_step *step)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    "%s makes the initramfs images of this system, but earlybind's hook for it is missing (/%.*s): new "
		    "images will not contain earlybind; install the hook (",
		    step->generator, (int)strcspn(step->hook, " "), step->hook);
	if (!remedy_here(sys, REMEDY_INSTALL_HOOKS, "", &line))
		linebuf_add(&line, "reinstall earlybind");
	linebuf_add(&line, ") and regenerate the initramfs (");
	remedy_regenerate(sys, &line);
	linebuf_add(&line, ")");
	findings_say(findings, FINDING_NOTICE, LEVEL_PROBLEM, V_NONE, "%s", line.at);
}

/* STEP may be NULL. */
static void report_no_generator(struct findings *findings, const struct remedy_step *step, enum level level)
{
	struct linebuf line;

	linebuf_start(&line);
	if (step)
		linebuf_add(&line, "%s makes the initramfs images of this system, and earlybind has no hook for it",
			    step->generator);
	else
		linebuf_add(&line, "no initramfs generator is installed for which earlybind has a hook");
	findings_say(findings, FINDING_NOTICE, level, V_NONE,
		     "%s: new images will not contain earlybind; %s initramfs-tools or dracut", line.at,
		     step ? "use" : "install");
}

void integration_check(struct findings *findings, struct system *sys, enum images images)
{
	const struct remedy_step *step = remedy_find(sys, REMEDY_REGENERATE);

	/* A captured machine does not show how its images are made. */
	if (!system_exists(sys, "boot") || (step && remedy_has_hook(sys, step)))
		return;
	if (step && step->hook)
		report_missing_hook(findings, sys, step);
	else if (images != IMAGES_WITH && !system_exists(sys, RUN_RECORD))
		report_no_generator(findings, step, images == IMAGES_WITHOUT ? LEVEL_PROBLEM : LEVEL_NOTE);
}
