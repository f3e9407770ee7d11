/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that has a place in no directory, and is gone with the last descriptor. */
#ifndef EARLYBIND_TOOL_PLAN_MEMORY_FILE_H
#define EARLYBIND_TOOL_PLAN_MEMORY_FILE_H

/*
 * FLAGS is 0 or MFD_CLOEXEC; NAME is for whoever looks into /proc. A descriptor,
 * or a negative errno where there is no such file: memfd_create(2).
 */
int memory_file(const char *name, unsigned flags);

#endif
