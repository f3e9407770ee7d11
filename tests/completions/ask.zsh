# SPDX-License-Identifier: GPL-2.0-or-later
# ask.zsh DIR LINE: prints the words that zsh's completion offers after LINE, with
# the completion functions of DIR. The completion runs in a shell on a
# pseudo-terminal, whose compadd prints the words instead of inserting them.
zmodload zsh/zpty
directory=$1 line=$2

zpty inner zsh -f -i
ask() { zpty -w inner "$1" }
ask "PS1= PS2=; stty -echo; cd ${(q)PWD}; PATH=${(q)PATH}; fpath=(${(q)directory} \$fpath)"
ask 'autoload -Uz compinit; compinit -u -D'
# -O stores the matching words in an array; the same call without it completes.
ask 'compadd() {
    local -a matching
    case "${(j: :)@}" in *-O*|*-A*|*-D*) builtin compadd "$@"; return ;; esac
    builtin compadd -O matching "$@"
    (( $#matching )) && print -rl -- "<"$^matching">" >>asked
    builtin compadd "$@"
}
finish() { print done >>asked; zle .kill-whole-line }
zle -N finish
bindkey "^X" finish
zstyle ":completion:*" list-prompt ""; LISTMAX=10000'
: >asked
ask 'print ready >>asked'
for try in {1..200}; do
    grep -qx ready asked && break
    sleep 0.05
done
zpty -n -w inner "$line"$'\t\x18'
for try in {1..200}; do
    grep -qx done asked && break
    sleep 0.05
done
zpty -d inner
sed -n 's/^<\(.*\)>$/\1/p' asked
rm -f asked
