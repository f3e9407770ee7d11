# SPDX-License-Identifier: GPL-2.0-or-later
# What differs on arm64 from the boots of ../run: where kernel, libc and shell
# come from, how the binder is built, how the image is made, and the machine.
# Sourced after the files of ../lib, whose functions it replaces where named.
# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the functions of ../lib

ARM64=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
BUILD=$BUILD/arm64
CROSS=aarch64-linux-gnu

NEEDED="qemu-system-aarch64 qemu-system-arm
$CROSS-gcc gcc-aarch64-linux-gnu
mmdebstrap mmdebstrap
make make
perl perl
depmod kmod
cpio cpio
unshare util-linux
flock util-linux
mount mount
tar tar"

# --- the root (in place of ../lib/root.sh's) ---

root_packages() { list_lines "$ARM64/packages" | sort -u; }

# Packages are only unpacked, so that no arm64 program has to run.
root_bootstrap() {
    local dir=$1 sources=()
    ! grep -q '[^[:space:]]' "$dir/sources" || sources=("$dir/sources")
    alone mmdebstrap --mode=root --architectures=arm64 --variant=extract --format=directory \
        --include="$(root_packages | paste -sd,)" \
        --aptopt='Acquire::Languages "none"' \
        --aptopt='APT::Install-Recommends "false"' \
        "$RELEASE" "$dir/tree" "${sources[@]}" &&
        depmod -b "$dir/tree" "$(basename "$(echo "$dir"/tree/lib/modules/*)")"
}

# --- what goes into every image; PARTS is a directory ---

parts_need() {
    local new
    new=$(mktemp -d)
    quietly "$BUILD/parts.log" parts_make "$new" || { rm -rf "$new" && die "earlybind could not be built"; }
    PARTS=$BUILD/installed/$(tree_hash "$new")
    mkdir -p "$BUILD/installed"
    if [ -e "$PARTS" ]; then rm -rf "$new"; else mv -T "$new" "$PARTS"; fi
    touch "$PARTS"
}

parts_make() {
    binder_make &&
        make -C "$TOP" build/earlybind &&
        $CROSS-gcc -static -O2 -Wall -Wextra -Werror -o "$1/vfio-attach" "$HERE/guest/vfio-attach.c" &&
        cp "$BUILD/binder/earlybind-boot.klibc" "$1/earlybind-boot" &&
        cp "$TOP/build/earlybind" "$HERE/guest/collect" "$HERE/image-modules" "$ARM64/guest"/* "$1/"
}

# The binder, cross-built by the Makefile's own rule for klibc: arm64's klcc is
# a script that calls the cross compiler, and only has to find its files.
binder_make() {
    local tools=$BUILD/tools
    mkdir -p "$tools" "$BUILD/binder"
    sed "s,\\\\/usr\\\\/lib\\\\/klibc,$ROOT/usr/lib/klibc,g" "$ROOT/usr/bin/klcc" >"$tools/klcc" &&
        chmod 755 "$tools/klcc" &&
        ln -sf "$(command -v $CROSS-strip)" "$tools/strip" &&
        PATH=$tools:$PATH make -C "$TOP" B="$BUILD/binder" CC=$CROSS-gcc LIBC=klibc BOOT_CFLAGS="$BINDER_CFLAGS" \
            "$BUILD/binder/earlybind-boot.klibc"
}

# The Makefile's, without what only x86 has.
BINDER_CFLAGS='-Oz -fomit-frame-pointer -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables'

# --- the image (in place of ../lib/image.sh's) ---

image_need() {
    local config=$1
    IMAGE=$BUILD/images/$({ say "$ROOT" && tree_hash "$PARTS" && tree_hash "$config" &&
        cat "$ARM64/make-image"; } | short_hash)
    [ -e "$IMAGE/complete" ] || with_lock "image-${IMAGE##*/}" image_make "$config" || return 1
    touch "$IMAGE"
}

image_make() {
    local config=$1 status=0
    [ ! -e "$IMAGE/complete" ] || return 0
    rm -rf "$IMAGE"
    mkdir -p "$IMAGE"
    alone "$HERE/lib/in-tree" "$ROOT" "$IMAGE/work" "$ARM64/make-image" "$PARTS" "$config" "$IMAGE" \
        >"$IMAGE/log" 2>&1 || status=$?
    rm -rf "$IMAGE/work"
    [ $status -eq 0 ] || return $status
    touch "$IMAGE/complete"
}

# --- the machine (in place of ../lib/boot.sh's and ../lib/scenario.sh's) ---

# boot_command: the channel is a serial port on the PCI bus, whose driver is built in.
boot_command() {
    local machine device attach
    read -ra machine <<<"$(table_row "$ARM64/machines" "$MACHINE" 3)"
    attach=$(IFS=,; say "${S_ATTACH[*]}")
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND=(qemu-system-aarch64 -nodefaults -no-reboot -display none
        -accel "$ACCEL" -smp 1 -m 1G "${machine[@]}"
        -kernel "$KERNEL" -initrd "$IMAGE/initrd"
        -append "console=ttyAMA0 panic=-1 earlybind_test.nonce=$NONCE earlybind_test.attach=$attach $(table_row "$ARM64/machines" "$MACHINE" 2)$S_CMDLINE"
        -serial "file:$OUT/serial.log"
        -chardev null,id=null -chardev "file,id=channel,path=$OUT/channel"
        -device pci-serial,chardev=channel,addr=1e)
    for device in ${S_DEVICES[@]+"${S_DEVICES[@]}"}; do COMMAND+=(-device "$device"); done
}

# A scenario file names a machine of x86; here it is the one that was asked for.
scenario_machine() { S_MACHINE=$MACHINE; }

# --- what must hold everywhere: there is no root but the initramfs ---

ALWAYS="kernel record config_copy log_twice order"
