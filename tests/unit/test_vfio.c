/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trial of a group against each of VFIO's interfaces: nodes below a
 * directory, and ioctl(2) as the kernel answers it. A device is never opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "unit.h"

static int fake_ioctl(int fd, unsigned long request, void *argument);
#define ioctl fake_ioctl
#define vfio_try_group tested_try_group
#include "../../src/system/vfio.c"
#undef ioctl

enum container { NO_CONTAINER, TYPE1, COMPAT, SPAPR_V1, SPAPR_V2, NO_TYPE };

static struct kernel {
	bool viable;
	enum container container;
	int status, attach, iommu; /* the errno of these steps, or 0 */
	int node;		   /* the descriptor of /dev/vfio/vfio */
	bool in_container, other_call;
} kernel;

static int answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* vfio_group_fops_unl_ioctl() */
static int group_ioctl(unsigned long request, void *argument)
{
	struct vfio_group_status *status = argument;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		assert_int_equal(status->argsz, sizeof(*status));
		status->flags = kernel.viable ? VFIO_GROUP_FLAGS_VIABLE : 0;
		return answer(kernel.status);
	case VFIO_GROUP_SET_CONTAINER:
		kernel.node = *(int *)argument;
		kernel.in_container = !kernel.attach;
		return answer(kernel.attach);
	default:
		kernel.other_call = true;
		return answer(ENOTTY);
	}
}

/* vfio_fops_unl_ioctl() */
static int container_ioctl(unsigned long request, void *argument)
{
	unsigned long type = (unsigned long)argument;

	if (request == IOMMUFD_DESTROY)
		return answer(EINVAL);
	/* Without a group in it, a container tells the types of all drivers; with one, those that fit. */
	assert_true(kernel.in_container);
	if (request == VFIO_CHECK_EXTENSION)
		return (type == VFIO_TYPE1v2_IOMMU && kernel.container == TYPE1) ||
		       (type == VFIO_SPAPR_TCE_IOMMU && kernel.container == SPAPR_V1) ||
		       (type == VFIO_SPAPR_TCE_v2_IOMMU && kernel.container == SPAPR_V2);
	assert_int_equal(request, VFIO_SET_IOMMU);
	assert_int_equal(type, VFIO_TYPE1v2_IOMMU);
	return answer(kernel.container == NO_TYPE ? ENODEV : kernel.iommu);
}

/* The first open file is the group's, the second one the container's. */
static int fake_ioctl(int fd, unsigned long request, void *argument)
{
	char path[64], target[256];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	assert_true(n > 0);
	target[n] = '\0';
	if (!strcmp(strrchr(target, '/'), "/7"))
		return group_ioctl(request, argument);
	assert_string_equal(strrchr(target, '/'), "/vfio");
	if (kernel.container != COMPAT)
		return container_ioctl(request, argument);
	/* iommufd_fops_ioctl(): it has no object 0. All other commands would be those of its VFIO container. */
	assert_int_equal(request, IOMMUFD_DESTROY);
	assert_int_equal(((struct iommufd_destroy *)argument)->size, 8);
	assert_int_equal(((struct iommufd_destroy *)argument)->id, 0);
	return answer(ENOENT);
}

static void put_node(int root, const char *path)
{
	int fd = openat(root, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void interfaces(void **state)
{
	static const struct {
		const char *what;
		bool group, iommu;
		struct kernel kernel;
		struct trial trial;
		bool in_container;
	} rows[] = {
		{ "container", true, false, { .viable = true, .container = TYPE1 }, { TRIAL_DONE, 0 }, true },
		{ "container and iommufd",
		  true,
		  true,
		  { .viable = true, .container = TYPE1 },
		  { TRIAL_DONE, 0 },
		  true },
		{ "status",
		  true,
		  false,
		  { .viable = true, .container = TYPE1, .status = ENOTTY },
		  { TRIAL_STATUS, ENOTTY },
		  false },
		{ "not viable", true, false, { .container = TYPE1 }, { TRIAL_VIABLE, 0 }, false },
		{ "attach",
		  true,
		  false,
		  { .viable = true, .container = TYPE1, .attach = EINVAL },
		  { TRIAL_ATTACH, EINVAL },
		  false },
		{ "remapping",
		  true,
		  false,
		  { .viable = true, .container = TYPE1, .iommu = EPERM },
		  { TRIAL_IOMMU, EPERM },
		  true },
		{ "no type", true, false, { .viable = true, .container = NO_TYPE }, { TRIAL_IOMMU, ENODEV }, true },
		{ "spapr", true, false, { .viable = true, .container = SPAPR_V1 }, { TRIAL_TYPE, 0 }, true },
		{ "spapr v2", true, false, { .viable = true, .container = SPAPR_V2 }, { TRIAL_TYPE, 0 }, true },
		{ "no node",
		  true,
		  false,
		  { .viable = true, .container = NO_CONTAINER },
		  { TRIAL_CONTAINER, ENOENT },
		  false },
		/* the group of an iommufd: viable or not is known, the rest is not */
		{ "iommufd", true, true, { .viable = true, .container = NO_CONTAINER }, { TRIAL_OPEN, 0 }, false },
		{ "iommufd, not viable", true, true, { .container = NO_CONTAINER }, { TRIAL_VIABLE, 0 }, false },
		/* iommufd as /dev/vfio/vfio accepts every group */
		{ "compatible", true, true, { .viable = true, .container = COMPAT }, { TRIAL_OPEN, 0 }, false },
		{ "compatible, not viable", true, true, { .container = COMPAT }, { TRIAL_VIABLE, 0 }, false },
		{ "cdev only",
		  false,
		  true,
		  { .viable = true, .container = NO_CONTAINER },
		  { TRIAL_GROUP, ENOENT },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char root[] = "/tmp/earlybind-vfio.XXXXXX", command[64];
		struct trial trial;
		int fd;

		assert_non_null(mkdtemp(root));
		snprintf(command, sizeof(command), "mkdir -p %s/dev/vfio", root);
		assert_int_equal(system(command), 0);
		fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (rows[i].group)
			put_node(fd, "dev/vfio/7");
		if (rows[i].iommu)
			put_node(fd, "dev/iommu");
		if (rows[i].kernel.container != NO_CONTAINER)
			put_node(fd, "dev/vfio/vfio");
		kernel = rows[i].kernel;
		tested_try_group(fd, 7, &trial);
		row_number(rows[i].what, "step", trial.step, rows[i].trial.step);
		row_number(rows[i].what, "error", trial.error, rows[i].trial.error);
		row_number(rows[i].what, "in a container", kernel.in_container, rows[i].in_container);
		row_number(rows[i].what, "device opened", kernel.other_call, false);
		close(fd);
		snprintf(command, sizeof(command), "rm -r %s", root);
		assert_int_equal(system(command), 0);
	}
	rows_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(interfaces) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
