# SPDX-License-Identifier: GPL-2.0-or-later
# The encrypted disk. A separate boot makes it from the plain disk, so that this
# machine needs neither loop devices nor the device mapper.
# shellcheck shell=bash

# crypt_disk_need: sets DISK, a plain disk, to its encrypted copy.
crypt_disk_need() {
    local plain=$DISK
    image_need "$OUT/config-added" list "$OUT/config-added" || return 1
    DISK=${plain%.ext4}.luks
    [ -e "$DISK" ] || with_lock "disk-$(basename "$DISK")" crypt_disk_make "$plain" || return 1
    touch "$DISK"
}

crypt_disk_make() {
    local plain=$1
    [ ! -e "$DISK" ] || return 0
    progress "creating the guest's encrypted disk ($RELEASE; once)"
    rm -f "$DISK.new"
    truncate -s "$(($(stat -c %s "$plain") + 64 * 1024 * 1024))" "$DISK.new"
    # shellcheck disable=SC2054 # the commas are QEMU's
    disk_convert "$plain" encrypt \
        -drive "if=none,id=target,file=$DISK.new,format=raw,cache=unsafe" -device virtio-blk-pci,drive=target || return 1
    mv "$DISK.new" "$DISK"
}

# disk_convert PLAIN PROGRAM ARGUMENT...: boots the disk PLAIN with IMAGE and PROGRAM of
# guest/ as init, which copies the root to the disks in the ARGUMENTs of QEMU.
disk_convert() {
    local plain=$1 program=$2 log=$DISK.log processor
    shift 2
    : >"$log"
    read -ra processor <<<"$(arch_column 7)"
    # shellcheck disable=SC2054 # the commas are QEMU's
    wait_for TERM timeout -k 5 "$((TIMEOUT * 3))" "$(arch_column 5)" -nodefaults -no-reboot -display none \
        -accel "$ACCEL" -smp 1 -m 1G -chardev "file,id=console,path=$log" -chardev null,id=channel \
        -machine q35 "${processor[@]}" -kernel "$KERNEL" -initrd "$IMAGE/initrd" \
        -append "console=$(arch_column 8) panic=-1 root=/dev/nvme0n1 rootfstype=ext4 ro $(arch_column 10) init=/usr/lib/earlybind-test/$program" \
        -drive "if=none,id=root,file=$plain,format=raw,snapshot=on" -device nvme,drive=root,serial=root "$@"
    grep -aq "^earlybind-test: $program: done" "$log" || { tail -n 5 "$log" && return 1; }
}
