# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: what makes an image that machines boot from by GRUB.

# Of one release, with all libraries, wherever it runs: the image then has the same GRUB
# everywhere.
make_grub()
{
	local ver name t=$WORK/grub root=$WORK/grub-root f
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
	mkdir -p "$t/bin"
	for f in i386-pc x86_64-efi; do
		cp -R "$root/usr/lib/grub/$f" "$t/"
		[[ -r $t/$f/moddep.lst ]] || die "GRUB $ver has no modules for $f"
	done
	cp "$root/usr/share/grub/grub-mkconfig_lib" "$t/"
	for f in grub-mkimage grub-script-check xorriso mtools; do
		cp "$root/usr/bin/$f" "$t/bin/"
	done
	bundle "$t" "$root"
	for f in "$t"/bin/*; do
		"$t/run" "${f##*/}" --version >/dev/null 2>&1 ||
			die "${f##*/} of GRUB $ver does not start here"
	done
	publish "$t" "$name" grub
}
