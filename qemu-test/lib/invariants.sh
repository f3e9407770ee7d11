# SPDX-License-Identifier: GPL-2.0-or-later
# What must hold in every scenario. Each function prints what is wrong, or nothing.
# shellcheck shell=bash
# shellcheck disable=SC2034 # INVARIANTS is read in run-case.sh

INVARIANTS="root kernel record config_copy log_twice order journal"

# The final system runs from the scenario's disk, unless the image is bare.
invariant_root() {
    local disk
    ! root_is_bare || return 0
    disk=$(table_row "$HERE/disks" "$S_DISK" 3)
    grep -qE "^$disk / (ext4|zfs) " "$OUT/report/mounts" || say "the root is not $disk"
}

invariant_kernel() {
    local lines
    lines=$(grep -hE 'BUG: |Oops: |general protection fault|Kernel panic|WARNING: CPU' \
        "$OUT/report/dmesg" "$OUT/serial.log" | sort -u | head -n 3)
    [ -z "$lines" ] || say "the kernel reports an error: $lines"
}

invariant_record() {
    [ -f "$OUT/report/earlybind/record" ] || { say "no /run/earlybind/record"; return; }
    grep -qx 'run=early' "$OUT/report/earlybind/record" ||
        say "the record has no run=early: the binder ran too late"
    grep -qE '^status=[0-9]+$' "$OUT/report/earlybind/record" || say "the record has no status"
}

# config_files DIR: prints the files of a configuration that earlybind reads, with checksums.
config_files() {
    [ ! -d "$1" ] || (cd "$1" && find . -type f \( -path ./earlybind.conf -o -path './earlybind.d/*.conf' \) \
        -exec sha256sum {} + | sort -k 2)
}

# /run/earlybind/etc is the configuration of this boot, byte for byte.
invariant_config_copy() {
    local different
    different=$(diff <(config_files "$OUT/config") <(config_files "$OUT/report/earlybind/etc")) ||
        say "/run/earlybind/etc is not the configuration: $(sed -n 's/^\([<>]\) [0-9a-f]* */\1 /p' <<<"$different" | paste -sd' ')"
}

# /run/earlybind/log and the kernel log are the same.
invariant_log_twice() {
    [ -s "$OUT/report/earlybind/log" ] || { say "no /run/earlybind/log, or it is empty"; return; }
    local different
    different=$(diff <(sed -n 's/^\[ *[0-9.]*\] \(earlybind: .*\)/\1/p' "$OUT/report/dmesg") \
        <(sed 's/^\(earlybind: \)\?/earlybind: /' "$OUT/report/earlybind/log")) ||
        say "the kernel log and /run/earlybind/log differ: $(sed -n '/^[<>]/{p;q}' <<<"$different")"
}

# line_of PATTERN head|tail: prints the number of the first or last such line on the console.
line_of() { grep -anE -- "$1" "$OUT/serial.log" | grep -av "$RESCUE" | "$2" -n 1 | cut -d: -f1; }

# The rescue comes after udev has started.
RESCUE=' rescued: '

# The last line of the binder's run: the summary, or a line that says that there is nothing to do.
# Lines of hotplugged devices follow.
SUM='earlybind\[?[0-9]*\]?: ([0-9]+ devices?: |disabled: |no-configuration: )'

# The messages of udev or systemd at the start of udev, with colours.
UDEV_STARTS='Starting (systemd-udevd )?version|systemd-udevd\[|Start(ing|ed) [^ ]*systemd-udevd\.service'

# The binder ends before udev starts and before any driver module prints a message.
invariant_order() {
    local last udev driver
    last=$(line_of "$SUM" tail)
    udev=$(line_of "$UDEV_STARTS" head)
    driver=$(line_of '^\[ *[0-9.]+\] (e1000e?|nvme|ahci|xhci_hcd)( |:)' head)
    [ -n "$last" ] || { say "the console has no last line of the binder"; return; }
    # If messages of programs go elsewhere, those of the kernel tell.
    [ -n "$udev" ] || [[ $S_CMDLINE == *console=* ]] || { say "the console has no line of udev"; return; }
    [ "$last" -lt "${udev:-999999}" ] || say "earlybind's last line (serial.log:$last) comes after udev's start (:$udev)"
    [ "$last" -lt "${driver:-999999}" ] || say "earlybind's last line (serial.log:$last) comes after a driver's (:$driver)"
}

# time_of PATTERN head|tail: prints the time of the first or last such line in the journal.
time_of() { grep -aE -- "$1" "$OUT/report/journal" | grep -av "$RESCUE" | "$2" -n 1 | sed -n 's/^\[ *\([0-9.]*\)\].*/\1/p'; }

# The same according to the journal, if there is one.
invariant_journal() {
    local last udev
    [ -s "$OUT/report/journal" ] || return 0
    last=$(time_of " $SUM" tail)
    udev=$(time_of 'systemd-udevd\[|Starting [^ ]*systemd-(udevd|udev-trigger|modules-load)\.service' head)
    [ -n "$last" ] || { say "the journal has no last line of the binder"; return; }
    [ -n "$udev" ] || { say "the journal has no line of udev"; return; }
    awk -v a="$last" -v b="$udev" 'BEGIN { exit !(a + 0 < b + 0) }' ||
        say "in the journal earlybind's last line ($last s) comes after udev's start ($udev s)"
}
