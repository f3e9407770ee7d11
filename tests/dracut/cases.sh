# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2016
#
# prepare_NAME TREE RELEASE changes the system before the regeneration.
# check_NAME prints what does not hold afterwards: OUT is the case's folder
# (see regenerate), IMAGE the unpacked image.

BINDER=usr/libexec/earlybind/earlybind-boot
UNITS=usr/lib/systemd/system
FOREIGN=usr/lib/dracut/modules.d/01loads-early

wrong() { printf '%s\n' "$*"; }

must_say() { grep -qE -- "$1" "$OUT/said" || wrong "the regeneration does not say: $1"; }
must_not_say() { ! grep -E -- "$1" "$OUT/said" || wrong "the regeneration must not say: $1"; }
must_warn() { must_say "^dracut(\[[EW]\])?: earlybind: $1"; }

# Somebody else's dracut module that loads drivers as early as dracut lets it,
# first in the alphabet.
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

# --- what is in the image ---

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

# check_modules N: at least N modules are in the plan, and each in the image,
# in whatever compression, and in its index.
check_modules() {
    local word name path folder n=0
    folder=$IMAGE/lib/modules/$(cat "$OUT/release")
    while read -r word name path _; do
        case $word in module | iommu) ;; *) continue ;; esac
        n=$((n + 1))
        compgen -G "$folder/${path%.ko*}.ko*" >/dev/null || wrong "module $name is not in the image"
        grep -qF "${path%.ko*}.ko" "$folder/modules.dep" || wrong "depmod does not know $name in the image"
    done <"$IMAGE/etc/earlybind.plan"
    [ "$n" -ge "$1" ] || wrong "the plan loads $n modules, not at least $1"
}

# dracut may have stripped it: what counts is that it runs.
check_binder() {
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

# What udev calls for late devices is there, and at the same place as on the host.
check_rules() {
    local rule
    rule=$(find "$IMAGE/usr/lib/udev/rules.d" "$IMAGE/lib/udev/rules.d" -name 75-earlybind.rules 2>/dev/null | head -n 1)
    [ -n "$rule" ] || { wrong "75-earlybind.rules is not in the image" && return; }
    grep -qF "RUN+=\"/$BINDER --late \$kernel\"" "$rule" || wrong "the rule in the image does not call the binder"
}

check_contents() {
    check_rules
    check_config
    check_plan
    check_modules 4
    check_binder
}

# --- the order, with systemd ---

# All services of the image, templates with an instance, wanted by one target.
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

# loaded_by TARGET: what the image's own systemd makes of the image's units:
# every unit with its dependencies, and the jobs that starting TARGET gives.
loaded_by() {
    alone "$HERE_DRACUT/ask-systemd" "$IMAGE" "$1" >"$OUT/$1.units" 2>&1 ||
        wrong "the image's systemd does not read its units: $(tail -n 1 "$OUT/$1.units")"
}

# order_of FILE: every service and socket, and whether it starts after earlybind.
order_of() {
    awk '/[[:blank:]]Unit [^ ]+:$/ { unit = $NF; sub(/:$/, "", unit) }
        /Unit Load State: loaded/ { after[unit] += 0 }
        /[[:blank:]]After: earlybind\.service / { after[unit] = 1 }
        END { for (unit in after) if (unit ~ /\.(service|socket)$/) print unit, after[unit] ? "after" : "at-once" }' "$1"
}

# check_waits NAME...: these are there, and wait.
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
    # No other service runs before it or beside it, and no socket of udev, whatever their names.
    local early
    early=$(grep -E '^(.*\.service|systemd-udevd.*) at-once$' "$OUT/order")
    [ "$early" = "earlybind.service at-once" ] || wrong "not ordered after earlybind.service: $(xargs <<<"$early")"
    ! grep -E 'ordering cycle|earlybind\.service: Dependency' "$OUT/all.target.units" || wrong "the order contradicts itself"
}

# It starts with what the initramfs starts, and nothing requires it.
check_systemd_pull() {
    loaded_by initrd.target
    grep -q 'Action: earlybind.service -> start' "$OUT/initrd.target.units" ||
        wrong "initrd.target does not start earlybind.service"
    grep -q 'Action: earlybind-rescue.service -> start' "$OUT/initrd.target.units" ||
        wrong "initrd.target does not start earlybind-rescue.service"
    awk '/[[:blank:]]Unit [^ ]+:$/ { ours = $NF == "earlybind-root-found.service:" }
        ours && /[[:blank:]]After: initrd-root-device\.target / { found = 1 }
        END { exit !found }' "$OUT/initrd.target.units" ||
        wrong "nobody tells the rescue that the root device is there"
    ! grep -rlE '^(Requires|Requisite|BindsTo)=.*earlybind' "$IMAGE/$UNITS" || wrong "a unit requires earlybind.service"
    [ -z "$(find "$IMAGE" -path '*.requires/earlybind.service')" ] || wrong "a target requires earlybind.service"
    [ ! -e "$IMAGE/etc/conf.d/earlybind.conf" ] || wrong "the script for dracut's own init is there too"
}

# A binder that is killed runs once more: of the unit's two commands the second, which starts it where there is no record.
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

# --- the order, without systemd ---

