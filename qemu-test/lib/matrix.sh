# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix of an architecture, ARCH: every system (release and generator) on every
# machine, and the table of the results. Its cells are cases of the scenario
# matrix/cell, or of another scenario that has a column.
# shellcheck shell=bash

matrix_systems() {
    local release generator
    for release in $(table_keys "$HERE/releases"); do
        for generator in $(table_keys "$HERE/generators" | grep -v -e -crypt -e -zfs); do say "$release-$generator"; done
    done
}

matrix_architectures() { say "${ONLY_ARCH:-$(table_keys "$HERE/architectures")}"; }

# case_arch CASE
case_arch() { (case_parse "$1" && say "$ARCH"); }

matrix_columns() {
    local column
    for column in $(table_keys "$HERE/machines"); do
        [ "$(table_row "$HERE/machines" "$column" 7)" != "$ARCH" ] || say "$column"
    done
    for column in $(table_keys "$HERE/matrix/columns"); do
        [ "$(case_arch "$(table_row "$HERE/matrix/columns" "$column" 2)")" != "$ARCH" ] || say "$column"
    done
}

# matrix_case SYSTEM COLUMN
matrix_case() {
    local pattern
    pattern=$(table_row "$HERE/matrix/columns" "$2" 2) || pattern=cell@SYSTEM@$2
    say "${pattern/SYSTEM/$1}"
}

# matrix_exception CASE COLUMN: prints this column of the row of matrix/exceptions that
# matches CASE on ARCH. Status 1 if there is none.
matrix_exception() {
    local pattern
    while IFS= read -r pattern; do
        # shellcheck disable=SC2254 # it is a pattern
        case $ARCH:$1 in $pattern) table_row "$HERE/matrix/exceptions" "$pattern" "$2" && return ;; esac
    done < <(table_keys "$HERE/matrix/exceptions")
    return 1
}

matrix_left_out() { [ "$(matrix_exception "$1" 2)" = - ]; }

# arch_cases: prints the cases of ARCH that are booted.
arch_cases() {
    local system columns column name
    mapfile -t columns < <(matrix_columns)
    for system in $(matrix_systems); do
        for column in "${columns[@]}"; do
            name=$(matrix_case "$system" "$column")
            matrix_left_out "$name" || say "$name"
        done
    done
}

# matrix_cases: prints those of all architectures, or of the one that --arch names.
matrix_cases() {
    local ARCH
    for ARCH in $(matrix_architectures); do arch_cases; done
}

# system_versions SYSTEM: prints the versions of its kernel and its generator, if its root exists.
system_versions() {
    local dir package
    # shellcheck disable=SC2034 # root_dir reads them
    RELEASE=${1%%-*} GENERATOR=${1#*-}
    dir=$(root_dir)
    [ -e "$dir/complete" ] || return 0
    package=$(table_row "$HERE/generators" "$GENERATOR" 2)
    say "$(find "$dir/tree/lib/modules/" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1 | sed "s/-$ARCH\$//")" \
        "$(root_is_bare || awk -v name="${package%% *}" '$1 == "Package:" { on = $2 == name } on && $1 == "Version:" { print $2 }' \
            "$dir/tree/var/lib/dpkg/status")"
}

# matrix_cell CASE: prints two lines: what the binder reported, and the result.
matrix_cell() {
    if matrix_left_out "$1"; then
        say '-' && say '-'
    elif [[ " ${NAMES[*]} " != *" $1 "* ]]; then
        say . && say .
    else
        verdict_of "$1"
        say "${SAID:--}$(! matrix_exception "$1" 4 >/dev/null || say ' *')" && say "$RESULT $BOOTED s"
    fi
}

# matrix_lines: prints the table of ARCH, with columns separated by tabs. A system
# without a booted cell appears in the footnotes only.
matrix_lines() {
    local system columns column names name cells said judged
    mapfile -t columns < <(matrix_columns)
    printf '%s' "$ARCH"
    printf '\t%s' "${columns[@]}"
    printf '\n'
    for system in $(matrix_systems); do
        said=$system judged="  $(system_versions "$system")" names=0
        for column in "${columns[@]}"; do
            name=$(matrix_case "$system" "$column")
            matrix_left_out "$name" || names=$((names + 1))
            mapfile -t cells < <(matrix_cell "$name")
            said+=$'\t'${cells[0]} judged+=$'\t'${cells[1]}
        done
        [ "$names" -eq 0 ] || printf '%s\n%s\n' "$said" "$judged"
    done
}

# The exceptions of ARCH and their reasons
matrix_footnotes() {
    table_keys "$HERE/matrix/exceptions" | while IFS= read -r pattern; do
        [[ $pattern == "$ARCH":* ]] || continue
        if [ "$(table_row "$HERE/matrix/exceptions" "$pattern" 2)" = - ]; then printf -- '-'; else printf '*'; fi
        say "  ${pattern#*:}: $(table_row "$HERE/matrix/exceptions" "$pattern" 4)"
    done
}

# The table of each architecture that has a cell in this run
matrix_print() {
    local ARCH
    printf '\n%sThe matrix: what the binder reported, the result, seconds of the boot%s\n' "$BOLD" "$PLAIN"
    for ARCH in $(matrix_architectures); do
        [ -n "$(arch_cases | grep -xF "$(printf '%s\n' "${NAMES[@]}")")" ] || continue
        say ""
        matrix_lines | matrix_align
        matrix_footnotes
    done
    [ -n "$MATRIX" ] || say ".  not in this run: make check-qemu-all"
}

matrix_align() {
    awk -F '\t' '
        { rows = NR; columns = NF; for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
        END { for (r = 1; r <= rows; r++) {
            line = ""
            for (i = 1; i <= columns; i++) line = line sprintf("%-*s  ", width[i], cell[r, i])
            sub(/ +$/, "", line); print line; if (r % 2) print ""
        } }'
}
