# SPDX-License-Identifier: GPL-2.0-or-later
# What differs on arm64 from the boots of ../run: where kernel, libc and shell
# come from, how the binder is built and the image made, and the machine.
# Sourced after the files of ../lib; the functions named there are replaced.
# shellcheck shell=bash
# shellcheck disable=SC2034 # variables are read by the functions of ../lib

DEFAULT_RELEASE=bookworm
ARM64=$HERE/arm64
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

FIRMWARE=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd

# --- cases and scenarios (in place of ../lib/scenario.sh's) ---

# case_parse CASE: a case is `SCENARIO[@RELEASE[@MACHINE]]`.
case_parse() {
    local release machine
    IFS=@ read -r CASE_SCENARIO release machine <<<"$1"
    CASE_MACHINE='' RELEASE=${release:-$DEFAULT_RELEASE} MACHINE=$machine
}

# Those of this folder, many of which are links to the common ones, and on
# demand any of the common ones.
scenario_names() { find "$ARM64/scenarios" -maxdepth 1 -xtype f -printf '%f\n' | sort; }

scenario_file() {
    local folder
    for folder in "$ARM64" "$HERE"; do
        [ ! -f "$folder/scenarios/$1" ] || { say "$folder/scenarios/$1" && return; }
    done
    return 1
}

# The common ones name a machine of x86; the first row is taken for it.
scenario_machine() {
    SCENARIO_ERROR="unknown machine '$MACHINE' (known: $(table_keys "$ARM64/machines" | xargs))"
    if [ -n "$MACHINE" ]; then
        S_MACHINE=$MACHINE
    elif table_row "$ARM64/machines" "$1" 1 >/dev/null; then
        S_MACHINE=$1
    else
        S_MACHINE=$(table_keys "$ARM64/machines" | head -n 1)
    fi
    table_row "$ARM64/machines" "$S_MACHINE" 1 >/dev/null
}

scenario_missing() {
    [[ $(table_row "$ARM64/machines" "$S_MACHINE" 3) != *"$FIRMWARE"* ]] || [ -f "$FIRMWARE" ] ||
        say "$FIRMWARE (package qemu-efi-aarch64)"
}

# --- the root (in place of ../lib/root.sh's, of which root_sources is used) ---

# root_need: packages of RELEASE for arm64, unpacked only, so that no arm64
# program has to run. ROOT is their tree, KERNEL and KERNEL_RELEASE its kernel.
root_need() {
    local dir
    dir=$BUILD/roots/$RELEASE-$({ list_lines "$ARM64/packages" && declare -f root_unpack; } | short_hash)
    [ -e "$dir/complete" ] || with_lock "root-$RELEASE" root_make "$dir" || die "no arm64 packages of $RELEASE"
    ROOT=$dir/tree
    KERNEL_RELEASE=$(find "$ROOT/lib/modules/" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    KERNEL=$ROOT/boot/vmlinuz-$KERNEL_RELEASE
}

root_make() {
    local dir=$1
    [ ! -e "$dir/complete" ] || return 0
    progress "fetching Debian $RELEASE's arm64 kernel and klibc (less than a minute, once)"
    rm -rf "$dir"
    mkdir -p "$dir"
    root_sources >"$dir/sources"
    quietly "$dir/log" root_unpack "$dir" || return 1
    touch "$dir/complete"
}

root_unpack() {
    local dir=$1 sources=() name
    ! grep -q '[^[:space:]]' "$dir/sources" || sources=("$dir/sources")
    alone mmdebstrap --mode=root --architectures=arm64 --variant=extract --format=directory \
        --include="$(list_lines "$ARM64/packages" | paste -sd,)" \
        --aptopt='Acquire::Languages "none"' \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --aptopt='APT::Install-Recommends "false"' \
        "$RELEASE" "$dir/tree" "${sources[@]}" || return 1
    # Newer releases leave these links to a script of a package.
    for name in bin lib sbin; do
        [ -e "$dir/tree/$name" ] || ln -s "usr/$name" "$dir/tree/$name" || return 1
    done
    find "$dir/tree/lib/modules/" -mindepth 1 -maxdepth 1 -printf '%f\n' | xargs -n 1 depmod -b "$dir/tree"
}

disk_need() { :; }

# --- what goes into every image; PARTS is a directory ---

parts_need() { with_lock parts parts_renew || die "earlybind could not be built for arm64"; }

parts_renew() {
    local new
    mkdir -p "$BUILD/installed"
    new=$(mktemp -d "$BUILD/installed/new.XXXXXX")
    quietly "$BUILD/parts.log" parts_make "$new" || { rm -rf "$new" && return 1; }
    PARTS=$BUILD/installed/$(tree_hash "$new")
    if [ -e "$PARTS" ]; then rm -rf "$new"; else mv -T "$new" "$PARTS"; fi
    touch "$PARTS"
}

parts_make() {
    binder_make &&
        make -C "$TOP" build/earlybind &&
        $CROSS-gcc -static -O2 -Wall -Wextra -Werror -o "$1/vfio-attach" "$HERE/guest/vfio-attach.c" &&
        cat "$HERE/image-modules" "$ARM64/image-modules" >"$1/image-modules" &&
        cp "$BINDER/earlybind-boot.klibc" "$1/earlybind-boot" &&
        cp "$TOP/build/earlybind" "$HERE/guest/collect" "$ARM64/guest"/* "$1/"
}

# The binder, cross-built by the Makefile's own rule.
binder_make() {
    BINDER=$BUILD/binder/$(basename "$(dirname "$ROOT")")
    make -C "$TOP" B="$BINDER" CROSS="$CROSS" SYSROOT="$ROOT" "$BINDER/earlybind-boot.klibc"
}

# --- the image (in place of ../lib/image.sh's) ---

image_need() {
    local config=$1
    root_need
    parts_need
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
    alone "$HERE/lib/in-tree" "$ROOT" "$IMAGE/work" \
        "$ARM64/make-image" "$KERNEL_RELEASE" "$PARTS" "$config" "$IMAGE" >"$IMAGE/log" 2>&1 || status=$?
    rm -rf "$IMAGE/work" "$IMAGE/unpacked"
    [ $status -eq 0 ] || return $status
    touch "$IMAGE/complete"
}

# --- the machine (in place of ../lib/boot.sh's) ---

# boot_command: the channel is a serial port on the PCI bus, whose driver is built in.
boot_command() {
    local machine device parameters attach
    read -ra machine <<<"$(table_row "$ARM64/machines" "$S_MACHINE" 3)"
    attach=$(IFS=,; say "${S_ATTACH[*]}")
    parameters="console=ttyAMA0 panic=-1 earlybind_test.nonce=$NONCE earlybind_test.attach=$attach"
    parameters+=" $(table_row "$ARM64/machines" "$S_MACHINE" 2)$S_CMDLINE"
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND=(qemu-system-aarch64 -nodefaults -no-reboot -display none
        -accel "$ACCEL" -smp 1 -m 1G "${machine[@]}"
        -kernel "$KERNEL" -initrd "$IMAGE/initrd" -append "$parameters"
        -serial "file:$OUT/serial.log"
        -chardev null,id=null -chardev "file,id=channel,path=$OUT/channel"
        -device pci-serial,chardev=channel,addr=01)
    for device in ${S_DEVICES[@]+"${S_DEVICES[@]}"}; do COMMAND+=(-device "$device"); done
}

# --- what must hold everywhere (of ../lib/always.sh's): the root stays the initramfs ---

ALWAYS="kernel record config_copy log_twice order"
