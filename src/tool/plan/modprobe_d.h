/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modprobe.d one file at a time, since libkmod does not tell where a setting
 * stands. Only the tree under the sysroot counts. Says nothing itself.
 */
#ifndef EARLYBIND_TOOL_PLAN_MODPROBE_D_H
#define EARLYBIND_TOOL_PLAN_MODPROBE_D_H

#include <stddef.h>

struct modprobe_file {
	char *shown;	  /* below the sysroot, with a slash in front */
	const char *name; /* the last part of that */
	char *path;	  /* where it is: its links are those of the sysroot. NULL when it is nowhere, or no file, as
			     /dev/null */
	int error;	  /* or why that cannot be told, a negative errno */
};

struct modprobe_files {
	struct modprobe_file *items;
	size_t n, room;
};

/*
 * The files of modprobe.d below SYSROOT that modprobe heeds, in its order. 0 or
 * -ENOMEM; modprobe_files_done() is the caller's to call in either case.
 */
int modprobe_files(const char *sysroot, struct modprobe_files *files);
void modprobe_files_done(struct modprobe_files *files);

struct modprobe_reader {
	/* One `options` line; MODULE has underscores, FILE is the path below the sysroot. */
	void (*option)(const char *file, const char *module, const char *options, void *data);
	/* FILE is there and cannot be read: ERROR is a negative errno. */
	void (*unreadable)(const char *file, int error, void *data);
	void *data;
};

/*
 * Go through modprobe.d below SYSROOT, or through the file FILE unless that is
 * NULL, in the order in which modprobe heeds the lines. 0 or -ENOMEM.
 */
int modprobe_each(const char *sysroot, const char *file, const struct modprobe_reader *reader);

#endif
