/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of vendors and devices, from pci.ids in whatever form the
 * distribution has it. Never asks the network. A name that is not known is
 * NULL, and without any list none is: names are for people to read, nothing
 * may depend on them.
 *
 * Names come from a file, so what prints them to a terminal escapes them. Each
 * stays valid until the next call for the same struct names.
 */
#ifndef EARLYBIND_TOOL_OUTPUT_NAMES_H
#define EARLYBIND_TOOL_OUTPUT_NAMES_H

#include "base/address.h"

#define NAME_SIZE_MAX 256

struct pci_access;

struct names {
	struct pci_access *access;
	int flags;
	char *list; /* the sysroot's own pci.ids, or NULL */
	char buffer[NAME_SIZE_MAX];
};

/*
 * A sysroot's own list of names is used where it has one, and nothing else
 * then; so what a captured machine is shown with does not depend on who looks.
 * 0 or -ENOMEM. The caller calls names_close() in every case.
 */
int names_open(struct names *names, const char *sysroot);
void names_close(struct names *names);

/* "NVIDIA Corporation" */
const char *names_vendor(struct names *names, uint16_t vendor);
/* "GP104 [GeForce GTX 1080]", without its vendor */
const char *names_device(struct names *names, uint16_t vendor, uint16_t device);
/* Vendor and device, as far as they are known: "NVIDIA Corporation GP104 [GeForce GTX 1080]". */
const char *names_full(struct names *names, const struct identity *id);

#endif
