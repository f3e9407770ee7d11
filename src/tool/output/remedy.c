/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/output/remedy.h"

#include <string.h>

#include "base/array.h"

/* Of one kind, the first whose sign a system has is its own: the special ones stand first. */
const struct remedy_step remedy_steps[] = {
	{ REMEDY_ADD_PARAMETER, "Proxmox VE with systemd-boot",
	  "append `%s` to the one line of `/etc/kernel/cmdline`, then run `proxmox-boot-tool refresh`.",
	  "etc/kernel/proxmox-boot-uuids",
	  "append %s to the line in /etc/kernel/cmdline, run proxmox-boot-tool refresh" },
	{ REMEDY_ADD_PARAMETER, "GRUB or systemd-boot on Fedora, RHEL and their kin",
	  "`grubby --update-kernel=ALL --args=\"%s\"`", "usr/sbin/grubby", "grubby --update-kernel=ALL --args=\"%s\"" },
	{ REMEDY_ADD_PARAMETER, "GRUB on Debian, Ubuntu and their kin",
	  "write `%s` between the quotes of `GRUB_CMDLINE_LINUX_DEFAULT=` in `/etc/default/grub`, then run "
	  "`update-grub`.",
	  "usr/sbin/update-grub", "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run update-grub" },
	{ REMEDY_ADD_PARAMETER, "GRUB on openSUSE", "likewise, then run `grub2-mkconfig -o /boot/grub2/grub.cfg`.",
	  "usr/sbin/grub2-mkconfig",
	  "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run grub2-mkconfig -o /boot/grub2/grub.cfg" },
	{ REMEDY_ADD_PARAMETER, "systemd-boot and unified kernel images",
	  "append `%s` to the one line of `/etc/kernel/cmdline`, then run `kernel-install add-all`, or "
	  "`reinstall-kernels` or "
	  "the distribution's own way to write the boot entries anew.",
	  "etc/kernel/cmdline",
	  "append %s to the line in /etc/kernel/cmdline, write the boot entries anew (kernel-install)" },
	{ REMEDY_ADD_PARAMETER, "systemd-boot with entries written by hand",
	  "append `%s` to the line `options` of the entry in `loader/entries/*.conf` below `/boot` or `/efi`.",
	  "boot/loader/entries", "append %s to the line `options` in /boot/loader/entries/*.conf" },
	{ REMEDY_ADD_PARAMETER, "GRUB on Arch and others",
	  "as for Debian, then run `grub-mkconfig -o /boot/grub/grub.cfg`.", "usr/bin/grub-mkconfig",
	  "add %s to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run grub-mkconfig -o /boot/grub/grub.cfg" },

	{ REMEDY_REMOVE_PARAMETER, "Proxmox VE with systemd-boot",
	  "take `%s` out of `/etc/kernel/cmdline`, then run `proxmox-boot-tool refresh`.",
	  "etc/kernel/proxmox-boot-uuids", "take %s out of /etc/kernel/cmdline, run proxmox-boot-tool refresh" },
	{ REMEDY_REMOVE_PARAMETER, "GRUB or systemd-boot on Fedora, RHEL and their kin",
	  "`grubby --update-kernel=ALL --remove-args=\"%s\"`", "usr/sbin/grubby",
	  "grubby --update-kernel=ALL --remove-args=\"%s\"" },
	{ REMEDY_REMOVE_PARAMETER, "GRUB on Debian, Ubuntu and their kin",
	  "take `%s` out of `/etc/default/grub` and `/etc/default/grub.d`, then run `update-grub`.",
	  "usr/sbin/update-grub", "take %s out of /etc/default/grub, run update-grub" },
	{ REMEDY_REMOVE_PARAMETER, "GRUB on openSUSE", "likewise, then run `grub2-mkconfig -o /boot/grub2/grub.cfg`.",
	  "usr/sbin/grub2-mkconfig", "take %s out of /etc/default/grub, run grub2-mkconfig -o /boot/grub2/grub.cfg" },
	{ REMEDY_REMOVE_PARAMETER, "systemd-boot and unified kernel images",
	  "take `%s` out of `/etc/kernel/cmdline`, then run `kernel-install add-all`, or `reinstall-kernels` or the "
	  "distribution's own way to write the boot entries anew.",
	  "etc/kernel/cmdline", "take %s out of /etc/kernel/cmdline, write the boot entries anew (kernel-install)" },
	{ REMEDY_REMOVE_PARAMETER, "systemd-boot with entries written by hand",
	  "take `%s` out of the line `options` of the entry in `loader/entries/*.conf` below `/boot` or `/efi`.",
	  "boot/loader/entries", "take %s out of the line `options` in /boot/loader/entries/*.conf" },
	{ REMEDY_REMOVE_PARAMETER, "GRUB on Arch and others",
	  "as for Debian, then run `grub-mkconfig -o /boot/grub/grub.cfg`.", "usr/bin/grub-mkconfig",
	  "take %s out of /etc/default/grub, run grub-mkconfig -o /boot/grub/grub.cfg" },

	{ REMEDY_FIRMWARE_IOMMU, "Intel",
	  "Enabled for VT-d, also written Intel Virtualization Technology for Directed I/O; below Advanced, CPU "
	  "Configuration, Chipset, System Agent or North Bridge.",
	  NULL, NULL },
	{ REMEDY_FIRMWARE_IOMMU, "AMD",
	  "Enabled, rather than Auto, for IOMMU, also written AMD-Vi or AMD I/O Virtualization; below Advanced, North "
	  "Bridge, "
	  "or AMD CBS and NBIO Common Options. SVM Mode alone is not enough.",
	  NULL, NULL },
	{ REMEDY_FIRMWARE_IOMMU, "Arm servers", "Enabled for SMMU or System MMU; below Advanced or Chipset.", NULL,
	  NULL },

	{ REMEDY_FIRMWARE_REMAPPING, "Intel", "Enabled for Interrupt Remapping, beside VT-d; no for X2APIC Opt Out.",
	  NULL, NULL },
	{ REMEDY_FIRMWARE_REMAPPING, "AMD", "it comes with IOMMU; a firmware update helps where it does not.", NULL,
	  NULL },

	{ REMEDY_REGENERATE, "dracut", "`dracut --force`, or `dracut --regenerate-all --force` for all kernels.",
	  "usr/bin/dracut", "dracut --force" },
	{ REMEDY_REGENERATE, "initramfs-tools",
	  "`update-initramfs -u`, or `update-initramfs -u -k all` for all kernels.", "usr/sbin/update-initramfs",
	  "update-initramfs -u" },
};
const size_t n_remedy_steps = COUNT_OF(remedy_steps);

const char *remedy_title(enum remedy how)
{
	switch (how) {
	case REMEDY_ADD_PARAMETER:
		return "Adding a kernel parameter";
	case REMEDY_REMOVE_PARAMETER:
		return "Removing a kernel parameter";
	case REMEDY_FIRMWARE_IOMMU:
		return "The IOMMU in the firmware setup";
	case REMEDY_FIRMWARE_REMAPPING:
		return "Interrupt remapping in the firmware setup";
	default:
		return "Regenerating the initramfs";
	}
}

void remedy_fill(struct linebuf *line, const char *text, const char *parameter)
{
	const char *gap;

	for (; (gap = strstr(text, "%s")); text = gap + 2)
		linebuf_add(line, "%.*s%s", (int)(gap - text), text, parameter);
	linebuf_add(line, "%s", text);
}

bool remedy_here(struct system *sys, enum remedy how, const char *parameter, struct linebuf *line)
{
	for (size_t i = 0; i < n_remedy_steps; i++) {
		if (remedy_steps[i].how != how || !remedy_steps[i].sign || !sys->ops->exists(sys, remedy_steps[i].sign))
			continue;
		remedy_fill(line, remedy_steps[i].brief, parameter);
		return true;
	}
	return false;
}
