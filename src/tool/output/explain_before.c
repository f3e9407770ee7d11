/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts: why a device is not touched. */
#include "base/array.h"
#include "tool/output/explanation.h"

static const struct explanation rows[] = {
	{
		.verdict = V_UNREADABLE,
		.brief = "sysfs does not say what the device is; it was left alone",
		.means = "Its `modalias` cannot be read, so nobody can tell whether it is the device that is meant.",
		.causes = "The device is going away or is broken, or sysfs is damaged.",
		.todo = "Look at `dmesg` for messages about the device; reseat the card.",
	},
	{
		.verdict = V_BRIDGE,
		.brief = "a bridge cannot be given to a guest; it was left alone",
		.means = "VFIO hands out endpoints only. The bridge stays with the host and does not hinder what is "
			 "behind it.",
		.causes = "The line names the port that a card sits in, or a class or ID that takes bridges in.",
		.todo = "Name the devices behind it: `lspci -tv` shows them.",
	},
	{
		.verdict = V_NEEDED_BY_HOST,
		.brief = "the host stands on it; it was left alone",
		.means = "The root filesystem, the boot partition, swap or the network that the root comes over needs "
			 "this "
			 "device. The plan in the image says so, and earlybind refuses to take what it names.",
		.causes = "The line names the controller of the host's own disk: the wrong address, an ID that two "
			  "controllers share, or a group that holds both. Or addresses have shifted since the image "
			  "was made, "
			  "and every device of that ID could be the one.",
		.todo = "Correct the line. If the host can do without the device, add the option `even-if-needed` to "
			"it. After "
			"moving cards regenerate the initramfs.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_LEFT_BOUND,
		.brief = "a driver has it already, and the line says leave-bound",
		.means = "The device stayed with its driver.",
		.causes = "The driver is built into the kernel, or earlybind ran when udev had already loaded it.",
		.todo = "Remove `leave-bound` to have the device released from that driver.",
	},
	{
		.verdict = V_NEIGHBOUR_IN_USE,
		.brief = "in the group of a device that appeared later, and a driver had it before",
		.means = "The line of the new device says `group`, but what worked before the device came is not taken "
			 "from "
			 "its driver. The device stayed with it.",
		.causes = "A card was plugged in beside others that share its IOMMU group.",
		.todo = "Reboot, and the whole group is taken before any other driver; or plug the card in where it "
			"has a "
			"group of its own.",
	},
	{
		.verdict = V_NO_IOMMU,
		.brief = "no IOMMU is active, so the device was not handed over",
		.means = "Without an IOMMU a guest's device could write anywhere in the host's memory, and VFIO "
			 "refuses it.",
		.causes = "The line about the platform says which half is missing: the firmware's, or the kernel's.",
		.todo = "Follow what is said of the platform (`earlybind status`, or `earlybind check`).",
	},
	{
		.verdict = V_NOT_BEHIND_IOMMU,
		.brief = "an IOMMU is active, but not for this device",
		.means = "The device has no IOMMU group: the firmware's tables leave it out. It was not handed over.",
		.causes = "Often an integrated device, or Intel graphics with `intel_iommu=igfx_off`; sometimes a slot "
			  "that "
			  "the firmware forgot.",
		.todo = "Try another slot, or a firmware update; for Intel graphics remove `igfx_off` from the kernel "
			"command "
			"line, or add `intel_iommu=on` where the kernel leaves only graphics out.",
	},
	{
		.verdict = V_NO_IOMMU_MODE,
		.brief = "only VFIO's no-IOMMU mode has it, which isolates nothing",
		.means = "The kernel gave the device a group without an IOMMU behind it. QEMU cannot use it, and "
			 "whoever can may "
			 "overwrite the host's memory.",
		.causes = "vfio's parameter `enable_unsafe_noiommu_mode` is set, on the kernel command line or in "
			  "modprobe.d.",
		.todo = "Remove that parameter and get the IOMMU to work; `earlybind check` says what it lacks.",
		.how = REMEDY_REMOVE_PARAMETER,
		.parameter = "vfio.enable_unsafe_noiommu_mode=1",
	},
};

const struct explanations explain_before = { rows, COUNT_OF(rows) };