# run_init [END]: run the image's init up to udev, with a binder and tools that
# only note that they were called. TRACE is what they noted. The binder ends by
# END; by default it fails, which must not matter.
run_init() {
    local file end=${1:-exit 3}
    for file in "$BINDER" usr/sbin/modprobe usr/sbin/insmod usr/bin/udevadm usr/lib/systemd/systemd-udevd; do
        rm -f "$IMAGE/$file"
        printf '#!/bin/sh\necho "%s${*:+ $*}" >>/trace\n' "${file##*/}" >"$IMAGE/$file"
        chmod 755 "$IMAGE/$file"
    done
    echo "mkdir -p /run/earlybind; $end" >>"$IMAGE/$BINDER"
    echo 'kill -9 $PPID' >>"$IMAGE/usr/lib/systemd/systemd-udevd"
    rm -f "$IMAGE/trace"
    alone "$HERE_DRACUT/run-init" "$IMAGE" "root=/dev/sda rd.driver.pre=given" >"$OUT/init" 2>&1 || true
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

# A binder that is killed runs once more, still before anything else.
check_killed() {
    # shellcheck disable=SC2016 # the stub's
    run_init '[ -e /killed ] || { : >/killed; kill -9 $$; }'
    [ "$(head -n 2 <<<"$TRACE" | grep -cx earlybind-boot)" = 2 ] ||
        wrong "a binder that was killed is not run a second time: $(paste -sd, <<<"$TRACE")"
}

# rescues_for ROOT: how often a round of init's with that root calls the rescue. After run_init.
rescues_for() {
    local hook
    hook=$(find "$IMAGE" -name '*rescue-earlybind.sh' -path '*/hooks/initqueue/settled/*' -printf '/%P\n' | head -n 1)
    : >"$IMAGE/trace"
    chroot "$IMAGE" /bin/sh -c "root='$1'; . '$hook'" || wrong "the rescue's hook fails"
    grep -cx 'earlybind-boot --rescue' "$IMAGE/trace" || :
}

# What init waits for need not be the root.
check_init_rescue() {
    [ "$(rescues_for block:/no-such-disk)" = 1 ] || wrong "the rescue is not called while the root is missing"
    [ "$(rescues_for zfs:rpool)" = 1 ] || wrong "the rescue is not called for a root that is no block device"
    [ "$(rescues_for block:/trace)" = 0 ] || wrong "the rescue is called though the root is there"
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
}

# --- the cases ---

prepare_configured() {
    printf '\xef\xbb\xbf# a card\r\n0000:01:00.0\tgroup\r\n10de:1B80' >"$1/etc/earlybind.conf"
    mkdir -p "$1/etc/earlybind.d" "$1/srv"
    echo '15b3:101e optional' >"$1/srv/elsewhere"
    ln -s /srv/elsewhere "$1/etc/earlybind.d/20-link.conf"
    echo 'skip 0000:04:00.0' >"$1/etc/earlybind.d/10-skip.conf"
    echo 'not read' >"$1/etc/earlybind.d/note.txt"
    foreign_module "$1"
}

prepare_no_config() { :; }
check_no_config() {
    must_not_say '(\[[EW]\])?: earlybind'
    check_contents
}

# A mistake is said with its place, and costs neither the image nor the good lines.
prepare_config_error() {
    printf '0000:01:00.0\n0000:02:00.0 gruop\n' >"$1/etc/earlybind.conf"
}
check_config_error() {
    must_warn 'earlybind\.conf:2:14: "gruop"'
    check_contents
}

prepare_no_vfio_pci() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    find "$1/lib/modules/$2/" -name 'vfio-pci.ko*' -delete
    chroot "$1" depmod "$2"
}
check_no_vfio_pci() {
    must_warn 'kernel .* has no vfio_pci \(CONFIG_VFIO_PCI\)'
    grep -qx 'missing vfio_pci' "$IMAGE/etc/earlybind.plan" || wrong "the plan does not say that vfio_pci is missing"
    check_modules 2
}

# Neither modprobe.d nor dracut's own switches keep a module out of the image.
prepare_modprobe_d() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    printf '%s\n' 'install vfio_iommu_type1 /bin/true' 'install vfio /bin/true' 'blacklist vfio-pci' \
        'options vfio-pci disable_vga=1' >"$1/etc/modprobe.d/test.conf"
    echo 'omit_drivers+=" vfio-pci "' >"$1/etc/dracut.conf.d/test.conf"
}
check_modprobe_d() {
    must_warn 'modprobe.d blacklists vfio_pci'
    must_warn 'modprobe.d has an install command for vfio_iommu_type1'
    grep -q '^module vfio_pci .* disable_vga=1$' "$IMAGE/etc/earlybind.plan" || wrong "the plan lacks the option"
    check_modules 4
}

# An installation that lost its parts is said, and still gives an image.
prepare_broken() {
    echo 0000:01:00.0 >"$1/etc/earlybind.conf"
    rm "$1/usr/sbin/earlybind" "$1/$BINDER"
}
check_broken() {
    must_warn '/usr/libexec/earlybind/earlybind-boot is not in the image'
    must_warn 'the image has no plan'
}

# driver=auto: a kernel with a variant driver, in which an ordinary module plays its part.
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
