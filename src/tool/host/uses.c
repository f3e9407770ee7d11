/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/uses.h"

#include <ctype.h>
#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/cmdline.h"
#include "tool/host/block.h"
#include "tool/host/mount.h"
#include "tool/host/network.h"
#include "tool/host/zfs.h"

#define NAME_SIZE 256
#define CMDLINE_MAX (64 * 1024)
#define CLASS_DISPLAY 0x03
#define NOTHING ((struct slice){ NULL, 0 })

/* --- storage --- */

/* Its file is on another filesystem, which is mounted as well: thousands of packages may be mounted so. */
static bool is_loop(struct libmnt_fs *fs)
{
	const char *source = mnt_fs_get_source(fs);

	return source && !strncmp(source, "/dev/loop", 9);
}

static int trace_mounts(struct trace *t)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(t->mounts, iter, &fs) == 0) {
		const char *target = mnt_fs_get_target(fs), *type = mnt_fs_get_fstype(fs);

		if (!target || !type || mnt_fs_is_pseudofs(fs) || mnt_fs_is_netfs(fs) || !strcmp(type, "overlay") ||
		    is_loop(fs))
			continue;
		mount_begin(t, NEED_IN_USE, target, fs);
		r = trace_mount(t, fs);
	}
	mnt_free_iter(iter);
	return r;
}

/* A mounted one is known already. */
static int each_volume(const char *name, void *data)
{
	struct trace *t = data;
	char known[NAME_SIZE];

	if (strncmp(name, "dm-", 3))
		return 0;
	block_known_name(t->sys, name, known, sizeof(known));
	trace_begin(t, NEED_IN_USE, "active volume", NOTHING);
	snprintf(t->what, sizeof(t->what), "the active volume %.100s", known);
	return trace_block(t, name);
}

static int each_pool(const char *name, void *data)
{
	struct trace *t = data;

	if (!system_exists(t->sys, "proc/spl/kstat/zfs/%s/state", name))
		return 0;
	trace_begin(t, NEED_IN_USE, "the imported pool", NOTHING);
	snprintf(t->what, sizeof(t->what), "the imported pool %.100s", name);
	return trace_pool(t, name);
}

/* --- guests --- */

struct guest {
	struct trace *trace;
	char process[32];
};

static int each_member(const char *name, void *data)
{
	struct address address;

	return address_from_name(slice_of(name), &address) ? trace_found(data, address) : 0;
}

/* An open file of a process: /dev/vfio/GROUP. */
static int each_file(const char *name, void *data)
{
	struct guest *guest = data;
	struct system *sys = guest->trace->sys;
	const char *group = "/dev/vfio/";
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "proc/%s/fd/%s", guest->process, name) >= sizeof(path) ||
	    sys->ops->readlink(sys, path, target, sizeof(target)) < 0 || strncmp(target, group, strlen(group)) ||
	    !isdigit((unsigned char)target[strlen(group)]))
		return 0;
	trace_begin(guest->trace, NEED_IN_USE, "a guest that runs now", NOTHING);
	return system_for_each_entry(sys, each_member, guest->trace, "sys/kernel/iommu_groups/%s/devices",
				     target + strlen(group));
}

static int each_process(const char *name, void *data)
{
	struct guest guest = { .trace = data };
	int r;

	if (!isdigit((unsigned char)name[0]) || strlen(name) >= sizeof(guest.process))
		return 0;
	strcpy(guest.process, name);
	r = system_for_each_entry(guest.trace->sys, each_file, &guest, "proc/%s/fd", name);
	return r == -ENOMEM ? r : 0;
}

/* --- what a person sees the host by --- */

struct displays {
	struct system *sys;
	struct address last;
	unsigned n;
};

static int each_pci(const char *name, void *data)
{
	struct displays *displays = data;
	struct address address;

	if (!address_from_name(slice_of(name), &address) || pci_class(displays->sys, address) >> 16 != CLASS_DISPLAY ||
	    system_exists(displays->sys, "sys/bus/pci/devices/%s/physfn", name))
		return 0;
	displays->last = address;
	displays->n++;
	return 0;
}

static int trace_display(struct trace *t)
{
	struct displays displays = { .sys = t->sys };
	int r = system_for_each_entry(t->sys, each_pci, &displays, "sys/bus/pci/devices");

	if (r == -ENOMEM || displays.n != 1)
		return r == -ENOMEM ? r : 0;
	trace_begin(t, NEED_DISPLAY, "the only display", NOTHING);
	return trace_found(t, displays.last);
}

/* A serial port on a PCI card. */
static int trace_console(struct trace *t, struct slice cmdline)
{
	struct slice name, value;
	int r = 0;

	while (r == 0 && cmdline_next(&cmdline, &name, &value)) {
		char port[32], path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
		struct address address;

		if (!slice_is(name, "console") || !slice_store(slice_cut(&value, ','), port, sizeof(port)) ||
		    strchr(port, '/'))
			continue;
		snprintf(path, sizeof(path), "sys/class/tty/%s", port);
		if (t->sys->ops->readlink(t->sys, path, target, sizeof(target)) < 0 ||
		    !pci_controller(t->sys, target, &address))
			continue;
		trace_begin(t, NEED_CONSOLE, "the console", slice_of(port));
		r = trace_found(t, address);
	}
	return r;
}

int trace_uses(struct trace *t)
{
	char *bytes = NULL;
	size_t len = 0;
	int r = trace_mounts(t);

	r = r == -ENOMEM ? r : system_for_each_entry(t->sys, each_volume, t, "sys/class/block");
	r = r == -ENOMEM ? r : system_for_each_entry(t->sys, each_pool, t, "proc/spl/kstat/zfs");
	r = r == -ENOMEM ? r : system_for_each_entry(t->sys, each_process, t, "proc");
	r = r == -ENOMEM ? r : trace_last_wired_card(t);
	r = r == -ENOMEM ? r : trace_display(t);
	if (r != -ENOMEM)
		r = t->sys->ops->read_all(t->sys, "proc/cmdline", CMDLINE_MAX, &bytes, &len);
	if (r == 0)
		r = trace_console(t, (struct slice){ bytes, len });
	free(bytes);
	return r == -ENOMEM ? r : 0;
}
