# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: where rootvm and the scripts of the series look for what they are given.

rootvm_paths()
{
	local rootvm=$TOP/scripts/rootvm
	local -a fake=("$rootvm" --no-build --qemu ./qemu)

	mkdir 'a folder'
	cd 'a folder' || return
	fake_qemu qemu
	mkdir -p bin share tmp 'col:on'
	cp qemu bin/fake-qemu
	cp "$HOME/.cache/hv-root/kernel/vmlinuz" 'a kernel' 2>/dev/null ||
		cp "$XDG_CACHE_HOME/hv-root/kernel/vmlinuz" 'a kernel'
	echo text >'a file'
	ends "rootvm: a relative --qemu" 3 '' "${fake[@]}" -- true
	ends "rootvm: a relative ROOTVM_QEMU" 3 '' env ROOTVM_QEMU=./qemu "$rootvm" --no-build -- true
	ends "rootvm: --qemu from PATH" 3 '' env PATH="$PWD/bin:$PATH" \
		"$rootvm" --no-build --qemu fake-qemu -- true
	ends "rootvm: --qemu from a relative PATH" 3 '' env PATH="bin:$PATH" \
		"$rootvm" --no-build --qemu fake-qemu -- true
	ends "rootvm: relative paths with spaces" 3 '' "${fake[@]}" --kernel 'a kernel' \
		--initrd 'a file' --share share --file 'a file:/x/a file' --disk 'a file' \
		--log 'the log' -- true
	check "rootvm: a relative --log" test -s 'the log/inputs'
	ends "rootvm: a relative TMPDIR" 3 '' env TMPDIR=tmp "${fake[@]}" -- true
	check "rootvm: leaves nothing there" rmdir tmp
	ends "rootvm: a colon in TMPDIR" 3 '' env TMPDIR="$PWD/col:on" \
		"${fake[@]}" --file 'a file:/x' -- true
	mkdir folder
	ln 'a kernel' folder/vmlinuz
	ends "rootvm: a folder without a slash as kernel" 3 '' "${fake[@]}" --kernel folder -- true
}

rootvm_refuses()
{
	local rootvm=$TOP/scripts/rootvm

	program mute <<<$'#!/bin/sh\nexit 3'
	program none <<<'#!/bin/sh'
	program lacks <<<$'#!/bin/sh\necho "libslirp.so.0: cannot open shared object file" >&2; exit 127'
	program interpreter <<<'#!/nonexistent/sh'
	cp none noexec
	chmod -x noexec
	: >'a file'
	refuses "rootvm: a QEMU that is not there" 125 "no such program" \
		"$rootvm" --no-build --qemu ./nope -- true
	refuses "rootvm: a QEMU that is not in PATH" 125 "no such program in PATH" \
		"$rootvm" --no-build --qemu none -- true
	refuses "rootvm: a QEMU that may not be executed" 125 "not an executable file" \
		"$rootvm" --no-build --qemu ./noexec -- true
	refuses "rootvm: a folder as QEMU" 125 "not an executable file" \
		"$rootvm" --no-build --qemu "$PWD" -- true
	refuses "rootvm: a QEMU that ends badly" 125 "cannot be started: it says nothing" \
		"$rootvm" --no-build --qemu ./mute -- true
	refuses "rootvm: a QEMU that lacks a library" 125 "cannot be started: libslirp.so.0" \
		"$rootvm" --no-build --qemu ./lacks -- true
	refuses "rootvm: a QEMU that lacks its interpreter" 125 "cannot be started: " \
		"$rootvm" --no-build --qemu ./interpreter -- true
	refuses "rootvm: a QEMU that is none" 125 "it is not QEMU" \
		"$rootvm" --no-build --qemu ./none -- true
	refuses "rootvm: a --log that is a file" 125 "cannot be made" \
		"$rootvm" --no-build --log 'a file' -- true
}

# A tree and a series of one patch, in a folder of another repository.
small_series()
{
	mkdir -p series source/sub
	git init -q .
	printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >source/Makefile
	echo nobody >source/MAINTAINERS
	echo old >source/sub/file
	tar -cf 'the source.tar' source
	{
		cat <<-'END'
		From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
		From: Nobody <nobody@example.org>
		Date: Sun, 1 Nov 2026 00:00:00 +0000
		Subject: [PATCH 1/1] small

		---
		END
		small_diff
		echo '-- '
	} >series/0001-small.patch
}

