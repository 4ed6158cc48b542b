# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: makedumpfile, which saves the memory of a kernel that has crashed.

# That of the newest Debian, which knows the newest kernels, with the libraries of that
# one, C library included: it runs in a kernel that has nothing but an initramfs.
make_makedumpfile()
{
	local ver name t=$WORK/makedumpfile root=$WORK/makedumpfile-root lib missing
	local -a pkgs

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of makedumpfile)
	name=makedumpfile-$(file_name "$ver")
	fresh makedumpfile "$name" && return
	mapfile -t pkgs < <(closure makedumpfile |
		grep -E '^(makedumpfile|libc6|libdw1(t64)?|libelf1(t64)?|zlib1g|liblzma5|libbz2-1\.0|libzstd1|liblzo2-2)=')
	[[ ${#pkgs[@]} -gt 5 ]] || die "apt cannot resolve makedumpfile of $CLIENT_RELEASE"
	download "makedumpfile $ver" "$WORK/deb-makedumpfile" "${pkgs[@]}"
	unpack "makedumpfile $ver" "$root" "$WORK"/deb-makedumpfile/*.deb
	lib=$root/usr/lib/x86_64-linux-gnu
	mkdir -p "$t/lib"
	cp "$root"/usr/*bin/makedumpfile "$t/makedumpfile"
	cp -L "$lib"/ld-linux-x86-64.so.2 "$lib"/libc.so.* \
		"$lib"/lib{dw,elf,z,lzma,zstd,lzo2}.so.? "$lib"/libbz2.so.1.0 "$t/lib/"
	"$t/lib/ld-linux-x86-64.so.2" --library-path "$t/lib" "$t/makedumpfile" -v >/dev/null 2>&1 ||
		die "makedumpfile $ver does not start here"
	# What this machine has by chance is not in the initramfs.
	missing=$("$t/lib/ld-linux-x86-64.so.2" --library-path "$t/lib" --list "$t/makedumpfile" |
		grep '=>' | grep -vF "=> $t/lib/") || true
	[[ -z $missing ]] || die "makedumpfile $ver lacks libraries:"$'\n'"$missing"
	publish "$t" "$name" makedumpfile
}
