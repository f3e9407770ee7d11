/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for a person: which device, which verdict, the facts, the remedy,
 * where it was asked for. Everything that comes from files or devices is
 * escaped. Pure.
 */
#ifndef EARLYBIND_REPORT_MESSAGE_H
#define EARLYBIND_REPORT_MESSAGE_H

#include "base/slice.h"
#include "decide/rescue.h"
#include "decision.h"

/* The log and status tell what happened at the boot, check what the next boot will do. */
enum tense {
	TENSE_PAST,
	TENSE_FUTURE,
};

/* "Intel VT-d active: 1 unit, 14 groups, interrupt remapping on", or what is wrong. */
void message_platform(const struct decision *decision, struct linebuf *line);
/* Of that what follows the verdict's word. */
void message_platform_facts(const struct decision *decision, struct linebuf *line);
/* V_DISABLED, V_NO_CONFIGURATION, V_NO_PLAN, V_IMAGE_STALE: "the plan is for kernel 6.1, this is 6.12; ..." */
void message_run(const struct decision *decision, enum verdict verdict, struct linebuf *line);
/* "cannot read /sys/... (EACCES), and 2 more" */
void message_unread(const struct system_failures *failures, struct linebuf *line);
/* "0000:01:00.0 10de:1b80 ready: vfio-pci, group 14, reset bus [earlybind.conf:3]" */
void message_claim(const struct decision *decision, const struct claim *claim, struct linebuf *line);
/* Of that only the facts and the remedy: "vfio-pci, group 14, reset bus" */
void message_claim_facts(const struct decision *decision, const struct claim *claim, enum tense tense,
			 struct linebuf *line);
/* What DEVICE, which is no endpoint (device_is_endpoint()), is: "a host bridge". */
const char *message_kind(const struct device *device);
/* "the host depends on it (/ on sda2)"; MOVED as protection_find() has it. */
void message_need(const struct plan_need *need, bool moved, struct linebuf *line);
/* The facts of one of its notes: "taken over from nouveau" */
void message_note(const struct decision *decision, const struct claim *claim, enum verdict note, enum tense tense,
		  struct linebuf *line);
/*
 * "0000:00:1d.0 144d:a808 rescued: no root device within 10 s, and a storage controller could carry it: ...": the
 * rescue has restored DEVICE, whose driver is that of now. TAKEN: the driver that the run had given it, or "".
 */
void message_rescued(const struct device *device, const char *taken, enum carrier carrier, enum rescue_reason reason,
		     struct linebuf *line);
/*
 * "0000:02:00.0 10de:1b81 bound-before: vfio-pci had it before earlybind ran, and no line names it; ...": DEVICE is
 * `unrequested`.
 */
void message_unrequested(const struct decision *decision, const struct device *device, struct linebuf *line);
/* Of that what follows the verdict's word. */
void message_unrequested_facts(const struct decision *decision, const struct device *device, struct linebuf *line);
/* "0000:09:00.0 absent: no device there; ... [earlybind.conf:7]" */
void message_rule(const struct decision *decision, size_t rule, struct linebuf *line);
/* "no device there; ..." */
void message_rule_facts(const struct decision *decision, size_t rule, struct linebuf *line);

#endif
