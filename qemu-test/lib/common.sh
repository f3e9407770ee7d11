# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by everything in qemu-test: places, messages, tables, locks.
# shellcheck shell=bash

HERE=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
TOP=$(dirname "$HERE")
BUILD=${BUILD:-$TOP/build/qemu}
RELEASE=${RELEASE:-bookworm}
GENERATOR=${GENERATOR:-initramfs-tools}

say() { printf '%s\n' "$*"; }
warn() { printf 'qemu-test: %s\n' "$*" >&2; }
die() {
    warn "$*"
    exit 1
}

# Where a message goes even while a function's output is kept in a file.
# shellcheck disable=SC2034 # used by who is stopped
exec {MESSAGES}>&2

# progress TEXT: one line about what is being waited for.
progress() { printf '  %s\n' "$*"; }

# quietly LOG COMMAND...: its output goes to LOG, whose end is shown on failure.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 && return 0
    warn "failed: $* (all of its output: $log)"
    tail -n 15 "$log" | sed 's/^/    /' >&2
    return 1
}

# The packages that hold the commands used here, beside those of an architecture.
NEEDED='mmdebstrap mmdebstrap
mke2fs e2fsprogs
gcc gcc
make make
dpkg-buildpackage dpkg-dev
dh debhelper
klcc libklibc-dev
unshare util-linux
flock util-linux
mount mount
tar tar
cpio cpio
gzip gzip
jq jq'

# need_commands [NEEDED]: stop unless they are all there.
need_commands() {
    local command package missing=()
    while read -r command package; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || missing+=("$package")
    done < <(printf '%s\n' "$NEEDED" "$@")
    [ ${#missing[@]} -eq 0 ] ||
        die "commands are missing; as root: apt-get install ${missing[*]}"
    [ "$(id -u)" -eq 0 ] ||
        die "must run as root, since it builds a Debian root and mounts it"
}

# What tells this run from all others, in its subshells too.
RUN=$$-${EPOCHREALTIME/[.,]/}

short_hash() { sha256sum | cut -c1-16; }

trim() {
    local text=$1
    text=${text#"${text%%[![:space:]]*}"}
    printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# table_row FILE KEY COLUMN: that column (from 1) of the row named KEY;
# status 1 if there is no such row.
table_row() {
    awk -F '|' -v key="$2" -v column="$3" '
        function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
        !/^#/ && NF && trim($1) == key { print trim($column); found = 1; exit }
        END { exit !found }' "$1"
}

table_keys() { awk -F '|' '!/^#/ && NF { sub(/[ \t]+$/, "", $1); print $1 }' "$1"; }

# table_need FILE KEY: stop unless there is such a row.
table_need() {
    table_row "$HERE/$1" "$2" 1 >/dev/null ||
        die "no '$2' in qemu-test/$1 (known: $(table_keys "$HERE/$1" | xargs))"
}

list_lines() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# prune: forget what no run has used for a day, and roots after a week; every
# use touches it.
prune() {
    local kind
    [ ! -d "$BUILD/roots" ] || find "$BUILD/roots" -mindepth 1 -maxdepth 1 -mmin +10080 -exec rm -rf {} +
    for kind in images disks installed debs guest; do
        [ ! -d "$BUILD/$kind" ] ||
            find "$BUILD/$kind" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
    done
}

# with_lock NAME COMMAND...: nobody else runs under the same name meanwhile.
with_lock() {
    local name=$1 lock status=0
    shift
    mkdir -p "$BUILD/locks"
    exec {lock}>"$BUILD/locks/$name"
    flock "$lock"
    "$@" || status=$?
    exec {lock}>&-
    return $status
}

# wait_for SIGNAL COMMAND...: a program that may take long. Should this shell
# be stopped meanwhile, stop_child ends it with that signal.
CHILD='' CHILD_SIGNAL=''
wait_for() {
    local status=0
    CHILD_SIGNAL=$1
    shift
    "$@" </dev/null &
    CHILD=$!
    wait "$CHILD" || status=$?
    CHILD=''
    return $status
}

# in_namespace COMMAND...: see lib/in-namespace. It heeds no signal but SIGKILL, which takes
# everything below it along.
in_namespace() { wait_for KILL "$HERE/lib/in-namespace" "$@"; }

stop_child() {
    [ -n "$CHILD" ] || return 0
    kill "-$CHILD_SIGNAL" "$CHILD" 2>/dev/null || true
    wait "$CHILD" 2>/dev/null || true
}

# shellcheck source=/dev/null
. "$HERE/lib/arch.sh"
