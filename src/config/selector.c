/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/selector.h"

#include <string.h>

#include "base/array.h"
#include "base/limits.h"

const struct id_pattern id_pattern_any = { ID_ANY, ID_ANY, ID_ANY, ID_ANY };

static bool complain(struct complaint *c, struct slice whole, struct slice part, const char *what)
{
	/* An empty part after the last separator has no place of its own: point at the end. */
	c->at = part.at ? (size_t)(part.at - whole.at) : whole.len;
	c->len = part.len;
	c->what = what;
	c->instead = NULL;
	return false;
}

static bool parse_id_part(struct slice whole, struct slice part, int32_t *ret, struct complaint *complaint)
{
	uint32_t value;

	if (slice_is(part, "*")) {
		*ret = ID_ANY;
		return true;
	}
	if (slice_starts(part, "0x") || slice_starts(part, "0X"))
		return complain(complaint, whole, part, "write the ID without 0x");
	if (part.len != 4 || !slice_hex(part, 4, &value))
		return complain(complaint, whole, part, "a part of an ID is four hexadecimal digits, or *");
	*ret = (int32_t)value;
	return true;
}

bool id_pattern_parse(struct slice t, struct id_pattern *ret, struct complaint *complaint)
{
	struct id_pattern p = id_pattern_any;
	int32_t *const parts[] = { &p.vendor, &p.device, &p.subvendor, &p.subdevice };
	struct slice rest = t;
	size_t n = 0;

	do {
		struct slice part = slice_cut(&rest, ':');

		if (n == COUNT_OF(parts))
			return complain(complaint, t, part, "an ID has at most vendor:device:subvendor:subdevice");
		if (!parse_id_part(t, part, parts[n], complaint))
			return false;
		n++;
	} while (rest.at);
	if (n < 2)
		return complain(complaint, t, t, "an ID is vendor:device");
	if (id_pattern_is_any(&p))
		return complain(complaint, t, t, "this ID matches every device; name a vendor, or use class=");
	*ret = p;
	return true;
}

bool class_pattern_parse(struct slice t, struct class_pattern *ret, struct complaint *complaint)
{
	unsigned shift = t.len <= 6 ? (unsigned)(6 - t.len) * 4 : 0;
	uint32_t value;

	if ((t.len != 2 && t.len != 4 && t.len != 6) || !slice_hex(t, 6, &value))
		return complain(complaint, t, t, "a class is 2, 4 or 6 hexadecimal digits: class, subclass, interface");
	ret->value = value << shift;
	ret->mask = 0xffffffu << shift & 0xffffffu;
	return true;
}

/* DD.F or DD.*; the star only where ANY_FUNCTION is given. */
static bool parse_device_function(struct slice whole, struct slice t, struct hop *ret, bool *any_function,
				  struct complaint *complaint)
{
	struct slice rest = t;
	struct slice device = slice_cut(&rest, '.');
	uint32_t d, f = 0;

	if (!rest.at)
		return complain(complaint, whole, t, "the function is missing: write .0 to .7, or .* for all of them");
	if (!slice_hex(device, 2, &d) || d > 0x1f)
		return complain(complaint, whole, device, "a device number is 00 to 1f");
	if (slice_is(rest, "*")) {
		if (!any_function)
			return complain(complaint, whole, rest, "only the last part of a path can be .*");
		*any_function = true;
	} else if (rest.len != 1 || !slice_hex(rest, 1, &f) || f > 7) {
		return complain(complaint, whole, rest, "a function is 0 to 7, or * for all of them");
	}
	ret->device = (uint8_t)d;
	ret->function = (uint8_t)f;
	return true;
}

/* [DOMAIN:]BUS:DD.F */
static bool parse_address(struct slice whole, struct slice t, struct address *ret, bool *any_function,
			  struct complaint *complaint)
{
	struct slice rest = t, first = slice_cut(&rest, ':'), second = slice_cut(&rest, ':');
	struct slice domain = slice_of("0"), bus = first, tail = second;
	uint32_t dom, b;
	struct hop hop;

