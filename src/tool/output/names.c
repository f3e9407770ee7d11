/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/names.h"

#include <errno.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "system/system.h"

/* Where Debian and Fedora have the list; libpci looks at the place of its own distribution only. */
static const char *const list_paths[] = { "usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids" };

/* RET stays NULL when the tree has no list. 0 or -ENOMEM. */
static int find_list(const char *sysroot, char **ret)
{
	int root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	for (size_t i = 0; root >= 0 && i < COUNT_OF(list_paths) && !*ret && r == 0; i++) {
		char path[SYSTEM_PATH_MAX];

		if (offline_resolve(root, list_paths[i], true, path) < 0 || faccessat(root, path, R_OK, 0) < 0)
			continue;
		if (asprintf(ret, "%s/%s", sysroot, path) < 0) {
			*ret = NULL;
			r = -ENOMEM;
		}
	}
	if (root >= 0)
		close(root);
	return r;
}

static void say_nothing(char *format, ...)
{
	(void)format;
}

static jmp_buf list_is_damaged;

/* libpci ends the program over a line that it does not understand; names are not worth that. */
static void on_error(char *format, ...) __attribute__((noreturn));
static void on_error(char *format, ...)
{
	(void)format;
	longjmp(list_is_damaged, 1);
}

/* pci_init() sets these up, too, but wants hardware to talk to. */
static void set_up(struct names *names)
{
	struct pci_access *access = names->access;

	access->warning = say_nothing;
	access->debug = say_nothing;
	access->error = on_error;
	/* The cache in the user's home holds what the network once answered. */
	access->id_lookup_mode = 0;
	if (names->list) {
		pci_set_name_list_path(access, names->list, 0);
		names->flags |= PCI_LOOKUP_NO_HWDB;
	}
	/* Loaded here, so that no lookup comes to on_error(). */
	if (setjmp(list_is_damaged) == 0)
		pci_load_name_list(access);
	else
		names->flags |= PCI_LOOKUP_SKIP_LOCAL;
}

int names_open(struct names *names, const char *sysroot)
{
	int r = 0;

	*names = (struct names){ .flags = PCI_LOOKUP_NO_NUMBERS };
	if (strcmp(sysroot, "/"))
		r = find_list(sysroot, &names->list);
	if (r < 0)
		return r;
	names->access = pci_alloc();
	if (!names->access)
		return -ENOMEM;
	set_up(names);
	return 0;
}

void names_close(struct names *names)
{
	if (names->access)
		pci_cleanup(names->access);
	free(names->list);
	*names = (struct names){ 0 };
}

const char *names_vendor(struct names *names, uint16_t vendor)
{
	return pci_lookup_name(names->access, names->buffer, sizeof(names->buffer), names->flags | PCI_LOOKUP_VENDOR,
			       vendor);
}

const char *names_device(struct names *names, uint16_t vendor, uint16_t device)
{
	return pci_lookup_name(names->access, names->buffer, sizeof(names->buffer), names->flags | PCI_LOOKUP_DEVICE,
			       vendor, device);
}

const char *names_full(struct names *names, const struct identity *id)
{
	char device[NAME_SIZE_MAX];
	const char *name = names_device(names, id->vendor, id->device);
	size_t len;

	if (!name)
		return names_vendor(names, id->vendor);
	snprintf(device, sizeof(device), "%s", name);
	/* A device is listed below its vendor, so that has a name, too. */
	names_vendor(names, id->vendor);
	len = strlen(names->buffer);
	snprintf(names->buffer + len, sizeof(names->buffer) - len, " %s", device);
	return names->buffer;
}
