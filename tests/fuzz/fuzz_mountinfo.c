/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host stands on: the mount table, the swaps and fstab, one behind the
 * other in the input with a byte 1 between them, over a machine in which every
 * block device is a partition of one disk.
 */
#include <errno.h>

#include "base/grow.h"
#include "fuzz.h"
#include "tool/root.h"

#define DISK "../../devices/pci0000:00/0000:00:1f.2/ata1/block/sda/sda1"

static struct text tables[3];

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

static int give(struct door *door, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	(void)door;
	(void)limit;
	*ret = NULL;
	*ret_len = 0;
	return give_table(path, ret, ret_len);
}

static ssize_t give_identity(struct door *door, const char *path, char *to, size_t size)
{
	(void)door;
	if (!strstr(path, "/modalias"))
		return -ENOENT;
	return snprintf(to, size, "pci:v00008086d00002922sv00000000sd00000000bc01sc06i01\n");
}

static int give_link(struct door *door, const char *path, char *to, size_t size)
{
	(void)door;
	if (!strstr(path, "block/"))
		return -ENOENT;
	return (size_t)snprintf(to, size, DISK) < size ? 0 : -ENAMETOOLONG;
}

static int list_nothing(struct door *door, const char *path, int (*each)(const char *name, void *data), void *data)
{
	(void)door;
	(void)path;
	(void)each;
	(void)data;
	return -ENOENT;
}

static bool is_there(struct door *door, const char *path)
{
	(void)door;
	return !strcmp(path, "sys/bus/pci/devices") || strstr(path, "dev/");
}

static const struct door_ops ops = {
	.read = give_identity, .slurp = give, .link = give_link, .list = list_nothing, .exists = is_there,
};

static void check_what(const char *what)
{
	MUST(memchr(what, '\0', ROOT_WHAT_SIZE));
	for (; *what; what++)
		MUST(*what >= ' ' && *what <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct door door = { .ops = &ops, .root = -1 };
	struct text rest = { copy, size };
	struct root root;

	for (size_t i = 0; i < COUNT_OF(tables); i++)
		tables[i] = text_cut(&rest, '\1');
	MUST(root_find(&door, &root) == 0);
	for (size_t i = 0; i < root.n_devices; i++) {
		check_what(root.devices[i].what);
		MUST(i == 0 || address_compare(root.devices[i - 1].address, root.devices[i].address) < 0);
	}
	for (size_t i = 0; i < root.n_unknowns; i++)
		check_what(root.unknowns[i].what);
	MUST(!root.elsewhere || root.n_devices == 0);
	root_done(&root);
	free(copy);
	return 0;
}
