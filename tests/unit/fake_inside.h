/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the fake kernel share, and no test needs. Paths are below the fake's root. */
#ifndef EARLYBIND_TESTS_FAKE_INSIDE_H
#define EARLYBIND_TESTS_FAKE_INSIDE_H

#include <stdio.h>
#include <stdlib.h>

#include "fake_kernel.h"

#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s, line %d: %s\n", __FILE__, __LINE__, #condition);                          \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

struct name {
	char at[512];
};

struct name format(const char *format, ...) __attribute__((format(printf, 1, 2)));

void make_parents(struct fake *fake, const char *path);
/* FLAGS: those of open() beyond O_WRONLY and O_CREAT. */
void write_file(struct fake *fake, const char *path, int flags, const char *content, size_t len);
/* The last part of what the link at PATH points to, or "". */
struct name link_name(struct fake *fake, const char *path);
/* What LINK, one of those in sys/bus/pci/devices, points to. */
struct name real_directory(struct fake *fake, const char *link);

/* A fake without anything of a machine. */
struct fake *new_directory(void);
/* VFIO's modules for the kernel RELEASE, and the image's plan for them. */
void add_modules(struct fake *fake, const char *release);

void drop_driver(struct fake *fake, const char *address);
/* The group that was put aside for this device, if one was. */
void put_back_group(struct fake *fake, const char *address);

#endif
