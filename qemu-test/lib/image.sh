# SPDX-License-Identifier: GPL-2.0-or-later
# The initramfs that a regeneration makes in a system with earlybind's packages.
# Cached by a hash of what it was made from.
# shellcheck shell=bash

# image_generator: prints the row of GENERATOR in one line.
image_generator() {
    printf '%s | %s\n' "$(table_row "$HERE/generators" "$GENERATOR" 3)" "$(table_row "$HERE/generators" "$GENERATOR" 4)"
}

# image_parts: prints what the image is made from, in addition to its root.
image_parts() {
    cat "$HERE/image-modules" || return 1
    if root_is_bare; then
        say "$GUEST" && tree_hash "$DEBS/files" && cat "$TOOL" "$HERE/lib/make-bare"
    else
        say "${INSTALLED##*/}" && image_generator && cat "$HERE/lib/regenerate"
    fi
}

# image_need CONFIG MODULES ADDED: provides the image for this configuration with the
# files in the directory ADDED (see lib/regenerate). IMAGE is its directory, with
# `initrd`, `regenerate.log` and `files`.
image_need() {
    local config=$1 modules=$2 added=$3
    IMAGE=$BUILD/images/$({ root_id && say "$modules" && image_parts && tree_hash "$config" && added_hash "$added"; } | short_hash)
    [ -e "$IMAGE/complete" ] || with_lock "image-${IMAGE##*/}" image_make "$config" "$modules" "$added" || return 1
    touch "$IMAGE"
}

# image_of_guest_need: boots the scenario's machine with IMAGE, runs the commands of
# its `twice` lines, regenerates the image there, where the devices and the disks are
# real, and sets IMAGE to the result. The command is that of GENERATOR, and the image
# contains few modules, as the other does.
image_of_guest_need() {
    local first=$IMAGE machine
    machine=$(table_row "$HERE/machines" "$S_MACHINE" 3)
    IMAGE=$BUILD/images/$(say "$first $DISK $machine$S_CMDLINE ${S_DEVICES[*]-} ${S_DRIVES[*]-} ${S_TWICE[*]}" "$(declare -f image_of_guest_commands)" | short_hash)
    [ -e "$IMAGE/complete" ] || with_lock "image-${IMAGE##*/}" image_of_guest_make "$first" || return 1
    touch "$IMAGE"
}

image_of_guest_make() {
    local made=$IMAGE size
    [ ! -e "$made/complete" ] || return 0
    progress "regenerating the initramfs in the guest ($RELEASE, $GENERATOR)"
    rm -rf "$made"
    mkdir -p "$made/boot"
    truncate -s 512M "$made/boot/disk"
    # A subshell: the boot of the scenario follows, with another image.
    if ! (
        IMAGE=$1 OUT=$made/boot REGENERATED=$made/boot/disk TIMEOUT=$((TIMEOUT * 3)) S_ATTACH=() S_PLUG=()
        mapfile -t S_LATE < <(image_of_guest_commands)
        boot || { say "$BOOT_ERROR" && exit 1; }
    ) >"$made/log" 2>&1; then
        return 1
    fi
    cp "$made/boot/report/kept/regenerate" "$made/regenerate.log"
    cp "$1/files" "$made/files"
    size=$(cat "$made/boot/report/kept/size")
    [ "$(sort -u "$made/boot/report/kept"/{regenerate,written}.status)" = status=0 ] &&
        head -c "$size" "$made/boot/disk" >"$made/initrd" ||
        { cp "$made/regenerate.log" "$made/log" && return 1; }
    rm "$made/boot/disk"
    touch "$made/complete"
}

# image_of_guest_commands: prints the commands for the running guest; see guest/collect.
# shellcheck disable=SC2016 # the variables are the guest's
image_of_guest_commands() {
    case $(table_row "$HERE/generators" "$GENERATOR" 3) in
    initramfs_tools)
        say 'echo MODULES=list >/etc/initramfs-tools/conf.d/modules'
        say "printf '%s\\n' $(list_lines "$HERE/image-modules" | xargs) >>/etc/initramfs-tools/modules"
        ;;
    dracut) say "echo 'hostonly=\"yes\" drivers+=\" $(list_lines "$HERE/image-modules" | xargs) \"' >/etc/dracut.conf.d/modules.conf" ;;
    esac
    say 'export version=$(uname -r)'
    printf '%s\n' "${S_TWICE[@]}"
    say "keep regenerate $(table_row "$HERE/generators" "$GENERATOR" 4)"
    say 'keep size stat -c %s "/boot/initrd.img-$version"'
    # Without the disk, a redirection would create a file of this name in /dev.
    say 'keep written dd "if=/boot/initrd.img-$version" of=/dev/disk/by-id/ata-QEMU_HARDDISK_earlybind-made bs=1M conv=nocreat,fsync'
}

# An empty directory does not change the hash of the image.
added_hash() { [ -z "$(ls -A "$1")" ] || tree_hash "$1"; }

image_make() {
    local config=$1 modules=$2 added=$3 status=0 made_by
    [ ! -e "$IMAGE/complete" ] || return 0
    if root_is_bare; then
        made_by=(in_namespace "$HERE/lib/with-overlay" "$ROOT" "$IMAGE/work"
            "$HERE/lib/make-bare" "$TOOL" "$DEBS/files" "$GUEST" "$config" "$added" "$IMAGE")
    else
        progress "regenerating the initramfs ($RELEASE, $GENERATOR, modules: $modules)"
        made_by=(in_installed "$IMAGE/work" "$HERE/lib/regenerate" "$(table_row "$HERE/generators" "$GENERATOR" 3)"
            "$(table_row "$HERE/generators" "$GENERATOR" 4)" "$config" "$modules" "$added" "$IMAGE")
    fi
    rm -rf "$IMAGE"
    mkdir -p "$IMAGE"
    "${made_by[@]}" >"$IMAGE/log" 2>&1 || status=$?
    rm -rf "$IMAGE/work"
    [ $status -eq 0 ] || return $status
    touch "$IMAGE/complete"
}
