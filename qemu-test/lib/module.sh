# SPDX-License-Identifier: GPL-2.0-or-later
# Kernel modules for the tests, built for the kernel of the Debian root with the
# distribution's headers, which are unpacked but not installed.
# shellcheck shell=bash

# modules_need: provides the scenario's modules in S_ADDED, for lib/regenerate. Status
# 1 if one cannot be built.
modules_need() {
    [ -z "$S_MODULE" ] || { module_need "$S_MODULE" && cp "$MODULE" "$S_ADDED/"; } || return 1
    [ -z "$S_VARIANT" ] || { module_need "$S_VARIANT" && install -D -t "$S_ADDED/updates" "$MODULE"; }
}

# module_need NAME: sets MODULE to the path of NAME.ko for the root's kernel. Status 1
# if it cannot be built; the log says why.
module_need() {
    local release=${KERNEL##*/vmlinuz-} dir
    dir=$BUILD/modules/$({ say "$release" && cat "$HERE/modules/$1.c"; } | short_hash)
    MODULE=$dir/$1.ko
    [ -f "$MODULE" ] || with_lock "module-${dir##*/}" module_make "$1" "$release" "$dir"
}

module_make() {
    local name=$1 release=$2 dir=$3
    [ ! -f "$dir/$name.ko" ] || return 0
    progress "building the module $name for kernel $release"
    rm -rf "$dir"
    mkdir -p "$dir/tree"
    quietly "$dir/log" module_build "$name" "$release" "$dir/tree" || return 1
    mv "$dir/tree/module/$name.ko" "$dir/"
    rm -rf "$dir/tree"
}

# The headers contain absolute paths, which are changed to those of the unpacked files.
module_build() {
    local name=$1 release=$2 work=$3 headers
    headers=$work/usr/src/linux-headers-$release
    mkdir -p "$work/debs" "$work/module"
    (cd "$work/debs" && apt-get download "linux-headers-$release" "linux-headers-${release%-*}-common" \
        "linux-kbuild-$(cut -d. -f1-2 <<<"$release")") || return 1
    find "$work/debs" -name '*.deb' -exec dpkg-deb -x {} "$work" \; || return 1
    # References from one package to another
    sed -i "s,/usr/src/,$work/usr/src/,g" "$headers/Makefile" || return 1
    find "$headers" "$work/usr/src" -maxdepth 2 -type l -lname '/usr/*' -printf '%p %l\n' |
        while read -r link target; do ln -sfn "$work$target" "$link"; done
    cp "$HERE/modules/$name.c" "$work/module/" || return 1
    echo "obj-m := $name.o" >"$work/module/Makefile"
    make -C "$headers" M="$work/module" modules
}
