# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2016
#
# prepare_NAME TREE RELEASE changes the system before the regeneration.
# check_NAME prints what does not hold afterwards. OUT is the case's directory (see
# regenerate), IMAGE the unpacked image.

# shellcheck source=tests/image/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../image/common.sh"

UNITS=usr/lib/systemd/system
FOREIGN=usr/lib/dracut/modules.d/01loads-early

must_warn() { must_say "^dracut(\[[EW]\])?: earlybind: $1"; }

# Another dracut module, which loads drivers as early as possible and is first in the
# alphabet
foreign_module() {
    mkdir -p "$1/$FOREIGN"
    cat >"$1/$FOREIGN/module-setup.sh" <<'END'
check() { return 0; }
install() {
    inst_hook cmdline 00 "$moddir/aaa.sh"
    inst_simple "$moddir/aaa.service" "$systemdsystemunitdir/aaa.service"
    mkdir -p "$initdir$systemdsystemunitdir/sysinit.target.wants"
    ln -s ../aaa.service "$initdir$systemdsystemunitdir/sysinit.target.wants/aaa.service"
}
END
    echo 'modprobe foreign' >"$1/$FOREIGN/aaa.sh"
    printf '%s\n' '[Unit]' DefaultDependencies=no '[Service]' Type=oneshot \
        'ExecStart=/sbin/modprobe foreign' >"$1/$FOREIGN/aaa.service"
}

# --- the contents of the image ---

check_contents() {
    check_rules
    check_config
    check_plan
    check_modules 4
    # dracut may have stripped it, so its bytes are not compared.
    check_binder_runs
}

# --- the order with systemd ---

# One target that wants all services of the image, templates with an instance.
want_all_services() {
    local wants=$IMAGE/etc/systemd/system/all.target.wants unit
    mkdir -p "$wants"
    printf '[Unit]\nDefaultDependencies=no\n' >"${wants%.wants}"
    for unit in "$IMAGE/$UNITS"/*.service "$IMAGE"/etc/systemd/system/*.service; do
        [ -e "$unit" ] || [ -L "$unit" ] || continue
        [ "$(readlink "$unit")" != /dev/null ] || continue
        unit=${unit##*/}
        ln -sf "/$UNITS/$unit" "$wants/${unit/%@.service/@instance.service}"
    done
}

# loaded_by TARGET: the units of the image as its systemd loads them, with their
# dependencies and the jobs for TARGET
loaded_by() {
    in_namespace "$HERE_DRACUT/ask-systemd" "$IMAGE" "$1" >"$OUT/$1.units" 2>&1 ||
        wrong "the image's systemd does not read its units: $(tail -n 1 "$OUT/$1.units")"
}

# order_of FILE: prints every service and socket, and whether it starts after earlybind.
order_of() {
    awk '/[[:blank:]]Unit [^ ]+:$/ { unit = $NF; sub(/:$/, "", unit) }
        /Unit Load State: loaded/ { after[unit] += 0 }
        /[[:blank:]]After: earlybind\.service / { after[unit] = 1 }
        END { for (unit in after) if (unit ~ /\.(service|socket)$/) print unit, after[unit] ? "after" : "at-once" }' "$1"
}

# check_waits NAME...: these units exist and start after earlybind.
check_waits() {
    local name
    for name in "$@"; do
        grep -qx "$name after" "$OUT/order" || wrong "$name is not ordered after earlybind.service"
    done
}

check_systemd_order() {
    want_all_services
    loaded_by all.target
    order_of "$OUT/all.target.units" >"$OUT/order"
    check_waits systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service \
        systemd-udevd-kernel.socket modprobe@instance.service \
        dracut-cmdline.service dracut-pre-udev.service dracut-pre-trigger.service aaa.service
    # No other service, and no socket of udev, starts before it or in parallel.
    local early
    early=$(grep -E '^(.*\.service|systemd-udevd.*) at-once$' "$OUT/order")
    [ "$early" = "earlybind.service at-once" ] || wrong "not ordered after earlybind.service: $(xargs <<<"$early")"
    ! grep -E 'ordering cycle|earlybind\.service: Dependency' "$OUT/all.target.units" || wrong "the order contradicts itself"
}

# The initramfs starts it, and no unit requires it.
check_systemd_pull() {
    loaded_by initrd.target
    grep -q 'Action: earlybind.service -> start' "$OUT/initrd.target.units" ||
        wrong "initrd.target does not start earlybind.service"
    local name
    for name in earlybind-rescue earlybind-rescue-before-mount; do
        grep -q "Action: $name.service -> start" "$OUT/initrd.target.units" ||
            wrong "initrd.target does not start $name.service"
    done
    awk '/[[:blank:]]Unit [^ ]+:$/ { ours = $NF == "earlybind-rescue-before-mount.service:" }
        ours && /[[:blank:]]Before: sysroot\.mount / { found = 1 }
        END { exit !found }' "$OUT/initrd.target.units" ||
        wrong "no unit restores what could carry the root before it is mounted"
    awk '/[[:blank:]]Unit [^ ]+:$/ { ours = $NF == "earlybind-rescue-cancel.service:" }
        ours && /[[:blank:]]After: initrd-root-device\.target / { found = 1 }
        END { exit !found }' "$OUT/initrd.target.units" ||
        wrong "no unit tells the rescue that the root device is present"
    ! grep -rlE '^(Requires|Requisite|BindsTo)=.*earlybind' "$IMAGE/$UNITS" || wrong "a unit requires earlybind.service"
    [ -z "$(find "$IMAGE" -path '*.requires/earlybind.service')" ] || wrong "a target requires earlybind.service"
    [ ! -e "$IMAGE/etc/conf.d/earlybind.conf" ] || wrong "the script for dracut's own init is there too"
}

