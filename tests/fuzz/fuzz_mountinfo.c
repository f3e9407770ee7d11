/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host depends on: the mount table, the swaps and fstab, one after the
 * other in the input with a byte 1 between them, over a machine in which every
 * block device is a partition of one disk.
 */
#include <errno.h>

#include "base/array.h"
#include "fuzz.h"
#include "tool/host/needs.h"

#define DISK "../../devices/pci0000:00/0000:00:1f.2/ata1/block/sda/sda1"

static struct slice tables[3];

static int give_table(const char *path, char **ret, size_t *ret_len)
{
	static const char *const paths[] = { "proc/self/mountinfo", "proc/swaps", "etc/fstab" };

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		if (strcmp(path, paths[i]) != 0)
			continue;
		*ret = malloc(tables[i].len + 1);
		MUST(*ret);
		if (tables[i].len)
			memcpy(*ret, tables[i].at, tables[i].len);
		(*ret)[tables[i].len] = '\0';
		*ret_len = tables[i].len;
		return 0;
	}
	return -ENOENT;
}

static int give(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	(void)sys;
	(void)limit;
	*ret = NULL;
	*ret_len = 0;
	return give_table(path, ret, ret_len);
}

static ssize_t give_identity(struct system *sys, const char *path, char *to, size_t size)
{
	(void)sys;
	if (!strstr(path, "/modalias"))
		return -ENOENT;
	return snprintf(to, size, "pci:v00008086d00002922sv00000000sd00000000bc01sc06i01\n");
}

static int give_link(struct system *sys, const char *path, char *to, size_t size)
{
	(void)sys;
	if (!strstr(path, "block/"))
		return -ENOENT;
	return (size_t)snprintf(to, size, DISK) < size ? 0 : -ENAMETOOLONG;
}

static int list_nothing(struct system *sys, const char *path, int (*each)(const char *name, void *data), void *data)
{
	(void)sys;
	(void)path;
	(void)each;
	(void)data;
	return -ENOENT;
}

static bool is_there(struct system *sys, const char *path)
{
	(void)sys;
	return !strcmp(path, "sys/bus/pci/devices") || strstr(path, "dev/");
}

static const struct system_ops ops = {
	.read = give_identity,
	.read_all = give,
	.readlink = give_link,
	.for_each_entry = list_nothing,
	.exists = is_there,
};

static void check_what(const char *what)
{
	MUST(memchr(what, '\0', NEED_WHAT_SIZE));
	for (; *what; what++)
		MUST(*what >= ' ' && *what <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct system sys = { .ops = &ops, .root = -1, .offline = true };
	struct slice rest = { copy, size };
	struct host_needs root;

	for (size_t i = 0; i < COUNT_OF(tables); i++)
		tables[i] = slice_cut(&rest, '\1');
	MUST(host_needs_find(&sys, true, &root) == 0);
	for (size_t i = 0; i < root.n_devices; i++) {
		check_what(root.devices[i].what);
		MUST(i == 0 || address_compare(root.devices[i - 1].address, root.devices[i].address) < 0);
	}
	for (size_t i = 0; i < root.n_unresolved; i++)
		check_what(root.unresolved[i].what);
	MUST(!root.foreign_root || root.n_devices == 0);
	host_needs_done(&root);
	free(copy);
	return 0;
}
