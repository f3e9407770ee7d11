/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes of what the kernel names, each with its final NUL. */
#ifndef EARLYBIND_BASE_LIMITS_H
#define EARLYBIND_BASE_LIMITS_H

#define DRIVER_SIZE 64	  /* a driver or a module: MODULE_NAME_LEN is 64 - sizeof(long) */
#define RELEASE_SIZE 65	  /* of uname(2) */
#define MODALIAS_SIZE 128 /* that of a PCI device has 54 characters */

/* A number that is a macro, as part of a message. */
#define AS_TEXT(number) AS_TEXT_(number)
#define AS_TEXT_(number) #number

#endif
