/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel command line, parsed as the kernel does. */
#ifndef EARLYBIND_CONFIG_CMDLINE_H
#define EARLYBIND_CONFIG_CMDLINE_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * The next parameter of REST, or false at the end. Double quotes keep blanks
 * together and are taken off; what follows "--" is for init and ends the walk.
 * VALUE has at == NULL when there is no "=".
 */
bool cmdline_next(struct slice *rest, struct slice *name, struct slice *value);

/* The last value of NAME, or an empty slice with at == NULL. */
struct slice cmdline_value(struct slice cmdline, const char *name);

/*
 * True if a comma-separated list of NAME has WORD, and no later one has
 * CONTRARY (NULL: there is none). The kernel reads every NAME=, not only the last.
 */
bool cmdline_says(struct slice cmdline, const char *name, const char *word, const char *contrary);

/*
 * Append to the options in TO (SIZE bytes) what CMDLINE says for MODULE, such
 * as `vfio_pci.disable_vga=1`, with - and _ alike. The kernel itself does this
 * for built-in modules only; for the others modprobe does, and so must a
 * program that loads them without modprobe. Without ids= where
 * module_takes_ids(). False if SIZE is too small.
 */
bool cmdline_module_options(struct slice cmdline, const char *module, char *to, size_t size);

/* MODULE is a driver with the parameter ids=: vfio_pci or pci_stub. */
bool module_takes_ids(const char *module);
/* Remove ids= from the OPTIONS of such a module; true if it was there, be it empty. */
bool module_options_remove_ids(const char *module, char *options);
/* CMDLINE has a list of IDs for MODULE. */
bool cmdline_has_ids(struct slice cmdline, const char *module);

#endif
