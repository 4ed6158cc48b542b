# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: how a part gets into the store.

# publish TEMP NAME LINK: TEMP becomes $STORE/NAME, $CACHE/LINK leads to it.
publish()
{
	chmod -R u+rwX,go+rX "$1"
	rm -rf "${STORE:?}/$2"
	mv "$1" "$STORE/$2"
	ln -sfn "store/$2" "$CACHE/$3.new"
	mv -T "$CACHE/$3.new" "$CACHE/$3"
}

# fresh LINK NAME: is NAME there and in use already?
fresh()
{
	[[ $(readlink "$CACHE/$1" 2>/dev/null) == "store/$2" && -d $STORE/$2 ]]
}

# Version numbers have ':' and '~', which make's targets and -L cannot have.
file_name()
{
	tr ':~+' '...' <<<"$1"
}

# A part whose library is not on this machine gets it from its own folder; the
# C library is never taken along, because it must match the dynamic linker.
drop_libc()
{
	local f

	for f in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libdl.so.2 librt.so.1 \
		 libpthread.so.0 libresolv.so.2 libutil.so.1 libnsl.so.1 \
		 libanl.so.1 libBrokenLocale.so.1 libmvec.so.1 libthread_db.so.1 \
		 libc_malloc_debug.so.0; do
		find "$1" -name "$f" -delete
	done
}

# bundle FOLDER ROOT: what is in FOLDER/bin and FOLDER/lib gets the libraries it needs from
# ROOT, where packages were unpacked, and FOLDER/run, which starts programs with these.
bundle()
{
	local t=$1 lib=$2/usr/lib/x86_64-linux-gnu f

	mkdir -p "$t/lib"
	find "$t/bin" "$t/lib" -type f | while read -r f; do
		"$lib/ld-linux-x86-64.so.2" --library-path "$lib" --list "$f" |
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
}
