/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine from a directory, and its way through a boot. */
#include "fake_inside.h"

#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void copy_tree(const char *from, const char *to)
{
	pid_t pid = fork();
	int status;

	MUST(pid >= 0);
	if (pid == 0) {
		execlp("cp", "cp", "-a", format("%s/.", from).at, to, (char *)NULL);
		_exit(127);
	}
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
}

/* Call EACH with the name of everything in the directory PATH, in the order of their names. */
static void for_each(struct fake *fake, const char *path, void (*each)(struct fake *fake, const char *name))
{
	glob_t found;
	int r = glob(format("%s/%s/*", fake->root, path).at, 0, NULL, &found);

	MUST(r == 0 || r == GLOB_NOMATCH);
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		each(fake, strrchr(found.gl_pathv[i], '/') + 1);
	globfree(&found);
}

static bool exists(struct fake *fake, const char *path)
{
	return faccessat(fake->real.root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void move(struct fake *fake, const char *from, const char *to)
{
	make_parents(fake, to);
	MUST(renameat(fake->real.root, from, fake->real.root, to) == 0);
}

static void keep_driver(struct fake *fake, const char *address)
{
	const char *driver = fake_driver(fake, address);

	if (driver[0] && !strstr(driver, "vfio"))
		fake_file(fake, format("sys/bus/pci/devices/%s/fake-native", address).at, driver);
}

/* The part of the tree's own plan, if it has one, that names what the host depends on; the caller frees it. */
static char *need_lines(struct fake *fake)
{
	char *needs = strdup(""), *plan = strdup(fake_read(fake, "etc/earlybind.plan")), *rest = plan, *line;

	MUST(needs && plan);
	while ((line = strsep(&rest, "\n"))) {
		char *more = NULL;

		if (strncmp(line, "need ", 5))
			continue;
		MUST(asprintf(&more, "%s%s\n", needs, line) > 0);
		free(needs);
		needs = more;
	}
	free(plan);
	return needs;
}

struct fake *fake_load_tree(const char *tree)
{
	struct fake *fake = new_directory();
	struct name release;
	char *needs;

	copy_tree(tree, fake->root);
	needs = need_lines(fake);
	release = format("%s", fake_read(fake, "proc/sys/kernel/osrelease"));
	release.at[strcspn(release.at, "\n")] = '\0';
	MUST(release.at[0]);
	add_modules(fake, release.at);
	write_file(fake, "etc/earlybind.plan", O_APPEND, needs, strlen(needs));
	free(needs);
	for_each(fake, "sys/bus/pci/devices", keep_driver);
	return fake;
}

/* --- its way through a boot --- */

/* What appears only later waits here: links to devices, and modules with their drivers. */
#define LATE "fake-late"
#define MODULES "fake-modules"
#define DRIVERS "fake-drivers"

static struct name device_of(const char *address)
{
	return format("sys/bus/pci/devices/%s", address);
}

static bool is_module(struct fake *fake, const char *driver)
{
	return driver[0] && exists(fake, format("sys/bus/pci/drivers/%s/module/initstate", driver).at);
}

/* Address of what makes the device behind LINK appear, once its driver has it: the physical function, the VMD; or "".
 */
static struct name maker_of(struct fake *fake, const char *link)
{
	struct name dir = real_directory(fake, link);
	struct name physical = link_name(fake, format("%s/physfn", dir.at).at);
	char *root_bus = strstr(dir.at, "/pci");
	char *domain = root_bus ? strstr(root_bus + 1, "/pci") : NULL;

	if (physical.at[0] || !domain)
		return physical;
	*domain = '\0';
	return format("%s", strrchr(dir.at, '/') + 1);
}

/* Where firmware describes the IOMMU otherwise than by DMAR or IVRS, up to Linux 6.14. */
static bool groups_come_late(struct fake *fake)
{
	unsigned major = 0, minor = 0;

	if (exists(fake, "sys/firmware/acpi/tables/DMAR") || exists(fake, "sys/firmware/acpi/tables/IVRS"))
		return false;
	MUST(sscanf(fake_read(fake, "proc/sys/kernel/osrelease"), "%u.%u", &major, &minor) == 2);
	return major < 6 || (major == 6 && minor < 15);
}

static struct name membership(struct fake *fake, const char *address)
{
	struct name group = link_name(fake, format("%s/iommu_group", device_of(address).at).at);

	return format("sys/kernel/iommu_groups/%s/devices/%s", group.at, address);
}

static void put_group_aside(struct fake *fake, const char *address)
{
	struct name device = device_of(address);

	if (!exists(fake, format("%s/iommu_group", device.at).at))
		return;
	fake_remove(fake, membership(fake, address).at);
	move(fake, format("%s/iommu_group", device.at).at, format("%s/fake-iommu_group", device.at).at);
	move(fake, format("%s/iommu", device.at).at, format("%s/fake-iommu", device.at).at);
}

static void put_device_aside(struct fake *fake, const char *address)
{
	drop_driver(fake, address);
	fake_remove(fake, membership(fake, address).at);
	move(fake, device_of(address).at, format(LATE "/%s", address).at);
}

static void put_functions_aside(struct fake *fake, const char *address)
{
	struct name count = format("%s/sriov_numvfs", device_of(address).at);

	if (!exists(fake, count.at))
		return;
	move(fake, count.at, format("%s/fake-numvfs", device_of(address).at).at);
	fake_file(fake, count.at, "0\n");
}

static void boot_device(struct fake *fake, const char *address)
{
	if (maker_of(fake, device_of(address).at).at[0]) {
		put_device_aside(fake, address);
		return;
	}
	put_functions_aside(fake, address);
	if (is_module(fake, fake_driver(fake, address)))
		drop_driver(fake, address);
	if (!fake_driver(fake, address)[0] && groups_come_late(fake))
		put_group_aside(fake, address);
}

static void put_module_aside(struct fake *fake, const char *driver)
{
	struct name module;

	if (!is_module(fake, driver))
		return;
	module = link_name(fake, format("sys/bus/pci/drivers/%s/module", driver).at);
	move(fake, format("sys/module/%s", module.at).at, format(MODULES "/%s", module.at).at);
	move(fake, format("sys/bus/pci/drivers/%s", driver).at, format(DRIVERS "/%s", driver).at);
}

void fake_boot_again(struct fake *fake)
{
	fake_remove(fake, "run");
	for_each(fake, "sys/bus/pci/devices", boot_device);
	for_each(fake, "sys/bus/pci/drivers", put_module_aside);
}

/* The binder may have loaded it already. */
static void load_module(struct fake *fake, const char *module)
{
	if (!exists(fake, format("sys/module/%s", module).at))
		move(fake, format(MODULES "/%s", module).at, format("sys/module/%s", module).at);
}

static void register_driver(struct fake *fake, const char *driver)
{
	if (!exists(fake, format("sys/bus/pci/drivers/%s", driver).at))
		move(fake, format(DRIVERS "/%s", driver).at, format("sys/bus/pci/drivers/%s", driver).at);
}

static void probe(struct fake *fake, const char *address)
{
	struct name device = device_of(address);

	put_back_group(fake, address);
	fake_probe(fake, address);
	if (exists(fake, format("%s/fake-numvfs", device.at).at) && !strstr(fake_driver(fake, address), "vfio"))
		move(fake, format("%s/fake-numvfs", device.at).at, format("%s/sriov_numvfs", device.at).at);
}

void fake_boot_on(struct fake *fake)
{
	for_each(fake, MODULES, load_module);
	for_each(fake, DRIVERS, register_driver);
	for_each(fake, "sys/bus/pci/devices", probe);
}

static bool is_made(struct fake *fake, const char *maker)
{
	const char *driver = fake_driver(fake, maker);

	return driver[0] && !strstr(driver, "vfio");
}

/* The first that appears is moved; the others' turn comes with the next call. */
static void appear(struct fake *fake, const char *address)
{
	struct name link = format(LATE "/%s", address);

	if (fake->appeared[0] || !is_made(fake, maker_of(fake, link.at).at))
		return;
	move(fake, link.at, device_of(address).at);
	fake_link(fake, format("../../../../bus/pci/devices/%s", address).at, membership(fake, address).at);
	snprintf(fake->appeared, sizeof(fake->appeared), "%s", address);
}

const char *fake_appear(struct fake *fake)
{
	fake->appeared[0] = '\0';
	for_each(fake, LATE, appear);
	return fake->appeared[0] ? fake->appeared : NULL;
}

static void forget_own_files(struct fake *fake, const char *address)
{
	static const char *const names[] = { "fake-native", "fake-numvfs" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fake_remove(fake, format("%s/%s", device_of(address).at, names[i]).at);
}

void fake_save_tree(struct fake *fake, const char *tree)
{
	static const char *const own[] = { "calls", "dev", LATE, MODULES, DRIVERS, "etc/earlybind.plan" };

	for_each(fake, "sys/bus/pci/devices", forget_own_files);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		fake_remove(fake, own[i]);
	copy_tree(fake->root, tree);
}
