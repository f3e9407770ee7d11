/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Match: which line means which device. Pure.
 *
 * A `skip` line wins over every other. Of the lines that fit a device the last
 * one decides, so that a drop-in overrides the main file and the kernel
 * command line overrides both.
 */
#ifndef EARLYBIND_DECIDE_MATCH_H
#define EARLYBIND_DECIDE_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "decide/outcome.h"
#include "decide/rescue.h"
#include "decide/verdict.h"
#include "machine/facts.h"

/* How earlybind leaves a device after a run. */
enum taken {
	TAKEN_NOT,
	TAKEN_BOUND,  /* the driver of its line has it */
	TAKEN_PARKED, /* its override names no driver */
};

/* One device and the line that names it, on its way from match to report. */
struct claim {
	size_t device;	      /* in machine.devices */
	size_t rule;	      /* in config.rules; for V_SKIPPED the skip line */
	bool by_group;	      /* because of `group` on the line of GROUP_OWNER, */
	size_t group_owner;   /* a device */
	enum verdict verdict; /* V_UNDECIDED while there is no reason against it */
	notes_t notes;
	char previous_driver[DRIVER_SIZE]; /* the driver it had before, or "" */
	const char *variant;	  /* driver=auto: the module of a better driver than vfio-pci, in the plan; or NULL */
	char driver[DRIVER_SIZE]; /* the driver that was found for it, or "" for that of its line */
	bool hotplugged;	  /* its device appears after the binder's run */
	struct outcome outcome;	  /* of binding it */
	int error;		  /* the errno that explains the verdict: of the failed step or of the trial, or 0 */
	enum taken taken;
	enum rescue_reason rescued; /* why the rescue has restored the device since */
};

/* What a line as a whole came to. */
struct rule_result {
	unsigned fits;	      /* devices that fit it */
	unsigned functions;   /* of these, virtual functions */
	unsigned skipped;     /* of these, left alone because of a skip line */
	unsigned located;     /* devices at its address or path, fitting or not */
	enum verdict verdict; /* V_UNDECIDED, or why it is worth a line of its own */
};

struct matches {
	struct claim *claims;
	size_t n_claims, claims_room;
	struct rule_result *rule_results; /* one a rule */
};

/* 0 or -ENOMEM. The caller calls matches_done() in every case. */
int match_devices(const struct config *config, const struct machine *machine, struct matches *matches);
/* Claim the other endpoints in the groups of claims whose line has `group`. The groups must have been read. */
int match_groups(const struct config *config, const struct machine *machine, struct matches *matches);
/* Whether a line other than a `skip` line fits DEVICE, claimed or not: a hotplug run keeps one claim. */
bool match_names(const struct config *config, const struct device *device);
/*
 * The line that names virtual functions of DEVICE, or NULL. They exist only while the device has its own driver. A line
 * that fits both, as where they have the same ID, names the functions if it says `optional`, or if the kernel command
 * line has their driver make them (max_vfs=).
 */
const struct rule *match_functions(const struct config *config, const struct platform *platform,
				   const struct device *device);
/* Virtual functions have one ID as a rule: a line that fits only them, or them and one device more, is no mistake. */
void match_pass_functions(const struct machine *machine, struct matches *matches);
/* RULE fits a virtual function that DEVICE can make, whether it has made it or not. */
bool rule_fits_function(const struct rule *rule, const struct device *device);
/* Whether every display is to be bound, so that the host has none. */
bool match_every_display(const struct machine *machine, const struct matches *matches);
/* The selector of a line fits DEVICE. */
bool rule_fits(const struct rule *rule, const struct device *device);
/* Memory ran out: what is undecided becomes V_OUT_OF_MEMORY. */
void matches_give_up(struct matches *matches);
void matches_done(struct matches *matches);

/*
 * Whether OTHER is in DEVICE's group. Where groups come late, also whether it may
 * come into it: it has none yet and shares the slot, the bridge above, or a bridge
 * of the group. The answer may be too cautious, never too bold.
 */
bool shares_group(const struct machine *machine, const struct device *device, const struct device *other);

/* The driver to which the claim's device is to be bound. */
const char *claim_driver(const struct config *config, const struct claim *claim);

/* The claim on the device, or NULL. */
const struct claim *matches_find(const struct matches *matches, size_t device);

#endif