# A binder that is killed runs again: the unit's second command runs it if there is no record.
check_systemd_killed() {
    local unit=$IMAGE/$UNITS/earlybind.service command
    [ "$(grep -c '^ExecStart=' "$unit")" = 2 ] && grep -qx "ExecStart=-/$BINDER" "$unit" ||
        wrong "earlybind.service does not go on when the binder is killed"
    command=$(sed -n "s/^ExecStart=\/bin\/sh -c '\(.*\)'$/\1/p" "$unit")
    printf '#!/bin/sh\necho started\nexit 1\n' >"$IMAGE/$BINDER"
    rm -rf "$IMAGE/run/earlybind"
    [ "$(chroot "$IMAGE" /bin/sh -c "$command")" = started ] || wrong "a binder that was killed is not run a second time"
    mkdir -p "$IMAGE/run/earlybind"
    : >"$IMAGE/run/earlybind/record"
    [ -z "$(chroot "$IMAGE" /bin/sh -c "$command")" ] || wrong "the binder runs a second time though it was not killed"
}

check_systemd() {
    must_not_say '(\[[EW]\])?: earlybind'
    check_contents
    check_systemd_order
    check_systemd_pull
    check_systemd_killed
}

# --- the order without systemd ---

# run_init [END]: runs the image's init up to udev, with stubs for the binder and the
# tools. TRACE lists their calls. The binder ends with END; by default it fails, which
# must not change anything.
run_init() {
    local file end=${1:-exit 3}
    for file in "$BINDER" usr/sbin/modprobe usr/sbin/insmod usr/bin/udevadm usr/lib/systemd/systemd-udevd; do
        rm -f "$IMAGE/$file"
        printf '#!/bin/sh\necho "%s${*:+ $*}" >>/trace\n' "${file##*/}" >"$IMAGE/$file"
        chmod 755 "$IMAGE/$file"
    done
    echo "mkdir -p /run/earlybind; $end" >>"$IMAGE/$BINDER"
    # The rescue ends with status 1 if it restored nothing; its loops end then.
    # shellcheck disable=SC2016 # the stub's
    echo '[ "${1-}" != --rescue-wait ]' >>"$IMAGE/$BINDER"
    echo 'kill -9 $PPID' >>"$IMAGE/usr/lib/systemd/systemd-udevd"
    rm -f "$IMAGE/trace"
    in_namespace "$HERE_DRACUT/run-init" "$IMAGE" "root=/dev/sda rd.driver.pre=given" >"$OUT/init" 2>&1 || true
    TRACE=$(cat "$IMAGE/trace")
}

# The binder runs once, before anything else.
check_init_order() {
    run_init
    [ "$(head -n 1 <<<"$TRACE")" = earlybind-boot ] || wrong "the binder does not come first: $(paste -sd, <<<"$TRACE")"
    [ "$(grep -cx earlybind-boot <<<"$TRACE")" = 1 ] || wrong "the binder does not run once: $(paste -sd, <<<"$TRACE")"
    for name in 'modprobe foreign' 'modprobe given' systemd-udevd; do
        grep -q "^$name" <<<"$TRACE" || wrong "this proves nothing without $name: $(paste -sd, <<<"$TRACE")"
    done
}

# A binder that is killed runs again, before anything else.
check_killed() {
    # shellcheck disable=SC2016 # the stub's
    run_init '[ -e /killed ] || { : >/killed; kill -9 $$; }'
    [ "$(head -n 2 <<<"$TRACE" | grep -cx earlybind-boot)" = 2 ] ||
        wrong "a binder that was killed is not run a second time: $(paste -sd, <<<"$TRACE")"
}

# rescues_for ROOT: prints how often a round of init with this root calls the rescue. After run_init.
rescues_for() {
    local hook
    hook=$(find "$IMAGE" -name '*rescue-earlybind.sh' -path '*/hooks/initqueue/settled/*' -printf '/%P\n' | head -n 1)
    : >"$IMAGE/trace"
    chroot "$IMAGE" /bin/sh -c "root='$1'; . '$hook'" || wrong "the rescue's hook fails"
    grep -cx 'earlybind-boot --rescue' "$IMAGE/trace" || :
}

