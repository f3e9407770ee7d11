# SPDX-License-Identifier: GPL-2.0-or-later
# ACPI tables with errors that QEMU's tables do not have. The kernel reads them from
# the beginning of its initramfs (CONFIG_ACPI_TABLE_UPGRADE).
# shellcheck shell=bash

# firmware_initrd TABLE INITRD TO: writes TABLE, followed by the initramfs INITRD, to TO.
firmware_initrd() {
    local work
    work=$(mktemp -d "$OUT/firmware.XXXXXX")
    mkdir -p "$work/kernel/firmware/acpi"
    firmware_table "$HERE/firmware/$1" >"$work/kernel/firmware/acpi/$1.aml"
    # cpio pads its archive to a multiple of 512 bytes, where the kernel expects the next one.
    { (cd "$work" && find kernel | sort | cpio -o -H newc -R 0:0 --quiet) && cat "$2"; } >"$3"
    rm -rf "$work"
}

# firmware_table FILE: prints the table that FILE describes. FILE has the signature
# and the revision in one line, followed by the bytes in hexadecimal, without the
# header, which is added here. The table replaces QEMU's own, which has the same name
# and OEM revision 1 (drivers/acpi/tables.c).
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

# firmware_number BYTES VALUE: prints VALUE in hexadecimal, little-endian.
firmware_number() {
    local i
    for ((i = 0; i < $1; i++)); do printf '%02x ' $(($2 >> (8 * i) & 255)); done
}

firmware_text() { printf '%s' "$1" | od -An -v -tx1 | xargs; }
