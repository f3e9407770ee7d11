/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CLEANUP(f) before a variable: f() gets its address when it goes out of scope. */
#ifndef EARLYBIND_BASE_CLEANUP_H
#define EARLYBIND_BASE_CLEANUP_H

#define CLEANUP(f) __attribute__((cleanup(f)))

#endif
