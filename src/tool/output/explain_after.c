/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts: what came of a device that was to be bound. */
#include "base/array.h"
#include "tool/output/explanation.h"

static const struct explanation rows[] = {
	{
		.verdict = V_READY,
		.brief = "bound to its VFIO driver, and its group could be attached",
		.means = "earlybind took the group through the VFIO API as QEMU will, short of opening the device.",
		.causes = "All is as it should be.",
		.todo = "Start the guest.",
	},
	{
		.verdict = V_GROUP_SHARED,
		.brief = "another device of its IOMMU group has a driver, or is about to get one",
		.means = "The kernel gives a group to a guest as a whole, because its devices are not isolated from "
			 "each "
			 "other. The device is bound, but no guest can use it while the host uses its neighbour.",
		.causes = "Slots behind a chipset or a bridge without ACS share a group; functions of one card nearly "
			  "always "
			  "do.",
		.todo = "Give the whole group away: add the option `group` to the line, or name the neighbours too "
			"(`earlybind "
			"suggest` writes the lines). Or move the card to a slot with a group of its own: `earlybind "
			"groups` "
			"shows them. Some boards have a firmware setting for smaller groups: ACS Enable, PCIe ARI, or "
			"AER "
			"and ACS below AMD CBS, NBIO.",
	},
	{
		.verdict = V_NO_INTERRUPT_REMAPPING,
		.brief = "bound, but the platform does not remap interrupts",
		.means = "Without it a guest could forge the host's interrupts, so the kernel refuses to attach the "
			 "group.",
		.causes = "Interrupt remapping is off in the firmware or by `intremap=off`, `nointremap` or x2APIC "
			  "opt-out, the "
			  "hardware is too old, or the IOMMU is a virtio-iommu on x86, which has none.",
		.todo = "Switch it on in the firmware setup and remove `intremap=off` from the kernel command line. "
			"Only where the "
			"guest is trusted: add the parameter, which allows it without.",
		.how = REMEDY_FIRMWARE_REMAPPING | REMEDY_ADD_PARAMETER,
		.parameter = "vfio_iommu_type1.allow_unsafe_interrupts=1",
	},
	{
		.verdict = V_RESERVED_MEMORY,
		.brief = "bound, but the firmware goes on using memory of this device's group",
		.means = "The firmware's RMRR or IVMD entry says that it shares memory with the device for good, and "
			 "the kernel "
			 "does not let a guest have such a device.",
		.causes = "Server firmware that reads sensors through the card's own memory (HPE, Dell), or USB and "
			  "graphics "
			  "emulation for old systems.",
		.todo = "Look for a firmware update, or a setting such as HPE's shared memory features for the slot "
			"(conrep), "
			"legacy USB support, or the management of that card; or move the card to another slot.",
	},
	{
		.verdict = V_ATTACH_FAILED,
		.brief = "bound, but the kernel refuses to attach its group for another reason",
		.means = "The dry run failed with the error that the line names. A guest would fail with it, too.",
		.causes = "For example lockdown, a kernel without the container interface of VFIO, or an IOMMU that "
			  "lacks cache "
			  "coherency. With EBUSY something in the kernel has the group in use: mostly the driver that "
			  "had one of its "
			  "devices before and left its own mappings behind.",
		.todo = "Read `dmesg` at the time of the boot; try a newer kernel. With EBUSY keep that driver from "
			"loading "
			"(`blacklist` in modprobe.d).",
	},
	{
		.verdict = V_TYPE1_MISSING,
		.brief = "bound, but vfio_iommu_type1 is not loaded",
		.means = "This module is what attaches a group to the IOMMU. No other module requests it, and a loader "
			 "that "
			 "does not name it gets along without it until a guest starts.",
		.causes = "The kernel or the image does not have it.",
		.todo = "Run `earlybind check`; install the distribution's ordinary kernel if it says that this one "
			"has no such "
			"module; else regenerate the initramfs and read what it says.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_MODULE_MISSING,
		.brief = "the driver is neither in the kernel nor a module in the image",
		.means = "The device was left to its own driver.",
		.causes = "The kernel was built without it (kernels cut down for clouds leave vfio-pci out), the image "
			  "is "
			  "older than the configuration, or `driver=` names one that does not exist.",
		.todo = "Run `earlybind check`, which asks the installed kernel. Install the distribution's ordinary "
			"kernel "
			"(Debian: `linux-image-amd64`, Ubuntu: `linux-image-generic`) or regenerate the initramfs.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_MODULE_REFUSED,
		.brief = "the kernel does not load a module that the driver needs",
		.means = "The file is in the image, and the kernel turned it down with the error that the line names.",
		.causes = "EKEYREJECTED, ENOKEY: Secure Boot wants a signature that the module does not have. EPERM: "
			  "lockdown "
			  "or `kernel.modules_disabled`. ENOEXEC: it was built for another kernel. EOPNOTSUPP: the "
			  "kernel cannot "
			  "unpack a compressed module.",
		.todo = "Take modules of the distribution's own kernel, which are signed, sign them yourself, or "
			"switch off "
			"Secure Boot; for ENOEXEC and EOPNOTSUPP regenerate the initramfs.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_BIND_FAILED,
		.brief = "the driver does not take the device",
		.means = "The bind failed with the error that the line names. The device went back to its own driver, "
			 "or with "
			 "`set on-failure no-driver` to none.",
		.causes = "EINVAL: no usable IOMMU for it, or a kind of device that vfio-pci refuses. EBUSY: a "
			  "physical function "
			  "with virtual functions enabled, or something else uses it. ENODEV: the driver of `driver=` "
			  "is not "
			  "made for it. EAGAIN: it waits for another driver.",
		.todo = "Read `dmesg` for messages of vfio-pci about the device. Take out what enables virtual "
			"functions, or name "
			"the functions themselves.",
	},
	{
		.verdict = V_UNBIND_FAILED,
		.brief = "the driver that had the device kept it",
		.means = "Writing to the driver's `unbind` did not end with the device free. It stays where it was.",
		.causes = "A driver built into the kernel had the device before earlybind ran and cannot let go.",
		.todo = "Keep that driver from the device: many have a parameter for it, or a kernel with the driver "
			"as a module "
			"does.",
	},
	{
		.verdict = V_DRIVER_HUNG,
		.brief = "a driver did not come back in time; earlybind stays away from the device",
		.means = "The bind or unbind hangs in the kernel. The boot went on; `set timeout` says how long "
			 "earlybind waits.",
		.causes = "A driver or the hardware hangs, often in a reset of the device.",
		.todo = "Only a reboot brings the device back. Keep its own driver from loading (`blacklist` in "
			"modprobe.d, or "
			"`module_blacklist=NAME` on the kernel command line), and report the hang.",
	},
	{
		.verdict = V_VANISHED,
		.brief = "the device was gone before it could be bound",
		.means = "It was there when earlybind looked, and no more when it was to be bound.",
		.causes = "It was unplugged, or dropped off the bus: power, cabling, a failed reset.",
		.todo = "Look for it with `lspci`, and for messages about its port in `dmesg`.",
	},
	{
		.verdict = V_OTHER_GROUP,
		.brief = "taken because of the option group, and given back",
		.means = "Where devices get their groups only with a driver (Arm, virtio-iommu, up to Linux 6.14), the "
			 "option "
			 "`group` has to take what could be a neighbour. This one turned out to be in another group.",
		.causes = "It shares a slot or a bridge with the device whose line says `group`.",
		.todo = "Nothing. To keep it from being tried, write a `skip` line for it.",
	},
	{
		.verdict = V_NOT_VFIO,
		.brief = "bound to the driver that the line names, which is none of VFIO's",
		.means = "The device is where it was asked to be, and no guest can have it through VFIO.",
		.causes = "The line says `driver=` with a name such as `pci-stub`.",
		.todo = "Nothing, if it is only to be kept from its own driver. Remove `driver=` to have it on "
			"vfio-pci.",
	},
	{
		.verdict = V_GROUP_UNREADABLE,
		.brief = "bound, but the members of its group cannot be read",
		.means = "Nobody could tell whether a neighbour hinders, so earlybind does not call it ready.",
		.causes = "sysfs is incomplete, or the group went away meanwhile.",
		.todo = "Look at `/sys/kernel/iommu_groups` and try to start the guest.",
	},
	{
		.verdict = V_RESCUED,
		.brief = "given back to its own driver, because the root device did not appear",
		.means = "The initramfs waited for the root device in vain, so earlybind gave back what could carry "
			 "it, and the "
			 "boot went on. No guest can use the device this time. What could carry the root and appears "
			 "afterwards, such as a disk behind a VMD, is left alone for the rest of this boot.",
		.causes =
			"The root is on a device that the configuration names and the plan does not guard: the plan is "
			"stale, addresses were numbered anew, or the root was moved.",
		.todo = "Take the device out of the configuration if the root is on it, run `earlybind check`, and "
			"regenerate "
			"the initramfs. If the root was late for another reason, `set rescue off` switches this off.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_DRIVER_CHANGED,
		.brief = "it was ready at boot, and is no longer on its driver",
		.means = "Something on the running host took the device away from VFIO after earlybind had handed it "
			 "over.",
		.causes = "driverctl, a script, libvirt's `virsh nodedev-reattach` or a guest managed by libvirt that "
			  "was shut "
			  "down, `echo` into `unbind` or `driver_override`; or the card was removed or reset itself "
			  "off the bus.",
		.todo = "Find out who did it: `journalctl -b` around the name of the device. Remove the other way of "
			"binding. "
			"A reboot hands the device over again.",
	},
};

const struct explanations explain_after = { rows, COUNT_OF(rows) };
