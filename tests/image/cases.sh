# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2016
#
# prepare_CASE TREE RELEASE changes the system before the regeneration.
# check_CASE prints what does not hold afterwards. OUT is the case's directory (see
# regenerate), IMAGE the unpacked image.

# shellcheck source=tests/image/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

INIT_TOP=usr/share/initramfs-tools/scripts/init-top

# script FILE [FIRST-LINE]: an init-top script of a user
script() {
    printf '%s\n' "${2:-#!/bin/sh}" 'PREREQ=""' 'prereqs() { echo "$PREREQ"; }' \
        'case ${1-} in prereqs) prereqs; exit 0 ;; esac' 'modprobe e1000e' >"$1"
    chmod 755 "$1"
}

# No link in the image points to a file of the host.
check_places() {
    check_config
    [ -z "$(find "$IMAGE/etc/earlybind.conf" "$IMAGE/etc/earlybind.d" -type l)" ] || wrong "the image's configuration has links"
    [ "$(stat -c %a "$IMAGE/etc/earlybind.plan")" = 644 ] || wrong "the plan's mode is not 644"
}

check_binder() {
    cmp "$IMAGE/$BINDER" "${DEBS:?}/files/$BINDER" || wrong "the image's binder is another one"
    check_binder_runs
}

# run_init_top [END]: runs init-top as /init does, with stubs for the binder, udev and
# modprobe. TRACE lists their calls. The binder ends with END; by default it fails,
# which must not change anything.
run_init_top() {
    local file end=${1:-exit 3}
    for file in "$BINDER" usr/sbin/modprobe usr/bin/udevadm usr/lib/systemd/systemd-udevd; do
        mkdir -p "$(dirname "$IMAGE/$file")"
        rm -f "$IMAGE/$file"
        printf '#!/bin/sh\necho "%s${*:+ $*}" >>/trace\n' "${file##*/}" >"$IMAGE/$file"
        chmod 755 "$IMAGE/$file"
    done
    echo "$end" >>"$IMAGE/$BINDER"
    rm -rf "$IMAGE/run" "$IMAGE/trace"
    mkdir -p "$IMAGE/run" "$IMAGE/proc"
    in_namespace env quiet=y blacklist= sh -c 'mount -t proc proc "$0/proc" &&
        exec chroot "$0" /bin/sh -c ". /scripts/functions; run_scripts /scripts/init-top; :"' "$IMAGE" \
        >"$OUT/init-top" 2>&1 || wrong "running init-top failed: $(tail -n 1 "$OUT/init-top")"
    TRACE=$(cat "$IMAGE/trace")
}

# The binder runs once, before anything else.
check_order() {
    run_init_top
    [ "$(head -n 1 <<<"$TRACE")" = earlybind-boot ] || wrong "the binder does not come first: $(xargs <<<"$TRACE")"
    [ "$(grep -cx earlybind-boot <<<"$TRACE")" = 1 ] || wrong "the binder does not run once: $(xargs <<<"$TRACE")"
    grep -q '^systemd-udevd' <<<"$TRACE" || wrong "udev did not start: $(xargs <<<"$TRACE")"
    [ "$(stat -c %a "$IMAGE/run/earlybind")" = 755 ] || wrong "/run/earlybind has not mode 755"
}

# A binder that is killed runs again, before anything else.
check_killed() {
    # shellcheck disable=SC2016 # the stub's
    run_init_top '[ -e /killed ] || { : >/killed; kill -9 $$; }'
    [ "$(head -n 3 <<<"$TRACE" | grep -cx earlybind-boot)" = 2 ] ||
        wrong "a binder that was killed is not run a second time: $(xargs <<<"$TRACE")"
}

first_of_order() { sed -n '1s,^/scripts/init-top/\([^ ]*\).*,\1,p' "$IMAGE/scripts/init-top/ORDER"; }

# The rescue is called before the root is mounted, and while initramfs-tools waits for it.
check_rescue() {
    local kind
    for kind in init-premount local-top local-block; do
        grep -q "^/scripts/$kind/earlybind " "$IMAGE/scripts/$kind/ORDER" || wrong "$kind does not call the rescue"
    done
}

# answer_with STATUS...: replaces the binder by a stub that ends with these in turn, with 1
# afterwards, and adds its calls to /trace.
answer_with() {
    echo "$*" >"$IMAGE/answers"
    rm -f "$IMAGE/trace"
    # shellcheck disable=SC2016 # the stub's
    printf '#!/bin/sh\n%s\n' 'echo "earlybind-boot${*:+ $*}" >>/trace' 'read -r end rest </answers' \
        'echo "$rest" >/answers' 'exit ${end:-1}' >"$IMAGE/$BINDER"
    chmod 755 "$IMAGE/$BINDER"
}

