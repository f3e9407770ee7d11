/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *path_join(const char *root, const char *below, const char *name)
{
	size_t len = strlen(root);
	char *path;

	while (len && root[len - 1] == '/')
		len--;
	if (asprintf(&path, "%.*s/%s%s%s", (int)len, root, below, name ? "/" : "", name ? name : "") < 0)
		return NULL;
	return path;
}

void free_string(char **s)
{
	free(*s);
}
