# SPDX-License-Identifier: GPL-2.0-or-later
# earlybind as installed, and the initramfs that a user's regeneration makes
# of it. Cached by a hash of what they were made from.
# shellcheck shell=bash

# install_need: install earlybind for ARCH into an empty directory, INSTALLED.
# With EARLYBIND_INSTALLED in the environment, that directory is taken as is for
# this machine's own architecture.
install_need() {
    local new cross=()
    if [ -n "${EARLYBIND_INSTALLED:-}" ] && ! arch_foreign; then
        INSTALLED=$(readlink -f "$EARLYBIND_INSTALLED")
        return
    fi
    if arch_foreign; then
        sysroot_need
        cross=(B="$BUILD/cross/$ARCH" CROSS="$(arch_column 2)" SYSROOT="$SYSROOT")
    fi
    mkdir -p "$BUILD/installed"
    new=$(mktemp -d "$BUILD/installed/new.XXXXXX")
    chmod 755 "$new"
    quietly "$BUILD/installed/log" \
        make -C "$TOP" install "${cross[@]}" DESTDIR="$new" prefix=/usr sysconfdir=/etc || die "make install failed"
    INSTALLED=$BUILD/installed/$(tree_hash "$new")
    if [ -e "$INSTALLED" ]; then rm -rf "$new"; else mv -T "$new" "$INSTALLED"; fi
    touch "$INSTALLED"
}

# tree_hash DIR: of names, modes and contents.
tree_hash() {
    (cd "$1" && find . -printf '%P %m %y %l\n' | sort &&
        find . -type f -print0 | sort -z | xargs -0r sha256sum) | short_hash
}

# What the row of GENERATOR says, in one line.
image_generator() {
    printf '%s | %s\n' "$(table_row "$HERE/generators" "$GENERATOR" 3)" "$(table_row "$HERE/generators" "$GENERATOR" 4)"
}

# image_parts: prints what the image is made from, beside its root.
image_parts() {
    tree_hash "$INSTALLED" && cat "$HERE/image-modules" || return 1
    if root_is_bare; then
        say "$GUEST" && cat "$TOP/build/earlybind" "$HERE/lib/make-bare"
    else
        image_generator && cat "$HERE/lib/regenerate"
    fi
}

# image_need CONFIG MODULES [VARIANT]: make sure that the image for this
# configuration is there; IMAGE is its directory, with `initrd`,
# `regenerate.log` and `files`. The root's kernel has the module VARIANT then.
image_need() {
    local config=$1 modules=$2 variant=${3:-}
    IMAGE=$BUILD/images/$({ say "$ROOT $modules" && image_parts && tree_hash "$config" && variant_source "$variant"; } |
        short_hash)
    [ -e "$IMAGE/complete" ] || with_lock "image-${IMAGE##*/}" image_make "$config" "$modules" "$variant" || return 1
    touch "$IMAGE"
}

image_make() {
    local config=$1 modules=$2 variant=$3 status=0 made_by
    [ ! -e "$IMAGE/complete" ] || return 0
    if root_is_bare; then
        made_by=("$HERE/lib/make-bare" "$TOP/build/earlybind" "$INSTALLED" "$GUEST" "$config" "$IMAGE")
    else
        progress "regenerating the initramfs ($RELEASE, $GENERATOR, modules: $modules)"
        made_by=("$HERE/lib/regenerate" "$(table_row "$HERE/generators" "$GENERATOR" 3)"
            "$(table_row "$HERE/generators" "$GENERATOR" 4)" "$INSTALLED" "$config" "$modules" "$IMAGE")
    fi
    rm -rf "$IMAGE"
    mkdir -p "$IMAGE"
    [ -z "$variant" ] || variant_build "$variant" || return 1
    alone "$HERE/lib/in-tree" "$ROOT" "$IMAGE/work" env VARIANT="${variant:+$IMAGE/variant/$variant.ko}" \
        "${made_by[@]}" >"$IMAGE/log" 2>&1 || status=$?
    rm -rf "$IMAGE/work"
    [ $status -eq 0 ] || return $status
    touch "$IMAGE/complete"
}

# variant_source NAME: prints it; nothing without a NAME.
variant_source() { [ -z "$1" ] || cat "$HERE/variant/$1.c"; }

# variant_build NAME: qemu-test/variant/NAME.c as a module for the root's kernel.
variant_build() {
    mkdir -p "$IMAGE/variant"
    cp "$HERE/variant/$1.c" "$IMAGE/variant/"
    say "obj-m := $1.o" >"$IMAGE/variant/Kbuild"
    quietly "$IMAGE/variant/log" make -C "/lib/modules/$(kernel_version)/build" M="$IMAGE/variant" modules
}
