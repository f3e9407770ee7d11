/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/address.h"

#include <stdio.h>
#include <string.h>

struct address_name address_name(struct address a)
{
	struct address_name name;

	snprintf(name.at, sizeof(name.at), "%04x:%02x:%02x.%x", (unsigned)a.domain, a.bus, a.device & 0x1fu,
		 a.function & 7u);
	return name;
}

bool address_from_name(struct slice name, struct address *ret)
{
	struct slice domain = slice_cut(&name, ':');
	struct slice bus = slice_cut(&name, ':');
	struct slice device = slice_cut(&name, '.');
	uint32_t dom, b, d, f;

	if (domain.len < 4 || bus.len != 2 || device.len != 2 || name.len != 1)
		return false;
	if (!slice_hex(domain, 8, &dom) || !slice_hex(bus, 2, &b) || !slice_hex(device, 2, &d) ||
	    !slice_hex(name, 1, &f))
		return false;
	if (d > 31 || f > 7)
		return false;
	*ret = (struct address){ dom, (uint8_t)b, (uint8_t)d, (uint8_t)f };
	return true;
}

static uint64_t address_key(struct address a)
{
	return (uint64_t)a.domain << 32 | (uint64_t)a.bus << 16 | (uint64_t)a.device << 8 | a.function;
}

int address_compare(struct address a, struct address b)
{
	uint64_t ka = address_key(a), kb = address_key(b);

	return (ka > kb) - (ka < kb);
}

bool address_same_slot(struct address a, struct address b)
{
	a.function = b.function;
	return address_compare(a, b) == 0;
}

struct identity_name identity_name(struct identity identity)
{
	struct identity_name name;

	snprintf(name.at, sizeof(name.at), "%04x:%04x", identity.vendor, identity.device);
	return name;
}

/* Take TAG and DIGITS hexadecimal digits off the front of REST. */
static bool take_field(struct slice *rest, const char *tag, unsigned digits, uint32_t *ret)
{
	size_t skip = strlen(tag);

	if (!slice_starts(*rest, tag) || rest->len < skip + digits)
		return false;
	if (!slice_hex(slice_sub(*rest, skip, skip + digits), digits, ret))
		return false;
	*rest = slice_sub(*rest, skip + digits, rest->len);
	return true;
}

bool identity_from_modalias(struct slice modalias, struct identity *ret)
{
	struct slice rest = slice_trim(modalias);
	uint32_t v, d, sv, sd, bc, sc, i;

	if (!take_field(&rest, "pci:v", 8, &v) || !take_field(&rest, "d", 8, &d) || !take_field(&rest, "sv", 8, &sv) ||
	    !take_field(&rest, "sd", 8, &sd) || !take_field(&rest, "bc", 2, &bc) || !take_field(&rest, "sc", 2, &sc) ||
	    !take_field(&rest, "i", 2, &i) || rest.len)
		return false;
	if ((v | d | sv | sd) > 0xffff)
		return false;
	*ret = (struct identity){
		.vendor = (uint16_t)v,
		.device = (uint16_t)d,
		.subvendor = (uint16_t)sv,
		.subdevice = (uint16_t)sd,
		.class = bc << 16 | sc << 8 | i,
	};
	return true;
}
