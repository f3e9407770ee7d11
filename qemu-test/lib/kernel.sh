# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels that no distribution has: built from the release's linux-source with one of
# the configurations in `kernels`, for bare images. Cached by a hash of the
# configuration and the source.
# shellcheck shell=bash

# kernel_need NAME: sets KERNEL, and copies its modules to S_ADDED/kernel, for
# lib/make-bare. Status 1 if it cannot be built.
kernel_need() {
    local dir
    source_need || return 1
    dir=$BUILD/kernels/$1-$({ cat "$SOURCE/complete" "$HERE/kernels/base" "$HERE/kernels/$1" && declare -f kernel_build; } | short_hash)
    [ -e "$dir/complete" ] || with_lock "kernel-${dir##*/}" kernel_make "$1" "$dir" || return 1
    touch "$dir"
    KERNEL=$dir/vmlinuz
    cp -r "$dir/kernel" "$S_ADDED/"
}

# source_need: provides the release's linux-source in the directory SOURCE, unpacked.
source_need() {
    SOURCE=$BUILD/roots/source-$RELEASE-$(declare -f root_fetch source_make | short_hash)
    [ -e "$SOURCE/complete" ] || with_lock "${SOURCE##*/}" source_make || return 1
    touch "$SOURCE"
}

source_make() {
    [ ! -e "$SOURCE/complete" ] || return 0
    progress "fetching the kernel's source of $RELEASE (a minute, once)"
    root_begin "$SOURCE"
    quietly "$SOURCE/log" root_fetch "$SOURCE" extract linux-source || return 1
    mkdir "$SOURCE/linux"
    tar -C "$SOURCE/linux" --strip-components=1 -xf "$SOURCE"/tree/usr/src/linux-source-*.tar.xz || return 1
    rm -r "$SOURCE/tree"
    say "$RUN" >"$SOURCE/complete"
}

kernel_make() {
    local name=$1 dir=$2
    [ ! -e "$dir/complete" ] || return 0
    progress "building the kernel $name (some minutes, once)"
    rm -rf "$dir"
    mkdir -p "$dir"
    quietly "$dir/log" kernel_build "$name" "$dir" || return 1
    touch "$dir/complete"
}

# All kernels of a source share the object files; few of them differ.
kernel_build() {
    local name=$1 dir=$2 objects=$SOURCE/objects
    mkdir -p "$objects"
    cat "$HERE/kernels/base" "$HERE/kernels/$name" >"$dir/config"
    exec 9>"$objects/lock"
    flock 9
    make -C "$SOURCE/linux" O="$objects" KCONFIG_ALLCONFIG="$dir/config" allnoconfig &&
        make -C "$SOURCE/linux" O="$objects" -j "$(nproc)" bzImage modules &&
        make -C "$SOURCE/linux" O="$objects" INSTALL_MOD_PATH="$dir/kernel" modules_install &&
        cp "$objects/arch/x86/boot/bzImage" "$dir/vmlinuz" || return 1
    rm -f "$dir"/kernel/lib/modules/*/build
    exec 9>&-
}
