/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The project's own files and directories, below the system's root. */
#ifndef EARLYBIND_BASE_PATHS_H
#define EARLYBIND_BASE_PATHS_H

/* The configuration and, in an image, the plan made with it. */
#define CONFIG_DIR "etc"
#define CONFIG_FILE "earlybind.conf" /* in CONFIG_DIR or RUN_CONFIG */
#define CONFIG_DROPINS "earlybind.d" /* likewise, a directory */
#define PLAN_FILE "etc/earlybind.plan"

/* What a run leaves for the rest of the boot. */
#define RUN_DIR "run/earlybind"
#define RUN_CONFIG RUN_DIR "/etc" /* the configuration that it used */
#define RUN_PLAN RUN_DIR "/plan"  /* the plan that it used: the image is gone later */
#define RUN_LOG RUN_DIR "/log"
#define RUN_RECORD RUN_DIR "/record"
#define RUN_LOCK RUN_DIR "/lock" /* locked by the run that is in progress */
#define RUN_HOTPLUG                                                                                                    \
	RUN_DIR "/hotplug"	     /* an empty file for each hotplugged device that was handled; udev's rule looks */
#define RUN_RESCUE RUN_DIR "/rescue" /* how long the rescue has waited */
#define RUN_RESCUED RUN_DIR "/rescued" /* devices were restored because the root was missing */

#endif
