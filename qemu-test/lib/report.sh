# SPDX-License-Identifier: GPL-2.0-or-later
# The report of the results
# shellcheck shell=bash

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    GOOD=$'\e[32m' BAD=$'\e[1;31m' ODD=$'\e[33m' BOLD=$'\e[1m' PLAIN=$'\e[0m'
else
    GOOD='' BAD='' ODD='' BOLD='' PLAIN=''
fi

DONE=0
NAME_WIDTH=44

# indent N: indents standard input by N blanks and removes carriage returns.
indent() { sed "s/\r*\$//; s/^/$(printf '%*s' "$1" '')/"; }

# verdict_of NAME: reads OUT/verdict. A scenario without this file has failed.
# shellcheck disable=SC2034 # the callers read the variables
verdict_of() {
    local file=$BUILD/results/$1/verdict errors=$BUILD/results/$1.err
    RESULT=failed PREPARED=0 BOOTED=0 SAID='' WRONG="the runner itself failed"
    [ -s "$file" ] || { [ ! -s "$errors" ] || WRONG+=": $(tail -n 3 "$errors")"; return 0; }
    read -r RESULT PREPARED BOOTED SAID <"$file"
    WRONG=$(sed 1d "$file")
}

coloured() {
    case $1 in
    passed) printf '%s%s%s' "$GOOD" "$1" "$PLAIN" ;;
    failed) printf '%s%s%s' "$BAD" "$1" "$PLAIN" ;;
    *) printf '%s%s%s' "$ODD" "$1" "$PLAIN" ;;
    esac
}

report_progress() {
    local total=${#NAMES[@]}
    DONE=$((DONE + 1))
    verdict_of "$1"
    printf '[%*d/%d] %s  %-*s boot %3d s' ${#total} "$DONE" "$total" "$(coloured "$RESULT")" "$NAME_WIDTH" "$1" "$BOOTED"
    [ "$PREPARED" -lt 2 ] || printf ', image %d s' "$PREPARED"
    printf '\n'
    [ -z "$WRONG" ] || indent 8 <<<"$WRONG"
    [ "$RESULT" != failed ] || report_failure "$1"
    [ "$RESULT" != passed ] || [ -n "${KEEP:-}" ] || rm -rf "$BUILD/results/$1/report" "$BUILD/results/$1/channel"
    [ "$RESULT" = failed ] || rm -f "$BUILD/results/$1.err"
}

report_failure() {
    local out=$BUILD/results/$1
    say "        files: ${out#"$TOP"/}/ (serial.log, report/, regenerate.log, command)"
    [ -s "$out/serial.log" ] || return 0
    say "        earlybind's lines:"
    grep -aE '(^|\] )earlybind: ' "$out/serial.log" | indent 10 || say "          none"
    [ -d "$out/report" ] || { say "        the end of the console:" && tail -n 5 "$out/serial.log" | indent 10; }
}

report_list() {
    local name width=28
    for name in "$@"; do [ ${#name} -le $width ] || width=${#name}; done
    printf '\n%s%-*s %-8s %6s  %s%s\n' "$BOLD" $width scenario result boot title "$PLAIN"
    for name in "$@"; do
        verdict_of "$name"
        printf '%-*s %s   %4d s  %s\n' $width "$name" "$(coloured "$RESULT")" "$BOOTED" "$(scenario_title "$name")"
    done
}

report_end() {
    local name passed=0 failed=0 skipped=0 cells='' others=() all
    all=" $(matrix_cases | paste -sd' ') "
    for name in "${NAMES[@]}"; do
        verdict_of "$name"
        case $RESULT in
        passed) passed=$((passed + 1)) ;;
        skipped) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) ;;
        esac
        # A cell appears in the matrix, not in the list.
        if [[ $all == *" $name "* ]]; then cells=yes; else others+=("$name"); fi
    done
    [ ${#others[@]} -eq 0 ] || report_list "${others[@]}"
    [ -z "$cells" ] || matrix_print
    printf '\n%d passed, %d failed' "$passed" "$failed"
    [ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
    printf '\n'
    [ "$failed" -eq 0 ] && { [ "$skipped" -eq 0 ] || [ -z "${CI:-}" ]; }
}
