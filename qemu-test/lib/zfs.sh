# SPDX-License-Identifier: GPL-2.0-or-later
# OpenZFS, from Debian's contrib: its boot script with stand-ins for the rest (disk
# `zfs-stand-ins`), and a root on a real pool (disk `zpool`).
# shellcheck shell=bash

# --- the boot script ---

# Its packages are unpacked but not installed; stand-ins in guest/zfs replace the module
# and the programs.

# zfs_need: provides the scripts in S_ADDED, for lib/regenerate. Status 1 if apt does not
# offer them.
zfs_need() {
    local dir
    # The units for dracut are ours as well.
    if [ "$S_DISK" = zfs-stand-in-units ]; then
        mkdir -p "$S_ADDED/zfs" && cp -a "$HERE"/guest/zfs-dracut/* "$HERE"/guest/zfs/* "$S_ADDED/zfs/"
        return
    fi
    dir=$BUILD/zfs/$RELEASE-$(declare -f zfs_fetch | short_hash)
    [ -e "$dir/complete" ] || with_lock "zfs-$RELEASE" zfs_make "$dir" || return 1
    mkdir -p "$S_ADDED/zfs"
    cp "$dir/tree/usr/share/initramfs-tools/scripts/zfs" "$dir/tree/etc/zfs/zfs-functions" "$S_ADDED/zfs/"
    cp -a "$HERE/guest/zfs" "$S_ADDED/zfs/programs"
}

zfs_make() {
    [ ! -e "$1/complete" ] || return 0
    progress "fetching OpenZFS's boot script ($RELEASE; once)"
    rm -rf "$1"
    mkdir -p "$1/tree"
    quietly "$1/log" zfs_fetch "$1" && touch "$1/complete"
}

zfs_fetch() {
    zfs_download "$1" zfs-initramfs zfsutils-linux &&
        find "$1" -maxdepth 1 -name '*.deb' -exec dpkg-deb -x {} "$1/tree" \;
}

# zfs_download DIR PACKAGE...: downloads packages of RELEASE to DIR.
zfs_download() {
    local dir=$1 apt
    shift
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial"
    root_sources_with_contrib >"$dir/apt/zfs.list"
    ! grep -q '^Types:' "$dir/apt/zfs.list" || mv "$dir/apt/zfs.list" "$dir/apt/zfs.sources"
    apt=(apt-get -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$dir/apt" -o "Dir::State::Lists=$dir/apt/lists"
        -o "Dir::Cache=$dir/apt" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    "${apt[@]}" update && (cd "$dir" && "${apt[@]}" download "$@")
}

# --- the module ---

# zfs_modules_install TREE: installs OpenZFS's modules in this root of RELEASE, as dkms
# would. They are built once for each kernel, in a root of their own with its compiler.
zfs_modules_install() {
    local version dir
    version=$(find "$1/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    dir=$BUILD/zfs/$RELEASE-modules
    [ -e "$dir/$version/complete" ] || with_lock "zfs-modules-$RELEASE" zfs_modules_make "$dir" "$version" || return 1
    mkdir -p "$1/lib/modules/$version/updates"
    cp -r "$dir/$version/dkms" "$1/lib/modules/$version/updates/"
    depmod -b "$1" "$version"
    [[ $GENERATOR != dracut* ]] || quietly "$1/../log-dracut" zfs_dracut_install "$1"
}

# dracut makes an image when it is configured, and zfs-dracut's module fails without
# OpenZFS's modules, so that it cannot be installed earlier.
zfs_dracut_install() {
    zfs_download "$1/../zfs" zfs-dracut && mv "$1"/../zfs/*.deb "$1/tmp/" && rm -r "$1/../zfs" || return 1
    # shellcheck disable=SC2016 # $1 is the inner shell's
    in_namespace sh -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        chroot "$1" env PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "dpkg -i /tmp/*.deb && rm /tmp/*.deb"' sh "$1"
}

zfs_modules_make() {
    local dir=$1 version=$2
    [ ! -e "$dir/$version/complete" ] || return 0
    progress "building OpenZFS's modules ($RELEASE, kernel $version, 10 to 20 minutes; once)"
    root_begin "$dir"
    quietly "$dir/log" root_fetch "$dir" minbase "linux-image-amd64,linux-headers-amd64,zfs-dkms" || return 1
    mkdir -p "$dir/$version"
    cp -r "$dir/tree/lib/modules/$version/updates/dkms" "$dir/$version/" ||
        { warn "dkms has built no module for kernel $version; see $dir/log" && return 1; }
    rm -rf "$dir/tree"
    touch "$dir/$version/complete"
}

# --- the pool ---

# pool_need: sets DISK, a plain disk, to a copy of its contents on the pool rpool, a
# mirror of DISK and DISK.mirror.
pool_need() {
    local plain=$DISK
    image_need "$OUT/config-added" list "$OUT/config-added" || return 1
    DISK=${plain%.ext4}.zpool
    [ -e "$DISK" ] || with_lock "disk-$(basename "$DISK")" pool_make "$plain" || return 1
    touch "$DISK" "$DISK.mirror"
}

pool_make() {
    local plain=$1
    [ ! -e "$DISK" ] || return 0
    progress "creating the guest's ZFS pool ($RELEASE, 5 minutes; once)"
    rm -f "$DISK.new" "$DISK.mirror"
    truncate -s "$(($(stat -c %s "$plain") + 1024 * 1024 * 1024))" "$DISK.new" "$DISK.mirror"
    # shellcheck disable=SC2054 # the commas are QEMU's
    disk_convert "$plain" create-pool \
        -drive "if=none,id=target,file=$DISK.new,format=raw,cache=unsafe" -device virtio-blk-pci,drive=target \
        -drive "if=none,id=mirror,file=$DISK.mirror,format=raw,cache=unsafe" -device virtio-blk-pci,drive=mirror || return 1
    mv "$DISK.new" "$DISK"
}
