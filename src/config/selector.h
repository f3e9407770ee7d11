/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a person names one device or a set of devices. */
#ifndef EARLYBIND_CONFIG_SELECTOR_H
#define EARLYBIND_CONFIG_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/slice.h"

#define ID_ANY (-1)
#define HOPS_MAX 16

/* vendor:device:subvendor:subdevice; ID_ANY matches everything. */
struct id_pattern {
	int32_t vendor, device, subvendor, subdevice;
};

/* Matches when (class & mask) == value; mask 0 matches everything. */
struct class_pattern {
	uint32_t value, mask;
};

enum selector_kind {
	SELECT_ADDRESS,
	SELECT_PATH, /* through bridges, as `lspci -P` and the kernel's pci= parameter write it */
	SELECT_ID,
	SELECT_CLASS,
};

/* Every condition must hold; ID and class of an address or a path are its identity check. */
struct selector {
	enum selector_kind kind;
	struct address address; /* ADDRESS: the device; PATH: where it starts */
	struct hop {
		uint8_t device, function;
	} hops[HOPS_MAX];
	unsigned n_hops;
	bool any_function; /* of the address, or of the path's last hop */
	struct id_pattern id;
	struct class_pattern class;
};

/* What is wrong with a word, and where in it. WHAT and INSTEAD are constants. */
struct complaint {
	size_t at, len;
	const char *what;
	const char *instead; /* what was probably meant, or NULL */
};

/* On failure only COMPLAINT is written; its place counts from the start of the parsed text. */
bool selector_parse(struct slice word, struct selector *ret, struct complaint *complaint);
bool id_pattern_parse(struct slice t, struct id_pattern *ret, struct complaint *complaint);
bool class_pattern_parse(struct slice t, struct class_pattern *ret, struct complaint *complaint);

/* The selector names a place, an address or a path, rather than devices wherever they are. */
bool selector_is_place(const struct selector *s);
bool id_pattern_is_any(const struct id_pattern *p);
/* "10de:1b80" or "10de:*:1043": as short as it can be written. */
void id_pattern_format(const struct id_pattern *p, struct linebuf *line);
bool id_pattern_fits(const struct id_pattern *p, const struct identity *id);
/* "0300": of a pattern that matches not everything. */
void class_pattern_format(const struct class_pattern *p, struct linebuf *line);
bool class_pattern_fits(const struct class_pattern *p, const struct identity *id);

/* Conditions that hold for every device: the neutral start for `id=` and `class=`. */
extern const struct id_pattern id_pattern_any;

#endif
