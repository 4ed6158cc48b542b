# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: virtiofsd, which shares folders with a machine of QEMU's.

# The first Debian that has it, with the libraries of that one, C library included, and
# started through its dynamic linker: this machine may be an older one.
make_virtiofsd()
{
	local ver name t=$WORK/virtiofsd root=$WORK/virtiofsd-root lib
	local -a pkgs

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of virtiofsd)
	name=virtiofsd-$(file_name "$ver")
	fresh virtiofsd "$name" && return
	mapfile -t pkgs < <(closure virtiofsd | grep -E '^(virtiofsd|libc6|libgcc-s1|libseccomp2|libcap-ng0)=')
	[[ ${#pkgs[@]} -gt 3 ]] || die "apt cannot resolve virtiofsd of $CLIENT_RELEASE"
	download "virtiofsd $ver" "$WORK/deb-virtiofsd" "${pkgs[@]}"
	unpack "virtiofsd $ver" "$root" "$WORK"/deb-virtiofsd/*.deb
	lib=$root/usr/lib/x86_64-linux-gnu
	mkdir -p "$t/lib"
	cp "$root/usr/libexec/virtiofsd" "$t/virtiofsd.bin"
	cp -L "$lib"/ld-linux-x86-64.so.2 "$lib"/lib{c,m,gcc_s}.so.* "$lib"/lib{seccomp,cap-ng}.so.? "$t/lib/"
	cat >"$t/virtiofsd" <<-'EOF'
	#!/bin/sh
	# Starts the virtiofsd beside this file, with its own libraries.
	here=$(dirname "$(readlink -f "$0")")
	exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$here/virtiofsd.bin" "$@"
	EOF
	chmod +x "$t/virtiofsd"
	"$t/virtiofsd" --version >/dev/null 2>&1 ||
		die "virtiofsd $ver does not start here: $("$t/virtiofsd" --version 2>&1 | head -n 1)"
	publish "$t" "$name" virtiofsd
}
