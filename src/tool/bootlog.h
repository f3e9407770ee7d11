/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot log in /run says of a device, or of the run as a whole. */
#ifndef EARLYBIND_TOOL_BOOTLOG_H
#define EARLYBIND_TOOL_BOOTLOG_H

#include "base/text.h"
#include "decide/verdict.h"
#include "door/door.h"

#define BOOTLOG_PATH "run/earlybind/log"

struct bootlog {
	char *bytes; /* NULL when there is none */
	size_t len;
};

/* BOOTLOG is the caller's to free in every case. 0 or a negative errno. */
int bootlog_read(struct door *door, struct bootlog *bootlog);
void bootlog_done(struct bootlog *bootlog);

/* The words behind VERDICT in the last line of DEVICE, without the place in the configuration; or an empty text. */
struct text bootlog_of_device(const struct bootlog *bootlog, const char *device, enum verdict verdict);
/* The words of the next line "VERDICT: ..." of the run, from *FROM on, which moves; empty at the end. */
struct text bootlog_next(const struct bootlog *bootlog, enum verdict verdict, size_t *from);

#endif
