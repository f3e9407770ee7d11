# SPDX-License-Identifier: GPL-2.0-or-later
# Parses scenario files: `word rest` on each line.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the callers read the S_*

scenario_names() { find "$HERE/scenarios" -maxdepth 1 -type f -printf '%f\n' | sort; }

# case_parse CASE: a case is `SCENARIO[@SYSTEM[@MACHINE]]`, and a system is
# `RELEASE-GENERATOR`. Sets CASE_SCENARIO, CASE_MACHINE (empty: the scenario's own),
# the ARCH of its machine, and RELEASE and GENERATOR (default: the architecture's).
case_parse() {
    local system machine
    IFS=@ read -r CASE_SCENARIO system CASE_MACHINE <<<"$1"
    machine=${CASE_MACHINE:-$(scenario_own_machine "$CASE_SCENARIO")}
    # An unknown machine is reported when the scenario is read.
    ARCH=$(table_row "$HERE/machines" "$machine" 7) || ARCH=$HOST_ARCH
    [ -n "$system" ] || system=$(arch_column 4)
    RELEASE=${system%%-*} GENERATOR=${system#*-}
}

# scenario_own_machine NAME: prints the machine in its file, if any.
scenario_own_machine() {
    local file
    ! file=$(scenario_file "$1") || sed -n 's/^machine[[:blank:]]*//p' "$file"
}

# scenario_file NAME: prints its path, in one of three directories.
scenario_file() {
    local directory
    for directory in scenarios long matrix; do
        [ ! -f "$HERE/$directory/$1" ] || { say "$HERE/$directory/$1" && return; }
    done
    return 1
}

# scenario_title CASE: prints its title; for a cell, what its machine represents.
scenario_title() {
    case $1 in
    cell@*@*) table_row "$HERE/machines" "${1##*@}" 6 ;;
    *) sed -n 's/^title[[:blank:]]*//p' "$(scenario_file "${1%%@*}")" ;;
    esac
}

# scenario_load CASE CONFIG_DIR: sets S_*, and writes the configuration to CONFIG_DIR.
scenario_load() {
    S_CONFIG=$2
    S_TITLE='' S_MACHINE='' S_CMDLINE='' S_MODULES=list S_INIT='' S_CONFIGURED='' S_DISK=nvme S_IMAGE='' S_UNTIL='' S_MODULE='' S_KERNEL='' S_VARIANT='' S_FIRMWARE=''
    S_DEVICES=() S_CHECKS=() S_NEEDS=() S_ATTACH=() S_LATE=() S_PLUG=() S_TYPE=() S_DRIVES=() S_FILESYSTEMS=() S_TWICE=()
    case_parse "$1"
    S_ADDED=${S_CONFIG}-added
    rm -rf "$S_CONFIG" "$S_ADDED"
    mkdir -p "$S_CONFIG" "$S_ADDED"
    S_FILE=$(scenario_file "$CASE_SCENARIO") || die "no scenario '$CASE_SCENARIO' (see qemu-test/run --list)"
    scenario_read
    [ -z "$CASE_MACHINE" ] || scenario_machine "$CASE_MACHINE" || die "$SCENARIO_ERROR"
    [ "$CASE_SCENARIO" != cell ] || scenario_as_cell "$1"
    scenario_complete
}

