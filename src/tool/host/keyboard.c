/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/keyboard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "decide/rescue.h"
#include "tool/host/fstab.h"

#define CMDLINE_MAX (64 * 1024)
#define CLASS_USB 0x0c03

/* Controllers of one kind: the first, and whether there are others. */
struct controllers {
	struct system *sys;
	struct address only;
	unsigned n;	    /* controllers, at most 2 */
	unsigned keyboards; /* on them */
	bool elsewhere;	    /* a keyboard that needs no PCI device, such as a PS/2 one */
};

static void add_controller(struct controllers *c, struct address address)
{
	if (c->n == 0)
		c->only = address;
	if (c->n == 0 || (c->n == 1 && address_compare(c->only, address)))
		c->n++;
}

/*
 * The words of the bitmap of keys, the highest first: like udev, take for a keyboard
 * what has ESC, the digits and Q to D, the keys 1 to 31.
 */
static bool is_keyboard(struct system *sys, const char *name)
{
	char keys[512], *last;

	if (system_read(sys, keys, sizeof(keys), "sys/class/input/%s/capabilities/key", name) <= 0)
		return false;
	keys[strcspn(keys, "\n")] = '\0';
	last = strrchr(keys, ' ');
	return (strtoull(last ? last : keys, NULL, 16) & 0xfffffffe) == 0xfffffffe;
}

static int each_input(const char *name, void *data)
{
	struct controllers *c = data;
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	struct address address;

	if (strncmp(name, "input", 5) || !is_keyboard(c->sys, name) ||
	    (size_t)snprintf(path, sizeof(path), "sys/class/input/%s", name) >= sizeof(path) ||
	    c->sys->ops->readlink(c->sys, path, target, sizeof(target)) < 0 || strstr(target, "/virtual/"))
		return 0;
	if (!pci_controller(c->sys, target, &address)) {
		c->elsewhere = true;
		return 0;
	}
	c->keyboards++;
	add_controller(c, address);
	return 0;
}

static int each_pci(const char *name, void *data)
{
	struct controllers *c = data;
	struct address address;

	if (address_from_name(slice_of(name), &address) && pci_class(c->sys, address) >> 8 == CLASS_USB)
		add_controller(c, address);
	return 0;
}

/* The passphrase can be typed over a serial line or the network. */
static bool has_remote_console(struct system *sys, struct slice cmdline)
{
	static const char *const servers[] = { "etc/dropbear/initramfs/authorized_keys",
					       "etc/dropbear-initramfs/authorized_keys", "etc/dropbear/root_key",
					       "etc/tinyssh/root_key", "usr/lib/dracut/modules.d/46sshd" };

	for (size_t i = 0; i < COUNT_OF(servers); i++)
		if (system_exists(sys, "%s", servers[i]))
			return true;
	return rescue_has_serial_console(cmdline);
}

static int trace_only_controller(struct trace *t, const char *volume)
{
	struct controllers c = { .sys = t->sys }, usb = { .sys = t->sys };
	char purpose[NEED_WHAT_SIZE];
	const char *what;
	int r = system_for_each_entry(t->sys, each_input, &c, "sys/class/input");

	if (r == -ENOMEM || c.elsewhere || c.n > 1)
		return r == -ENOMEM ? r : 0;
	/* No keyboard is plugged in now, or input devices are unknown: where one will be. */
	if (c.n == 0) {
		r = system_for_each_entry(t->sys, each_pci, &usb, "sys/bus/pci/devices");
		if (r == -ENOMEM || usb.n != 1)
			return r == -ENOMEM ? r : 0;
		c.only = usb.only;
	}
	what = c.n == 0 ? "the only USB controller" : c.keyboards > 1 ? "all keyboards" : "the only keyboard";
	snprintf(purpose, sizeof(purpose), "%s, for the passphrase of %.40s", what, volume);
	trace_begin(t, NEED_KEYBOARD, purpose, (struct slice){ NULL, 0 });
	return trace_found(t, c.only);
}

int trace_keyboard(struct trace *t)
{
	char volume[VOLUME_NAME_SIZE], *bytes = NULL;
	struct slice cmdline = { NULL, 0 };
	size_t len = 0;
	int r = t->sys->ops->read_all(t->sys, "proc/cmdline", CMDLINE_MAX, &bytes, &len);

	if (r == -ENOMEM)
		return r;
	if (r == 0)
		cmdline = (struct slice){ bytes, len };
	r = 0;
	if (find_passphrase(t, cmdline, volume, sizeof(volume)) && !has_remote_console(t->sys, cmdline))
		r = trace_only_controller(t, volume);
	free(bytes);
	return r;
}
