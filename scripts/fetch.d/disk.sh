# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: what makes a disk with Debian on it, without root rights.

# mmdebstrap is a Perl program and goes with the machine's apt.  The others are of the
# release that make_grub takes its programs from: the mke2fs there is the first that reads an
# archive, with its owners, so that nobody has to unpack it.
make_disk_tools()
{
	local ver name t=$WORK/disk-tools root=$WORK/disk-root f
	local -a pkgs

	apt_setup
	download mmdebstrap "$WORK/deb-disk" mmdebstrap
	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of e2fsprogs)
	name=disk-tools-$(file_name "$ver")
	fresh disk-tools "$name" && return
	mapfile -t pkgs < <({ closure e2fsprogs; closure fdisk; closure libarchive13t64; } |
		grep -E '^(lib|zlib1g|e2fsprogs=|fdisk=)' | sort -u)
	[[ ${#pkgs[@]} -gt 5 ]] || die "apt cannot resolve e2fsprogs of $CLIENT_RELEASE"
	download "e2fsprogs $ver and sfdisk" "$WORK/deb-disk" "${pkgs[@]}"
	unpack "e2fsprogs $ver and sfdisk" "$root" "$WORK"/deb-disk/*.deb
	mkdir -p "$t/bin" "$t/lib"
	cp "$root/usr/bin/mmdebstrap" "$t/"
	for f in mke2fs sfdisk; do
		cp "$root/usr/sbin/$f" "$t/bin/"
	done
	# mke2fs looks for it only when it is given an archive.
	cp -L "$root/usr/lib/x86_64-linux-gnu/libarchive.so.13" "$t/lib/"
	bundle "$t" "$root"
	for f in mke2fs sfdisk; do
		"$t/run" $f -V >/dev/null 2>&1 || "$t/run" $f --version >/dev/null 2>&1 ||
			die "$f of $CLIENT_RELEASE does not start here"
	done
	publish "$t" "$name" disk-tools
}
