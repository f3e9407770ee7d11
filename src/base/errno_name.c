/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/errno_name.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/array.h"

#define ROW(e)                                                                                                         \
	{                                                                                                              \
		e, #e                                                                                                  \
	}

/* Without pointers: a third smaller. */
static const struct {
	short error;
	char name[14];
} names[] = {
	ROW(ECHILD),  ROW(EXDEV),	 ROW(EPERM),	    ROW(ENOENT), ROW(EINTR),	 ROW(EIO),
	ROW(ENXIO),   ROW(E2BIG),	 ROW(ENOEXEC),	    ROW(EBADF),	 ROW(EAGAIN),	 ROW(ENOMEM),
	ROW(EACCES),  ROW(EFAULT),	 ROW(EBUSY),	    ROW(EEXIST), ROW(ENODEV),	 ROW(ENOTDIR),
	ROW(EISDIR),  ROW(EINVAL),	 ROW(ENFILE),	    ROW(EMFILE), ROW(ENOTTY),	 ROW(EFBIG),
	ROW(ENOSPC),  ROW(EROFS),	 ROW(ELOOP),	    ROW(ENOSYS), ROW(ETIMEDOUT), ROW(EOPNOTSUPP),
	ROW(EBADMSG), ROW(ENAMETOOLONG), ROW(EKEYREJECTED), ROW(ENOKEY), ROW(EOVERFLOW),
};

const char *errno_name(int error)
{
	static char number[sizeof("errno -2147483648")];

	if (error < 0)
		error = -error;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}
