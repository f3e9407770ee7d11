/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about displays: how many there are, which one the firmware uses, and where its framebuffer is. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/enumerate.h"
#include "system/pci.h"

#define IOMEM_MAX (1024 * 1024)
#define IOMEM_DEPTH_MAX 5 /* what is nested deeper is shown as if it were not (MAX_IORES_LEVEL) */

/* What sysfb, its drivers and those of DRM name it; the addresses are shown to root only, but the nesting to all. */
static const char *const framebuffers[] = { "BOOTFB", "efifb", "vesafb", "simplefb", "simpledrm", "efidrm", "vesadrm" };

static bool is_framebuffer(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(framebuffers); i++)
		if (slice_is(name, framebuffers[i]))
			return true;
	return false;
}

/* "    c0000000-c02fffff : BOOTFB": its depth and its name. */
static struct slice iomem_name(struct slice line, unsigned *depth)
{
	size_t blanks = 0;

	while (blanks < line.len && line.at[blanks] == ' ')
		blanks++;
	*depth = (unsigned)blanks / 2;
	slice_cut(&line, ':');
	return slice_trim(line);
}

/* The first framebuffer, and the device in whose memory it is. */
static void find_framebuffer(struct slice rest, struct framebuffer *ret)
{
	struct address owner, address;
	unsigned depth, owner_depth = 0;
	bool owned = false;

	while (rest.len && !ret->name[0]) {
		struct slice name = iomem_name(slice_cut(&rest, '\n'), &depth);

		if (address_from_name(name, &address)) {
			owner = address;
			owner_depth = depth;
			owned = true;
		} else if (depth <= owner_depth && depth < IOMEM_DEPTH_MAX) {
			owned = false;
		}
		if (!is_framebuffer(name))
			continue;
		slice_store(name, ret->name, sizeof(ret->name));
		ret->owned = owned;
		if (owned)
			ret->owner = owner;
	}
}

/* "efi-framebuffer.0": it has no memory of its own where its driver is not there. */
static int note_platform_device(const char *name, void *data)
{
	struct framebuffer *framebuffer = data;
	const char *kind = strstr(name, "-framebuffer.");

	return kind && slice_store((struct slice){ name, (size_t)(kind - name) + strlen("-framebuffer") },
				   framebuffer->name, sizeof(framebuffer->name));
}

void read_framebuffer(struct system *sys, struct platform *platform)
{
	struct framebuffer found = { .name = "" };
	char *bytes;
	size_t len;

	if (sys->ops->read_all(sys, "proc/iomem", IOMEM_MAX, &bytes, &len) == 0) {
		find_framebuffer((struct slice){ bytes, len }, &found);
		free(bytes);
	}
	if (!found.name[0])
		system_for_each_entry(sys, note_platform_device, &found, "sys/bus/platform/devices");
	platform->framebuffer = found;
}

void refresh_framebuffer(struct system *sys, struct platform *platform)
{
	struct platform now = { .units = 0 };

	if (!platform->framebuffer.name[0])
		return;
	read_framebuffer(sys, &now);
	platform->framebuffer.gone = strcmp(now.framebuffer.name, platform->framebuffer.name) != 0;
}

struct displays {
	struct system *sys;
	unsigned n;
};

static int count_display(const char *name, void *data)
{
	struct displays *displays = data;
	struct address address;
	struct device device = { .address = { 0 } };
	char modalias[MODALIAS_SIZE];
	ssize_t n;

	if (!address_from_name(slice_of(name), &address))
		return 0;
	n = pci_read(displays->sys, address, "modalias", modalias, sizeof(modalias));
	if (n > 0 && identity_from_modalias((struct slice){ modalias, (size_t)n }, &device.identity) &&
	    device_is_display(&device) && !pci_exists(displays->sys, address, "physfn"))
		displays->n++;
	return 0;
}

void read_displays(struct system *sys, struct platform *platform)
{
	struct displays displays = { .sys = sys };

	system_for_each_entry(sys, count_display, &displays, PCI_DEVICES);
	platform->displays = displays.n;
	platform->uefi = system_exists(sys, "sys/firmware/efi");
	read_framebuffer(sys, platform);
}

struct cards {
	struct system *sys;
	struct address_name device;
};

static int has_boot_display(const char *name, void *data)
{
	const struct cards *cards = data;

	return system_exists(cards->sys, PCI_DEVICES "/%s/drm/%s/boot_display", cards->device.at, name);
}

bool read_boot_display(struct system *sys, struct address address)
{
	struct cards cards = { sys, address_name(address) };
	char value[4];

	if (pci_read(sys, address, "boot_vga", value, sizeof(value)) > 0 && value[0] == '1')
		return true;
	return system_for_each_entry(sys, has_boot_display, &cards, PCI_DEVICES "/%s/drm", cards.device.at) > 0;
}