# delay_of BOOT SECONDS STATUS: prints the time limit for the root that local-top sets with
# this boot script SECONDS after init has started. STATUS: the answer to --rescue-possible.
delay_of() {
    rm -f "$IMAGE/conf/param.conf"
    answer_with "$3"
    BOOT=$1 starttime=$(($(cut -d. -f1 /proc/uptime) - $2)) chroot "$IMAGE" /scripts/local-top/earlybind 2>"$OUT/local-top" ||
        wrong "local-top failed: $(tail -n 1 "$OUT/local-top")"
    cat "$IMAGE/conf/param.conf" 2>/dev/null
}

# The rescue gets its time after any delay. If no device was taken that could carry the
# root, or another boot script would sleep for this time, the limit does not change.
check_delay() {
    local proc=$IMAGE/proc/uptime delay
    mkdir -p "$IMAGE/proc"
    cat /proc/uptime >"$proc"
    delay=$(delay_of local 50 0)
    [[ $delay =~ ^ROOTDELAY=(139|140|141)$ ]] || wrong "50 s after its start init waits so long: $delay"
    delay=$(delay_of local 50 1)
    [ -z "$delay" ] || wrong "nothing was taken, and yet: $delay"
    delay=$(delay_of zfs 50 0)
    [ -z "$delay" ] || wrong "OpenZFS's script would sleep: $delay"
    rm -rf "$IMAGE/conf/param.conf" "$proc"
}

# calls_before_mount BOOT STATUS...: prints what init-premount calls with this boot script
# if the binder ends with these. The last call is in the background.
calls_before_mount() {
    local boot=$1
    shift
    answer_with "$@"
    # The image has no devices here.
    mkdir -p "$IMAGE/dev"
    : >"$IMAGE/dev/null"
    BOOT=$boot chroot "$IMAGE" /scripts/init-premount/earlybind >"$OUT/init-premount" 2>&1 ||
        wrong "init-premount failed: $(tail -n 1 "$OUT/init-premount")"
    sleep 1
    sed 's/^earlybind-boot --rescue-//' "$IMAGE/trace" | paste -sd' '
}

check_before_mount() {
    local calls
    while IFS='|' read -r boot answers want; do
        # shellcheck disable=SC2086 # words
        calls=$(calls_before_mount $boot $answers)
        [ "$calls" = "$want" ] || wrong "with boot=$boot and the answers $answers init-premount calls: $calls"
    done <<'END'
local|1|possible
zfs|1|possible
local|0|possible wait
zfs|0 1|possible before-mount wait
live|0 0|possible before-mount udevadm settle --timeout=10 wait
nfs|0 1 0|possible before-mount wait wait
END
}

# rescues_for DEVICE ROOT RESUME: prints how often the rescue is called while init waits for DEVICE. After run_init_top.
rescues_for() {
    : >"$IMAGE/trace"
    ROOT=$2 resume=$3 chroot "$IMAGE" /scripts/local-block/earlybind "$1" || wrong "local-block failed"
    grep -cx 'earlybind-boot --rescue' "$IMAGE/trace" || :
}

# The rescue is for a missing root or another filesystem, not for the resume device.
check_resume() {
    local device root resume want
    while read -r device root resume want; do
        [ "$(rescues_for "$device" "$root" "$resume")" = "$want" ] ||
            wrong "while $device is waited for (root $root, resume $resume), the rescue is not called $want times"
    done <<'END'
UUID=1 UUID=1 /dev/sdb1 1
/dev/sdb1 /dev/sda1 /dev/sdb1 0
/dev/sda3 /dev/sda1 /dev/sdb1 1
/dev/sda1 /dev/sda1 /dev/sda1 1
END
    [ "$(rescues_for UUID=1 UUID=1 '')" = 1 ] || wrong "without resume= the rescue is not called"
}

# A complete image, with a configuration that must not change
prepare_configured() { configure "$1"; }
check_configured() {
    must_say 'W: earlybind: .*what the host needs is unknown'
    must_not_say '[WEI]: earlybind'
    check_places
    check_plan
    check_modules 5
    check_rules
    check_binder
    check_rescue
    check_order
    check_killed
    check_resume
    check_delay
    check_before_mount
}