# scenario_read: reads the lines of S_FILE.
scenario_read() {
    local line number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        [[ $line =~ ^[[:blank:]]*(#|$) ]] && continue
        [[ $line =~ ^([^[:blank:]]+)[[:blank:]]*(.*)$ ]]
        scenario_word "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" || scenario_error "$number" "$SCENARIO_ERROR"
    done <"$S_FILE"
}

# scenario_as_cell CASE: adds the assertions of the machine's row, or of an exception.
scenario_as_cell() {
    local outcome platform
    [ -n "$CASE_MACHINE" ] || die "$1: use cell@SYSTEM@MACHINE"
    outcome=$(matrix_exception "$1" 2 || table_row "$HERE/machines" "$S_MACHINE" 4)
    platform=$(matrix_exception "$1" 3 || table_row "$HERE/machines" "$S_MACHINE" 5)
    S_FILE=$HERE/matrix/$outcome
    scenario_read
    S_CHECKS+=("must log ^earlybind: $platform")
}

scenario_error() { die "$S_FILE:$1: $2"; }

# scenario_word WORD REST: handles one line. On failure SCENARIO_ERROR says why.
scenario_word() {
    SCENARIO_ERROR="'$1' requires a value"
    case $1 in
    config | noconfig | image | twice) ;;
    *) [ -n "$2" ] || return 1 ;;
    esac
    case $1 in
    title) S_TITLE=$2 ;;
    machine) scenario_machine "$2" ;;
    modules) scenario_modules "$2" ;;
    disk) scenario_disk "$2" ;;
    image) S_IMAGE=yes ;;
    twice) S_TWICE+=("${2:-true}") ;;
    drive) scenario_drive "$2" ;;
    until) S_UNTIL=$2 ;;
    module) scenario_module "$2" ;;
    kernel) scenario_kernel "$2" ;;
    plan) say "$2" >>"$S_ADDED/plan" ;;
    without) say "$2" >>"$S_ADDED/without" ;;
    firmware) scenario_firmware "$2" ;;
    init) scenario_init "$2" ;;
    device) S_DEVICES+=("$2") ;;
    variant) scenario_variant "$2" ;;
    needs) S_NEEDS+=("$2") ;;
    cmdline) S_CMDLINE+=" $2" ;;
    filesystem) S_FILESYSTEMS+=("$2") ;;
    late) S_LATE+=("$2") ;;
    plug) S_PLUG+=("$2") ;;
    type) scenario_type "$2" ;;
    noconfig) S_CONFIGURED=yes ;;
    config) scenario_config earlybind.conf '%s\n' "$2" ;;
    configbytes) scenario_config earlybind.conf '%b' "$2" ;;
    dropin) scenario_dropin "$2" ;;
    etc) scenario_etc "$2" ;;
    must | mustnot) scenario_check "$1" "$2" ;;
    *)
        SCENARIO_ERROR="unknown word '$1' (known: title machine modules disk image twice firmware plan without module kernel until init filesystem device drive variant needs cmdline late plug type config configbytes dropin etc noconfig must mustnot)"
        return 1
        ;;
    esac
}

scenario_machine() {
    SCENARIO_ERROR="unknown machine '$1' (known: $(table_keys "$HERE/machines" | xargs))"
    table_row "$HERE/machines" "$1" 1 >/dev/null && S_MACHINE=$1
}

scenario_modules() {
    SCENARIO_ERROR="modules must be 'most' or 'list', not '$1'"
    [ "$1" = most ] || [ "$1" = list ] || return 1
    S_MODULES=$1
}

scenario_disk() {
    SCENARIO_ERROR="unknown disk '$1' (known: $(table_keys "$HERE/disks" | xargs))"
    table_row "$HERE/disks" "$1" 1 >/dev/null && S_DISK=$1
}

scenario_module() {
    SCENARIO_ERROR="no qemu-test/modules/$1.c"
    [ -f "$HERE/modules/$1.c" ] && S_MODULE=$1
}

scenario_drive() {
    SCENARIO_ERROR="drive requires a name and a size, not '$1'"
    [[ $1 =~ ^[a-z0-9]+\ +[0-9]+M$ ]] && S_DRIVES+=("$1")
}

scenario_kernel() {
    SCENARIO_ERROR="no qemu-test/kernels/$1"
    [ -f "$HERE/kernels/$1" ] && S_KERNEL=$1
}

scenario_variant() {
    SCENARIO_ERROR="no qemu-test/modules/$1.c"
    [ -f "$HERE/modules/$1.c" ] && S_VARIANT=$1
}

