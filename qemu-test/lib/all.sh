# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that runs a case, from its file to its result. HERE is qemu-test.
# shellcheck shell=bash

for part in common root install module kernel crypt zfs image scenario firmware boot checks invariants run-case report; do
    # shellcheck source=/dev/null
    . "$HERE/lib/$part.sh"
done