series_paths()
{
	local top

	mkdir 'a folder'
	cd 'a folder' || return
	top=$PWD
	small_series
	mkdir tmp
	ends "apply-series: relative paths" 0 "1 patches applied" env TMPDIR=tmp \
		"$TOP/scripts/apply-series" --series series --from 'the source.tar' 'a tree'
	check "apply-series: the patch is in the tree" grep -qx new 'a tree/sub/file'
	"$TOP/scripts/make-series" "$top/one" 2>/dev/null
	(cd "$TOP/Documentation/virt" && "$TOP/scripts/make-series" "$top/two" 2>/dev/null)
	(cd series && "$TOP/scripts/make-series" ../three 2>/dev/null)
	check "make-series: the same from within the tree" diff -r one two
	check "make-series: the same from within another repository" diff -r one three
	SIGNOFF="A B <a@b.invalid>" "$TOP/scripts/make-series" "$top/signed" 2>/dev/null
	check "make-series: who signs off is in MAINTAINERS" \
		grep -qP '^\+M:\tA B <a@b.invalid>$' signed/0001-*.patch
	ends "make-series: a base that there is not" 1 "6.12 or 7.3 is wanted" \
		env BASE=5.10 "$TOP/scripts/make-series" "$top/none"
	BASE=7.3 "$TOP/scripts/make-series" "$top/other" 2>/dev/null
	check "make-series: 7.3 has its own header of the interface" \
		test "$(sed -n 's,^+,,p' other/*-hyperv-abi.patch | grep -c 'include <hyperv/hvhdk.h>')" = 1
	check "make-series: and Kbuild nothing of the platform layer" \
		test -z "$(grep -h '^+obj-.*base/urgent' other/*.patch)"
	check "make-series: programs have headers there" \
		grep -q '^+++ b/tools/include/hyperv/hv_vp.h' other/*-tools-headers-vp.patch
	ends "build-series: a base that there is not" 2 "6.12 or 7.3 is wanted" \
		"$TOP/scripts/build-series" --base 5.10 --path
	ends "build-series: 7.3 in user mode" 2 "for the base 6.12" \
		"$TOP/scripts/build-series" --kunit --base 7.3 --path
	check "make-series: Kbuild gets the object that a patch brings" \
		grep -qx '+mshv-y := partition.o teardown.o vp.o' signed/*-mshv-vp.patch
	check "make-series: which kernel it is for is known" \
		test -z "$(grep -lE 'COMPAT_BEFORE|LINUX_VERSION_CODE|KBUILD_EXTMOD' one/*.patch)"
	check "make-series: tests have no numbers of our list" \
		test -z "$(grep -l pitfall_ one/*.patch other/*.patch)"
	check "make-series: not in the cover letter either" \
		grep -qw errno.every_status one/0000-cover-letter.patch
	check "make-series: nor is there a test of kexec where that is mainline's" \
		test -z "$(grep -lE '^\+(.*kexec\.c|CONFIG_KEXEC|..kexec)' other/*-selftests*.patch \
			other/*-documentation-tools.patch)"
	check "make-series: the harness of a kernel has its own limit" \
		test "$(grep -hoE '^\+#define (alarm|poll)\(' {one,other}/*-selftests.patch | tr -d '\n')" = \
		'+#define alarm(+#define poll('
	check "make-series: and what it has is there" \
		grep -qx '+#define HVR_NS	HVR' one/*-base.patch
}

build_paths()
{
	ends "mkinitrd: a relative O" 0 '' env O=out "$TOP/scripts/mkinitrd" root initrd -- true
	check "mkinitrd: builds rvctl there" test -x out/rvctl/rvctl
	refuses "all: an O that make cannot have" 1 "a space or a colon" \
		env O='a folder' "$TOP/scripts/mkinitrd" root initrd -- true
	mkdir source
	: >fragment.config
	refuses "build-kernel: a source that is none" 2 "no kernel source" \
		"$TOP/scripts/build-kernel" --fragment ./fragment.config --source source --out out
	refuses "build-kernel: a fragment that is not among ours" 2 "no such file in scripts/kernel" \
		"$TOP/scripts/build-kernel" --fragment fragment.config
	refuses "all: a relative XDG_CACHE_HOME" 1 "an absolute path is wanted" \
		env XDG_CACHE_HOME=cache "$TOP/scripts/fetch" --mirror
}
