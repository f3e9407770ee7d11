/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio-attach ADDRESS: attach a PCI device through the VFIO API, as a hypervisor
 * does, and read its IDs from its configuration space. Prints one line with the
 * result; the exit status is 0 only if all steps succeeded.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *address;

static void fail(const char *format, ...)
{
	int error = errno;
	va_list args;

	printf("%s: not attached: ", address);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (error)
		printf(": %s", strerror(error));
	printf("\n");
	exit(1);
}

static int open_or_fail(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		fail("open %s", path);
	return fd;
}

/* The number of the device's IOMMU group. */
static const char *find_group(void)
{
	static char target[PATH_MAX];
	char link[PATH_MAX];
	const char *name;
	ssize_t length;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", address);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		fail("no IOMMU group, readlink %s", link);
	target[length] = '\0';
	name = strrchr(target, '/');
	return name ? name + 1 : target;
}

static int open_group(const char *group, int container)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	fd = open_or_fail(path);
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
		fail("VFIO_GROUP_GET_STATUS");
	errno = 0;
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		fail("group %s is not viable", group);
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		fail("VFIO_GROUP_SET_CONTAINER");
	return fd;
}

/* Guest memory, mapped for the device's DMA as a hypervisor does it. */
static void map_memory(int container)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.size = 1 << 20,
	};
	void *memory = mmap(NULL, map.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	map.vaddr = (uintptr_t)memory;
	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &map) < 0)
		fail("VFIO_IOMMU_MAP_DMA");
}

static void read_ids(int device, uint16_t ids[2])
{
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint8_t bytes[4];

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region) < 0)
		fail("VFIO_DEVICE_GET_REGION_INFO");
	if (pread(device, bytes, sizeof(bytes), (off_t)region.offset) != sizeof(bytes))
		fail("reading configuration space");
	ids[0] = (uint16_t)(bytes[0] | bytes[1] << 8);
	ids[1] = (uint16_t)(bytes[2] | bytes[3] << 8);
}

static void check_sysfs(const char *attribute, uint16_t value)
{
	char path[PATH_MAX];
	unsigned int expected;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, attribute);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%x", &expected) != 1)
		fail("read %s", path);
	fclose(file);
	errno = 0;
	if (expected != value)
		fail("%s is %04x in sysfs but %04x through VFIO", attribute, expected, value);
}

int main(int argc, char **argv)
{
	const char *group;
	uint16_t ids[2];
	int container;
	int group_fd;
	int device;

	if (argc != 2) {
		fprintf(stderr, "usage: vfio-attach ADDRESS\n");
		return 2;
	}
	address = argv[1];
	group = find_group();
	container = open_or_fail("/dev/vfio/vfio");
	errno = 0;
	if (ioctl(container, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		fail("the kernel's VFIO API is another version");
	group_fd = open_group(group, container);
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		fail("VFIO_SET_IOMMU");
	map_memory(container);
	device = ioctl(group_fd, VFIO_GROUP_GET_DEVICE_FD, address);
	if (device < 0)
		fail("VFIO_GROUP_GET_DEVICE_FD");
	read_ids(device, ids);
	check_sysfs("vendor", ids[0]);
	check_sysfs("device", ids[1]);
	printf("%s: attached through the VFIO API: group %s, DMA mapped, configuration space reads %04x:%04x\n",
	       address, group, ids[0], ids[1]);
	return 0;
}
