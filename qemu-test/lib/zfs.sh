# SPDX-License-Identifier: GPL-2.0-or-later
# OpenZFS's boot script for initramfs-tools, from Debian's contrib. Its packages are
# unpacked but not installed; stand-ins in guest/zfs replace the module and the programs.
# shellcheck shell=bash

# zfs_need: provides the scripts in S_ADDED, for lib/regenerate. Status 1 if apt does not
# offer them.
zfs_need() {
    local dir
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
    mkdir -p "$1/tree" "$1/apt/lists/partial" "$1/apt/archives/partial"
    root_sources | sed -E -e 's/^(Components:.*)/\1 contrib/' -e 's/^(deb .* main.*)/\1 contrib/' >"$1/apt/zfs.sources"
    quietly "$1/log" zfs_fetch "$1" && touch "$1/complete"
}

zfs_fetch() {
    local apt=(apt-get -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$1/apt" -o "Dir::State::Lists=$1/apt/lists"
        -o "Dir::Cache=$1/apt" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    "${apt[@]}" update && (cd "$1" && "${apt[@]}" download zfs-initramfs zfsutils-linux) &&
        find "$1" -maxdepth 1 -name '*.deb' -exec dpkg-deb -x {} "$1/tree" \;
}
