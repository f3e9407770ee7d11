#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # root and rootok are dracut's
[ "${root%%:*}" != zfs ] || rootok=1
