/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_TOOL_INSPECT_UNPACK_H
#define EARLYBIND_TOOL_INSPECT_UNPACK_H

/*
 * Unpack the initramfs IMAGE into a new directory, whose name is stored in DIR
 * (UNPACK_SIZE bytes); unpack_remove() is the caller's to call when this
 * returned 0. -ENOENT: no program for it is installed. -ETIMEDOUT, -EIO: it did
 * not end in time, or failed. Signals that end this process wait in between, cut
 * unpacking short, and take effect when the directory has been removed.
 */
#define UNPACK_SIZE 64
int unpack_image(const char *image, char dir[UNPACK_SIZE]);
void unpack_remove(const char *dir);

#endif
