/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct name format(const char *format, ...)
{
	struct name name;
	va_list args;

	va_start(args, format);
	MUST(vsnprintf(name.at, sizeof(name.at), format, args) < (int)sizeof(name.at));
	va_end(args);
	return name;
}

/* --- the directory --- */

void make_parents(struct fake *fake, const char *path)
{
	struct name name = format("%s", path);

	for (char *slash = strchr(name.at, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		MUST(mkdirat(fake->real.root, name.at, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

void write_file(struct fake *fake, const char *path, int flags, const char *content, size_t len)
{
	int fd = openat(fake->real.root, path, O_WRONLY | O_CREAT | flags, 0644);

	MUST(fd >= 0);
	MUST(write(fd, content, len) == (ssize_t)len);
	close(fd);
}

void fake_file(struct fake *fake, const char *path, const char *content)
{
	make_parents(fake, path);
	write_file(fake, path, O_TRUNC, content, strlen(content));
}

void fake_link(struct fake *fake, const char *target, const char *path)
{
	make_parents(fake, path);
	unlinkat(fake->real.root, path, 0);
	MUST(symlinkat(target, fake->real.root, path) == 0);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void fake_remove(struct fake *fake, const char *path)
{
	nftw(format("%s/%s", fake->root, path).at, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fake_read(struct fake *fake, const char *path)
{
	static char content[64 * 1024];
	int fd = openat(fake->real.root, path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, content, sizeof(content) - 1);

	if (fd >= 0)
		close(fd);
	content[n > 0 ? n : 0] = '\0';
	return content;
}

struct name link_name(struct fake *fake, const char *path)
{
	struct name target = format("%s", "");
	ssize_t n = readlinkat(fake->real.root, path, target.at, sizeof(target.at) - 1);
	char *slash;

	target.at[n > 0 ? n : 0] = '\0';
	slash = strrchr(target.at, '/');
	return format("%s", slash ? slash + 1 : target.at);
}

struct name real_directory(struct fake *fake, const char *link)
{
	struct name target = format("%s", "");
	ssize_t n = readlinkat(fake->real.root, link, target.at, sizeof(target.at) - 1);

	MUST(n > (ssize_t)strlen("../../../"));
	target.at[n] = '\0';
	return format("sys/%s", target.at + strlen("../../../"));
}

const char *fake_driver(struct fake *fake, const char *address)
{
	static struct name name;

	name = link_name(fake, format("sys/bus/pci/devices/%s/driver", address).at);
	return name.at;
}

const char *fake_calls(struct fake *fake)
{
	return fake_read(fake, "calls");
}

static void note_read(struct fake *fake, const char *path)
{
	struct name line = format("%s\n", path);

	if (fake->note_reads)
		write_file(fake, "reads", O_APPEND, line.at, strlen(line.at));
}

unsigned fake_reads(struct fake *fake, const char *path)
{
	struct slice rest = slice_of(fake_read(fake, "reads"));
	unsigned n = 0;

	while (rest.len)
		n += slice_is(slice_cut(&rest, '\n'), path);
	return n;
}

static void note(struct fake *fake, const char *what, const char *path, const char *data, size_t len)
{
	struct name line = format("%s %s %.*s", what, path, (int)len, data);
	size_t n = strlen(line.at);

	if (n && line.at[n - 1] == '\n')
		n--;
	line.at[n] = '\n';
	write_file(fake, "calls", O_APPEND, line.at, n + 1);
}

/* --- reactions --- */

void fake_fault(struct fake *fake, const char *op, const char *where, int error)
{
	MUST(fake->n_faults < FAKE_FAULTS_MAX);
	fake->faults[fake->n_faults++] = (struct fake_fault){ op, where, error };
}

/* 0: go on as usual; 1: pretend it was done; else the negative errno to return. */
static int fault(struct fake *fake, const char *op, const char *path, const char *value)
{
	for (size_t i = 0; i < fake->n_faults; i++) {
		const struct fake_fault *f = &fake->faults[i];

		if (strcmp(f->op, op) || (!strstr(path, f->where) && !strstr(value, f->where)))
			continue;
		if (f->error == FAKE_HANG)
			for (;;)
				pause();
		if (f->error == FAKE_VANISH) {
			fake_remove(fake, format("sys/bus/pci/devices/%s", f->where).at);
			return -ENODEV;
		}
		return f->error == FAKE_IGNORE ? 1 : -f->error;
	}
	return 0;
}

static struct fake *of(struct system *sys)
{
	return (struct fake *)sys;
}

/* The IDs that vfio-pci was loaded with. */
#define FAKE_IDS "sys/bus/pci/drivers/vfio-pci/fake-ids"

static void add_driver(struct fake *fake, const char *driver)
{
	fake_file(fake, format("sys/bus/pci/drivers/%s/bind", driver).at, "");
	fake_file(fake, format("sys/bus/pci/drivers/%s/unbind", driver).at, "");
}

/* From the device's directory: "../../../" for sys/devices/pci0000:00/0000:00:03.0. */
static struct name up_to_sys(struct fake *fake, const char *address)
{
	struct name dir = real_directory(fake, format("sys/bus/pci/devices/%s", address).at);
	struct name up = format("%s", "");

	for (const char *slash = strchr(dir.at, '/'); slash; slash = strchr(slash + 1, '/'))
		up = format("../%s", up.at);
	return up;
}

static void set_driver(struct fake *fake, const char *address, const char *driver)
{
	add_driver(fake, driver);
	fake_link(fake, format("%sbus/pci/drivers/%s", up_to_sys(fake, address).at, driver).at,
		  format("sys/bus/pci/devices/%s/driver", address).at);
	if (!strcmp(driver, "vfio-pci") || strstr(driver, "_vfio_") || strstr(driver, "-vfio-"))
		fake_file(fake, format("sys/bus/pci/devices/%s/vfio-dev/vfio0/dev", address).at, "");
	fake_link(fake, format("../../devices/%s", address).at,
		  format("sys/bus/pci/drivers/%s/%s", driver, address).at);
}

static bool has_driver(struct fake *fake, const char *driver)
{
	return faccessat(fake->real.root, format("sys/bus/pci/drivers/%s", driver).at, F_OK, 0) == 0;
}

void drop_driver(struct fake *fake, const char *address)
{
	const char *driver = fake_driver(fake, address);

	if (driver[0])
		unlinkat(fake->real.root, format("sys/bus/pci/drivers/%s/%s", driver, address).at, 0);
	unlinkat(fake->real.root, format("sys/bus/pci/devices/%s/driver", address).at, 0);
	fake_remove(fake, format("sys/bus/pci/devices/%s/vfio-dev", address).at);
}

static int react_unbind(struct fake *fake, const char *address)
{
	if (!fake_driver(fake, address)[0])
		return -ENODEV;
	drop_driver(fake, address);
	return 0;
}

/* "(null)" for none, as the kernel writes it. */
static struct name override_of(struct fake *fake, const char *address)
{
	struct name override = format("%s",
				      fake_read(fake, format("sys/bus/pci/devices/%s/driver_override", address).at));

	override.at[strcspn(override.at, "\n")] = '\0';
	return override;
}

static unsigned class_of(struct fake *fake, const char *address)
{
	const char *modalias = fake_read(fake, format("sys/bus/pci/devices/%s/modalias", address).at);
	const char *bc = strstr(modalias, "bc");
	unsigned class = 0, subclass = 0;

	MUST(bc && sscanf(bc, "bc%2xsc%2x", &class, &subclass) == 2);
	return class << 8 | subclass;
}

static bool is_bridge(struct fake *fake, const char *address)
{
	return class_of(fake, address) == 0x0604;
}

/* vfio_pci_core refuses what has a bridge's header, and a physical function while it has virtual ones. */
static int vfio_refuses(struct fake *fake, const char *address)
{
	if (is_bridge(fake, address))
		return -EINVAL;
	if (atoi(fake_read(fake, format("sys/bus/pci/devices/%s/sriov_numvfs", address).at)) > 0)
		return -EBUSY;
	return 0;
}

/* A group that appears with the probe: one for each slot. */
static void late_group(struct fake *fake, const char *address)
{
	unsigned bus = 0, slot = 0;

	MUST(sscanf(address, "%*x:%x:%x", &bus, &slot) == 2);
	slot += 32 * bus;
	fake_link(fake, format("../../../kernel/iommu_groups/%u", slot).at,
		  format("sys/bus/pci/devices/%s/iommu_group", address).at);
	fake_link(fake, "../../virtual/iommu/x", format("sys/bus/pci/devices/%s/iommu", address).at);
	fake_link(fake, format("../../../../bus/pci/devices/%s", address).at,
		  format("sys/kernel/iommu_groups/%u/devices/%s", slot, address).at);
}

/* A group that fake_boot_again() put aside appears with the probe. */
void put_back_group(struct fake *fake, const char *address)
{
	struct name device = format("sys/bus/pci/devices/%s", address);
	struct name group = link_name(fake, format("%s/fake-iommu_group", device.at).at);

	if (!group.at[0])
		return;
	MUST(renameat(fake->real.root, format("%s/fake-iommu_group", device.at).at, fake->real.root,
		      format("%s/iommu_group", device.at).at) == 0);
	MUST(renameat(fake->real.root, format("%s/fake-iommu", device.at).at, fake->real.root,
		      format("%s/iommu", device.at).at) == 0);
	fake_link(fake, format("../../../../bus/pci/devices/%s", address).at,
		  format("sys/kernel/iommu_groups/%s/devices/%s", group.at, address).at);
}

/* The kernel's rule: with an override set, only that driver; without one, vfio-pci matches nothing. */
static int react_bind(struct fake *fake, const char *driver, const char *address)
{
	struct name device = format("sys/bus/pci/devices/%s", address);

	if (faccessat(fake->real.root, device.at, F_OK, 0) < 0)
		return -ENODEV;
	if (link_name(fake, format("%s/driver", device.at).at).at[0])
		return -EBUSY;
	if (strcmp(override_of(fake, address).at, driver) != 0)
		return -ENODEV;
	/* Announced, but no driver may have it yet: match_driver in pci_bus_match(). */
	if (faccessat(fake->real.root, format("%s/fake-not-yet", device.at).at, F_OK, 0) == 0)
		return -ENODEV;
	if (!link_name(fake, format("%s/iommu_group", device.at).at).at[0] &&
	    faccessat(fake->real.root, "sys/class/iommu/0000:00:02.0", F_OK, 0) == 0)
		late_group(fake, address);
	put_back_group(fake, address);
	if (!link_name(fake, format("%s/iommu_group", device.at).at).at[0])
		return -EINVAL;
	if (!strcmp(driver, "vfio-pci") && vfio_refuses(fake, address) < 0)
		return vfio_refuses(fake, address);
	set_driver(fake, address, driver);
	return 0;
}

/* The last ids= of OPTIONS, "VENDOR:DEVICE,..."; "" where there is none. */
static struct name last_ids(const char *options)
{
	struct name ids = format("%s", "");

	for (const char *at = strstr(options, "ids="); at; at = strstr(at + 1, "ids="))
		ids = format("%.*s", (int)strcspn(at + 4, " \n"), at + 4);
	return ids;
}

struct vfio_ids {
	struct fake *fake;
	struct name ids;
};

static bool has_id(struct fake *fake, const char *address, const char *ids)
{
	const char *modalias = fake_read(fake, format("sys/bus/pci/devices/%s/modalias", address).at);
	unsigned vendor, device;

	MUST(sscanf(modalias, "pci:v%8xd%8x", &vendor, &device) == 2);
	return strstr(ids, format("%04x:%04x", vendor, device).at) != NULL;
}

/* No driver has it, no override keeps vfio-pci off, and its ID is one of those. */
static int take_by_ids(const char *address, void *data)
{
	const struct vfio_ids *vfio = data;
	struct name override = override_of(vfio->fake, address);

	if (fake_driver(vfio->fake, address)[0] || !has_id(vfio->fake, address, vfio->ids.at))
		return 0;
	if (!strcmp(override.at, "(null)") || !strcmp(override.at, "vfio-pci"))
		set_driver(vfio->fake, address, "vfio-pci");
	return 0;
}

/* As vfio_pci_fill_ids(): the driver keeps the list, and takes at once what fits and is unbound. */
void fake_load_vfio_pci(struct fake *fake, const char *options)
{
	struct vfio_ids vfio = { fake, last_ids(options) };

	add_driver(fake, "vfio-pci");
	fake_file(fake, "sys/bus/pci/drivers/vfio-pci/remove_id", "");
	fake_file(fake, FAKE_IDS, vfio.ids.at);
	if (vfio.ids.at[0])
		system_for_each_entry(&fake->real, take_by_ids, &vfio, "sys/bus/pci/devices");
}

/* "VVVV DDDD": the list loses that ID. */
static int react_remove_id(struct fake *fake, const char *value)
{
	unsigned vendor, device;
	struct name ids = format("%s", fake_read(fake, FAKE_IDS));
	char *at;

	MUST(sscanf(value, "%x %x", &vendor, &device) == 2);
	at = strstr(ids.at, format("%04x:%04x", vendor, device).at);
	if (!at)
		return -ENODEV;
	memmove(at, at + 9, strlen(at + 9) + 1);
	fake_file(fake, FAKE_IDS, ids.at);
	return 0;
}

int fake_probe(struct fake *fake, const char *address)
{
	struct name device = format("sys/bus/pci/devices/%s", address);
	struct name native = format("%s", fake_read(fake, format("%s/fake-native", device.at).at));

	if (faccessat(fake->real.root, device.at, F_OK, 0) < 0)
		return -ENODEV;
	/* Drivers are asked in the order in which they registered: vfio-pci was there before those that udev loads. */
	if (!fake_driver(fake, address)[0] && fake_read(fake, FAKE_IDS)[0] &&
	    !strcmp(override_of(fake, address).at, "(null)") && has_id(fake, address, fake_read(fake, FAKE_IDS)))
		set_driver(fake, address, "vfio-pci");
	if (native.at[0] && !strcmp(override_of(fake, address).at, "(null)") && !fake_driver(fake, address)[0])
		set_driver(fake, address, native.at);
	return 0;
}

static int fake_write(struct system *sys, const char *path, const char *data, size_t len)
{
	struct name value = format("%.*s", (int)len, data);
	const char *last = strrchr(path, '/');
	struct fake *fake = of(sys);
	int r;

	note(fake, "write", path, data, len);
	last = last ? last + 1 : path;
	r = fault(fake, last, path, value.at);
	if (r)
		return r > 0 ? 0 : r;
	if (!strcmp(last, "bind")) {
		struct name dir = format("%.*s", (int)(last - 1 - path), path);

		if (!has_driver(fake, strrchr(dir.at, '/') + 1))
			return -ENOENT;
		return react_bind(fake, strrchr(dir.at, '/') + 1, value.at);
	}
	if (!strcmp(last, "unbind"))
		return react_unbind(fake, value.at);
	if (!strcmp(last, "remove_id"))
		return react_remove_id(fake, value.at);
	if (!strcmp(last, "drivers_probe"))
		return fake_probe(fake, value.at);
	if (!strcmp(last, "driver_override")) {
		if (faccessat(fake->real.root, path, F_OK, 0) < 0)
			return -ENOENT;
		value.at[strcspn(value.at, "\n")] = '\0';
		fake_file(fake, path, value.at[0] ? value.at : "(null)");
		return 0;
	}
	return fake->real.ops->write(&fake->real, path, data, len);
}

static int fake_load(struct system *sys, const char *path, const char *options, bool compressed)
{
	struct fake *fake = of(sys);
	const char *name = strrchr(path, '/') + 1;
	int r;

	note(fake, compressed ? "load-compressed" : "load", path, options, strlen(options));
	r = fault(fake, "load", path, options);
	if (r)
		return r > 0 ? 0 : r;
	if (faccessat(fake->real.root, path, F_OK, 0) < 0)
		return -ENOENT;
	if (!strncmp(name, "vfio-pci.ko", 11))
		fake_load_vfio_pci(fake, options);
	/* The module's name has underscores, the driver's has what it likes. */
	if (!strncmp(name, "mlx5-vfio-pci.ko", 16)) {
		fake_file(fake, "sys/module/mlx5_vfio_pci/drivers/pci:mlx5_vfio_pci", "");
		add_driver(fake, "mlx5_vfio_pci");
	}
	if (!strncmp(name, "xe-vfio-pci.ko", 14)) {
		fake_file(fake, "sys/module/xe_vfio_pci/drivers/pci:xe-vfio-pci", "");
		add_driver(fake, "xe-vfio-pci");
	}
	/* Goes by its own address; its groups appear when a driver probes. */
	if (!strncmp(name, "virtio-iommu.ko", 15))
		fake_file(fake, "sys/class/iommu/0000:00:02.0/devices", "");
	return 0;
}

/*
 * With the file "fake-modprobe" the image's modprobe finds vfio_pci; the file holds the options that modprobe.d
 * and the command line have for it.
 */
static int fake_modprobe(struct system *sys, const char *name, const char *option)
{
	struct fake *fake = of(sys);
	struct name options = format("%s %s", fake_read(fake, "fake-modprobe"), option ? option : "");
	int r;

	note(fake, "modprobe", name, option ? option : "", option ? strlen(option) : 0);
	r = fault(fake, "modprobe", name, "");
	if (r == 0 && !strcmp(name, "vfio_pci") && faccessat(fake->real.root, "fake-modprobe", F_OK, 0) == 0) {
		fake_load_vfio_pci(fake, options.at);
		return 0;
	}
	return r < 0 ? r : r > 0 ? 0 : -EIO;
}

struct members {
	struct fake *fake;
	bool old_rule; /* before Linux 5.19 */
	bool viable;
	bool node; /* VFIO made a node for the group */
};

static bool before_5_19(struct fake *fake)
{
	unsigned major = 0, minor = 0;

	MUST(sscanf(fake_read(fake, "proc/sys/kernel/osrelease"), "%u.%u", &major, &minor) == 2);
	return major < 5 || (major == 5 && minor < 19);
}

/*
 * Which drivers leave a group to a guest: VFIO's, pci-stub, and up to 5.18
 * whatever a bridge has, and nothing else; since then pcieport, on event
 * collectors as well.
 */
static int check_member(const char *name, void *data)
{
	struct members *members = data;
	const char *driver = fake_driver(members->fake, name);
	bool vfio = strstr(driver, "vfio");

	members->node |= vfio;
	if (!driver[0] || vfio || !strcmp(driver, "pci-stub"))
		return 0;
	if (members->old_rule ? !is_bridge(members->fake, name) : strcmp(driver, "pcieport") != 0)
		members->viable = false;
	return 0;
}

/* What keeps a container from attaching the IOMMU, when the group itself is viable. */
static bool iommu_refuses(struct fake *fake, unsigned group)
{
	const char *regions = fake_read(fake, format("sys/kernel/iommu_groups/%u/reserved_regions", group).at);
	struct name x86 = format("%s", "sys/class/iommu/dmar0");

	if (strstr(regions, " direct\n"))
		return true;
	if (faccessat(fake->real.root, x86.at, F_OK, 0) < 0)
		x86 = format("%s", "sys/class/iommu/ivhd0");
	return faccessat(fake->real.root, x86.at, F_OK, 0) == 0 && !strstr(fake_read(fake, "proc/interrupts"), " IR-");
}

/*
 * With a file "fake-vfio" VFIO attaches in another way: "cdev" without groups, "iommufd" when a device is opened, and
 * "spapr" as on POWER.
 */
static struct trial try_other_interface(const char *interface, bool viable)
{
	if (!strcmp(interface, "cdev"))
		return (struct trial){ TRIAL_GROUP, ENOENT };
	if (!viable)
		return (struct trial){ TRIAL_VIABLE, 0 };
	return (struct trial){ !strcmp(interface, "spapr") ? TRIAL_TYPE : TRIAL_OPEN, 0 };
}

/* A fault's errno fails the step that its place names: "try", "IOMMU" and so on. */
static void fake_try_group(struct system *sys, unsigned group, struct trial *ret)
{
	static const struct {
		const char *op;
		enum trial_step step;
	} steps[] = {
		{ "try-group", TRIAL_GROUP },	{ "try-status", TRIAL_STATUS }, { "try-container", TRIAL_CONTAINER },
		{ "try-attach", TRIAL_ATTACH }, { "try-iommu", TRIAL_IOMMU },
	};
	struct members members = { .fake = of(sys), .viable = true, .old_rule = before_5_19(of(sys)) };
	struct name number = format("/%u/", group);

	note(members.fake, "try", number.at, "", 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r = fault(members.fake, steps[i].op, number.at, "");

		if (r < 0) {
			*ret = (struct trial){ steps[i].step, -r };
			return;
		}
	}
	system_for_each_entry(&members.fake->real, check_member, &members, "sys/kernel/iommu_groups/%u/devices", group);
	if (!members.node)
		*ret = (struct trial){ TRIAL_GROUP, ENOENT };
	else if (fake_read(members.fake, "fake-vfio")[0])
		*ret = try_other_interface(fake_read(members.fake, "fake-vfio"), members.viable);
	else if (!members.viable)
		*ret = (struct trial){ TRIAL_VIABLE, 0 };
	else if (iommu_refuses(members.fake, group))
		*ret = (struct trial){ TRIAL_IOMMU, EPERM };
	else
		*ret = (struct trial){ TRIAL_DONE, 0 };
}

/* --- what only passes through --- */

static ssize_t fake_read_op(struct system *sys, const char *path, char *to, size_t size)
{
	int r = fault(of(sys), "read", path, "");

	note_read(of(sys), path);
	return r < 0 ? r : of(sys)->real.ops->read(&of(sys)->real, path, to, size);
}

static int fake_slurp(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	int r = fault(of(sys), "slurp", path, "");

	return r < 0 ? r : of(sys)->real.ops->read_all(&of(sys)->real, path, limit, ret, ret_len);
}

static int fake_log(struct system *sys, const char *record, size_t len)
{
	int r = fault(of(sys), "log", "dev/kmsg", "");

	if (r < 0)
		return r;
	write_file(of(sys), "dev/kmsg", O_APPEND, record, len);
	return 0;
}

static int fake_link_op(struct system *sys, const char *path, char *to, size_t size)
{
	int r = fault(of(sys), "link", path, "");

	note_read(of(sys), path);
	return r < 0 ? r : of(sys)->real.ops->readlink(&of(sys)->real, path, to, size);
}

static int fake_list(struct system *sys, const char *path, int (*each)(const char *name, void *data), void *data)
{
	int r = fault(of(sys), "list", path, "");

	note_read(of(sys), path);
	return r < 0 ? r : of(sys)->real.ops->for_each_entry(&of(sys)->real, path, each, data);
}

static bool fake_exists(struct system *sys, const char *path)
{
	note_read(of(sys), path);
	return of(sys)->real.ops->exists(&of(sys)->real, path);
}

static int fake_make_directory(struct system *sys, const char *path)
{
	int r = fault(of(sys), "make_directory", path, "");

	return r < 0 ? r : of(sys)->real.ops->mkdir(&of(sys)->real, path);
}

static int fake_put(struct system *sys, const char *path, const char *data, size_t len)
{
	int r = fault(of(sys), "put", path, "");

	return r < 0 ? r : of(sys)->real.ops->replace_file(&of(sys)->real, path, data, len);
}

static int fake_append(struct system *sys, const char *path, const char *data, size_t len)
{
	int r = fault(of(sys), "append", path, "");

	return r < 0 ? r : of(sys)->real.ops->append(&of(sys)->real, path, data, len);
}

static int fake_lock(struct system *sys, const char *path, unsigned seconds)
{
	int r = fault(of(sys), "lock", path, "");

	return r < 0 ? r : of(sys)->real.ops->lock(&of(sys)->real, path, seconds);
}

static void fake_pause(struct system *sys, unsigned milliseconds)
{
	struct fake *fake = of(sys);
	struct name fresh = format("%s", fake_read(fake, "fake-lets-bind"));

	(void)milliseconds;
	note(fake, "pause", "", "", 0);
	/* The kernel is done with what it does before drivers may have the device. */
	if (fresh.at[0])
		fake_remove(fake, format("sys/bus/pci/devices/%s/fake-not-yet", fresh.at).at);
}

static const struct system_ops fake_ops = {
	.read = fake_read_op,
	.read_all = fake_slurp,
	.write = fake_write,
	.log = fake_log,
	.readlink = fake_link_op,
	.for_each_entry = fake_list,
	.exists = fake_exists,
	.mkdir = fake_make_directory,
	.replace_file = fake_put,
	.append = fake_append,
	.lock = fake_lock,
	.sleep_ms = fake_pause,
	.load_module = fake_load,
	.modprobe = fake_modprobe,
	.try_group = fake_try_group,
};

/* --- making a machine --- */

#define RELEASE "6.1.0-fake"

struct fake *new_directory(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	MUST(fake);
	MUST((size_t)snprintf(fake->root, sizeof(fake->root), "%s/earlybind-fake.XXXXXX",
			      getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") < sizeof(fake->root));
	MUST(mkdtemp(fake->root));
	MUST(system_open(&fake->real, fake->root) == 0);
	fake->sys = (struct system){ .ops = &fake_ops, .root = fake->real.root };
	fake_file(fake, "calls", "");
	fake_file(fake, "dev/kmsg", "");
	return fake;
}

void add_modules(struct fake *fake, const char *release)
{
	static const char *const modules[] = { "vfio.ko", "vfio_iommu_type1.ko", "pci/vfio-pci.ko" };

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		fake_file(fake, format("lib/modules/%s/kernel/drivers/vfio/%s", release, modules[i]).at, "");
	fake_file(fake, "etc/earlybind.plan",
		  format("earlybind-plan 2\n"
			 "kernel %s\n"
			 "module vfio kernel/drivers/vfio/vfio.ko\n"
			 "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1\n"
			 "module vfio_iommu_type1 kernel/drivers/vfio/vfio_iommu_type1.ko\n",
			 release)
			  .at);
}

struct fake *fake_new(void)
{
	struct fake *fake = new_directory();

	fake_file(fake, "proc/cmdline", "root=/dev/nvme0n1 quiet\n");
	fake_file(fake, "proc/sys/kernel/osrelease", RELEASE "\n");
	fake_file(fake, "proc/interrupts", "           CPU0\n  0:          5  IR-IO-APIC   2-edge      timer\n");
	fake_file(fake, "sys/class/iommu/dmar0/devices", "");
	fake_file(fake, "sys/firmware/acpi/tables/DMAR", "");
	fake_file(fake, "sys/bus/pci/drivers_probe", "");
	add_modules(fake, RELEASE);
	return fake;
}

void fake_free(struct fake *fake)
{
	system_close(&fake->real);
	nftw(fake->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(fake);
}

static void add_modalias(struct fake *fake, const char *dir, const struct fake_device *d)
{
	unsigned v = 0, dev = 0, sv = 0x1af4, sd = 0x1100, class = 0;
	const char *digits = d->class ? d->class : "020000";

	MUST(sscanf(d->id, "%x:%x:%x:%x", &v, &dev, &sv, &sd) >= 2);
	MUST(sscanf(digits, "%x", &class) == 1);
	fake_file(fake, format("%s/modalias", dir).at,
		  format("pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n", v, dev, sv, sd, class >> 16,
			 class >> 8 & 0xff, class & 0xff)
			  .at);
}

static void add_group(struct fake *fake, const char *dir, const struct fake_device *d)
{
	if (!d->group)
		return;
	fake_link(fake, format("../../../kernel/iommu_groups/%d", d->group).at, format("%s/iommu_group", dir).at);
	fake_link(fake, "../../virtual/iommu/dmar0", format("%s/iommu", dir).at);
	fake_file(fake, format("sys/kernel/iommu_groups/%d/reserved_regions", d->group).at,
		  "0x00000000fee00000 0x00000000feefffff msi\n");
	fake_link(fake, format("../../../../bus/pci/devices/%s", d->address).at,
		  format("sys/kernel/iommu_groups/%d/devices/%s", d->group, d->address).at);
}

/* The device's real directory: below its bridge, as the kernel has it. */
static struct name device_directory(struct fake *fake, const struct fake_device *d)
{
	struct name above = format("sys/devices/pci0000:00");

	if (d->under)
		above = real_directory(fake, format("sys/bus/pci/devices/%s", d->under).at);
	return format("%s/%s", above.at, d->address);
}

void fake_add(struct fake *fake, const struct fake_device *d)
{
	struct name dir = device_directory(fake, d);

	fake_link(fake, format("../../../%s", dir.at + strlen("sys/")).at,
		  format("sys/bus/pci/devices/%s", d->address).at);
	add_modalias(fake, dir.at, d);
	fake_file(fake, format("%s/driver_override", dir.at).at, "(null)");
	add_group(fake, dir.at, d);
	if (d->reset)
		fake_file(fake, format("%s/reset_method", dir.at).at, d->reset);
	if (d->native || d->driver)
		fake_file(fake, format("%s/fake-native", dir.at).at, d->native ? d->native : d->driver);
	if (d->boot_vga)
		fake_file(fake, format("%s/boot_vga", dir.at).at, "1\n");
	if (d->driver)
		set_driver(fake, d->address, d->driver);
}
