# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: busybox, pahole and lcov.

make_busybox()
{
	local ver name t=$WORK/busybox

	apt_setup
	ver=$(version_of busybox-static)
	name=busybox-$(file_name "$ver")
	fresh busybox.d "$name" && return
	download "busybox $ver" "$WORK/deb-busybox" busybox-static
	unpack "busybox $ver" "$t/root" "$WORK"/deb-busybox/*.deb
	mkdir -p "$t/out"
	cp "$t"/root/*bin/busybox "$t/out/" 2>/dev/null || cp "$t"/root/usr/bin/busybox "$t/out/"
	rm -rf "$t/root"
	publish "$t/out" "$name" busybox.d
	ln -sfn busybox.d/busybox "$CACHE/busybox"
}

make_pahole()
{
	local ver name t=$WORK/pahole
	local -a pkgs

	apt_setup
	ver=$(version_of pahole)
	name=pahole-$(file_name "$ver")
	fresh pahole.d "$name" && return
	mapfile -t pkgs < <(closure pahole | grep -Ev '^(libc6|gcc-.*)=')
	download "pahole $ver" "$WORK/deb-pahole" "${pkgs[@]}"
	unpack "pahole $ver" "$t/root" "$WORK"/deb-pahole/*.deb
	drop_libc "$t/root"
	cat >"$t/pahole" <<-'EOF'
	#!/bin/sh
	here=$(dirname "$(readlink -f "$0")")/root
	LD_LIBRARY_PATH=$here/usr/lib/x86_64-linux-gnu:$here/lib/x86_64-linux-gnu \
		exec "$here/usr/bin/pahole" "$@"
	EOF
	chmod +x "$t/pahole"
	publish "$t" "$name" pahole.d
	ln -sfn pahole.d/pahole "$CACHE/pahole"
}

# Only its genhtml is used, which is a Perl program; perl itself is the machine's.
make_lcov()
{
	local ver name t=$WORK/lcov
	local -a pkgs

	need_tool perl perl
	apt_setup
	ver=$(version_of lcov)
	name=lcov-$(file_name "$ver")
	fresh lcov "$name" && return
	mapfile -t pkgs < <(closure lcov | grep -E '^(lcov|lib.*-perl)=')
	download "lcov $ver" "$WORK/deb-lcov" "${pkgs[@]}"
	unpack "lcov $ver" "$t/root" "$WORK"/deb-lcov/*.deb
	cat >"$t/genhtml" <<-'EOF'
	#!/bin/sh
	here=$(dirname "$(readlink -f "$0")")/root/usr
	export PERL5LIB="$here/share/perl5:$here/lib/lcov:$(echo "$here"/lib/*/perl5/*)"
	exec perl "$here/bin/genhtml" "$@"
	EOF
	chmod +x "$t/genhtml"
	publish "$t" "$name" lcov
}
