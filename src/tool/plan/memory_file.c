/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/plan/memory_file.h"

#include <errno.h>
#include <sys/mman.h>

/* From Linux 6.3 on; older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* With vm.memfd_noexec=2 a kernel grants no file that could be executed, and older ones do not know the flag. */
int memory_file(const char *name, unsigned flags)
{
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd < 0 ? -errno : fd;
}
