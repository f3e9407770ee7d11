/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BASE_ERRNO_NAME_H
#define EARLYBIND_BASE_ERRNO_NAME_H

/*
 * The symbol of an errno, as people search for it. strerror() is no help here:
 * klibc's depends on how it was built, and its sentences differ from libc to libc.
 * An errno without a symbol here comes as its number, valid until the next call.
 */
const char *errno_name(int error);

#endif
