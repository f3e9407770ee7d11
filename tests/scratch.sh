# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# To be sourced: sets TMPDIR to a new directory, which is removed at the end. Tests
# create and delete files by the thousand. In memory that costs half the system time,
# because ext4 searches long for inodes that were not deleted in the last seconds.
if ! TMPDIR=$(mktemp -d /dev/shm/earlybind.XXXXXX 2>/dev/null); then
	TMPDIR=$(mktemp -d) || exit 1
elif ! { cp /bin/true "$TMPDIR" && "$TMPDIR/true"; } 2>/dev/null; then
	# Some tests run programs from there.
	rm -rf "$TMPDIR"
	TMPDIR=$(mktemp -d /tmp/earlybind.XXXXXX) || exit 1
fi
# As /tmp: some tests run as a plain user.
chmod 1777 "$TMPDIR"
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
