# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: memtest86+, a guest that is no Linux.

make_memtest()
{
	local ver name t=$WORK/memtest root=$WORK/memtest-root

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of memtest86+)
	name=memtest-$(file_name "$ver")
	fresh memtest "$name" && return
	download "memtest86+ $ver" "$WORK/deb-memtest" memtest86+
	unpack "memtest86+ $ver" "$root" "$WORK"/deb-memtest/*.deb
	mkdir -p "$t"
	cp "$root"/boot/memtest86+x64.bin "$t/"
	publish "$t" "$name" memtest
}
