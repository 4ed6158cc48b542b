# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: Bochs, another implementation of the processor.

# That of the release which make_client_qemu takes its QEMU from, likewise with all its
# libraries.  Its displays need a terminal or a client; rfb can do without both.
make_bochs()
{
	local ver name t=$WORK/bochs root=$WORK/bochs-root lib f
	local -a pkgs

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of bochs)
	name=bochs-$(file_name "$ver")
	fresh bochs "$name" && return
	mapfile -t pkgs < <(closure bochs | grep -E '^(lib|zlib1g|bochs|vgabios)' |
		grep -Ev '^(bochs-wx|libwx|libpam|libaudit|libsemanage|libdb5|libsystemd-shared)')
	[[ ${#pkgs[@]} -gt 3 ]] || die "apt cannot resolve bochs of $CLIENT_RELEASE"
	download "Bochs $ver" "$WORK/deb-bochs" "${pkgs[@]}"
	unpack "Bochs $ver" "$root" "$WORK"/deb-bochs/*.deb
	lib=$root/usr/lib/x86_64-linux-gnu
	mkdir -p "$t/lib" "$t/share"
	cp "$root/usr/bin/bochs-bin" "$t/"
	cp -R "$lib/bochs/plugins" "$t/"
	for f in BIOS-bochs-latest BIOS-bochs-legacy; do
		cp -L "$root/usr/share/bochs/$f" "$t/share/"
	done
	find "$root/usr/share" -name 'vgabios.bin' -exec cp -L {} "$t/share/" \; -quit
	while read -r f; do
		cp -L "$f" "$t/lib/"
	done < <("$lib/ld-linux-x86-64.so.2" --library-path "$lib" --list "$t/bochs-bin" |
		sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p')
	cp -L "$lib/ld-linux-x86-64.so.2" "$t/lib/"
	cat >"$t/run-bochs" <<-'EOF'
	#!/bin/sh
	# Starts the Bochs beside this file, with its own libraries and firmware.
	here=$(dirname "$(readlink -f "$0")")
	BXSHARE=$here/share
	LTDL_LIBRARY_PATH=$here/plugins
	export BXSHARE LTDL_LIBRARY_PATH
	exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$here/bochs-bin" "$@"
	EOF
	chmod +x "$t/run-bochs"
	"$t/run-bochs" --help >/dev/null 2>&1 ||
		die "Bochs $ver does not start here: $("$t/run-bochs" --help 2>&1 | head -n 1)"
	publish "$t" "$name" bochs
}
