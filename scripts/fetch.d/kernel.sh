# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: kernels, the headers to build modules with, and sources.

# newest_kernel SERIES FLAVOUR: the newest that has an image and headers.
newest_kernel()
{
	local image ver

	apt-cache "${APT[@]}" pkgnames "linux-image-$1." |
		grep -E "^linux-image-[0-9.]+(-[0-9]+|\+deb[0-9.]+)?-$2\$" | sort -rV |
		while read -r image; do
			ver=${image#linux-image-}
			[[ -n $(version_of "linux-headers-$ver") ]] || continue
			echo "$ver"
			break
		done
}

# make_kernel SERIES FLAVOUR SUFFIX: image, modules and headers are one part, because
# they must never come apart.  SUFFIX is behind the names of its links.
make_kernel()
{
	local series=$1 flavour=$2 suffix=$3 kver ver name t=$WORK/kernel
	local link=kernel$suffix
	local -a pkgs

	apt_setup
	kver=$(newest_kernel "$series" "$flavour")
	[[ -n $kver ]] || die "Debian's $(release) has no $series kernel ($flavour) with headers"
	ver=$(version_of "linux-image-$kver")
	name=kernel-$(file_name "$kver-$ver")
	fresh "$link" "$name" && return
	mapfile -t pkgs < <(apt-cache "${APT[@]}" depends "linux-headers-$kver" |
		sed -n 's/^ *Depends: \(linux-headers-.*-common\|linux-kbuild-.*\)$/\1/p')
	[[ ${#pkgs[@]} -ge 2 ]] || die "apt cannot resolve linux-headers-$kver"
	download "Linux $kver and its headers" "$WORK/deb-kernel" \
		"linux-image-$kver" "linux-headers-$kver" "${pkgs[@]}"
	unpack "Linux $kver and its headers" "$t/root" "$WORK"/deb-kernel/*.deb
	rm -rf "$t/root"/usr/share "$t/root"/lib/modules/*/{build,source}
	ln -s "root/boot/vmlinuz-$kver" "$t/vmlinuz"
	ln -s "root/boot/config-$kver" "$t/config"
	if [[ -d $t/root/usr/lib/modules ]]; then
		ln -s root/usr/lib "$t/lib"
	else
		ln -s root/lib "$t/lib"
	fi
	echo "$kver" >"$t/version"
	index_modules "$t/root" "$kver"
	fix_headers "$t" "$STORE/$name" "$kver"
	publish "$t" "$name" "$link"
	ln -sfn "store/$name/headers" "$CACHE/headers$suffix"
	[[ -e $CACHE/pahole ]] || make_pahole
}

# For modprobe.  Where there is no depmod there is no modprobe either; they are often not
# in a user's PATH.
index_modules()
{
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$1" "$2" 2>/dev/null || true
}

# fix_headers TEMP FINAL KVER: the headers name /usr/src in their makefiles and
# links; put the folder they will stand in before it.
fix_headers()
{
	local t=$1 final=$2/root kver=$3 src=$1/root/usr/src f to

	grep -rlI '/usr/\(src\|lib\)/linux-' "$src/linux-headers-$kver" --include=Makefile \
		--include=.kernelvariables --include='*.mk' 2>/dev/null |
		while read -r f; do
			sed -i "s#\([^A-Za-z0-9]\)/usr/\(src\|lib\)/linux-#\1$final/usr/\2/linux-#g" "$f"
		done
	find "$t/root" -type l -lname '/usr/*' |
		while read -r f; do
			to=$(readlink "$f")
			ln -sfn "$final$to" "$f"
		done
	# The type information of a module is made by pahole.
	echo "PAHOLE = $CACHE/pahole" >>"$src/linux-headers-$kver/.kernelvariables"
	mkdir -p "$t/headers"
	ln -s "../root/usr/src/linux-headers-$kver" "$t/headers/build"
	wrap_kbuild_tools "$t" "$final"
}

# objtool and friends need libelf, which a machine with just a compiler lacks.
wrap_kbuild_tools()
{
	local t=$1 final=$2 tool p missing=''
	local -a pkgs

	while read -r tool; do
		grep -q 'not found' <<<"$(ldd "$tool" 2>/dev/null)" || continue
		missing=y
		mv "$tool" "$tool.bin"
		cat >"$tool" <<-EOF
		#!/bin/sh
		LD_LIBRARY_PATH=$final/usr/lib/x86_64-linux-gnu exec "\$0.bin" "\$@"
		EOF
		chmod +x "$tool"
	done < <(find "$t"/root/usr/lib/linux-kbuild-* -type f -perm -u+x)
	[[ -n $missing ]] || return 0
	p=libelf1
	[[ -n $(version_of libelf1t64) ]] && p=libelf1t64
	mapfile -t pkgs < <(closure $p | grep -Ev '^(libc6|gcc-.*|libgcc.*)=')
	download libelf "$WORK/deb-elf" "${pkgs[@]}"
	unpack_each "$t/root" "$WORK"/deb-elf/*.deb
	cp -a "$t"/root/lib/x86_64-linux-gnu/. "$t"/root/usr/lib/x86_64-linux-gnu/ 2>/dev/null || true
}

# download_source SERIES FOLDER: the package with the source of that kernel to FOLDER.
download_source()
{
	[[ -n $(version_of "linux-source-$1") ]] || die "the mirror has no linux-source-$1"
	download "the source of Linux $1" "$2" "linux-source-$1"
}

# source_archive SERIES, stdin: that package.  The archive in it.
source_archive()
{
	dpkg-deb --fsys-tarfile - | tar -x -O -f - "./usr/src/linux-source-$1.tar.xz"
}

# keep_source SERIES FILE
keep_source()
{
	source_archive "$1" >"$2"
}

# source_files FOLDER FILE...: a few files of the source.
source_files()
{
	local dir=$1

	shift
	source_archive "$KERNEL_SERIES" | "$CACHE/busybox" xz -dc |
		tar -x -C "$dir" --strip-components=1 -f - "${@/#/linux-source-$KERNEL_SERIES/}"
}

# make_linux_source SERIES RELEASE SUFFIX: the whole source as it is in the package, an
# archive.  An empty RELEASE is that of the machine; SUFFIX is behind the name of its link.
make_linux_source()
{
	local series=$1 release=$2 link=linux-source$3 ver name t=$WORK/linux-source

	apt_setup ${release:+"$release"}
	ver=$(version_of "linux-source-$series")
	name=linux-source-$(file_name "$ver")
	fresh "$link" "$name" && return
	download_source "$series" "$WORK/deb-source"
	mkdir -p "$t"
	progress_reading "unpacking the source" "$WORK"/deb-source/*.deb \
		keep_source "$series" "$t/linux-source.tar.xz"
	echo "$ver" >"$t/version"
	publish "$t" "$name" "$link"
}

# A few files of it.
make_source()
{
	local ver name t=$WORK/source
	local -a files=(scripts/checkpatch.pl scripts/spelling.txt
			scripts/const_structs.checkpatch .clang-format
			tools/testing/selftests/kselftest_harness.h
			tools/testing/selftests/kselftest.h)

	apt_setup
	ver=$(version_of "linux-source-$KERNEL_SERIES")
	name=source-$(file_name "$ver")
	fresh source "$name" && return
	[[ -e $CACHE/busybox ]] || make_busybox
	download_source "$KERNEL_SERIES" "$WORK/deb-source"
	mkdir -p "$t/out"
	progress_reading "unpacking some of the source" "$WORK"/deb-source/*.deb \
		source_files "$t/out" "${files[@]}"
	publish "$t/out" "$name" source
}

# It stays packed: each build unpacks it in its own folder.
make_linux_orig()
{
	local ver name t=$WORK/linux-orig

	apt_setup
	ver=$(version_of "linux-source-$KERNEL_SERIES")
	[[ -n $ver ]] || die "the mirror has no linux-source-$KERNEL_SERIES"
	name=linux-orig-$(file_name "$ver")
	fresh linux-orig.d "$name" && return
	mkdir -p "$t"
	fetch_into "the pristine source of Linux $ver" "$WORK/src-linux" \
		source --download-only "linux=$ver"
	mv "$WORK"/src-linux/linux_*.orig.tar.xz "$t/linux.tar.xz"
	publish "$t" "$name" linux-orig.d
	ln -sfn linux-orig.d/linux.tar.xz "$CACHE/linux-orig"
}
