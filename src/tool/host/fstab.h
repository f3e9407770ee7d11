/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot waits for by /etc/fstab and /etc/crypttab. */
#ifndef EARLYBIND_TOOL_HOST_FSTAB_H
#define EARLYBIND_TOOL_HOST_FSTAB_H

#include "tool/host/trace.h"

struct libmnt_table;

/* NEED_ROOT for a filesystem at one of these, and for swap. A table that ends in NULL. */
extern const char *const root_places[];

/*
 * Trace the entries of FSTAB. Without OWN_ROOT, only sources that name one device
 * in the world are followed. A device that is not present is not this machine's.
 */
int trace_fstab(struct trace *trace, struct libmnt_table *fstab, bool own_root);

/* Trace the entries of /etc/crypttab that the boot waits for, and the disks of their key files. */
int trace_crypttab(struct trace *trace);

/*
 * An encrypted volume whose passphrase a person has to type at boot: one that
 * something needed is on, or that crypttab has the boot wait for. False for none.
 * NAME is its name for people.
 */
bool find_passphrase(struct trace *trace, struct slice cmdline, char *name, size_t size);

#endif
