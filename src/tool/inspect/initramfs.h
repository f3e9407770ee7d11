/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few files of an initramfs image that are of interest, read in the stream.
 *
 * An image is a sequence of newc cpio archives, plain or compressed, with zeros
 * between them; a later file replaces an earlier one of the same name, as when
 * the kernel unpacks them. libarchive decompresses, by itself: no program is
 * run, and nothing is unpacked to disk.
 */
#ifndef EARLYBIND_TOOL_INSPECT_INITRAMFS_H
#define EARLYBIND_TOOL_INSPECT_INITRAMFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define INITRAMFS_FILE_MAX (4 * 1024 * 1024) /* larger files are not kept */

struct initramfs_file {
	char *path;  /* without a leading slash */
	char *bytes; /* NULL when it is empty, no regular file or too large */
	size_t len;
	bool kept; /* false: no regular file, or too large */
	/* What identifies its hard links within one archive of the image. */
	bool linked;
	unsigned archive;
	uint32_t inode, major, minor;
};

struct initramfs {
	struct initramfs_file *files;
	size_t n, room;
};

/*
 * Read the image in FD, a regular file, and keep the files for which WANTED is
 * true. 0; -ENOMEM; or another negative errno, then WHY tells a person what is
 * wrong with the image. The caller calls initramfs_done() in every case.
 */
int initramfs_read(struct initramfs *image, int fd, bool (*wanted)(const char *path), struct linebuf *why);
void initramfs_done(struct initramfs *image);

/* NULL when the image has no such file. */
const struct initramfs_file *initramfs_find(const struct initramfs *image, const char *path);

#endif
