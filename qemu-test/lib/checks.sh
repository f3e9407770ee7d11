# SPDX-License-Identifier: GPL-2.0-or-later
# One function for each row of the table `assertions`. Status 0: the assertion holds;
# 1: it does not, and FOUND may contain what was found instead; 2: unknown, which
# fails `must` and `mustnot`. OUT is the scenario's directory.
# shellcheck shell=bash

# pci_column ADDRESS COLUMN: prints this column of the guest's table of PCI devices.
pci_column() {
    awk -v address="$1" -v column="$2" \
        '$1 == address { print $column; found = 1 } END { exit !found }' "$OUT/report/pci"
}

check_pci_column() {
    FOUND=$(pci_column "$1" "$2") || { FOUND="no device $1"; return 2; }
    [ "$FOUND" = "$3" ]
}

check_driver() { check_pci_column "$1" 4 "$2"; }
check_override() { check_pci_column "$1" 5 "$2"; }

check_samegroup() {
    local group
    group=$(pci_column "$1" 6) || return 2
    [ "$group" != none ] && check_pci_column "$2" 6 "$group"
}

# The last row of a device counts; after it the rescue may have restored the device.
check_verdict() {
    local rows
    rows=$(grep -E "^(device|rescued)=$1 " "$OUT/report/earlybind/record" | tail -n 1)
    FOUND=${rows:-no row}
    case $rows in
        rescued=*) [ "$2" = rescued ] ;;
        *) grep -qE " verdict=$2( |\$)" <<<"$rows" ;;
    esac
}

check_attach() {
    FOUND=$(cat "$OUT/report/attach/$1" 2>/dev/null) || return 2
    grep -qx 'status=0' <<<"$FOUND"
}

# Messages of the kernel's enumeration and of the IOMMU groups name every device, and
# the kernel prints its parameters; these lines are ignored.
check_untouched() {
    FOUND=$(grep -F "$1" "$OUT/report/dmesg" |
        grep -vE "^\[ *[0-9.]+\] (earlybind: |pci $1: |pci [^ ]+: |iommu: |vfio-pci $1: |(Kernel c|C)ommand line: |dracut-cmdline)") || true
    [ -z "$FOUND" ]
}

check_file() {
    [ -f "$1" ] || { FOUND="no ${1##*/}"; return 2; }
    FOUND=$(grep -E -- "$2" "$1" | head -n 3) || FOUND="no such line"
    grep -qE -- "$2" "$1"
}

check_record() { check_file "$OUT/report/earlybind/record" "$1"; }
check_log() { check_file "$OUT/report/earlybind/log" "$1"; }
check_once() {
    check_log "$1" || return
    [ "$(grep -cE -- "$1" "$OUT/report/earlybind/log")" -eq 1 ]
}
check_dmesg() { check_file "$OUT/report/dmesg" "$1"; }
check_lspci() { check_file "$OUT/report/lspci" "$1"; }
check_serial() { check_file "$OUT/serial.log" "$1"; }
# Without what `plan` says of every image that is made in a directory: it knows no root there.
check_regenerate() {
    grep -vE 'what the host needs is unknown|no storage controller will be bound unless' "$OUT/regenerate.log" >"$OUT/regeneration"
    check_file "$OUT/regeneration" "$1"
}
check_journal() { check_file "$OUT/report/journal-earlybind" "$1"; }

check_plan() { check_file "$OUT/report/plan" "$1"; }

check_failed() {
    [ -f "$OUT/report/units-failed" ] || { FOUND="systemd was not init"; return 2; }
    FOUND=$(sed -n 's/^[^[:alnum:]]*\([^ ]*\).*/\1/p' "$OUT/report/units-failed")
    [ "${FOUND:-none}" = "$1" ]
}

check_loaded() { check_file "$OUT/report/modules" "^${1//-/_} "; }

check_record_row() {
    FOUND=$(grep -E "^$1=" "$OUT/report/earlybind/record") || FOUND="no row $1="
    [ "$FOUND" = "$1=$2" ]
}

# --- the tool's output in the guest, kept by `keep` ---

check_said() { check_file "$OUT/report/kept/$1" "$2"; }

check_exit() {
    FOUND=$(cat "$OUT/report/kept/$1.status" 2>/dev/null) || { FOUND="no $1"; return 2; }
    [ "$FOUND" = "status=$2" ] || { FOUND+=$'\n'$(head -n 3 "$OUT/report/kept/$1") && return 1; }
}

check_json() {
    [ -s "$OUT/report/kept/$1" ] || { FOUND="no $1, or it is empty"; return 2; }
    FOUND=$(jq -es 'length == 1' "$OUT/report/kept/$1" 2>&1)
}

# Devices and lines with their results, as `check` predicts them for a boot
# like this one, and as the record has it: ADDRESS|LINE VERDICT [NOTES] LINE.
# `check` tells notes beside `ready` only; another may have one in the record,
# for `status` to tell what has changed since (see decide/verify.h).
rows_predicted() {
    jq -ers '.[0] | (.devices[] | select(.hotplug | not) | [.device, .verdict, (.notes | join(",")), .line]),
        (.lines[] | ["line", .verdict, "", .line]) | join(" ")' "$OUT/report/kept/predicted" 2>&1 | sort
}

rows_recorded() {
    awk '/^(device|rule)=/ && !/ hotplug=yes/ {
            delete is
            for (i = 1; i <= NF; i++) { cut = index($i, "="); is[substr($i, 1, cut - 1)] = substr($i, cut + 1) }
            # A line whose devices tell all there is has no verdict.
            if (!("verdict" in is)) next
            print ("device" in is ? is["device"] : "line"), is["verdict"], is["verdict"] == "ready" ? is["notes"] : "", is["rule"]
            found = 1
        }
        END { if (!found) print "no row"; exit !found }' "$OUT/report/earlybind/record" 2>&1 | sort
}

# Nothing predicted and nothing recorded would agree, too.
check_predicted() {
    local predicted recorded
    predicted=$(rows_predicted) || { FOUND=${predicted:-nothing is predicted} && return 2; }
    recorded=$(rows_recorded) || { FOUND=$recorded && return 2; }
    FOUND=$(diff <(say "$predicted") <(say "$recorded") | sed -n 's/^</predicted:/p; s/^>/recorded:/p')
    [ -z "$FOUND" ]
}

check_status() { check_record_row status "$1"; }
check_run() { check_record_row run "$1"; }