# Scripts with any name and from any directory wait.
prepare_alphabet() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    script "$1/$INIT_TOP/00first"
    script "$1/$INIT_TOP/01strict" '#!/bin/sh -eu'
    script "$1/$INIT_TOP/02plain" ''
    sed -i 1d "$1/$INIT_TOP/02plain"
    script "$1/etc/initramfs-tools/scripts/init-top/vfio.sh"
    script "$1/etc/initramfs-tools/scripts/init-top/a-wish"
    sed -i 's/^PREREQ=.*/PREREQ="udev"/' "$1/etc/initramfs-tools/scripts/init-top/a-wish"
}
check_alphabet() {
    must_not_say 'W: earlybind'
    # otherwise this shows nothing
    [ "$(first_of_order)" = 00first ] || wrong "00first is not the first of the written order"
    check_order
    [ "$(grep -cx 'modprobe e1000e' <<<"$TRACE")" = 5 ] || wrong "not all scripts have run: $(xargs <<<"$TRACE")"
}

# A script that cannot be changed to wait is reported, unless it runs later.
prepare_not_shell() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    printf '#!/usr/bin/perl\nexit;\n' >"$1/$INIT_TOP/00perl"
    printf '#!/usr/bin/perl\nexit;\n' >"$1/$INIT_TOP/zzperl"
    chmod 755 "$1/$INIT_TOP/00perl" "$1/$INIT_TOP/zzperl"
}
check_not_shell() {
    must_say '^W: earlybind: /scripts/init-top/00perl runs before earlybind'
    must_not_say zzperl
    cmp "$IMAGE/scripts/init-top/00perl" - <<<$'#!/usr/bin/perl\nexit;' || wrong "the perl script was changed"
}

check_no_config() {
    must_not_say 'W: earlybind'
    must_say '^I: earlybind: no /etc/earlybind.conf'
    check_config
    check_plan
    check_modules 5
    check_order
}

# An error is reported with its place; the image and the other lines are kept.
prepare_config_error() {
    printf '0000:01:00.0\n0000:02:00.0 gruop\n' >"$1/etc/earlybind.conf"
    mkdir -p "$1/etc/earlybind.d/directory.conf"
}
check_config_error() {
    must_say '^W: earlybind: earlybind\.conf:2:14: "gruop"'
    must_say '^W: earlybind: .*directory\.conf'
    cmp "$OUT/etc/earlybind.conf" "$IMAGE/etc/earlybind.conf" || wrong "the configuration was changed"
    check_modules 5
    check_order
}

check_no_vfio_pci() {
    must_say '^W: earlybind: kernel .* has no vfio_pci \(CONFIG_VFIO_PCI\)'
    grep -qx 'missing vfio_pci' "$IMAGE/etc/earlybind.plan" || wrong "the plan does not say that vfio_pci is missing"
    check_modules 2
    check_order
}

# modprobe.d cannot keep a module out of the image; its options are in the plan.
prepare_modprobe_d() { modprobe_d "$1"; }
check_modprobe_d() {
    must_say '^W: earlybind: modprobe.d blacklists vfio_pci'
    must_say '^W: earlybind: modprobe.d has an install command for vfio_iommu_type1'
    grep -q '^module vfio_pci .* disable_vga=1$' "$IMAGE/etc/earlybind.plan" || wrong "the plan lacks the option"
    check_modules 5
}

prepare_special_files() { special_files "$1"; }
check_special_files() {
    special_files_left_out 'W: '
    check_modules 5
    check_order
}

# Nothing is missing where programs cannot be run while the image is made.
prepare_noexec() { noexec "$1"; }
check_noexec() {
    must_not_say '[WEI]: earlybind'
    check_places
    check_plan
    check_modules 5
    check_binder
    check_order
}

# An incomplete installation is reported, and the image is built.
prepare_broken() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    rm "$1/usr/sbin/earlybind" "$1/$BINDER"
    chmod -x "$1/$INIT_TOP/earlybind"
}
check_broken() {
    must_say '^W: earlybind: /usr/libexec/earlybind/earlybind-boot is not in the image'
    must_say '^W: earlybind: the image has no plan'
    must_say '^W: earlybind: /scripts/init-top/earlybind is not in the image.s boot order'
    run_init_top
    grep -q '^systemd-udevd' <<<"$TRACE" || wrong "without earlybind the boot does not go on: $(xargs <<<"$TRACE")"
}

# A tool that is killed reports nothing itself.
prepare_crashed() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    printf '#!/bin/sh\nkill -SEGV $$\n' >"$1/usr/sbin/earlybind"
}
check_crashed() {
    must_say '^W: earlybind: `earlybind plan --kernel .*` was killed by SIGSEGV'
    must_say '^W: earlybind: the image has no plan'
}
