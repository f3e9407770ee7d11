# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Words for cases about what a system depends on: its /sys and its mount tables
# in ./root, with no more in them than the tool looks at.

# machine NAME: a fresh one; whether the tool finds the next lines depends on nothing before.
machine() {
	echo "== $*"
	system builtin
	mkdir -p root/sys/class/block root/sys/dev/block root/sys/bus/pci/devices root/proc/self
	echo 'Filename				Type		Size		Used		Priority' >root/proc/swaps
	mounts=0 keyboards=0
}

# pci PATH ID CLASS: a function below /sys/devices, its bridges in the path.
pci() {
	mkdir -p "root/sys/devices/$1"
	id=$(echo "$2" | tr a-f A-F) class=$(echo "$3" | tr a-f A-F)
	printf 'pci:v0000%sd0000%ssv00001AF4sd00001100bc%ssc%si%s\n' "${id%:*}" "${id#*:}" "${class%????}" \
		"$(echo "$class" | cut -c3-4)" "${class#????}" >"root/sys/devices/$1/modalias"
	ln -sfn "../../../devices/$1" "root/sys/bus/pci/devices/${1##*/}"
}

# block PATH NUMBER: a disk below /sys/devices; partition: likewise.
block() {
	mkdir -p "root/sys/devices/$1"
	ln -sfn "../../devices/$1" "root/sys/class/block/${1##*/}"
	ln -sfn "../../devices/$1" "root/sys/dev/block/$2"
	echo "$2" >"root/sys/devices/$1/dev"
}

# udev NUMBER KEY=VALUE...: what udev knows of that block device.
udev() {
	mkdir -p root/run/udev/data
	number=$1
	shift
	printf 'E:%s\n' "$@" >"root/run/udev/data/b$number"
}

# pool NUMBER NAME: that block device is in this pool.
pool() { udev "$1" ID_FS_TYPE=zfs_member "ID_FS_LABEL=$2" "ID_FS_LABEL_ENC=$2"; }

# keyboard PATH [KEYS]: below /sys/devices; KEYS is the kernel's bitmap.
keyboard() {
	keyboards=$((keyboards + 1))
	put "sys/devices/$1/input/input$keyboards/capabilities/key" "${2-7 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe}"
	link "sys/class/input/input$keyboards" "../../devices/$1/input/input$keyboards"
}

# card PATH ID CLASS NAME: a network card.
card() {
	pci "$1" "$2" "$3"
	mkdir -p "root/sys/devices/$1/net/$4" root/sys/class/net
	link "sys/class/net/$4" "../../devices/$1/net/$4"
}

partition() {
	block "$@"
	echo 1 >"root/sys/devices/$1/partition"
}

# virtual NAME NUMBER [LOWER]...: a disk that the kernel makes of others.
virtual() {
	block "virtual/block/$1" "$2"
	name=$1
	shift 2
	mkdir -p "root/sys/devices/virtual/block/$name/slaves"
	for lower; do : >"root/sys/devices/virtual/block/$name/slaves/$lower"; done
}

# mounted NUMBER TARGET TYPE SOURCE [OPTIONS [DIR]]
mounted() {
	mounts=$((mounts + 1))
	echo "$((20 + mounts)) 1 $1 ${6:-/} $2 rw,relatime shared:1 - $3 $4 ${5:-rw}" >>root/proc/self/mountinfo
}

swap() {
	printf '%s                          %s\t1000\t\t0\t\t-2\n' "$1" "$2" >>root/proc/swaps
}

# put PATH TEXT: a file below the root.
put() {
	mkdir -p "root/$(dirname "$1")"
	echo "$2" >"root/$1"
}

# link PATH TARGET
link() {
	mkdir -p "root/$(dirname "$1")"
	ln -sfn "$2" "root/$1"
}

# Two disks that most cases use.
PORT=pci0000:00/0000:00:1c.0
NVME=$PORT/0000:01:00.0/nvme/nvme0/nvme0n1
SATA=pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda

two_disks() {
	pci pci0000:00/0000:00:1c.0 8086:a338 060400
	pci $PORT/0000:01:00.0 144d:a808 010802
	pci pci0000:00/0000:00:17.0 8086:a352 010601
	block $NVME 259:0
	partition $NVME/nvme0n1p1 259:1
	partition $NVME/nvme0n1p2 259:2
	block $SATA 8:0
	partition $SATA/sda1 8:1
}

# What the plan says of the root.
roots() {
	plan_of 5.4.0-test | grep -v '^\$ \|^earlybind-plan\|^kernel\|^builtin'
}
