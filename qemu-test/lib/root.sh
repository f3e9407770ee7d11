# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian root that images are made in, and the disk it is booted from.
# Both are cached by a hash of what they were made from, and never written to
# once they are complete.
# shellcheck shell=bash

root_packages() {
    {
        table_row "$HERE/releases" "$RELEASE" 2 | tr ' ' '\n'
        table_row "$HERE/generators" "$GENERATOR" 2 | tr ' ' '\n'
        list_lines "$HERE/packages"
    } | sort -u
}

# root_sources: this machine's own apt sources of the same release, if it has
# any; otherwise mmdebstrap takes Debian's default mirrors.
root_sources() {
    local files=() file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] && files+=("$file")
    done
    [ ${#files[@]} -eq 0 ] ||
        grep -hE "^deb([[:blank:]]+\[[^]]*\])?[[:blank:]]+[^[:blank:]]+[[:blank:]]+$RELEASE(-updates|-security)?/?[[:blank:]]" \
            "${files[@]}" || true
    printf '\n'
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && awk -v RS= -v ORS='\n\n' \
            "/(^|\n)Types:[^\n]*deb/ && /(^|\n)Suites:[^\n]*[ \t]$RELEASE([ \t-][^\n]*)?(\n|\$)/" "$file"
    done
    return 0
}

root_dir() {
    printf '%s/roots/%s-%s' "$BUILD" "$RELEASE" \
        "$({ say "$RELEASE" && root_packages && declare -f root_bootstrap; } | short_hash)"
}

# root_need: make sure that the root of RELEASE and GENERATOR is there; ROOT is
# its tree, KERNEL its kernel.
root_need() {
    local dir
    dir=$(root_dir)
    [ -e "$dir/complete" ] || with_lock "${dir##*/}" root_make "$dir" || die "no root for $RELEASE with $GENERATOR"
    touch "$dir"
    ROOT=$dir/tree
    KERNEL=$(find "$ROOT/boot" -name 'vmlinuz-*' | sort -V | tail -n 1)
    [ -n "$KERNEL" ] || die "no kernel in $ROOT/boot"
}

# Of the kernel in ROOT.
kernel_version() { basename "$KERNEL" | sed 's/^vmlinuz-//'; }

# What could not be made is not tried again in the same run.
root_make() {
    local dir=$1
    [ ! -e "$dir/complete" ] || return 0
    [ "$(cat "$dir.failed" 2>/dev/null)" != "$$" ] || return 1
    progress "making a Debian $RELEASE root with its kernel and ${GENERATOR%-nosystemd} (a minute or two, once)"
    rm -rf "$dir"
    mkdir -p "$dir"
    root_sources >"$dir/sources"
    quietly "$dir/log" root_bootstrap "$dir" || { say "$$" >"$dir.failed" && return 1; }
    touch "$dir/complete"
}

root_bootstrap() {
    local dir=$1 options=() sources=() option
    option=$(table_row "$HERE/releases" "$RELEASE" 3)
    [ -z "$option" ] || options=(--aptopt="$option")
    ! grep -q '[^[:space:]]' "$dir/sources" || sources=("$dir/sources")
    alone mmdebstrap --mode=root --variant=minbase --format=directory \
        --include="$(root_packages | paste -sd,)" \
        --aptopt='Acquire::Languages "none"' \
        --aptopt='APT::Install-Recommends "false"' \
        "${options[@]}" "$RELEASE" "$dir/tree" "${sources[@]}"
}

disk_path() {
    printf '%s/disks/%s.ext4' "$BUILD" \
        "$({ root_dir && cat "$HERE"/guest/* "$HERE/lib/make-disk"; } | short_hash)"
}

# disk_need: make sure that the disk is there; DISK is its path.
disk_need() {
    DISK=$(disk_path)
    [ -e "$DISK" ] || with_lock "disk-$(basename "$DISK")" disk_make || die "no disk for $RELEASE"
    touch "$DISK"
}

disk_make() {
    [ ! -e "$DISK" ] || return 0
    progress "making the guest's disk ($RELEASE, ${GENERATOR%-nosystemd}; once)"
    local work=$DISK.new
    rm -rf "$work"
    mkdir -p "$work/guest"
    quietly "$work/log" disk_fill "$work" || return 1
    mv "$work/disk" "$DISK"
    rm -rf "$work"
}

disk_fill() {
    local work=$1
    gcc -static -O2 -Wall -Wextra -Werror -o "$work/guest/vfio-attach" "$HERE/guest/vfio-attach.c" || return 1
    cp "$HERE/guest/collect" "$HERE/guest/earlybind-test.service" "$work/guest/" || return 1
    alone "$HERE/lib/in-tree" "$ROOT" "$work/tree" "$HERE/lib/make-disk" "$work/guest" "$work/disk"
}
