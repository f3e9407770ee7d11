# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
#
# The words that cases are written in. Kernels are directories of real, if empty,
# ELF modules with real indexes, made by depmod; none of them is ever loaded.

PATH=$PATH:/usr/sbin:/sbin
CC=${CC:-cc}

# module DIR PATH NEEDS [MODINFO]...: a .ko that needs the modules NEEDS.
module() {
	directory=$1 path=$2 needs=$3
	shift 3
	name=$(basename "$path" .ko | tr - _)
	mkdir -p "$(dirname "$directory/kernel/$path")"
	{
		echo "__asm__(\".section __ksymtab_strings,\\\"aMS\\\",@progbits,1; .asciz \\\"of_$name\\\"; .previous\");"
		printf 'static const char info[] __attribute__((section(".modinfo"), used)) = "license=GPL\\0" "name=%s\\0"' "$name"
		for info; do printf ' "%s\\0"' "$info"; done
		echo ';'
		for need in $needs; do echo "extern int of_$need; int *needs_$need = &of_$need;"; done
	} | $CC -x c -c -o "$directory/kernel/$path" -
}

# index ROOT RELEASE
index() {
	for file in order builtin builtin.modinfo; do touch "$1/lib/modules/$2/modules.$file"; done
	depmod -b "$1" "$2"
}

vfio_modules() {
	module "$1" virt/lib/irqbypass.ko ''
	module "$1" drivers/vfio/vfio.ko "${2-}" 'softdep=post: vfio_iommu_type1 vfio_iommu_spapr_tce'
	module "$1" drivers/vfio/vfio_iommu_type1.ko vfio
	module "$1" drivers/vfio/pci/vfio-pci-core.ko "vfio irqbypass ${3-}"
	module "$1" drivers/vfio/pci/vfio-pci.ko vfio_pci_core
}

# Debian 12: plain files, vfio_virqfd; and a variant driver.
kernel_6_1() {
	k=$1/lib/modules/6.1.0-test
	vfio_modules "$k" '' vfio_virqfd
	module "$k" drivers/vfio/vfio_virqfd.ko ''
	module "$k" drivers/net/mlx5/mlx5_core.ko ''
	module "$k" drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko 'vfio_pci_core mlx5_core'
	index "$1" 6.1.0-test
}

# Debian 13: compressed, below /usr/lib, iommufd, virtio-iommu; /lib is a link that must not lead out.
kernel_6_12() {
	k=$1/usr/lib/modules/6.12.0-test
	mkdir -p "$1/usr/lib"
	ln -s usr/lib "$1/lib"
	vfio_modules "$k" iommufd
	module "$k" drivers/iommu/iommufd/iommufd.ko ''
	module "$k" drivers/virtio/virtio.ko ''
	module "$k" drivers/virtio/virtio_pci.ko virtio
	module "$k" drivers/iommu/virtio-iommu.ko virtio
	find "$k" -name '*.ko' -exec xz {} +
	index "$1" 6.12.0-test
	rm "$1/lib"
	ln -s /nowhere "$1/lib"
}

# Variant drivers with the aliases that kernels have: one that needs its card's own
# driver, two that share a need, and one whose module is built in.
kernel_variants() {
	k=$1/lib/modules/6.12.0-variants
	vfio_modules "$k"
	module "$k" drivers/net/mlx5/mlx5_core.ko ''
	module "$k" drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko 'vfio_pci_core mlx5_core' \
		'alias=vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*'
	module "$k" drivers/crypto/hisi_qm.ko ''
	module "$k" drivers/vfio/pci/hisilicon/hisi-acc-vfio-pci.ko 'vfio_pci_core hisi_qm' \
		'alias=vfio_pci:v000019E5d0000A256sv*sd*bc*sc*i*' 'alias=vfio_pci:v000019E5d0000A259sv*sd*bc*sc*i*'
	module "$k" drivers/gpu/other.ko hisi_qm 'alias=pci:v000019E5d0000A256sv*sd*bc*sc*i*'
	echo kernel/drivers/vfio/pci/pds/pds-vfio-pci.ko >"$k/modules.builtin"
	printf 'pds_vfio_pci.license=GPL\0pds_vfio_pci.alias=vfio_pci:v00001DD8d00001003sv*sd*bc*sc*i*\0' \
		>"$k/modules.builtin.modinfo"
	index "$1" 6.12.0-variants
}

# vfio built in, as Ubuntu had it for years.
kernel_builtin() {
	k=$1/lib/modules/5.4.0-test
	module "$k" drivers/net/dummy.ko ''
	for path in vfio vfio_iommu_type1 vfio_virqfd pci/vfio-pci; do
		echo "kernel/drivers/vfio/$path.ko"
	done >"$k/modules.builtin"
	index "$1" 5.4.0-test
}

