/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts: notes beside `ready`. */
#include "base/array.h"
#include "tool/output/explanation.h"

static const struct explanation rows[] = {
	{
		.verdict = V_TAKEN_OVER,
		.brief = "ready, but another driver had it first",
		.means = "A driver that is built into the kernel, or was loaded before earlybind, held the device and "
			 "was made "
			 "to let go.",
		.causes = "xhci_hcd, ahci, nvme and serial drivers are built into many kernels.",
		.todo = "Nothing, if the guest works. Devices that do not come back cleanly from their first driver "
			"need one "
			"that is a module, or a parameter that keeps it away.",
	},
	{
		.verdict = V_NEIGHBOUR_UNBOUND,
		.brief = "ready, but a neighbour in its group has no driver and may get one",
		.means = "As long as nothing binds the neighbour, the group can be given away.",
		.causes = "Slots behind one bridge without ACS share a group.",
		.todo = "Name the neighbour too, or add the option `group`, so that no driver takes it later.",
	},
	{
		.verdict = V_NO_RESET,
		.brief = "ready, but the kernel knows no way to reset it",
		.means = "The guest gets the device as the firmware or the last guest left it. The first start may "
			 "work and the "
			 "second fail until the host reboots.",
		.causes = "The device has neither FLR nor a power state that resets it, and shares its bus, so that "
			  "the bus "
			  "cannot be reset for it alone.",
		.todo = "Give all functions of the card to one guest. For some graphics cards there are modules that "
			"reset them.",
	},
	{
		.verdict = V_BOOT_DISPLAY,
		.brief = "ready, but it was the firmware's display: the console may stay dark",
		.means = "The host shows its boot messages on this card until earlybind takes it, and has no display "
			 "afterwards "
			 "unless it has another one.",
		.causes = "It is the first graphics card, or the only one.",
		.todo = "Choose another card for the host in the firmware setup (Primary Display, Init Display First), "
			"or use the "
			"network or a serial console.",
	},
	{
		.verdict = V_NOT_VERIFIED,
		.brief = "ready as far as sysfs tells; the group could not be tried",
		.means = "The device is on its driver, and the dry run could not be made.",
		.causes = "The group is in use already, or the kernel has no group nodes in `/dev/vfio`.",
		.todo = "Nothing, if the guest works.",
	},
	{
		.verdict = V_DRIVER_FALLBACK,
		.brief = "driver=auto took vfio-pci, as the better driver could not be loaded",
		.means = "The kernel has a VFIO driver made for this device, and its module could not be loaded. All "
			 "works "
			 "but what only that driver can do, such as live migration.",
		.causes = "The module is not in the image, or the kernel refuses it; the message tells its name and "
			  "the error.",
		.todo = "Regenerate the initramfs and read what it says.",
		.how = REMEDY_REGENERATE,
	},
};

const struct explanations explain_notes = { rows, COUNT_OF(rows) };
