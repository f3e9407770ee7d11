/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a PCI function sits, and what it is. */
#ifndef EARLYBIND_BASE_ADDRESS_H
#define EARLYBIND_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* domain:bus:device.function; VMD puts domains above 0xffff (the first is 0x10000). */
struct address {
	uint32_t domain;
	uint8_t bus;
	uint8_t device;	  /* 0 to 31 */
	uint8_t function; /* 0 to 7 */
};

#define ADDRESS_SIZE sizeof("01234567:89:ab.c")

/* The kernel's spelling, at least four digits of domain; what sysfs names its directories. */
struct address_name {
	char at[ADDRESS_SIZE];
};
struct address_name address_name(struct address a);

/* As the kernel writes it, domain included; false when NAME is anything else. */
bool address_from_name(struct slice name, struct address *ret);
/* For qsort and equality: negative, 0, positive. */
int address_compare(struct address a, struct address b);
bool address_same_slot(struct address a, struct address b);

struct identity {
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class; /* 0xCCSSPP: class, subclass, interface */
};

/* "10de:1b80": vendor and device. */
struct identity_name {
	char at[sizeof("10de:1b80")];
};
struct identity_name identity_name(struct identity identity);

/* The kernel's modalias: one read that takes no device lock and holds all of it. */
bool identity_from_modalias(struct slice modalias, struct identity *ret);

#endif
