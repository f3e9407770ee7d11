# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by all of qemu-test: paths, messages, tables, locks.
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

# For messages while the output of a function is redirected to a file.
# shellcheck disable=SC2034 # used by the signal handlers
exec {MESSAGES}>&2

# progress TEXT: prints a line about a step that takes time.
progress() { printf '  %s\n' "$*"; }

# quietly LOG COMMAND...: writes the command's output to LOG, and prints its end if the command fails.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 && return 0
    warn "failed: $* (its output is in $log)"
    tail -n 15 "$log" | sed 's/^/    /' >&2
    return 1
}

# The commands that are used here and their packages, without those of an architecture.
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

# need_commands [NEEDED]: exits unless all commands are installed.
need_commands() {
    local command package missing=()
    while read -r command package; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || missing+=("$package")
    done < <(printf '%s\n' "$NEEDED" "$@")
    [ ${#missing[@]} -eq 0 ] ||
        die "commands are missing: run \`apt-get install ${missing[*]}\` as root"
    [ "$(id -u)" -eq 0 ] ||
        die "run this as root: it creates and mounts a Debian root filesystem"
}

# Identifies this run, also in subshells.
RUN=$$-${EPOCHREALTIME/[.,]/}

short_hash() { sha256sum | cut -c1-16; }

trim() {
    local text=$1
    text=${text#"${text%%[![:space:]]*}"}
    printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# table_row FILE KEY COLUMN: prints this column (from 1) of the row KEY. Status 1 if
# there is no such row.
table_row() {
    awk -F '|' -v key="$2" -v column="$3" '
        function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
        !/^#/ && NF && trim($1) == key { print trim($column); found = 1; exit }
        END { exit !found }' "$1"
}

table_keys() { awk -F '|' '!/^#/ && NF { sub(/[ \t]+$/, "", $1); print $1 }' "$1"; }

# table_need FILE KEY: exits unless there is such a row.
table_need() {
    table_row "$HERE/$1" "$2" 1 >/dev/null ||
        die "no '$2' in qemu-test/$1 (known: $(table_keys "$HERE/$1" | xargs))"
}

list_lines() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# prune: deletes cached files that no run has used for a day, and roots after a week.
# Every use touches them.
prune() {
    local kind
    [ ! -d "$BUILD/roots" ] || find "$BUILD/roots" -mindepth 1 -maxdepth 1 -mmin +10080 -exec rm -rf {} +
    for kind in images disks installed debs guest; do
        [ ! -d "$BUILD/$kind" ] ||
            find "$BUILD/$kind" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
    done
}

# with_lock NAME COMMAND...: commands with the same name run one after the other.
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

# wait_for SIGNAL COMMAND...: runs a program that may take long. If this shell is
# stopped, stop_child ends the program with that signal.
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

# in_namespace COMMAND...: see lib/in-namespace. Only SIGKILL ends it, with all of its
# children.
in_namespace() { wait_for KILL "$HERE/lib/in-namespace" "$@"; }

stop_child() {
    [ -n "$CHILD" ] || return 0
    kill "-$CHILD_SIGNAL" "$CHILD" 2>/dev/null || true
    wait "$CHILD" 2>/dev/null || true
}

# shellcheck source=/dev/null
. "$HERE/lib/arch.sh"
