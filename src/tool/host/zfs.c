/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/host/zfs.h"

#include <blkid.h>
#include <errno.h>
#include <string.h>

#include "tool/host/block.h"
#include "tool/host/udev.h"

/* Of a pool 255 bytes; of a dataset as many. */
#define POOL_SIZE 512
#define NAME_SIZE 256

struct search {
	struct trace *trace;
	const char *pool; /* NULL: any */
	unsigned n;
};

static int each_block(const char *name, void *data)
{
	struct search *search = data;
	struct system *sys = search->trace->sys;
	char value[POOL_SIZE];

	if (!udev_property(sys, name, "ID_FS_TYPE", value, sizeof(value)) || strcmp(value, "zfs_member"))
		return 0;
	/* Of a label with unusual characters only the encoded property is exact. A member without a label may be any's.
	 */
	if (search->pool &&
	    (udev_property(sys, name, "ID_FS_LABEL_ENC", value, sizeof(value)) ||
	     udev_property(sys, name, "ID_FS_LABEL", value, sizeof(value))) &&
	    strcmp(value, search->pool))
		return 0;
	search->n++;
	return trace_block(search->trace, name);
}

/* What the disks themselves tell, where udev does not. Disks that cannot be read are not found. */
static int probe_blocks(struct search *search)
{
	blkid_cache cache = NULL;
	blkid_dev_iterate iter;
	blkid_dev dev;
	int r = 0;

	/* Not the cache file: it may be old. */
	if (blkid_get_cache(&cache, "/dev/null") < 0)
		return 0;
	blkid_probe_all(cache);
	iter = blkid_dev_iterate_begin(cache);
	blkid_dev_set_search(iter, "TYPE", "zfs_member");
	while (r == 0 && blkid_dev_next(iter, &dev) == 0) {
		char name[NAME_SIZE];

		if ((search->pool && !blkid_dev_has_tag(dev, "LABEL", search->pool)) ||
		    !block_name(search->trace->sys, blkid_dev_devname(dev), name, sizeof(name)))
			continue;
		search->n++;
		r = trace_block(search->trace, name);
	}
	blkid_dev_iterate_end(iter);
	blkid_put_cache(cache);
	return r;
}

static int trace_members(struct trace *t, const char *pool)
{
	struct search search = { .trace = t, .pool = pool };
	int r = system_for_each_entry(t->sys, each_block, &search, "sys/class/block");

	if (r != -ENOMEM && !search.n && !t->sys->offline)
		r = probe_blocks(&search);
	if (r == -ENOMEM)
		return r;
	return search.n ? 0 : trace_unknown(t, "no disk with the label of this ZFS pool is known");
}

struct slice pool_of(const char *dataset)
{
	return slice_sub(slice_of(dataset), 0, strcspn(dataset, "/@"));
}

int trace_pool(struct trace *t, const char *dataset)
{
	char pool[POOL_SIZE];
	int r;

	if (!slice_store(pool_of(dataset), pool, sizeof(pool)) || !pool[0])
		return trace_unknown(t, "this is no name of a ZFS pool");
	if (++t->depth > TRACE_DEPTH_MAX)
		return trace_unknown(t, "too many layers of devices");
	r = trace_members(t, pool);
	t->depth--;
	return r;
}

int trace_zvol(struct trace *t, const char *name)
{
	char volume[POOL_SIZE];

	if (udev_link(t->sys, name, "zvol/", volume, sizeof(volume)))
		return trace_pool(t, volume);
	/* It may be any pool's. */
	return trace_members(t, NULL);
}