scenario_firmware() {
    SCENARIO_ERROR="no qemu-test/firmware/$1"
    [ -f "$HERE/firmware/$1" ] && S_FIRMWARE=$1
}

scenario_init() {
    SCENARIO_ERROR="init must be 'systemd', not '$1'"
    [ "$1" = systemd ] && S_INIT=$1
}

# scenario_config FILE FORMAT TEXT: appends to this file in the guest's /etc.
scenario_config() {
    mkdir -p "$(dirname "$S_CONFIG/$1")"
    # shellcheck disable=SC2059 # the callers pass constant formats
    printf "$2" "$3" >>"$S_CONFIG/$1"
    S_CONFIGURED=yes
}

scenario_dropin() {
    SCENARIO_ERROR="dropin requires a file name and a line"
    [[ $1 =~ ^([^[:blank:]/]+)[[:blank:]]+(.*)$ ]] || return 1
    scenario_config "earlybind.d/${BASH_REMATCH[1]}" '%s\n' "${BASH_REMATCH[2]}"
}

scenario_type() {
    SCENARIO_ERROR="type requires a word and a regular expression"
    [[ $1 =~ ^([a-z]+)[[:blank:]]+(.+)$ ]] || return 1
    S_TYPE=("${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}")
}

scenario_etc() {
    SCENARIO_ERROR="etc requires a file name and a line"
    [[ $1 =~ ^([^[:blank:]]+)[[:blank:]]+(.*)$ ]] || return 1
    mkdir -p "$(dirname "$S_CONFIG/${BASH_REMATCH[1]}")"
    say "${BASH_REMATCH[2]}" >>"$S_CONFIG/${BASH_REMATCH[1]}"
}

# scenario_check must|mustnot "KIND ARGUMENTS": checks the assertion against the table
# and keeps it.
scenario_check() {
    local kind=${2%%[[:blank:]]*} usage words
    if ! usage=$(table_row "$HERE/assertions" "$kind" 2); then
        SCENARIO_ERROR="unknown assertion '$kind' (known: $(table_keys "$HERE/assertions" | xargs))"
        return 1
    fi
    SCENARIO_ERROR="usage: $1 $kind $usage"
    read -ra words <<<"$2"
    if [[ $usage == *REGEX ]]; then
        [ ${#words[@]} -gt "$(wc -w <<<"$usage")" ] || return 1
    else
        [ ${#words[@]} -eq $(($(wc -w <<<"$usage") + 1)) ] || return 1
    fi
    [ "$kind" != attach ] || S_ATTACH+=("${words[1]}")
    S_CHECKS+=("$1 $2")
}

scenario_complete() {
    [ -n "$S_TITLE" ] || die "$S_FILE: no title"
    [ -n "$S_MACHINE" ] || die "$S_FILE: no machine"
    [ -n "$S_CONFIGURED" ] || die "$S_FILE: neither config nor noconfig"
}

# scenario_missing: prints what the scenario needs and this machine or its QEMU lacks.
scenario_missing() {
    local word model models
    emulator_missing
    for word in $(table_row "$HERE/machines" "$S_MACHINE" 3); do
        [[ $word != /* ]] || [ -f "$word" ] || say "$word: make packages"
    done
    [ ${#S_NEEDS[@]} -gt 0 ] || return 0
    models=$("$(arch_column 5)" -device help 2>&1)
    for model in "${S_NEEDS[@]}"; do
        grep -q "name \"$model\"" <<<"$models" || say "QEMU's $model"
    done
}

# scenario_add_drivers: adds the drivers of its disk, unless the image contains most modules.
scenario_add_drivers() {
    local drivers
    case $S_DISK in
    crypt) say key >"$S_ADDED/crypt" ;;
    passphrase) say ask >"$S_ADDED/crypt" ;;
    esac
    drivers=$(table_row "$HERE/disks" "$S_DISK" 4)
    [ -z "$drivers" ] || [ "$S_MODULES" != list ] || tr ' ' '\n' <<<"$drivers" >"$S_ADDED/drivers"
}
