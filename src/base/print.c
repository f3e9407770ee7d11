/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void print_text(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}
