/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot log in /run says of a device, or of the run as a whole. */
#ifndef EARLYBIND_TOOL_INSPECT_BOOT_LOG_H
#define EARLYBIND_TOOL_INSPECT_BOOT_LOG_H

#include "base/slice.h"
#include "decide/verdict.h"
#include "system/system.h"

#define BOOT_LOG_PATH "run/earlybind/log"

struct boot_log {
	char *bytes; /* NULL when there is none */
	size_t len;
};

/* BOOTLOG is the caller's to free in every case. 0 or a negative errno. */
int boot_log_read(struct system *sys, struct boot_log *boot_log);
void boot_log_done(struct boot_log *boot_log);

/* The words behind VERDICT in the last line of DEVICE, without the place in the configuration; or an empty text. */
struct slice boot_log_of_device(const struct boot_log *boot_log, const char *device, enum verdict verdict);
/* The words of the next line "VERDICT: ..." of the run, from *FROM on, which moves; empty at the end. */
struct slice boot_log_next(const struct boot_log *boot_log, enum verdict verdict, size_t *from);

#endif
