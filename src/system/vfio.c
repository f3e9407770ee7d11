/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dry run: take an IOMMU group through everything that QEMU will do with
 * it short of opening a device, and let go of it again. It finds what a bind
 * does not: a neighbour that a native driver holds (the status is not viable),
 * missing interrupt remapping and firmware-reserved memory (attaching the
 * IOMMU fails with EPERM), vfio_iommu_type1 not loaded (no container type).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "system/system.h"

static int open_node(int root, const char *path)
{
	int fd = openat(root, path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool fail(struct trial *trial, enum trial_step step, int error)
{
	*trial = (struct trial){ step, error };
	return false;
}

static bool prove_status(int group, struct trial *trial)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return fail(trial, TRIAL_STATUS, errno);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fail(trial, TRIAL_VIABLE, 0);
	return true;
}

static bool prove_attach(int group, int container, struct trial *trial)
{
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		return fail(trial, TRIAL_ATTACH, errno);
	/* Type 1 v2 is what QEMU takes; vfio_iommu_type1 offers it and v1 together. */
	if (ioctl(container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU) < 0)
		return fail(trial, TRIAL_IOMMU, errno);
	return true;
}

static void prove_group(int root, int group, struct trial *trial)
{
	int container;

	if (!prove_status(group, trial))
		return;
	container = open_node(root, "dev/vfio/vfio");
	if (container < 0) {
		fail(trial, TRIAL_CONTAINER, -container);
		return;
	}
	if (prove_attach(group, container, trial))
		*trial = (struct trial){ TRIAL_DONE, 0 };
	close(container);
}

void vfio_try_group(int root, unsigned group, struct trial *ret)
{
	char path[sizeof("dev/vfio/4294967295")];
	int fd;

	snprintf(path, sizeof(path), "dev/vfio/%u", group);
	fd = open_node(root, path);
	if (fd < 0) {
		fail(ret, TRIAL_GROUP, -fd);
		return;
	}
	prove_group(root, fd, ret);
	/* Closing the group takes it out of the container as well. */
	close(fd);
}
