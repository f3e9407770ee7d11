/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trial of an IOMMU group: do with it all that QEMU does, short of opening
 * a device, and release it. It finds what a bind does not: a neighbour that a
 * native driver holds (the status is not viable), missing interrupt remapping
 * and firmware-reserved memory (attaching the IOMMU fails with EPERM), and
 * vfio_iommu_type1 not loaded (no container type).
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

void vfio_try_group(int root, unsigned group, struct trial *ret)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[sizeof("dev/vfio/4294967295")];
	int fd, container;

	snprintf(path, sizeof(path), "dev/vfio/%u", group);
	fd = open_node(root, path);
	if (fd < 0) {
		*ret = (struct trial){ TRIAL_GROUP, -fd };
		return;
	}
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0) {
		*ret = (struct trial){ TRIAL_STATUS, errno };
		goto close_group;
	}
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		*ret = (struct trial){ TRIAL_VIABLE, 0 };
		goto close_group;
	}
	container = open_node(root, "dev/vfio/vfio");
	if (container < 0) {
		*ret = (struct trial){ TRIAL_CONTAINER, -container };
		goto close_group;
	}
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		*ret = (struct trial){ TRIAL_ATTACH, errno };
	/* Type 1 v2 is what QEMU takes; vfio_iommu_type1 offers it and v1 together. */
	else if (ioctl(container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU) < 0)
		*ret = (struct trial){ TRIAL_IOMMU, errno };
	else
		*ret = (struct trial){ TRIAL_DONE, 0 };
	close(container);
close_group:
	/* Closing the group takes it out of the container as well. */
	close(fd);
}
