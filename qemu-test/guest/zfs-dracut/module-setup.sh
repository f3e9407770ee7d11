#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stands in for OpenZFS's dracut module: the same units for a root=zfs: under systemd,
# and the programs of guest/zfs.
# shellcheck disable=SC2154 # initdir, moddir and the directories of systemd are dracut's

check() { return 0; }

depends() { echo systemd; }

install() {
    local units=$systemdsystemunitdir name
    inst_multiple grep sed sleep mount
    for name in zpool zfs mount.zfs; do inst_simple "$moddir/$name" "/usr/sbin/$name"; done
    inst_hook cmdline 95 "$moddir/parse-zfs.sh"
    for name in zfs-import-scan.service zfs-import.target; do inst_simple "$moddir/$name" "$units/$name"; done
    # OpenZFS has a generator; this one overrides the unit of systemd's, which knows root= only.
    inst_simple "$moddir/sysroot.mount" "$systemdsystemconfdir/sysroot.mount"
    mkdir -p "$initdir$units/zfs-import.target.wants" "$initdir$units/initrd.target.wants" \
        "$initdir$units/initrd-root-fs.target.requires"
    ln -s ../zfs-import-scan.service "$initdir$units/zfs-import.target.wants/"
    ln -s ../zfs-import.target "$initdir$units/initrd.target.wants/"
    ln -s "$systemdsystemconfdir/sysroot.mount" "$initdir$units/initrd-root-fs.target.requires/"
}
