# SPDX-License-Identifier: GPL-2.0-or-later
# ARCH, the processor architecture of a boot (a row of `architectures`): building for
# it, and running its programs on this machine.
# shellcheck shell=bash

ARCH=amd64
HOST_ARCH=$(dpkg --print-architecture)

# arch_column N: prints column N of its row.
arch_column() { table_row "$HERE/architectures" "$ARCH" "$1"; }

arch_foreign() { [ "$ARCH" != "$HOST_ARCH" ]; }

arch_cc() { if arch_foreign; then say "$(arch_column 2)-gcc"; else say gcc; fi; }

# arch_needed: prints the commands that ARCH and GENERATOR need, with their packages, as in NEEDED.
arch_needed() {
    local name
    name=$(arch_column 2)
    say "$(arch_column 5) $(arch_column 6)"
    ! arch_foreign || say "$name-gcc gcc-${name//_/-}"
    if root_is_bare; then
        printf '%s\n' 'depmod kmod' 'cpio cpio'
    elif arch_foreign; then
        printf '%s\n' "qemu-${name%%-*}-static qemu-user-static" 'update-binfmts binfmt-support' 'arch-test arch-test'
    fi
}

# emulator_missing: if GENERATOR runs programs of ARCH on this machine and they
# cannot run, prints why.
emulator_missing() {
    ! arch_foreign || root_is_bare || with_lock binfmt emulator_need ||
        say "an emulator for programs of $ARCH: the kernel refused qemu-user-static ('update-binfmts --enable')"
}

# The package registers the emulator at installation, except in a container.
emulator_need() {
    local name
    ! arch-test "$ARCH" >/dev/null 2>&1 || return 0
    name=$(arch_column 2)
    # shellcheck disable=SC2016 # $1 is the inner shell's
    in_namespace sh -c 'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; update-binfmts --enable "qemu-$1"' \
        sh "${name%%-*}" >/dev/null 2>&1 || true
    arch-test "$ARCH" >/dev/null 2>&1
}

# sysroot_need: provides ARCH's libraries for the cross build in SYSROOT. They are
# those of the oldest release, so that the programs run in every root.
sysroot_need() {
    local dir packages RELEASE
    RELEASE=$(table_keys "$HERE/releases" | head -n 1)
    packages=$(make -s --no-print-directory -C "$TOP" print-sysroot-packages) || die "make print-sysroot-packages failed"
    dir=$BUILD/roots/sysroot-$ARCH-$({ say "$RELEASE $packages" && declare -f root_fetch root_unpacked; } | short_hash)
    [ -e "$dir/complete" ] || with_lock "${dir##*/}" sysroot_make "$dir" "$packages" || die "the libraries of $ARCH could not be fetched"
    touch "$dir"
    SYSROOT=$dir/tree
}

sysroot_make() {
    local dir=$1
    [ ! -e "$dir/complete" ] || return 0
    progress "fetching the libraries of $ARCH for the build (less than a minute, once)"
    root_begin "$dir"
    quietly "$dir/log" root_fetch "$dir" extract "$(paste -sd, <<<"$2")" || return 1
    touch "$dir/complete"
}

# guest_need: provides the guest's programs in the directory GUEST.
guest_need() {
    GUEST=$BUILD/guest/$ARCH-$({ tree_hash "$HERE/guest" && declare -f guest_make; } | short_hash)
    [ -e "$GUEST/complete" ] || with_lock "guest-${GUEST##*/}" guest_make || die "the guest's programs could not be built for $ARCH"
    touch "$GUEST"
}

guest_make() {
    [ ! -e "$GUEST/complete" ] || return 0
    rm -rf "$GUEST"
    mkdir -p "$GUEST"
    cp "$HERE"/guest/bare/* "$HERE/guest/collect" "$HERE"/guest/{encrypt,create-pool,earlybind-test.service} "$GUEST/" || return 1
    quietly "$GUEST/log" "$(arch_cc)" -static -O2 -Wall -Wextra -Werror \
        -o "$GUEST/vfio-attach" "$HERE/guest/vfio-attach.c" || return 1
    touch "$GUEST/complete"
}
