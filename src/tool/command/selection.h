/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine that a command looks at: all its devices, with their names. */
#ifndef EARLYBIND_TOOL_COMMAND_SELECTION_H
#define EARLYBIND_TOOL_COMMAND_SELECTION_H

#include "config/config.h"
#include "system/system.h"
#include "machine/facts.h"
#include "tool/output/names.h"
#include "tool/command/command.h"

struct devices {
	struct system sys;
	struct machine machine; /* every device with its driver and its group's number */
	struct names names;
};

/*
 * The options of a command that takes devices or files as words, from optind
 * on, and nothing else but --sysroot. False when there is nothing more to do,
 * RET being the exit status.
 */
bool devices_options(const struct command *command, int argc, char **argv, const char **sysroot, int *ret);

/* STATUS_FINE; STATUS_USAGE after saying that SYSROOT is no such machine; or a negative errno. The caller calls
 * devices_close() in every case. */
int devices_open(struct devices *devices, const struct command *command, const char *sysroot);
void devices_close(struct devices *devices);

/* The devices that a line of the configuration means. */
struct selection {
	struct config config;	 /* of that line only; its text must outlive it */
	const struct rule *rule; /* or NULL: the line is wrong, and config.problems[0] tells why */
	size_t *found;		 /* in machine.devices */
	size_t n_found;
};

/*
 * Parse LINE as the configuration's parser does and find what it means as the
 * binder does. 0 or -ENOMEM. The caller calls selection_done() in every case.
 */
int devices_select(const struct devices *devices, struct slice line, struct selection *ret);
void selection_done(struct selection *selection);

/* "  # NVIDIA Corporation GP104", or nothing where the name is not known. */
void devices_comment(struct devices *devices, const struct device *device, struct linebuf *line);

#endif
