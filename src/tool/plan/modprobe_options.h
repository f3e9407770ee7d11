/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options in modprobe.d one file at a time, since libkmod does not tell which file a setting comes from. */
#ifndef EARLYBIND_TOOL_PLAN_MODPROBE_OPTIONS_H
#define EARLYBIND_TOOL_PLAN_MODPROBE_OPTIONS_H

struct modprobe_reader {
	/* One `options` line; MODULE has underscores, FILE is the path below the sysroot. */
	void (*option)(const char *file, const char *module, const char *options, void *data);
	/* FILE is there and cannot be read: ERROR is a negative errno. */
	void (*unreadable)(const char *file, int error, void *data);
	void *data;
};

/*
 * Call READER for each option in modprobe.d below SYSROOT, or in the file FILE
 * unless that is NULL, in modprobe's order. 0 or -ENOMEM.
 */
int modprobe_each_option(const char *sysroot, const char *file, const struct modprobe_reader *reader);

#endif
