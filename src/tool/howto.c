/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/howto.h"

#include <string.h>

#include "base/grow.h"

/* Of one kind, the first whose sign a system has is its own: the special ones stand first. */
const struct way ways[] = {
	{ HOW_ADD_PARAMETER, "Proxmox VE with systemd-boot",
	  "append `%s` to the one line of `/etc/kernel/cmdline`, then run `proxmox-boot-tool refresh`.",
	  "etc/kernel/proxmox-boot-uuids", "append %s to the line in /etc/kernel/cmdline, run proxmox-boot-tool refresh" },
	{ HOW_ADD_PARAMETER, "GRUB or systemd-boot on Fedora, RHEL and their kin",
	  "`grubby --update-kernel=ALL --args=\"%s\"`", "usr/sbin/grubby",
	  "grubby --update-kernel=ALL --args=\"%s\"" },
	{ HOW_ADD_PARAMETER, "GRUB on Debian, Ubuntu and their kin",
	  "write `%s` between the quotes of `GRUB_CMDLINE_LINUX_DEFAULT=` in `/etc/default/grub`, then run "
	  "`update-grub`.",
	  "usr/sbin/update-grub",
	  "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run update-grub" },
	{ HOW_ADD_PARAMETER, "GRUB on openSUSE",
	  "likewise, then run `grub2-mkconfig -o /boot/grub2/grub.cfg`.", "usr/sbin/grub2-mkconfig",
	  "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run grub2-mkconfig -o /boot/grub2/grub.cfg" },
	{ HOW_ADD_PARAMETER, "systemd-boot and unified kernel images",
	  "append `%s` to the one line of `/etc/kernel/cmdline`, then run `kernel-install add-all`, or `reinstall-kernels` or "
	  "the distribution's own way to write the boot entries anew.",
	  "etc/kernel/cmdline", "append %s to the line in /etc/kernel/cmdline, write the boot entries anew (kernel-install)" },
	{ HOW_ADD_PARAMETER, "systemd-boot with entries written by hand",
	  "append `%s` to the line `options` of the entry in `loader/entries/*.conf` below `/boot` or `/efi`.",
	  "boot/loader/entries", "append %s to the line `options` in /boot/loader/entries/*.conf" },
	{ HOW_ADD_PARAMETER, "GRUB on Arch and others",
	  "as for Debian, then run `grub-mkconfig -o /boot/grub/grub.cfg`.", "usr/bin/grub-mkconfig",
	  "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run grub-mkconfig -o /boot/grub/grub.cfg" },

	{ HOW_REMOVE_PARAMETER, "Proxmox VE with systemd-boot",
	  "take `%s` out of `/etc/kernel/cmdline`, then run `proxmox-boot-tool refresh`.",
	  "etc/kernel/proxmox-boot-uuids", "take %s out of /etc/kernel/cmdline, run proxmox-boot-tool refresh" },
	{ HOW_REMOVE_PARAMETER, "GRUB or systemd-boot on Fedora, RHEL and their kin",
	  "`grubby --update-kernel=ALL --remove-args=\"%s\"`", "usr/sbin/grubby",
	  "grubby --update-kernel=ALL --remove-args=\"%s\"" },
	{ HOW_REMOVE_PARAMETER, "GRUB on Debian, Ubuntu and their kin",
	  "take `%s` out of `/etc/default/grub` and `/etc/default/grub.d`, then run `update-grub`.",
	  "usr/sbin/update-grub", "take %s out of /etc/default/grub, run update-grub" },
	{ HOW_REMOVE_PARAMETER, "GRUB on openSUSE",
	  "likewise, then run `grub2-mkconfig -o /boot/grub2/grub.cfg`.", "usr/sbin/grub2-mkconfig",
	  "take %s out of /etc/default/grub, run grub2-mkconfig -o /boot/grub2/grub.cfg" },
	{ HOW_REMOVE_PARAMETER, "systemd-boot and unified kernel images",
	  "take `%s` out of `/etc/kernel/cmdline`, then run `kernel-install add-all`, or `reinstall-kernels` or the "
	  "distribution's own way to write the boot entries anew.",
	  "etc/kernel/cmdline", "take %s out of /etc/kernel/cmdline, write the boot entries anew (kernel-install)" },
	{ HOW_REMOVE_PARAMETER, "systemd-boot with entries written by hand",
	  "take `%s` out of the line `options` of the entry in `loader/entries/*.conf` below `/boot` or `/efi`.",
	  "boot/loader/entries", "take %s out of the line `options` in /boot/loader/entries/*.conf" },
	{ HOW_REMOVE_PARAMETER, "GRUB on Arch and others",
	  "as for Debian, then run `grub-mkconfig -o /boot/grub/grub.cfg`.", "usr/bin/grub-mkconfig",
	  "take %s out of /etc/default/grub, run grub-mkconfig -o /boot/grub/grub.cfg" },

	{ HOW_FIRMWARE_IOMMU, "Intel",
	  "Enabled for VT-d, also written Intel Virtualization Technology for Directed I/O; below Advanced, CPU "
	  "Configuration, Chipset, System Agent or North Bridge.",
	  NULL, NULL },
	{ HOW_FIRMWARE_IOMMU, "AMD",
	  "Enabled, rather than Auto, for IOMMU, also written AMD-Vi or AMD I/O Virtualization; below Advanced, North Bridge, "
	  "or AMD CBS and NBIO Common Options. SVM Mode alone is not enough.",
	  NULL, NULL },
	{ HOW_FIRMWARE_IOMMU, "Arm servers", "Enabled for SMMU or System MMU; below Advanced or Chipset.", NULL, NULL },

	{ HOW_FIRMWARE_REMAPPING, "Intel",
	  "Enabled for Interrupt Remapping, beside VT-d; no for X2APIC Opt Out.", NULL, NULL },
	{ HOW_FIRMWARE_REMAPPING, "AMD", "it comes with IOMMU; a firmware update helps where it does not.", NULL, NULL },

	{ HOW_REGENERATE, "dracut", "`dracut --force`, or `dracut --regenerate-all --force` for all kernels.",
	  "usr/bin/dracut", "dracut --force" },
	{ HOW_REGENERATE, "initramfs-tools", "`update-initramfs -u`, or `update-initramfs -u -k all` for all kernels.",
	  "usr/sbin/update-initramfs", "update-initramfs -u" },
};
const size_t n_ways = COUNT_OF(ways);

const char *howto_title(enum howto how)
{
	switch (how) {
	case HOW_ADD_PARAMETER:
		return "Adding a kernel parameter";
	case HOW_REMOVE_PARAMETER:
		return "Removing a kernel parameter";
	case HOW_FIRMWARE_IOMMU:
		return "The IOMMU in the firmware setup";
	case HOW_FIRMWARE_REMAPPING:
		return "Interrupt remapping in the firmware setup";
	default:
		return "Regenerating the initramfs";
	}
}

void howto_fill(struct line *line, const char *text, const char *parameter)
{
	const char *gap;

	for (; (gap = strstr(text, "%s")); text = gap + 2)
		line_add(line, "%.*s%s", (int)(gap - text), text, parameter);
	line_add(line, "%s", text);
}

bool howto_here(struct door *door, enum howto how, const char *parameter, struct line *line)
{
	for (size_t i = 0; i < n_ways; i++) {
		if (ways[i].how != how || !ways[i].sign || !door->ops->exists(door, ways[i].sign))
			continue;
		howto_fill(line, ways[i].brief, parameter);
		return true;
	}
	return false;
}
