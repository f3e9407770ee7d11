/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_TOOL_OUTPUT_OUTPUT_H
#define EARLYBIND_TOOL_OUTPUT_OUTPUT_H

#include <stdio.h>

/*
 * Put in place, at once and with mode 0644, a file with what PRINT writes, or
 * leave everything as it was. Only regular files are replaced. 0 or a negative errno.
 */
int write_file(const char *path, void (*print)(FILE *to, const void *data), const void *data);

#endif
