# SPDX-License-Identifier: GPL-2.0-or-later
# One boot in QEMU, and the guest's report.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the callers read the results

ACCEL=${ACCEL:-tcg}
TIMEOUT=${TIMEOUT:-400}

# boot_command: sets COMMAND from S_*, ARCH, OUT, IMAGE, INITRD, KERNEL, DISK and NONCE.
boot_command() {
    local machine device parameters attach
    read -ra machine <<<"$(table_row "$HERE/machines" "$S_MACHINE" 3) $(arch_column 7)"
    attach=$(IFS=,; say "${S_ATTACH[*]}")
    parameters="console=$(arch_column 8) $(boot_end) root=$(table_row "$HERE/disks" "$S_DISK" 2)$(boot_root_type) TERM=dumb $(arch_column 10)"
    parameters+=" $(boot_init) earlybind_test.nonce=$NONCE earlybind_test.channel=$(arch_column 9)"
    [ -z "$S_IMAGE" ] || parameters+=" earlybind_test.image=$(stat -c %s "$IMAGE/initrd")"
    parameters+=" earlybind_test.attach=$attach $(table_row "$HERE/machines" "$S_MACHINE" 2)$S_CMDLINE"
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND=("$(arch_column 5)" -nodefaults -no-reboot -display none
        -accel "$ACCEL" -smp 1 -m 1G -chardev null,id=null
        -chardev "file,id=console,path=$OUT/serial.log" -chardev "file,id=channel,path=$OUT/channel"
        "${machine[@]}"
        -kernel "$KERNEL" -initrd "$INITRD" -append "$parameters")
    [ -z "$DISK" ] || boot_disk
    [ -z "$S_IMAGE" ] || boot_image
    boot_filesystems
    for device in ${S_DEVICES[@]+"${S_DEVICES[@]}"}; do COMMAND+=(-device "$device"); done
    [ ${#S_LATE[@]} -eq 0 ] || COMMAND+=(-fw_cfg "name=opt/earlybind/late,file=$OUT/late")
    ! has_monitor || COMMAND+=(-monitor "pipe:$OUT/monitor")
}

# A pool has the type of its filesystems.
boot_root_type() { [ "$S_DISK" = zpool ] || say " rootfstype=ext4"; }

# plug_when_asked: plugs in the scenario's next device each time the guest requests
# it on its console. Ends with the machine.
plug_when_asked() {
    local monitor device asked=0
    exec {monitor}<>"$OUT/monitor.in"
    for device in "${S_PLUG[@]}"; do
        asked=$((asked + 1))
        until [ "$(grep -ac '^earlybind-test: plug' "$OUT/serial.log")" -ge $asked ]; do
            [ -p "$OUT/monitor.in" ] || return 0
            sleep 0.2
        done
        printf 'device_add %s\n' "$device" >&"$monitor"
    done
}

has_monitor() { [ $((${#S_PLUG[@]} + ${#S_TYPE[@]})) -gt 0 ]; }

# type_when_asked: types the scenario's word on the machine's keyboard once the console has
# its line, and again every 20 seconds. Ends with the machine.
type_when_asked() {
    local monitor key keys
    exec {monitor}<>"$OUT/monitor.in"
    keys=$(sed 's/./& /g' <<<"${S_TYPE[0]}")
    until grep -aqE -- "${S_TYPE[1]}" "$OUT/serial.log"; do
        [ -p "$OUT/monitor.in" ] || return 0
        sleep 0.5
    done
    while sleep 5 && [ -p "$OUT/monitor.in" ]; do
        for key in $keys ret; do printf 'sendkey %s 50\n' "$key" >&"$monitor" && sleep 0.3; done
        sleep 15
    done
}

# late_prepare: provides the commands for the running guest, and the pipes to QEMU's monitor.
late_prepare() {
    rm -f "$OUT/late" "$OUT/monitor.in" "$OUT/monitor.out"
    [ ${#S_LATE[@]} -eq 0 ] || printf '%s\n' "${S_LATE[@]}" >"$OUT/late"
    ! has_monitor || mkfifo "$OUT/monitor.in" "$OUT/monitor.out"
}

# boot_disk: adds the disk and the controller of the scenario's root.
boot_disk() {
    local device
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND+=(-fw_cfg "name=opt/earlybind/files,file=$IMAGE/files"
        -drive "if=none,id=root,file=$DISK,format=raw,snapshot=on")
    [ "$S_DISK" != zpool ] || COMMAND+=(-drive "if=none,id=mirror,file=$DISK.mirror,format=raw,snapshot=on")
    [ -z "${REGENERATED:-}" ] || boot_regenerated
    boot_drives
    for device in $(table_row "$HERE/disks" "$S_DISK" 5); do COMMAND+=(-device "$device"); done
}

# boot_initrd: sets INITRD to the image, preceded by the scenario's ACPI table if it has one.
boot_initrd() {
    INITRD=$IMAGE/initrd
    [ -n "$S_FIRMWARE" ] || return 0
    INITRD=$OUT/initrd
    firmware_initrd "$S_FIRMWARE" "$IMAGE/initrd" "$INITRD"
}

# boot_image: also provides the booted image on a disk, at the built-in controller
# of a q35 machine.
boot_image() {
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND+=(-drive "if=none,id=image,file=$IMAGE/initrd,format=raw,snapshot=on"
        -device ide-hd,drive=image,bus=ide.5,serial=earlybind-image)
}

# boot_drives: adds the disks of the scenario's `drive` lines. They are empty, or as the
# first boot of a scenario with `twice` has left them.
boot_drives() {
    local drive name size directory=$OUT snapshot=off
    if [ ${#S_TWICE[@]} -gt 0 ] && [ -z "${REGENERATED:-}" ]; then directory=$IMAGE/boot snapshot=on; fi
    for drive in ${S_DRIVES[@]+"${S_DRIVES[@]}"}; do
        read -r name size <<<"$drive"
        [ $snapshot = on ] || { rm -f "$directory/$name" && truncate -s "$size" "$directory/$name"; }
        COMMAND+=(-drive "if=none,id=$name,file=$directory/$name,format=raw,snapshot=$snapshot")
    done
}

# boot_regenerated: provides a disk of this file, to which the guest writes the image
# that it regenerates.
boot_regenerated() {
    # shellcheck disable=SC2054 # the commas are QEMU's
    COMMAND+=(-drive "if=none,id=regenerated,file=$REGENERATED,format=raw,cache=unsafe"
        -device ide-hd,drive=regenerated,bus=ide.4,serial=earlybind-made)
}

# A boot that fails must not wait in a shell, unless the scenario expects it.
boot_end() { [ -n "$S_UNTIL" ] || say panic=-1 rd.shell=0 rd.emergency=poweroff; }

# boot_filesystems: provides an empty filesystem with its name as label for each drive of
# the scenario.
boot_filesystems() {
    local name
    for name in ${S_FILESYSTEMS[@]+"${S_FILESYSTEMS[@]}"}; do
        rm -f "$OUT/$name.ext4"
        PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -L "$name" "$OUT/$name.ext4" 16M
        # shellcheck disable=SC2054 # the commas are QEMU's
        COMMAND+=(-drive "if=none,id=$name,file=$OUT/$name.ext4,format=raw,cache=unsafe")
    done
}

# With the distribution's own init, a unit runs the program that is otherwise init.
boot_init() {
    if [ "$S_INIT" = systemd ]; then say rw; else say "ro init=/usr/lib/earlybind-test/collect"; fi
}

# boot: runs the machine to its end and puts the report in OUT/report. On failure
# BOOT_ERROR says why.
boot() {
    local status=0 started=$SECONDS limit=$TIMEOUT watch=()
    [ -z "$S_UNTIL" ] || watch=("$HERE/lib/run-until" "$S_UNTIL" "$OUT/serial.log")
    [ -z "$S_INIT" ] || limit=$((TIMEOUT * 2))
    rm -rf "$OUT/report" "$OUT/serial.log" "$OUT/channel"
    : >"$OUT/serial.log"
    NONCE=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
    boot_initrd
    boot_command
    printf '%q ' "${COMMAND[@]}" >"$OUT/command"
    late_prepare
    [ ${#S_PLUG[@]} -eq 0 ] || plug_when_asked &
    [ ${#S_TYPE[@]} -eq 0 ] || type_when_asked &
    wait_for TERM timeout -k 5 "$limit" ${watch[@]+"${watch[@]}"} "${COMMAND[@]}" >"$OUT/qemu.log" 2>&1 || status=$?
    rm -f "$OUT/monitor.in" "$OUT/monitor.out"
    BOOT_SECONDS=$((SECONDS - started))
    boot_result "$status"
}

boot_result() {
    case $1 in
    0) ;;
    124) BOOT_ERROR="the machine did not end within $limit seconds" && return 1 ;;
    *) BOOT_ERROR="QEMU failed: $(tail -n 1 "$OUT/qemu.log")" && return 1 ;;
    esac
    if [ -n "$S_UNTIL" ]; then
        BOOT_ERROR="the console has no line that matches '$S_UNTIL'"
        grep -aqE -- "$S_UNTIL" "$OUT/serial.log"
        return
    fi
    BOOT_ERROR="the final system sent no report with the token of this run"
    ! grep -q 'Kernel panic' "$OUT/serial.log" ||
        BOOT_ERROR=$(grep -o -m 1 'Kernel panic.*' "$OUT/serial.log" | tr -d '\r')
    report_fetch
}

report_fetch() {
    local sum
    sum=$(sed -n "s/\r*\$//; s/^earlybind-test end $NONCE //p" "$OUT/channel")
    [ -n "$sum" ] || return 1
    sed -e 's/\r*$//' -e "0,/^earlybind-test begin $NONCE\$/d" -e '/^earlybind-test end/,$d' "$OUT/channel" |
        base64 -d >"$OUT/report.tar.gz" || return 1
    BOOT_ERROR="the guest's report is damaged"
    [ "$(sha256sum <"$OUT/report.tar.gz" | cut -d' ' -f1)" = "$sum" ] || return 1
    mkdir -p "$OUT/report"
    tar -C "$OUT/report" -xzf "$OUT/report.tar.gz" && rm "$OUT/report.tar.gz"
}

# boot_oopsed: the kernel oopsed, in code that has nothing to do with vfio or earlybind.
boot_oopsed() {
    grep -qE 'Oops: |BUG: |general protection fault' "$OUT/serial.log" &&
        ! sed -n '/Oops: \|BUG: \|general protection fault/,$p' "$OUT/serial.log" | grep -qE 'vfio|earlybind'
}
