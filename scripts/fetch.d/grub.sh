# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: what makes an image that machines boot from by GRUB.

# Of one release, with all libraries, wherever it runs: the image then has the same GRUB
# everywhere.
make_grub()
{
	local ver name t=$WORK/grub root=$WORK/grub-root lib f
	local -a pkgs

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of grub-common)
	name=grub-$(file_name "$ver")
	fresh grub "$name" && return
	mapfile -t pkgs < <({ closure grub-common; closure xorriso; closure mtools; } |
		grep -E '^(lib|zlib1g|grub-common|xorriso|mtools)' | sort -u)
	[[ ${#pkgs[@]} -gt 5 ]] || die "apt cannot resolve GRUB of $CLIENT_RELEASE"
	download "GRUB $ver and xorriso" "$WORK/deb-grub" "${pkgs[@]}" \
		grub-pc-bin grub-efi-amd64-bin
	unpack "GRUB $ver and xorriso" "$root" "$WORK"/deb-grub/*.deb
	lib=$root/usr/lib/x86_64-linux-gnu
	mkdir -p "$t/lib" "$t/bin"
	for f in i386-pc x86_64-efi; do
		cp -R "$root/usr/lib/grub/$f" "$t/"
		[[ -r $t/$f/moddep.lst ]] || die "GRUB $ver has no modules for $f"
	done
	cp "$root/usr/share/grub/grub-mkconfig_lib" "$t/"
	for f in grub-mkimage grub-script-check xorriso mtools; do
		cp "$root/usr/bin/$f" "$t/bin/"
		"$lib/ld-linux-x86-64.so.2" --library-path "$lib" --list "$t/bin/$f" |
			sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p'
	done | sort -u | xargs -I{} cp -L {} "$t/lib/"
	cp -L "$lib/ld-linux-x86-64.so.2" "$t/lib/"
	cat >"$t/run" <<-'EOT'
	#!/bin/sh
	# Starts a program of those beside this file, with its own libraries.
	here=$(dirname "$(readlink -f "$0")")
	program=$1
	shift
	exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$here/bin/$program" "$@"
	EOT
	chmod +x "$t/run"
	for f in grub-mkimage grub-script-check xorriso mtools; do
		"$t/run" "$f" --version >/dev/null 2>&1 || die "$f of GRUB $ver does not start here"
	done
	publish "$t" "$name" grub
}
