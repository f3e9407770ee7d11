/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts: the platform, the image and the run as a whole. */
#include "base/array.h"
#include "tool/output/explanation.h"

static const struct explanation rows[] = {
	{
		.verdict = V_IOMMU_ACTIVE,
		.brief = "an IOMMU is active",
		.means = "The kernel runs at least one IOMMU and has put devices into groups behind it.",
		.causes = "Firmware, kernel and command line agree.",
		.todo = "Nothing. Whether it works for one device is said in that device's own line.",
	},
	{
		.verdict = V_IOMMU_NO_TABLE,
		.brief = "the firmware describes no IOMMU to the kernel",
		.means = "Without one of the ACPI tables DMAR (Intel), IVRS (AMD), IORT (Arm) or VIOT (virtual "
			 "machines) "
			 "the kernel finds no IOMMU, whatever its command line says. No device was touched.",
		.causes = "VT-d or AMD-Vi is switched off in the firmware setup, which many boards do by default; the "
			  "processor or the board has none; or this is a virtual machine whose host emulates none. "
			  "Switching "
			  "on virtualization (VT-x, SVM) is not enough: that is another setting.",
		.todo = "Switch it on in the firmware setup. In a virtual machine give it an emulated IOMMU: for QEMU "
			"`-device intel-iommu,intremap=on -machine q35,kernel-irqchip=split`.",
		.how = REMEDY_FIRMWARE_IOMMU,
	},
	{
		.verdict = V_IOMMU_NOT_ENABLED,
		.brief = "the firmware describes an IOMMU, but the kernel does not use it, and nothing tells it to",
		.means = "The DMAR table is there, so VT-d is on in the firmware, but the kernel runs no unit. No "
			 "device was "
			 "touched.",
		.causes =
			"Many distributions build their kernels without CONFIG_INTEL_IOMMU_DEFAULT_ON, so that Intel's "
			"IOMMU waits for a parameter. AMD's does not. With a kernel that does not wait, such as "
			"Debian's, the "
			"unit did not start: the next boot says iommu-failed then.",
		.todo = "Add the parameter to the kernel command line and reboot.",
		.how = REMEDY_ADD_PARAMETER,
		.parameter = "intel_iommu=on",
	},
	{
		.verdict = V_IOMMU_OFF,
		.brief = "the kernel command line switches the IOMMU off",
		.means = "The firmware describes an IOMMU, and a parameter forbids the kernel to use it. No device was "
			 "touched.",
		.causes =
			"`iommu=off`, `intel_iommu=off` or `amd_iommu=off` is on the command line, often added once to "
			"get around a bug; `cat /proc/cmdline` shows which.",
		.todo = "Remove it from the kernel command line and reboot.",
		.how = REMEDY_REMOVE_PARAMETER,
		.parameter = "intel_iommu=off",
	},
	{
		.verdict = V_IOMMU_WRONG_PARAMETER,
		.brief = "the command line switches on the other vendor's IOMMU",
		.means = "This machine has Intel VT-d, and the command line says `amd_iommu=on`, to which an Intel "
			 "machine does "
			 "not listen. No device was touched.",
		.causes = "The parameter was copied from instructions for an AMD machine.",
		.todo = "Write `intel_iommu=on` in its place and reboot.",
		.how = REMEDY_ADD_PARAMETER,
		.parameter = "intel_iommu=on",
	},
	{
		.verdict = V_IOMMU_FAILED,
		.brief = "the kernel should use the IOMMU that the firmware describes, and does not",
		.means = "Nothing on the command line speaks against it, and yet no unit runs. No device was touched.",
		.causes = "The firmware's table is broken, the kernel was built without this IOMMU's driver, or the "
			  "hardware "
			  "failed. The kernel says so at boot.",
		.todo = "Read `dmesg | grep -i -e DMAR -e AMD-Vi -e iommu -e smmu`. Update the firmware, which often "
			"helps; else "
			"try a newer kernel, or the distribution's ordinary one.",
	},
	{
		.verdict = V_IOMMU_NO_DRIVER,
		.brief = "a virtual machine's virtio-iommu has no driver in this kernel or image",
		.means = "The firmware describes a virtio-iommu in its VIOT table. Its driver is a module, "
			 "virtio_iommu, which "
			 "neither this kernel nor the image has, or which did not start. No device was touched: "
			 "without it "
			 "even the devices' own drivers wait.",
		.causes = "Older kernels of the distribution leave the module out (Debian has it from 6.12 on), or the "
			  "initramfs was not regenerated since it came.",
		.todo = "Boot a kernel that has the module virtio_iommu and regenerate its initramfs, or give the "
			"virtual "
			"machine an emulated intel-iommu.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_DISABLED,
		.brief = "earlybind was switched off for this boot",
		.means = "Nothing was read and nothing was touched.",
		.causes = "`rd.earlybind=0` is on the kernel command line, or this is the kernel that saves a crash "
			  "dump, "
			  "which may need the very device that is given away otherwise.",
		.todo = "Typed at the boot menu, the parameter counts for one boot only: reboot. Else remove it from "
			"the "
			"kernel command line.",
		.how = REMEDY_REMOVE_PARAMETER,
		.parameter = "rd.earlybind=0",
	},
	{
		.verdict = V_NO_CONFIGURATION,
		.brief = "the configuration names no device",
		.means = "There was nothing to do.",
		.causes = "The image has no `/etc/earlybind.conf` and no `/etc/earlybind.d/*.conf`, or no line in them "
			  "names a "
			  "device. The file may be newer than the image.",
		.todo = "Name devices in `/etc/earlybind.conf` (`earlybind suggest` writes the lines), run `earlybind "
			"check` "
			"and regenerate the initramfs.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_IMAGE_STALE,
		.brief = "the image was made for another kernel",
		.means = "The plan in the image names the modules of another kernel than the one that runs. earlybind "
			 "went on "
			 "all the same; modules of another kernel are refused.",
		.causes = "A kernel was installed or chosen without an initramfs of its own, or images were copied by "
			  "hand.",
		.todo = "Regenerate the initramfs for this kernel.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_NO_PLAN,
		.brief = "the image has no usable plan of the modules to load",
		.means = "Without a plan earlybind asks the image's own modprobe for vfio-pci and vfio_iommu_type1, "
			 "which works "
			 "only if the image has both.",
		.causes = "The image was made without `earlybind plan`, by another version, or is damaged.",
		.todo = "Regenerate the initramfs and read what it says.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_CONFIG_ERROR,
		.brief = "a line of the configuration means nothing",
		.means = "The line was left out; all others count. The message names file, line and column, quotes the "
			 "word and "
			 "says what was probably meant.",
		.causes = "A word is misspelled, an address or an ID has the wrong form, or a file cannot be read.",
		.todo = "Correct the line, run `earlybind check`, and regenerate the initramfs.",
		.how = REMEDY_REGENERATE,
	},
	{
		.verdict = V_OUT_OF_MEMORY,
		.brief = "earlybind did not get to this device",
		.means = "The device was not touched, or what was begun was given back.",
		.causes = "Memory ran out in the initramfs, or the run ended before its time.",
		.todo = "Give the machine more memory, or the initramfs less to hold.",
	},
};

const struct explanations explain_platform = { rows, COUNT_OF(rows) };
