# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A small captured machine in folder $1: VT-d, two identical NICs, a card behind a
# port that vfio-pci has already, a serial port with a driver, a bridge.
make_machine() {
	root=$1
	mkdir -p "$root/proc/sys/kernel" "$root/sys/class/iommu/dmar0" "$root/sys/bus/pci/devices" \
		"$root/sys/firmware/acpi/tables" "$root/sys/kernel/iommu_groups" "$root/dev" "$root/etc" \
		"$root/sys/bus/pci/drivers/vfio-pci"
	echo 6.1.0-fixture >"$root/proc/sys/kernel/osrelease"
	echo 'root=/dev/nvme0n1 quiet intel_iommu=on' >"$root/proc/cmdline"
	printf '     CPU0\n  0: 5 IR-IO-APIC 2-edge timer\n' >"$root/proc/interrupts"
	: >"$root/sys/firmware/acpi/tables/DMAR"
	: >"$root/sys/bus/pci/drivers_probe"
	: >"$root/dev/kmsg"
	add_device 0000:00:03.0 v00008086d000010D3sv00001AF4sd00001100bc02sc00i00 3
	add_device 0000:00:04.0 v00008086d000010D3sv00001AF4sd00001100bc02sc00i00 4
	add_device 0000:00:05.0 v00001B36d00000002sv00001AF4sd00001100bc07sc00i02 5 serial
	add_device 0000:00:1c.0 v00001B36d0000000Csv00001B36sd00000000bc06sc04i00 6 pcieport
	add_device 0000:01:00.0 v000010DEd00001B80sv00001043sd000085AAbc03sc00i00 7 vfio-pci 0000:00:1c.0
	echo 'flr bus' >"$root/sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/reset_method"
}

# add_device ADDRESS MODALIAS GROUP [DRIVER [BRIDGE]]
add_device() {
	place=devices/pci0000:00/${5:+$5/}$1
	mkdir -p "$root/sys/$place" "$root/sys/kernel/iommu_groups/$3/devices"
	ln -s "../../../$place" "$root/sys/bus/pci/devices/$1"
	echo "pci:$2" >"$root/sys/$place/modalias"
	echo '(null)' >"$root/sys/$place/driver_override"
	ln -s "/sys/kernel/iommu_groups/$3" "$root/sys/$place/iommu_group"
	ln -s /sys/class/iommu/dmar0 "$root/sys/$place/iommu"
	ln -s "../../../../$place" "$root/sys/kernel/iommu_groups/$3/devices/$1"
	[ -z "${4:-}" ] || ln -s "/sys/bus/pci/drivers/$4" "$root/sys/$place/driver"
}
