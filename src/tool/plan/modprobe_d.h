/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of modprobe.d below a sysroot, whose links are followed below it as well. */
#ifndef EARLYBIND_TOOL_PLAN_MODPROBE_D_H
#define EARLYBIND_TOOL_PLAN_MODPROBE_D_H

#include <stddef.h>

struct modprobe_file {
	char *shown;	  /* below the sysroot, with a slash in front */
	const char *name; /* the last part of that */
	char *path;	  /* where it is, or NULL when it is nowhere or no file, as /dev/null */
	int error;	  /* or why that cannot be told, a negative errno */
};

struct modprobe_files {
	struct modprobe_file *items;
	size_t n, room;
};

/*
 * The files of modprobe.d below SYSROOT that modprobe reads, in its order. 0 or
 * -ENOMEM; modprobe_files_done() is the caller's to call in either case.
 */
int modprobe_files(const char *sysroot, struct modprobe_files *files);
void modprobe_files_done(struct modprobe_files *files);

#endif
