# SPDX-License-Identifier: GPL-2.0-or-later
# ACPI tables of our own, where QEMU makes none that would be wrong enough. The
# kernel takes them from the beginning of its initramfs (CONFIG_ACPI_TABLE_UPGRADE).
# shellcheck shell=bash

# firmware_initrd TABLE INITRD TO: write to TO the initramfs INITRD behind that table.
firmware_initrd() {
    local work
    work=$(mktemp -d "$OUT/firmware.XXXXXX")
    mkdir -p "$work/kernel/firmware/acpi"
    firmware_table "$HERE/firmware/$1" >"$work/kernel/firmware/acpi/$1.aml"
    # cpio ends its archive on a multiple of 512 bytes, where the kernel looks for the next.
    { (cd "$work" && find kernel | sort | cpio -o -H newc -R 0:0 --quiet) && cat "$2"; } >"$3"
    rm -rf "$work"
}

# firmware_table FILE: the table that FILE tells: its signature and revision in
# one line, and behind that its bytes in hex, without the header, which is made
# here. It replaces QEMU's own, if there is one: that has the same name, and the
# OEM revision 1 (drivers/acpi/tables.c).
firmware_table() {
    local signature revision body sum=0 byte length
    read -r signature revision body < <(sed 's/[[:blank:]]*#.*//' "$1" | xargs)
    length=$(($(wc -w <<<"$body") + 36))
    body="$(firmware_text "$signature") $(firmware_number 4 "$length") $(firmware_number 1 "$revision") CHECKSUM
        $(firmware_text 'BOCHS BXPC    ') $(firmware_number 4 2) $(firmware_text TEST) $(firmware_number 4 1) $body"
    for byte in ${body/CHECKSUM/}; do sum=$((sum + 0x$byte)); done
    body=${body/CHECKSUM/$(firmware_number 1 $((-sum & 255)))}
    # shellcheck disable=SC2059,SC2086 # one escape a byte
    printf "$(printf '\\x%s' $body)"
}

# firmware_number BYTES VALUE: little-endian, in hex.
firmware_number() {
    local i
    for ((i = 0; i < $1; i++)); do printf '%02x ' $(($2 >> (8 * i) & 255)); done
}

firmware_text() { printf '%s' "$1" | od -An -v -tx1 | xargs; }
