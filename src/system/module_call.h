/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finit_module(2), which klibc declares and other libcs leave to syscall(2). */
#ifndef EARLYBIND_SYSTEM_MODULE_CALL_H
#define EARLYBIND_SYSTEM_MODULE_CALL_H

#include <stdbool.h>

/* Let the kernel unpack the module itself: MODULE_INIT_COMPRESSED_FILE, Linux 5.17. */
#define MODULE_CALL_COMPRESSED 4

#ifdef __KLIBC__
extern int finit_module(int fd, const char *options, int flags);

static inline int module_call(int fd, const char *options, bool compressed)
{
	return finit_module(fd, options, compressed ? MODULE_CALL_COMPRESSED : 0);
}
#else
#include <sys/syscall.h>
#include <unistd.h>

static inline int module_call(int fd, const char *options, bool compressed)
{
	return (int)syscall(SYS_finit_module, fd, options, compressed ? MODULE_CALL_COMPRESSED : 0);
}
#endif

#endif
