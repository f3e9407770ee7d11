# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix: every system (release and generator) on every machine, and the
# table of what came out. Its cells are cases of the scenarios in matrix/.
# shellcheck shell=bash

matrix_systems() {
    local release generator
    for release in $(table_keys "$HERE/releases"); do
        for generator in $(table_keys "$HERE/generators" | grep -v -e -crypt); do say "$release-$generator"; done
    done
}

matrix_columns() { table_keys "$HERE/machines" && say login; }

# matrix_case SYSTEM COLUMN
matrix_case() { if [ "$2" = login ]; then say "login@$1"; else say "cell@$1@$2"; fi; }

# matrix_exception CASE COLUMN: of the row of matrix/exceptions that fits;
# status 1 if there is none.
matrix_exception() {
    local pattern
    while IFS= read -r pattern; do
        # shellcheck disable=SC2254 # it is a pattern
        case $1 in $pattern) table_row "$HERE/matrix/exceptions" "$pattern" "$2" && return ;; esac
    done < <(table_keys "$HERE/matrix/exceptions")
    return 1
}

matrix_left_out() { [ "$(matrix_exception "$1" 2)" = - ]; }

matrix_cases() {
    local system column name
    for system in $(matrix_systems); do
        for column in $(matrix_columns); do
            name=$(matrix_case "$system" "$column")
            matrix_left_out "$name" || say "$name"
        done
    done
}

# system_versions SYSTEM: of its kernel and its generator, if its root is there.
system_versions() {
    local dir package
    # shellcheck disable=SC2034 # root_dir reads them
    RELEASE=${1%%-*} GENERATOR=${1#*-}
    dir=$(root_dir)
    [ -e "$dir/complete" ] || return 0
    package=$(table_row "$HERE/generators" "$GENERATOR" 2)
    say "$(find "$dir/tree/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1 | sed 's/-amd64$//')," \
        "$(awk -v name="${package%% *}" '$1 == "Package:" { on = $2 == name } on && $1 == "Version:" { print $2 }' \
            "$dir/tree/var/lib/dpkg/status")"
}

# matrix_cell CASE: two lines: what the binder said, and how that was judged.
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

# matrix_lines: the table, columns separated by tabs.
matrix_lines() {
    local system column cells said judged
    printf 'system'
    for column in $(matrix_columns); do printf '\t%s' "$column"; done
    printf '\n'
    for system in $(matrix_systems); do
        said=$system judged="  $(system_versions "$system")"
        for column in $(matrix_columns); do
            mapfile -t cells < <(matrix_cell "$(matrix_case "$system" "$column")")
            said+=$'\t'${cells[0]} judged+=$'\t'${cells[1]}
        done
        printf '%s\n%s\n' "$said" "$judged"
    done
}

# What is otherwise than one would expect, and why.
matrix_footnotes() {
    table_keys "$HERE/matrix/exceptions" | while IFS= read -r pattern; do
        if matrix_left_out "$pattern"; then printf -- '-'; else printf '*'; fi
        say "  $pattern: $(matrix_exception "$pattern" 4)"
    done
}

matrix_print() {
    printf '\n%sThe matrix: what the binder said, the verdict, seconds to boot%s\n' "$BOLD" "$PLAIN"
    matrix_lines | awk -F '\t' '
        { rows = NR; columns = NF; for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
        END { for (r = 1; r <= rows; r++) {
            line = ""
            for (i = 1; i <= columns; i++) line = line sprintf("%-*s  ", width[i], cell[r, i])
            sub(/ +$/, "", line); print line; if (r % 2) print ""
        } }'
    matrix_footnotes
    [ -n "$MATRIX" ] || say ".  not in this run: make check-qemu-all"
}
