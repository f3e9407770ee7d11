/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modprobe.d one file at a time, since libkmod does not tell where a setting
 * stands. Only the tree under the sysroot counts. Says nothing itself.
 */
#ifndef EARLYBIND_TOOL_MODPROBE_D_H
#define EARLYBIND_TOOL_MODPROBE_D_H

#define MODPROBE_FOLDERS 5
/* Below the sysroot, in modprobe's order: a name found in an earlier folder hides it in the later ones. */
extern const char *const modprobe_folders[MODPROBE_FOLDERS];

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
