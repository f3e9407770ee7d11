# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Shared by the cases of tests/image and tests/dracut. TREE is the system before the
# regeneration, OUT the case's directory, and IMAGE the unpacked image.

BINDER=usr/libexec/earlybind/earlybind-boot

wrong() { printf '%s\n' "$*"; }

must_say() { grep -qE -- "$1" "$OUT/said" || wrong "the regeneration does not say: $1"; }
# The images are made in a directory without /sys, where `plan` says that the host's needs are unknown.
UNKNOWN_NEEDS='what the host needs is unknown|no storage controller will be bound unless'
must_not_say() {
    ! grep -vE -- "$UNKNOWN_NEEDS" "$OUT/said" | grep -E -- "$1" || wrong "the regeneration must not say: $1"
}

# --- the contents of the image ---

# The image contains the configuration, byte for byte, and no other file in its directories.
check_config() {
    mkdir -p "$OUT/image-etc"
    local part
    for part in earlybind.conf earlybind.d; do
        [ ! -e "$IMAGE/etc/$part" ] || cp -rL "$IMAGE/etc/$part" "$OUT/image-etc/"
    done
    rm -f "$OUT/etc/earlybind.d/"*.txt
    diff -r "$OUT/etc" "$OUT/image-etc" || wrong "the image's configuration is another one"
}

check_plan() {
    cmp "$OUT/plan" "$IMAGE/etc/earlybind.plan" || wrong "the image's plan is not what the tool prints"
}

# check_modules N: the plan has at least N modules; each is in the image, compressed or
# not, and in its index.
check_modules() {
    local word name path directory n=0
    directory=$IMAGE/lib/modules/$(cat "$OUT/release")
    while read -r word name path _; do
        case $word in module | iommu) ;; *) continue ;; esac
        n=$((n + 1))
        compgen -G "$directory/${path%.ko*}.ko*" >/dev/null || wrong "module $name is not in the image"
        grep -qF "${path%.ko*}.ko" "$directory/modules.dep" || wrong "depmod does not know $name in the image"
    done <"$IMAGE/etc/earlybind.plan"
    [ "$n" -ge "$1" ] || wrong "the plan loads $n modules, not at least $1"
}

# The program that udev runs for hotplugged devices has the same path as on the host.
check_rules() {
    local rule
    rule=$(find "$IMAGE/usr/lib/udev/rules.d" "$IMAGE/lib/udev/rules.d" -name 75-earlybind.rules 2>/dev/null | head -n 1)
    [ -n "$rule" ] || { wrong "75-earlybind.rules is not in the image" && return; }
    grep -qF "RUN+=\"/$BINDER --hotplug \$kernel\"" "$rule" || wrong "the rule in the image does not call the binder"
}

# The binder in the image prints its version, and runs on a captured machine without devices.
check_binder_runs() {
    local captured=$IMAGE/captured status=0
    [[ $(chroot "$IMAGE" "/$BINDER" --version) =~ ^earlybind ]] || wrong "the image's binder does not tell its version"
    mkdir -p "$captured/etc" "$captured/proc" "$captured/sys/bus/pci/devices" "$captured/run"
    echo 0000:01:00.0 >"$captured/etc/earlybind.conf"
    : >"$captured/proc/cmdline"
    chroot "$IMAGE" "/$BINDER" --sysroot /captured >"$OUT/binder" 2>&1 || status=$?
    [ $status -eq 1 ] || wrong "the image's binder ends with $status, not with 1"
    grep -q '^earlybind: 0000:01:00.0 absent' "$captured/run/earlybind/log" ||
        wrong "the image's binder does not say that the device is absent"
}

# --- the system ---

# A configuration to copy unchanged: a byte order mark, tabs, links, and files that are not part of it.
configure() { # TREE
    printf '\xef\xbb\xbf# a card\r\n0000:01:00.0\tgroup\r\n10de:1B80' >"$1/etc/earlybind.conf"
    mkdir -p "$1/etc/earlybind.d" "$1/srv"
    echo '15b3:101e optional' >"$1/srv/elsewhere"
    ln -s /srv/elsewhere "$1/etc/earlybind.d/20-link.conf"
    echo 'skip 0000:04:00.0' >"$1/etc/earlybind.d/10-skip.conf"
    echo 'not read' >"$1/etc/earlybind.d/note.txt"
}

# Files that cannot be read, beside one that can: a FIFO would be waited for, and a device has no end.
special_files() { # TREE
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    mkdir -p "$1/etc/earlybind.d"
    mkfifo "$1/etc/earlybind.d/fifo.conf"
    mknod "$1/etc/earlybind.d/device.conf" c 1 5
    ln -s /nowhere "$1/etc/earlybind.d/dangling.conf"
    ln -s /dev/zero "$1/etc/earlybind.d/link.conf"
    (cd "$1/etc/earlybind.d" && perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un("socket.conf")) or die')
    echo 'skip 0000:04:00.0' >"$1/etc/earlybind.d/good.conf"
}
# special_files_left_out LEVEL: what the hook and the tool say, with the LEVEL of the generator before it
special_files_left_out() {
    local name
    for name in fifo device link socket; do
        must_say "^$1earlybind: /etc/earlybind.d/$name.conf is not in the image: it is not a regular file"
        must_say "^$1earlybind: earlybind\.d/$name\.conf: is not a regular file"
    done
    must_say "^$1earlybind: /etc/earlybind.d/dangling.conf is not in the image"
    must_say "^$1earlybind: earlybind\.d/dangling\.conf: is a link to a file that does not exist"
    [ "$(cd "$IMAGE/etc" && find earlybind.conf earlybind.d -type f | sort | xargs)" = "earlybind.conf earlybind.d/good.conf" ] ||
        wrong "the image does not contain the files that can be read, and no others: $(cd "$IMAGE/etc" && find earlybind.d | xargs)"
    check_plan
}

# Both generators make images in /var/tmp.
noexec() { # TREE
    configure "$1"
    mount -t tmpfs -o noexec,mode=1777 tmpfs "$1/var/tmp"
    cp /bin/true "$1/var/tmp/"
    if "$1/var/tmp/true" 2>/dev/null; then echo "programs in /var/tmp can be run" && exit 1; fi
    rm "$1/var/tmp/true"
}

modprobe_d() { # TREE
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    printf '%s\n' 'install vfio_iommu_type1 /bin/true' 'install vfio /bin/true' 'blacklist vfio-pci' \
        'options vfio-pci disable_vga=1' >"$1/etc/modprobe.d/test.conf"
}

prepare_no_config() { :; }

prepare_no_vfio_pci() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    find "$1/lib/modules/$2/" -name 'vfio-pci.ko*' -delete
    chroot "$1" depmod "$2"
}

# driver=auto: a kernel with a variant driver, for which another module is used.
prepare_auto() {
    echo '0000:01:00.0 id=15b3:101e driver=auto' >"$1/etc/earlybind.conf"
    chroot "$1" depmod "$2"
    echo 'alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* e1000e' >>"$1/lib/modules/$2/modules.alias"
}
check_auto() {
    must_not_say 'earlybind: (module|not all)'
    grep -qx 'alias v000015B3d0000101Esv\*sd\*bc\*sc\*i\* e1000e' "$IMAGE/etc/earlybind.plan" || wrong "the plan has no alias"
    grep -q '^variant e1000e e1000e kernel/' "$IMAGE/etc/earlybind.plan" || wrong "the plan has no variant module"
    [ -n "$(find "$IMAGE"/usr/lib/modules "$IMAGE"/lib/modules -name 'e1000e.ko*' 2>/dev/null)" ] ||
        wrong "the variant module is not in the image"
}
