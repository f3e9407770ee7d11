/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/verdict.h"

#include <stddef.h>

#include "base/array.h"

static const struct row {
	const char *word;
	enum level level;
	const char *remedy;
} rows[V_COUNT] = {
	[V_UNDECIDED] = { "undecided", LEVEL_PROBLEM, NULL },
	[V_OUT_OF_MEMORY] = { "out-of-memory", LEVEL_PROBLEM,
			      "memory ran out in the initramfs; the run continued without this device" },

	[V_IOMMU_ACTIVE] = { "iommu-active", LEVEL_GOOD, NULL },
	[V_IOMMU_NO_TABLE] = { "iommu-no-table", LEVEL_PROBLEM,
			       "enable VT-d (Intel) or AMD-Vi, also called IOMMU (AMD), in the firmware setup; "
			       "a virtual machine needs an emulated IOMMU" },
	[V_IOMMU_NOT_ENABLED] = { "iommu-not-enabled", LEVEL_PROBLEM, "add intel_iommu=on to the kernel command line" },
	[V_IOMMU_OFF] = { "iommu-off", LEVEL_PROBLEM, "remove that parameter from the kernel command line" },
	[V_IOMMU_WRONG_PARAMETER] = { "iommu-wrong-parameter", LEVEL_PROBLEM,
				      "this machine has Intel VT-d: use intel_iommu=on instead" },
	[V_IOMMU_FAILED] = { "iommu-failed", LEVEL_PROBLEM,
			     "look for DMAR, AMD-Vi or iommu errors in the kernel log; a firmware update often helps" },
	[V_IOMMU_NO_DRIVER] = { "iommu-no-driver", LEVEL_PROBLEM,
				"boot a kernel that has the module virtio_iommu (Debian: 6.12 and later) and "
				"regenerate "
				"its initramfs" },
	[V_DISABLED] = { "disabled", LEVEL_NOTE, "remove rd.earlybind=0 from the kernel command line" },
	[V_NO_CONFIGURATION] = { "no-configuration", LEVEL_NOTE,
				 "name devices in /etc/earlybind.conf and regenerate the initramfs" },
	[V_IMAGE_STALE] = { "image-stale", LEVEL_NOTE, "regenerate the initramfs for this kernel" },
	[V_NO_PLAN] = { "no-plan", LEVEL_NOTE, "regenerate the initramfs" },

	[V_SKIPPED] = { "skipped", LEVEL_NOTE, NULL },
	[V_OTHER_DEVICE] = { "other-device", LEVEL_PROBLEM, "correct the address or the identity check" },
	[V_UNREADABLE] = { "unreadable", LEVEL_PROBLEM, NULL },
	[V_BRIDGE] = { "bridge", LEVEL_PROBLEM, "name the devices behind it" },
	[V_NEEDED_BY_HOST] = { "needed-by-host", LEVEL_PROBLEM,
			       "if the host can do without it, add even-if-needed to the line" },
	[V_LEFT_BOUND] = { "left-bound", LEVEL_NOTE, "remove leave-bound to have it bound to VFIO" },
	[V_NEIGHBOUR_IN_USE] = { "neighbour-in-use", LEVEL_NOTE, NULL },
	[V_NO_IOMMU] = { "no-iommu", LEVEL_PROBLEM, NULL },
	[V_NOT_BEHIND_IOMMU] = { "not-behind-iommu", LEVEL_PROBLEM, "try another slot or a firmware update" },

	[V_ABSENT] = { "absent", LEVEL_PROBLEM, "it may have moved: lspci -D lists the addresses" },
	[V_NO_MATCH] = { "no-match", LEVEL_PROBLEM, "lspci -nn lists the IDs" },
	[V_MULTIPLE_MATCHES] = { "multiple-matches", LEVEL_NOTE, "name one by its address to leave the others alone" },

	[V_READY] = { "ready", LEVEL_GOOD, NULL },
	[V_NO_IOMMU_MODE] = { "no-iommu-mode", LEVEL_PROBLEM,
			      "remove enable_unsafe_noiommu_mode and enable the IOMMU" },
	[V_VANISHED] = { "vanished", LEVEL_PROBLEM, "look for messages about its port in the kernel log" },
	[V_DRIVER_HUNG] = { "driver-hung", LEVEL_PROBLEM,
			    "only a reboot recovers it; blacklist that driver or report the hang" },
	[V_OTHER_GROUP] = { "other-group", LEVEL_NOTE, NULL },
	[V_UNBIND_FAILED] = { "unbind-failed", LEVEL_PROBLEM,
			      "keep that driver off the device with a blacklist or a parameter of the driver" },
	[V_MODULE_MISSING] = { "module-missing", LEVEL_PROBLEM, "regenerate the initramfs and read its messages" },
	[V_MODULE_REFUSED] = { "module-refused", LEVEL_PROBLEM, NULL },
	[V_BIND_FAILED] = { "bind-failed", LEVEL_PROBLEM, NULL },
	[V_NOT_VFIO] = { "not-vfio", LEVEL_NOTE, "remove driver= to use vfio-pci" },
	[V_GROUP_UNREADABLE] = { "group-unreadable", LEVEL_PROBLEM, NULL },
	[V_TYPE1_MISSING] = { "type1-missing", LEVEL_PROBLEM, "regenerate the initramfs and read its messages" },
	[V_GROUP_SHARED] = { "group-shared", LEVEL_PROBLEM, NULL },
	[V_NO_INTERRUPT_REMAPPING] = { "no-interrupt-remapping", LEVEL_PROBLEM,
				       "enable it in the firmware setup and remove intremap=off; or, only if you "
				       "trust the guest, add vfio_iommu_type1.allow_unsafe_interrupts=1 to the kernel "
				       "command line" },
	[V_RESERVED_MEMORY] = { "reserved-memory", LEVEL_PROBLEM, "look for a firmware setting or update" },
	[V_ATTACH_FAILED] = { "attach-failed", LEVEL_PROBLEM, "see the kernel log" },
	[V_RESCUED] = { "rescued", LEVEL_PROBLEM,
			"if the root is on it, remove it from the configuration and regenerate the initramfs" },

	[V_DRIVER_CHANGED] = { "driver-changed", LEVEL_PROBLEM, "find out what unbound it, or reboot" },

	[V_TAKEN_OVER] = { "taken-over", LEVEL_NOTE, NULL },
	[V_NEIGHBOUR_UNBOUND] = { "neighbour-unbound", LEVEL_NOTE, NULL },
	[V_NO_RESET] = { "no-reset", LEVEL_NOTE, NULL },
	[V_BOOT_DISPLAY] = { "boot-display", LEVEL_NOTE, NULL },
	[V_NOT_VERIFIED] = { "not-verified", LEVEL_NOTE, NULL },
	[V_DRIVER_FALLBACK] = { "driver-fallback", LEVEL_NOTE, NULL },

	[V_CONFIG_ERROR] = { "config-error", LEVEL_PROBLEM, NULL },
};

const char *verdict_word(enum verdict verdict)
{
	return rows[verdict].word;
}

enum level verdict_level(enum verdict verdict)
{
	return rows[verdict].level;
}

const char *verdict_remedy(enum verdict verdict)
{
	return rows[verdict].remedy;
}
