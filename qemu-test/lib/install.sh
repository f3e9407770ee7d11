# SPDX-License-Identifier: GPL-2.0-or-later
# earlybind's Debian package, and roots in which it is installed. Both are cached
# by a hash of what they were made from.
# shellcheck shell=bash

# debs_need: provides the packages that `make deb` builds for ARCH in the directory
# DEBS, and their unpacked contents in DEBS/files.
debs_need() {
    local sources
    ! arch_foreign || sysroot_need
    sources=$(debs_sources) || die "packaging/copy-tree failed"
    DEBS=$BUILD/debs/$ARCH-$sources
    [ -e "$DEBS/complete" ] || with_lock "debs-$ARCH" debs_make || die "earlybind's packages could not be built for $ARCH"
    touch "$DEBS"
}

# debs_sources: prints a hash of the sources, the C library of the binder, and the
# packages that build them. It leaves out the tests, which change often.
debs_sources() {
    local copy status=0
    copy=$(mktemp -d)
    "$TOP/packaging/copy-tree" "$copy/tree" && rm -r "$copy/tree/tests" "$copy/tree/qemu-test" || status=1
    {
        tree_hash "$copy/tree" && say "${LIBC:-}" && debs_builders || status=1
        ! arch_foreign || say "${SYSROOT#"$BUILD/"}"
    } | short_hash
    rm -rf "$copy"
    return $status
}

# debs_builders: prints the versions of these packages, if they are installed.
debs_builders() {
    local libraries
    libraries=$(make -s -C "$TOP" print-sysroot-packages) || return 1
    # shellcheck disable=SC2086 # one word a package
    dpkg-query -W gcc debhelper dpkg-dev $libraries 2>/dev/null || true
}

debs_make() {
    local cross=() deb
    [ ! -e "$DEBS/complete" ] || return 0
    progress "building earlybind's packages for $ARCH"
    rm -rf "$DEBS"
    mkdir -p "$DEBS/files"
    ! arch_foreign || cross=(CROSS="$(arch_column 2)" SYSROOT="$SYSROOT")
    quietly "$DEBS/log" make -C "$TOP" deb B="$DEBS" "${cross[@]}" || return 1
    for deb in "$DEBS"/deb/earlybind_*.deb; do
        dpkg-deb -x "$deb" "$DEBS/files" && mv "$deb" "$DEBS/" || return 1
    done
    rm -r "$DEBS/deb"
    touch "$DEBS/complete"
}

# tree_hash DIR: prints a hash of names, modes and contents.
tree_hash() {
    (cd "$1" && find . -printf '%P %m %y %l\n' | sort &&
        find . -type f -print0 | sort -z | xargs -0r sha256sum) | short_hash
}

# installed_need: installs DEBS in ROOT. INSTALLED is the directory with the changes
# (see lib/install-packages). In a bare root nothing can be installed.
installed_need() {
    ! root_is_bare || return 0
    INSTALLED=$BUILD/installed/$({
        root_id && cd "$DEBS" && sha256sum ./*.deb && cat "$HERE/lib/"{install-packages,with-installed,with-overlay}
    } | short_hash)
    [ -e "$INSTALLED/complete" ] || with_lock "installed-${INSTALLED##*/}" installed_make ||
        die "earlybind's packages could not be installed in the root of $RELEASE with $GENERATOR"
    touch "$INSTALLED"
}

# A failed installation is not repeated in the same run.
installed_make() {
    [ ! -e "$INSTALLED/complete" ] || return 0
    [ "$(cat "$INSTALLED/failed" 2>/dev/null)" != "$RUN" ] || return 1
    progress "installing earlybind's packages in the root of $RELEASE with ${GENERATOR%-nosystemd} (once)"
    rm -rf "$INSTALLED"
    mkdir -p "$INSTALLED"
    quietly "$INSTALLED/log" in_namespace "$HERE/lib/with-overlay" "$ROOT" "$INSTALLED/work" \
        "$HERE/lib/install-packages" "$(table_row "$HERE/generators" "$GENERATOR" 3)" "$DEBS" "$INSTALLED" ||
        { say "$RUN" >"$INSTALLED/failed" && return 1; }
    rm -rf "$INSTALLED/work"
    touch "$INSTALLED/complete"
}

# in_installed WORK COMMAND...: runs COMMAND with a temporary copy of ROOT in which the
# packages are installed; see lib/with-overlay.
in_installed() {
    local work=$1
    shift
    in_namespace "$HERE/lib/with-overlay" "$ROOT" "$work" "$HERE/lib/with-installed" "$INSTALLED/changes.tar" "$@"
}
