# SPDX-License-Identifier: GPL-2.0-or-later
# The processor architecture of a boot, ARCH, a row of `architectures`: what it
# takes to build for it and to run its programs here.
# shellcheck shell=bash

ARCH=amd64
HOST_ARCH=$(dpkg --print-architecture)

# arch_column N: that column of its row.
arch_column() { table_row "$HERE/architectures" "$ARCH" "$1"; }

arch_foreign() { [ "$ARCH" != "$HOST_ARCH" ]; }

arch_cc() { if arch_foreign; then say "$(arch_column 2)-gcc"; else say gcc; fi; }

# arch_needed: commands and their packages, as in NEEDED, for ARCH and GENERATOR.
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

# emulator_missing: prints what keeps programs of ARCH from running here, where
# GENERATOR needs that.
emulator_missing() {
    ! arch_foreign || root_is_bare || with_lock binfmt emulator_need ||
        say "programs of $ARCH to run here: 'update-binfmts --enable' did not make the kernel start them with qemu-user-static"
}

# The package does this when it is installed, unless that was in a container.
emulator_need() {
    local name
    ! arch-test "$ARCH" >/dev/null 2>&1 || return 0
    name=$(arch_column 2)
    # shellcheck disable=SC2016 # $1 is the inner shell's
    in_namespace sh -c 'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; update-binfmts --enable "qemu-$1"' \
        sh "${name%%-*}" >/dev/null 2>&1 || true
    arch-test "$ARCH" >/dev/null 2>&1
}

# sysroot_need: make sure that ARCH's libraries are there to build with; SYSROOT
# is their tree. They are the oldest release's, so that what is built with them
# runs in every root.
sysroot_need() {
    local dir packages RELEASE
    RELEASE=$(table_keys "$HERE/releases" | head -n 1)
    packages=$(make -s --no-print-directory -C "$TOP" print-sysroot-packages) || die "make print-sysroot-packages failed"
    dir=$BUILD/roots/sysroot-$ARCH-$({ say "$RELEASE $packages" && declare -f root_fetch root_unpacked; } | short_hash)
    [ -e "$dir/complete" ] || with_lock "${dir##*/}" sysroot_make "$dir" "$packages" || die "no libraries of $ARCH to build with"
    touch "$dir"
    SYSROOT=$dir/tree
}

sysroot_make() {
    local dir=$1
    [ ! -e "$dir/complete" ] || return 0
    progress "fetching $ARCH's libraries to build with (less than a minute, once)"
    root_begin "$dir"
    quietly "$dir/log" root_fetch "$dir" extract "$(paste -sd, <<<"$2")" || return 1
    touch "$dir/complete"
}

# guest_need: make sure that the guest's programs are there; GUEST is their directory.
guest_need() {
    GUEST=$BUILD/guest/$ARCH-$({ tree_hash "$HERE/guest" && declare -f guest_make; } | short_hash)
    [ -e "$GUEST/complete" ] || with_lock "guest-${GUEST##*/}" guest_make || die "the guest's programs could not be built for $ARCH"
    touch "$GUEST"
}

guest_make() {
    [ ! -e "$GUEST/complete" ] || return 0
    rm -rf "$GUEST"
    mkdir -p "$GUEST"
    cp "$HERE"/guest/bare/* "$HERE/guest/collect" "$HERE/guest/encrypt" "$HERE/guest/earlybind-test.service" "$GUEST/" || return 1
    quietly "$GUEST/log" "$(arch_cc)" -static -O2 -Wall -Wextra -Werror \
        -o "$GUEST/vfio-attach" "$HERE/guest/vfio-attach.c" || return 1
    touch "$GUEST/complete"
}
