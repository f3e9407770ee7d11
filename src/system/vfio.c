/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trial of an IOMMU group: do with it all that QEMU does, short of opening
 * a device, and release it. It finds what a bind does not: a neighbour that a
 * native driver holds (the status is not viable), missing interrupt remapping
 * and firmware-reserved memory (attaching the IOMMU fails with EPERM), and
 * vfio_iommu_type1 not loaded (no container type).
 *
 * Where VFIO attaches through iommufd (a kernel without VFIO_CONTAINER, with or
 * without iommufd's own /dev/vfio/vfio), the kernel takes the group out of
 * service and checks all this only when a device is opened: by
 * VFIO_GROUP_GET_DEVICE_FD, or by VFIO_DEVICE_BIND_IOMMUFD where there are no
 * groups (vfio_df_device_first_open()). Opening a device resets it, and closing
 * it does so again, which some graphics cards survive once in a boot. That is
 * left to the guest: the trial ends there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "system/system.h"

/* IOMMU_DESTROY of linux/iommufd.h, which older headers lack. */
struct iommufd_destroy {
	uint32_t size, id;
};
#define IOMMUFD_DESTROY _IO(VFIO_TYPE, 0x80)

static int open_node(int root, const char *path)
{
	int fd = openat(root, path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* iommufd also answers for /dev/vfio/vfio. It has no object 0, and VFIO's container does not know the command. */
static bool is_iommufd(int fd)
{
	struct iommufd_destroy none = { .size = sizeof(none) };

	return ioctl(fd, IOMMUFD_DESTROY, &none) < 0 && errno == ENOENT;
}

static bool has_type(int container, unsigned long type)
{
	return ioctl(container, VFIO_CHECK_EXTENSION, (void *)type) > 0;
}

/* A container for POWER's IOMMU: asked of a group that is in it. */
static bool is_spapr(int container)
{
	return !has_type(container, VFIO_TYPE1v2_IOMMU) &&
	       (has_type(container, VFIO_SPAPR_TCE_v2_IOMMU) || has_type(container, VFIO_SPAPR_TCE_IOMMU));
}

static struct trial try_container(int root, int group)
{
	int container = open_node(root, "dev/vfio/vfio");
	struct trial trial = { TRIAL_DONE, 0 };

	if (container == -ENOENT && faccessat(root, "dev/iommu", F_OK, 0) == 0)
		return (struct trial){ TRIAL_OPEN, 0 };
	if (container < 0)
		return (struct trial){ TRIAL_CONTAINER, -container };
	if (is_iommufd(container))
		trial = (struct trial){ TRIAL_OPEN, 0 };
	else if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		trial = (struct trial){ TRIAL_ATTACH, errno };
	else if (is_spapr(container))
		trial = (struct trial){ TRIAL_TYPE, 0 };
	/* Type 1 v2 is what QEMU takes; vfio_iommu_type1 offers it and v1 together. */
	else if (ioctl(container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU) < 0)
		trial = (struct trial){ TRIAL_IOMMU, errno };
	close(container);
	return trial;
}

void vfio_try_group(int root, unsigned group, struct trial *ret)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[sizeof("dev/vfio/4294967295")];
	int fd;

	snprintf(path, sizeof(path), "dev/vfio/%u", group);
	fd = open_node(root, path);
	if (fd < 0) {
		*ret = (struct trial){ TRIAL_GROUP, -fd };
		return;
	}
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
		*ret = (struct trial){ TRIAL_STATUS, errno };
	else if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		*ret = (struct trial){ TRIAL_VIABLE, 0 };
	else
		*ret = try_container(root, fd);
	/* Closing the group takes it out of the container as well. */
	close(fd);
}
