/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All devices of a machine with their names, and those among them that a line of the configuration means. */
#ifndef EARLYBIND_TOOL_INSPECT_DEVICES_H
#define EARLYBIND_TOOL_INSPECT_DEVICES_H

#include "config/config.h"
#include "system/system.h"
#include "machine/facts.h"
#include "tool/output/names.h"
#include "tool/output/usage.h"

struct host_devices {
	struct system sys;
	struct machine machine; /* every device with its driver and its group's number */
	struct names names;
};

/*
 * STATUS_FINE; STATUS_USAGE after an error when SYSROOT is no such machine; or a
 * negative errno. The caller calls host_devices_close() in every case.
 */
int host_devices_open(struct host_devices *devices, const struct command *command, const char *sysroot);
void host_devices_close(struct host_devices *devices);

/* The devices that a line of the configuration means. */
struct selection {
	struct config config;	 /* of that line only; its text must outlive it */
	const struct rule *rule; /* NULL: the line is wrong, and config.problems[0] tells why */
	size_t *found;		 /* in machine.devices */
	size_t n_found;
};

/*
 * Parse LINE as the configuration's parser does and find what it means as the
 * binder does. 0 or -ENOMEM. The caller calls selection_done() in every case.
 */
int select_devices(const struct host_devices *devices, struct slice line, struct selection *ret);
void selection_done(struct selection *selection);

/* "  # NVIDIA Corporation GP104", or nothing where the name is not known. */
void add_name_comment(struct host_devices *devices, const struct device *device, struct linebuf *line);

/*
 * DEVICE is not there yet when the binder runs, or may not be: a virtual function, what is below a VMD, what is on an
 * external port. Its line needs `optional`.
 */
bool device_comes_later(struct system *sys, const struct machine *machine, const struct device *device);
/* FUNCTION is a virtual function of PHYSICAL. */
bool device_makes(struct system *sys, const struct device *physical, const struct device *function);
/* DEVICE has virtual functions now, which exist only while its own driver has it. */
bool device_has_functions(struct system *sys, const struct device *device);
/* Whether that is because it is on an external port, such as Thunderbolt, where buses are numbered as they come. */
bool device_is_removable(struct system *sys, const struct machine *machine, const struct device *device);

#endif
