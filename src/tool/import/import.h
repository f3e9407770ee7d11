/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other tools' settings as lines of earlybind.conf. A reader parses one source,
 * passes every device that it names to import_device(), and reports with
 * import_cannot() what has no equivalent.
 */
#ifndef EARLYBIND_TOOL_IMPORT_IMPORT_H
#define EARLYBIND_TOOL_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "config/plan.h"
#include "tool/inspect/devices.h"

struct import {
	struct host_devices devices;
	struct plan plan; /* of which only the needs are filled in: what the host needs */
	const char *sysroot;
	struct linebuf source; /* what is being read, for people */
	bool source_shown;
	char **lines; /* printed so far, to print none twice */
	size_t n_lines, lines_room;
	char **remove; /* what to remove afterwards */
	size_t n_remove, remove_room;
	bool problem;
};

/* What follows is read from SOURCE. */
void import_from(struct import *import, const char *source);

/*
 * Print the lines for the devices that SELECTOR means: an address or a path
 * with this ID (empty: that of the device there now), or an ID or class,
 * which gets a line with id= for each device that it fits. MORE is empty or
 * further conditions and options, after a blank. 0 or -ENOMEM.
 */
int import_device(struct import *import, struct slice selector, struct slice id, const char *more);

/* Report that WORD of the source has no equivalent. */
void import_cannot(struct import *import, struct slice word, const char *why);
/* The same for something that had no effect before either, which is no problem. */
void import_note(struct import *import, struct slice word, const char *why);

/* Report that the source cannot be read; ERROR is a negative errno. */
void import_unreadable(struct import *import, int error);

/* One more thing to remove once earlybind binds the devices. 0 or -ENOMEM. */
int import_remove(struct import *import, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A copy of TEXT at the end of ITEMS. 0 or -ENOMEM. */
int import_keep(char ***items, size_t *n, size_t *room, const char *text);

/* All that other tools have set on this system, or what FILE says. 0 or -ENOMEM. */
int import_system(struct import *import);
int import_file(struct import *import, const char *path);

/* --- readers, a kind of source each --- */

/* The kernel's list of IDs, vendor:device[:subvendor[:subdevice[:class[:class_mask]]]],... */
int import_ids(struct import *import, struct slice list);

/* One file's text each. 0 or -ENOMEM. */
int import_driverctl(struct import *import, const char *name, struct slice text);
int import_unraid(struct import *import, struct slice text);
int import_addresses(struct import *import, struct slice text);
/* vfio-pci.ids= and rd.qubes.hide_pci= */
int import_cmdline(struct import *import, struct slice text);
/* The same in a boot loader's file, where it is bare or NAME="...". */
int import_boot_loader(struct import *import, struct slice text);
/* Whether this command line has ids=. */
bool import_has_ids(struct slice cmdline);

/*
 * ids= of modprobe.d below the sysroot, or of FILE instead. IN_FORCE: nothing
 * outranks it. RET_FOUND: there is any.
 */
int import_modprobe(struct import *import, const char *file, bool in_force, bool *ret_found);

#endif
