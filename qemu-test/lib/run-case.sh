# SPDX-License-Identifier: GPL-2.0-or-later
# One scenario from its file to its result in OUT/verdict:
#   passed|failed|skipped SECONDS-TO-PREPARE SECONDS-TO-BOOT WHAT-THE-BINDER-REPORTED
# followed by a line for each assertion that does not hold.
# shellcheck shell=bash

# case_prepare CASE: provides its image and its disk, or sets MISSING to what this
# machine lacks.
case_prepare() {
    local started=$SECONDS
    rm -rf "$OUT"
    mkdir -p "$OUT"
    scenario_load "$1" "$OUT/config"
    MISSING=$(scenario_missing)
    [ -z "$MISSING" ] || return 0
    root_need
    installed_need
    disk_need
    modules_need ||
        MISSING="the headers of ${KERNEL##*/vmlinuz-}, which apt does not offer"
    [ -z "$S_KERNEL" ] || kernel_need "$S_KERNEL" || MISSING="the kernel $S_KERNEL, which could not be built"
    [ -z "$MISSING" ] || return 0
    [[ $S_DISK != @(crypt|passphrase) ]] || crypt_disk_need || return 1
    [ "$S_DISK" != zpool ] || pool_need || return 1
    [[ $S_DISK != zfs-* ]] || zfs_need || MISSING="OpenZFS's boot script, which apt does not offer"
    [ -z "$MISSING" ] || return 0
    fstab_disk_need
    scenario_add_drivers
    image_need "$OUT/config" "$S_MODULES" "$S_ADDED" || return 1
    [ ${#S_TWICE[@]} -eq 0 ] || image_of_guest_need || return 1
    cp "$IMAGE/regenerate.log" "$OUT/"
    PREPARE_SECONDS=$((SECONDS - started))
}

# case_run CASE: to be run in a subshell
case_run() {
    OUT=$BUILD/results/$1 PREPARE_SECONDS=0 BOOT_SECONDS=0
    trap 'stop_child; exit 143' TERM INT HUP
    if ! case_prepare "$1"; then
        case_verdict failed "the image could not be built:
$(tail -n 5 "$IMAGE/log")"
    elif [ -n "$MISSING" ]; then
        case_verdict skipped "needs $MISSING"
    else
        case_boot
    fi
}

case_boot() {
    local wrong='' note=''
    boot || wrong=$BOOT_ERROR
    if boot_oopsed; then
        cp "$OUT/serial.log" "$OUT/serial.log.oops"
        note="note: the first boot had a kernel oops that has nothing to do with vfio (serial.log.oops); booted again"
        wrong=''
        boot || wrong=$BOOT_ERROR
    fi
    [ -n "$wrong" ] || wrong=$(judge)
    rm -f "$OUT/root.ext4"
    if [ -n "$wrong" ]; then
        case_verdict failed "$wrong${note:+
$note}"
    else
        case_verdict passed "$note"
    fi
}

# The verdict of the platform, or of the first device if the IOMMU is active.
case_said() {
    local record=$OUT/report/earlybind/record
    { sed -n 's/^platform=\([^ ]*\).*/\1/p' "$record" | grep -vx iommu-active ||
        sed -n 's/^device=.* verdict=\([^ ]*\).*/\1/p' "$record"; } 2>/dev/null | head -n 1
}

case_verdict() {
    printf '%s %s %s %s\n' "$1" "$PREPARE_SECONDS" "$BOOT_SECONDS" "$(case_said)" >"$OUT/verdict.new"
    [ -z "$2" ] || printf '%s\n' "$2" >>"$OUT/verdict.new"
    mv "$OUT/verdict.new" "$OUT/verdict"
}

# judge: prints every assertion that does not hold.
judge() {
    local always check
    [ -n "$S_UNTIL" ] || for always in $INVARIANTS; do "invariant_$always"; done
    for check in ${S_CHECKS[@]+"${S_CHECKS[@]}"}; do judge_one "$check"; done
}

judge_one() {
    local sense=${1%% *} rest kind word usage arguments=() holds=0
    rest=$(trim "${1#* }")
    kind=${rest%%[[:blank:]]*}
    rest=$(trim "${rest#"$kind"}")
    usage=$(table_row "$HERE/assertions" "$kind" 2)
    # A REGEX is the rest of the line.
    for word in $usage; do
        [ "$word" = REGEX ] || { word=${rest%%[[:blank:]]*} && arguments+=("$word") && rest=$(trim "${rest#"$word"}"); }
    done
    [[ $usage != *REGEX ]] || arguments+=("$rest")
    FOUND=''
    "check_$kind" "${arguments[@]}" || holds=$?
    case $sense:$holds in
    must:0 | mustnot:1) ;;
    *) say "$1${FOUND:+   [found: $(paste -sd' ' <<<"$FOUND" | cut -c1-240)]}" ;;
    esac
}
