/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths put together for libraries that want whole ones. */
#ifndef EARLYBIND_TOOL_OUTPUT_PATH_H
#define EARLYBIND_TOOL_OUTPUT_PATH_H

/* ROOT/BELOW or, unless NAME is NULL, ROOT/BELOW/NAME: the caller's to free; NULL when there is no memory. */
char *path_join(const char *root, const char *below, const char *name);

/* For CLEANUP. */
void free_string(char **s);

#endif
