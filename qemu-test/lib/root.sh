# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian root filesystem of ARCH, RELEASE and GENERATOR, in which images are built,
# and the disk that it is booted from. Both are cached by a hash of what they were
# made from, and not changed once they are complete.
# shellcheck shell=bash

# root_is_bare: the root's packages are unpacked only, and there is no disk.
root_is_bare() { [ "$(table_row "$HERE/generators" "$GENERATOR" 3)" = bare ]; }

root_packages() {
    {
        arch_column 3
        table_row "$HERE/releases" "$RELEASE" 2 | tr ' ' '\n'
        table_row "$HERE/generators" "$GENERATOR" 2 | tr ' ' '\n'
        root_is_bare || list_lines "$HERE/packages"
    } | sed '/^$/d' | sort -u
}

# root_sources: prints this machine's apt sources for the release. If there are none,
# mmdebstrap uses Debian's default mirrors.
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

# root_mirror: prints the URI from which this machine's apt gets Debian.
# shellcheck disable=SC2016 # apt's variable
root_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | head -n 1
}

# root_sources_with_contrib: prints them with contrib, where OpenZFS is, or its own where
# this machine has none for the release.
root_sources_with_contrib() {
    local sources
    sources=$(root_sources | sed -E -e 's/^(Components:.*)/\1 contrib/' -e 's/^(deb .* main.*)/\1 contrib/')
    say "${sources:-deb $(root_mirror) $RELEASE main contrib}"
}

# root_has_zfs: the root's own root filesystem may be on a ZFS pool.
root_has_zfs() { [[ $GENERATOR == *-zfs ]]; }

root_dir() {
    printf '%s/roots/%s-%s-%s' "$BUILD" "$RELEASE" "$ARCH" \
        "$({ root_packages && declare -f root_fetch && { ! root_is_bare || declare -f root_unpacked; }; } | short_hash)"
}

# root_need: provides the root of RELEASE and GENERATOR in ROOT; KERNEL is its kernel.
root_need() {
    local dir
    dir=$(root_dir)
    [ -e "$dir/complete" ] || with_lock "${dir##*/}" root_make "$dir" || die "no $ARCH root for $RELEASE with $GENERATOR"
    touch "$dir"
    ROOT=$dir/tree
    KERNEL=$(find "$ROOT/boot" -name 'vmlinuz-*' | sort -V | tail -n 1)
    [ -n "$KERNEL" ] || die "no kernel in $ROOT/boot"
}

# A failed attempt is not repeated in the same run.
root_make() {
    local dir=$1
    [ ! -e "$dir/complete" ] || return 0
    [ "$(cat "$dir.failed" 2>/dev/null)" != "$RUN" ] || return 1
    progress "creating a Debian $RELEASE root filesystem of $ARCH for ${GENERATOR%-nosystemd} ($(root_takes), once)"
    root_begin "$dir"
    quietly "$dir/log" root_fetch "$dir" "$(root_variant)" "$(root_packages | paste -sd,)" ||
        { say "$RUN" >"$dir.failed" && return 1; }
    ! root_has_zfs || zfs_modules_install "$dir/tree" || { say "$RUN" >"$dir.failed" && return 1; }
    say "$RUN" >"$dir/complete"
}

# root_id: identifies ROOT. A root that was created again has newer packages.
root_id() { say "${ROOT#"$BUILD/"}" && cat "${ROOT%/*}/complete"; }

root_variant() { if root_is_bare; then say extract; else say minbase; fi; }

root_takes() {
    if root_is_bare; then
        say "less than a minute"
    elif arch_foreign; then
        say "ten minutes and more"
    else
        say "a minute or two"
    fi
}

root_begin() {
    rm -rf "$1"
    mkdir -p "$1"
    if root_has_zfs; then root_sources_with_contrib; else root_sources; fi >"$1/sources"
}

# root_fetch DIR VARIANT PACKAGES: installs packages of ARCH and RELEASE in DIR/tree, or
# only unpacks them (`extract`).
root_fetch() {
    local dir=$1 options=() sources=() option
    option=$(table_row "$HERE/releases" "$RELEASE" 3)
    [ -z "$option" ] || options=(--aptopt="$option")
    ! grep -q '[^[:space:]]' "$dir/sources" || sources=("$dir/sources")
    in_namespace mmdebstrap --mode=root --architectures="$ARCH" --variant="$2" --format=directory --include="$3" \
        --aptopt='Acquire::Languages "none"' \
        --aptopt='APT::Install-Recommends "false"' \
        "${options[@]}" "$RELEASE" "$dir/tree" "${sources[@]}" || return 1
    [ "$2" != extract ] || root_unpacked "$dir/tree"
}

# root_unpacked TREE: does what the packages' scripts would have done.
root_unpacked() {
    local name kernel
    # In newer releases a package's script creates these links.
    for name in bin lib sbin; do
        [ -e "$1/$name" ] || ln -s "usr/$name" "$1/$name" || return 1
    done
    for kernel in "$1"/lib/modules/*; do
        name=${kernel##*/}
        [ -d "$kernel" ] || continue
        depmod -b "$1" "$name" || return 1
        # Newer kernel packages (7.2 in sid) contain the kernel here, and a script copies it.
        [ ! -f "$kernel/vmlinuz" ] || install -D -m 644 "$kernel/vmlinuz" "$1/boot/vmlinuz-$name" || return 1
    done
}

disk_path() {
    printf '%s/disks/%s.ext4' "$BUILD" \
        "$({ root_id && say "${GUEST##*/}" && cat "$HERE/lib/make-disk"; } | short_hash)"
}

# disk_need: provides the disk; DISK is its path, or empty if there is none.
disk_need() {
    DISK=''
    guest_need
    ! root_is_bare || return 0
    DISK=$(disk_path)
    [ -e "$DISK" ] || with_lock "disk-$(basename "$DISK")" disk_make || die "no $ARCH disk for $RELEASE"
    touch "$DISK"
}

# fstab_disk_need: sets DISK to a copy with the scenario's fstab, if it has one. systemd
# reads it before the files of the scenario are unpacked.
fstab_disk_need() {
    [ -f "$OUT/config/fstab" ] || return 0
    cp --sparse=always "$DISK" "$OUT/root.ext4"
    DISK=$OUT/root.ext4
    PATH=$PATH:/usr/sbin:/sbin debugfs -w -f - "$DISK" >"$OUT/debugfs.log" 2>&1 <<END
cd /etc
rm fstab
write $OUT/config/fstab fstab
END
}

disk_make() {
    [ ! -e "$DISK" ] || return 0
    progress "creating the guest's disk ($RELEASE, $ARCH, ${GENERATOR%-nosystemd}; once)"
    local work=$DISK.new
    rm -rf "$work"
    mkdir -p "$work"
    quietly "$work/log" in_namespace "$HERE/lib/with-overlay" "$ROOT" "$work/tree" "$HERE/lib/make-disk" "$GUEST" "$work/disk" || return 1
    mv "$work/disk" "$DISK"
    rm -rf "$work"
}