	if (rest.at) {
		domain = first;
		bus = second;
		tail = rest;
	}
	if (!tail.at)
		return complain(complaint, whole, t, "an address is [domain:]bus:device.function");
	if (!slice_hex(domain, 8, &dom))
		return complain(complaint, whole, domain, "a domain is at most eight hexadecimal digits");
	if (!slice_hex(bus, 2, &b))
		return complain(complaint, whole, bus, "a bus number is 00 to ff");
	if (!parse_device_function(whole, tail, &hop, any_function, complaint))
		return false;
	*ret = (struct address){ dom, (uint8_t)b, hop.device, hop.function };
	return true;
}

static bool parse_path(struct slice word, struct selector *s, struct complaint *complaint)
{
	struct slice rest = word, first = slice_cut(&rest, '/');

	s->kind = rest.at ? SELECT_PATH : SELECT_ADDRESS;
	if (!parse_address(word, first, &s->address, rest.at ? NULL : &s->any_function, complaint))
		return false;
	while (rest.at) {
		struct slice part = slice_cut(&rest, '/');

		if (s->n_hops == HOPS_MAX)
			return complain(complaint, word, part, "a path has at most " AS_TEXT(HOPS_MAX) " bridges");
		if (!parse_device_function(word, part, &s->hops[s->n_hops], rest.at ? NULL : &s->any_function,
					   complaint))
			return false;
		s->n_hops++;
	}
	return true;
}

static bool has(struct slice t, char c)
{
	return t.len && memchr(t.at, c, t.len);
}

bool selector_parse(struct slice word, struct selector *ret, struct complaint *complaint)
{
	struct slice rest = word, first = slice_cut(&rest, ':'), second = slice_cut(&rest, ':');
	struct selector s = { .id = id_pattern_any };
	bool ok;

	if (slice_starts(word, "class=")) {
		s.kind = SELECT_CLASS;
		ok = class_pattern_parse(slice_sub(word, 6, word.len), &s.class, complaint);
		if (!ok)
			complaint->at += 6;
	} else if (has(word, '/') || has(word, '.')) {
		ok = parse_path(word, &s, complaint);
	} else if (second.len == 2 && (rest.at ? rest.len == 2 : first.len == 2)) {
		/* 01:00 and 0000:01:00 are incomplete addresses, not IDs. */
		ok = complain(complaint, word, word, "the function is missing: write .0 to .7, or .* for all of them");
	} else if (has(word, ':')) {
		s.kind = SELECT_ID;
		ok = id_pattern_parse(word, &s.id, complaint);
	} else {
		ok = complain(complaint, word, word,
			      "not a device: write an address (0000:01:00.0), an ID (10de:1b80) or class=0300");
	}
	if (ok)
		*ret = s;
	return ok;
}

bool selector_is_place(const struct selector *s)
{
	return s->kind == SELECT_ADDRESS || s->kind == SELECT_PATH;
}

bool id_pattern_is_any(const struct id_pattern *p)
{
	return memcmp(p, &id_pattern_any, sizeof(*p)) == 0;
}

void id_pattern_format(const struct id_pattern *p, struct linebuf *line)
{
	const int32_t parts[] = { p->vendor, p->device, p->subvendor, p->subdevice };
	size_t n = p->subdevice != ID_ANY ? 4 : p->subvendor != ID_ANY ? 3 : 2;

	for (size_t i = 0; i < n; i++) {
		if (i)
			linebuf_add(line, ":");
		if (parts[i] == ID_ANY)
			linebuf_add(line, "*");
		else
			linebuf_add(line, "%04x", (unsigned)parts[i]);
	}
}

static bool part_fits(int32_t pattern, uint16_t value)
{
	return pattern == ID_ANY || pattern == value;
}

bool id_pattern_fits(const struct id_pattern *p, const struct identity *id)
{
	return part_fits(p->vendor, id->vendor) && part_fits(p->device, id->device) &&
	       part_fits(p->subvendor, id->subvendor) && part_fits(p->subdevice, id->subdevice);
}

bool class_pattern_fits(const struct class_pattern *p, const struct identity *id)
{
	return (id->class & p->mask) == p->value;
}

void class_pattern_format(const struct class_pattern *p, struct linebuf *line)
{
	int digits = p->mask & 0xff ? 6 : p->mask & 0xff00 ? 4 : 2;

	linebuf_add(line, "%0*x", digits, (unsigned)(p->value >> (24 - 4 * digits)));
}
