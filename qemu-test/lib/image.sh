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

# An empty directory does not change the hash of the image.
added_hash() { [ -z "$(ls -A "$1")" ] || tree_hash "$1"; }

image_make() {
    local config=$1 modules=$2 added=$3 status=0 made_by
    [ ! -e "$IMAGE/complete" ] || return 0
    if root_is_bare; then
        made_by=(in_namespace "$HERE/lib/with-overlay" "$ROOT" "$IMAGE/work"
            "$HERE/lib/make-bare" "$TOOL" "$DEBS/files" "$GUEST" "$config" "$IMAGE")
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