# init may wait for something else than the root.
check_init_rescue() {
    [ "$(rescues_for block:/no-such-disk)" = 1 ] || wrong "the rescue is not called while the root is missing"
    [ "$(rescues_for zfs:rpool)" = 1 ] || wrong "the rescue is not called for a root that is no block device"
    [ "$(rescues_for block:/trace)" = 0 ] || wrong "the rescue is called though the root is there"
}

# calls_before_mount ROOT: prints how often init calls the rescue before it mounts such a
# root, and how often in the background. After run_init.
calls_before_mount() {
    local hook patience=50
    hook=$(find "$IMAGE" -name '*before-mount-earlybind.sh' -path '*/hooks/pre-mount/*' -printf '/%P\n' | head -n 1)
    mkdir -p "$IMAGE/dev"
    : >"$IMAGE/trace"
    [ -e "$IMAGE/dev/null" ] || : >"$IMAGE/dev/null"
    chroot "$IMAGE" /bin/sh -c "root='$1'; . '$hook'" || wrong "the hook before the mount fails"
    [ "$1" = "${1#block:}" ] || patience=5
    until grep -q rescue-wait "$IMAGE/trace" || [ $((patience -= 1)) -eq 0 ]; do sleep 0.1; done
    sed -n 's/^earlybind-boot --rescue-//p' "$IMAGE/trace" | paste -sd' '
}

check_init_before_mount() {
    [ "$(calls_before_mount zfs:rpool)" = "before-mount wait" ] || wrong "a root that is no block device is not waited for before the mount"
    [ -z "$(calls_before_mount block:/trace)" ] || wrong "a block device is waited for before the mount"
}

check_init() {
    must_not_say '(\[[EW]\])?: earlybind'
    check_contents
    [ -z "$(find "$IMAGE/$UNITS" -name 'earlybind*')" ] || wrong "systemd's units are there too"
    compgen -G "$IMAGE/*/lib/dracut/hooks/initqueue/settled/*rescue-earlybind.sh" >/dev/null ||
        compgen -G "$IMAGE/lib/dracut/hooks/initqueue/settled/*rescue-earlybind.sh" >/dev/null ||
        wrong "nothing calls the rescue while the root is waited for"
    check_init_order
    check_killed
    check_init_rescue
    check_init_before_mount
}

# --- the cases ---

prepare_configured() {
    configure "$1"
    foreign_module "$1"
}

check_no_config() {
    must_not_say '(\[[EW]\])?: earlybind'
    check_contents
}

# An error is reported with its place; the image and the other lines are kept.
prepare_config_error() {
    printf '0000:01:00.0\n0000:02:00.0 gruop\n' >"$1/etc/earlybind.conf"
}
check_config_error() {
    must_warn 'earlybind\.conf:2:14: "gruop"'
    check_contents
}

check_no_vfio_pci() {
    must_warn 'kernel .* has no vfio_pci \(CONFIG_VFIO_PCI\)'
    grep -qx 'missing vfio_pci' "$IMAGE/etc/earlybind.plan" || wrong "the plan does not say that vfio_pci is missing"
    check_modules 2
}

# Neither modprobe.d nor dracut's options keep a module out of the image.
prepare_modprobe_d() {
    modprobe_d "$1"
    echo 'omit_drivers+=" vfio-pci "' >"$1/etc/dracut.conf.d/test.conf"
}
check_modprobe_d() {
    must_warn 'modprobe.d blacklists vfio_pci'
    must_warn 'modprobe.d has an install command for vfio_iommu_type1'
    grep -q '^module vfio_pci .* disable_vga=1$' "$IMAGE/etc/earlybind.plan" || wrong "the plan lacks the option"
    check_modules 4
}

prepare_special_files() { special_files "$1"; }
check_special_files() {
    special_files_left_out 'dracut(\[[EW]\])?: '
    check_modules 4
}

# Nothing is missing where programs cannot be run while the image is made.
prepare_noexec() { noexec "$1"; }
check_noexec() {
    must_not_say '(\[[EW]\])?: earlybind'
    check_contents
}

# Without modules the binder still needs the plan, which tells what the host needs.
check_no_kernel() {
    must_warn 'the image has no kernel modules \(--no-kernel\): devices can be bound only if another image contains'
    [ "$(grep -vE "$UNKNOWN_NEEDS" "$OUT/said" | grep -c ': earlybind: ')" = 1 ] ||
        wrong "more is said than that the modules are missing"
    check_config
    check_plan
    check_binder_runs
    [ -z "$(find "$IMAGE" -name 'vfio*.ko*')" ] || wrong "the image has kernel modules: this proves nothing"
}

# An incomplete installation is reported, and the image is built.
prepare_broken() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    rm "$1/usr/sbin/earlybind" "$1/$BINDER"
}
check_broken() {
    must_warn '/usr/libexec/earlybind/earlybind-boot is not in the image'
    must_warn 'the image has no plan'
}

# A tool that is killed reports nothing itself.
prepare_crashed() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    printf '#!/bin/sh\nkill -SEGV $$\n' >"$1/usr/sbin/earlybind"
}
check_crashed() {
    must_warn '`earlybind plan --kernel .*` was killed by SIGSEGV'
    must_warn 'the image has no plan'
}