kernel_without_vfio_pci() {
	k=$1/lib/modules/6.1.0-small
	module "$k" drivers/vfio/vfio.ko ''
	module "$k" drivers/vfio/vfio_iommu_type1.ko vfio
	index "$1" 6.1.0-small
}

kernel_without_type1() {
	k=$1/lib/modules/6.1.0-half
	vfio_modules "$k"
	rm "$k/kernel/drivers/vfio/vfio_iommu_type1.ko"
	index "$1" 6.1.0-half
}

# VFIO attaches through iommufd: CONFIG_VFIO_CONTAINER is not set, and with it type 1.
kernel_iommufd() {
	k=$1/lib/modules/6.12.0-iommufd
	vfio_modules "$k" iommufd
	rm "$k/kernel/drivers/vfio/vfio_iommu_type1.ko"
	module "$k" drivers/iommu/iommufd/iommufd.ko ''
	index "$1" 6.12.0-iommufd
}

# The same of POWER.
kernel_spapr() {
	k=$1/lib/modules/6.12.0-spapr
	vfio_modules "$k"
	rm "$k/kernel/drivers/vfio/vfio_iommu_type1.ko"
	module "$k" drivers/vfio/vfio_iommu_spapr_tce.ko vfio
	index "$1" 6.12.0-spapr
}

# All of them, once a run.
make_kernels() {
	rm -rf "$work"
	for kernel in 6_1 6_12 variants builtin without_vfio_pci without_type1 iommufd spapr; do
		mkdir -p "$work/kernels/$kernel"
		"kernel_$kernel" "$work/kernels/$kernel" || return 1
	done
}

# The words below are for cases; the system is ./root.

system() {
	rm -rf root
	cp -a "$work/kernels/$1" root
	mkdir -p root/etc/modprobe.d root/etc/earlybind.d
}

# modprobe_d [DIR] LINE: DIR is etc/modprobe.d unless given
modprobe_d() {
	[ $# -eq 2 ] || set -- etc/modprobe.d "$1"
	mkdir -p "root/$1"
	printf '%s\n' "$2" >>"root/$1/test.conf"
}

config() {
	printf '%s\n' "$@" >>root/etc/earlybind.conf
}

# earlybind ARGUMENT...: what it prints on either output, and its exit status
earlybind() {
	result=0
	printf '$ earlybind%s\n' "${*:+ $*}" | cat -v
	"$tool" "$@" >stdout 2>stderr || result=$?
	cat stdout
	# libkmod's own lines, without what differs from build to build and run to run.
	sed -e 's/^libkmod: ERROR:* [^ ]*libkmod[^ ]* /libkmod: /' -e 's/^\(libkmod: .*\)ctx=0x[0-9a-f]* /\1/' \
		-e "/^libkmod: /s,$PWD/,,g" -e 's/^/2> /' stderr
	echo "= $result"
}

# parses: what was printed last is a configuration without a mistake
parses() {
	cp stdout root/etc/earlybind.conf
	mistakes=$("$tool" plan --kernel "$(cat root/proc/sys/kernel/osrelease)" --sysroot root 2>&1 |
		grep -c '^earlybind.conf:') || :
	echo "parsed: $mistakes mistakes"
	rm root/etc/earlybind.conf
}

plan_of() {
	release=$1
	shift
	earlybind plan --kernel "$release" --sysroot root "$@"
}

skip() {
	echo "$*"
	exit 77
}

# machine NAME: the system is one of tests/hosts, as it runs
machine() {
	rm -rf root trees
	"${fixtures%/*}/../hosts/make" trees "$1"
	mv "trees/$1" root
}

# boot [OPTION]...: the machine boots from an image made now, on the fake kernel, and runs; OPTION
# for run-binder. What it said is in ./booted.
boot() {
	"$tool" plan --sysroot root --kernel "$(cat root/proc/sys/kernel/osrelease)" --output root/etc/earlybind.plan \
		>planned 2>&1 || :
	mkdir after
	"$build/unit/run-binder" --log "$@" --after after root >booted
	rm -rf root
	mv after root
}

# record LINE...: what the binder left of this boot, with the configuration of /etc as it is
record() {
	mkdir -p root/run/earlybind/etc
	cp -r root/etc/earlybind.* root/run/earlybind/etc/
	printf '%s\n' "$@" >root/run/earlybind/record
}

# has DRIVER ADDRESS: from now on; "" for none
has() {
	device=root/sys/bus/pci/devices/$2
	rm -rf "$device/driver" "$device/vfio-dev"
	[ -z "$1" ] || ln -s "../../../../bus/pci/drivers/$1" "$device/driver"
	case $1 in *vfio*) mkdir -p "$device/vfio-dev/vfio0" ;; esac
}
