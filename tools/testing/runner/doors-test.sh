#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of the scripts that people call: where they look for what they are given, what
# they make by themselves, how they wait, and what they say.  Prints TAP.
#
# Model: no machine is started and nothing is fetched or built that takes long: QEMU,
# apt and the compiler are small programs of this file where a script would start the
# real ones.  Each group works in a folder of its own, the current one.  The tree must
# have been built (make).
#
# usage: doors-test.sh [PATTERN]; only the groups whose names match

set -uo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
PATTERN=${1:-.}
WORK=$(mktemp -d -t doors.XXXXXX)
COUNT=0
BAD=0
# Of the last command of a case.
SAID=
STATUS=0

unset ROOT_KERNEL ROOTVM_QEMU SERIES_BUILT TARGETS_BUILT KDIR MAKEFLAGS
# Who commits in trees that are made here.
ME=(-c user.name=nobody -c user.email=nobody@example.org)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM HUP

# result WHETHER NAME
result()
{
	COUNT=$((COUNT + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $COUNT - $2"
	else
		BAD=$((BAD + 1))
		echo "not ok $COUNT - $2"
		echo "# status $STATUS: ${SAID//$'\n'/$'\n# '}"
	fi
}

# check NAME COMMAND...
check()
{
	local name=$1 bad=0

	shift
	"$@" >/dev/null 2>&1 || bad=1
	result $bad "$name"
}

# call COMMAND...: its status and what it says.
call()
{
	STATUS=0
	SAID=$("$@" 2>&1 </dev/null) || STATUS=$?
}

# ends NAME STATUS TEXT COMMAND...: with that status, the last line having TEXT in it.
ends()
{
	local name=$1 wanted=$2 text=$3

	shift 3
	call "$@"
	[[ $STATUS -eq $wanted && ${SAID##*$'\n'} == *"$text"* ]]
	result $? "$name"
}

# refuses NAME STATUS TEXT COMMAND...: in one line.
refuses()
{
	local name=$1 wanted=$2 text=$3

	shift 3
	call "$@"
	[[ $STATUS -eq $wanted && $SAID == *"$text"* && $SAID != *$'\n'* ]]
	result $? "$name"
}

# program FILE: from stdin.
program()
{
	cat >"$1"
	chmod +x "$1"
}

# A machine that comes to its end at once, with status 3.
fake_qemu()
{
	program "$1" <<-'END'
	#!/bin/sh
	case $* in
	--version) echo QEMU emulator version 10.0.0 ;;
	"-cpu help") echo svm ;;
	*) printf 'rootvisor: exit status=3\nrootvisor: done\n' >hypervisor.log ;;
	esac
	END
}

# --- paths --------------------------------------------------------------------------

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
	cat >series/0001-small.patch <<-'END'
	From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
	From: Nobody <nobody@example.org>
	Date: Sun, 1 Nov 2026 00:00:00 +0000
	Subject: [PATCH 1/1] small

	---
	diff --git a/sub/file b/sub/file
	index 3367afdb..3e757656 100644
	--- a/sub/file
	+++ b/sub/file
	@@ -1 +1 @@
	-old
	+new
	-- 
	END
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

# --- packages -------------------------------------------------------------------------

# apt_update SECONDS: in an apt root of its own, waiting for that long.
apt_update()
{
	local wait=$1

	# shellcheck disable=SC2016 # for the inner shell
	LOCK_WAIT=$wait bash -c '
		set -euo pipefail
		. "$0/scripts/lib.sh"
		apt_get log -o Dir::Etc::SourceList="$PWD/sources" -o Dir::Etc::SourceParts=/dev/null \
			-o Dir::State="$PWD" -o Dir::State::Lists="$PWD/lists" \
			-o Dir::Cache="$PWD" -qq update || die "$(apt_busy log)"' "$TOP"
}

# hold FILE: until the standard input ends, which it says when it has begun.
hold()
{
	exec python3 -c '
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()' "$1"
}

packages()
{
	local pid

	if ! command -v apt-get >/dev/null || ! command -v python3 >/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - packages # SKIP no apt-get, or no python3"
		return
	fi
	mkdir -p lists/partial archives/partial
	: >sources
	: >status
	ends "apt: nothing holds the lock" 0 '' apt_update 0
	mkfifo until
	hold lists/lock <until >held &
	pid=$!
	exec 3>until
	until [[ -s held ]]; do sleep 0.1; done
	refuses "apt: the holder of the lock is reported in the end" 1 \
		"is held by process $pid (python3)" apt_update 0
	apt_update 600 >said 2>&1 3>&- &
	pid=$!
	until grep -qs waiting said || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
	exec 3>&-
	STATUS=0
	wait $pid || STATUS=$?
	SAID=$(<said)
	[[ $STATUS -eq 0 && $SAID == *"waiting: "*"(python3)" ]]
	result $? "apt: a lock that is released is waited for"
	wait
}

# --- progress -----------------------------------------------------------------------------

# Counts to three, each time when a file has appeared.
fake_work()
{
	program "$1" <<-END
	#!/bin/bash
	set -euo pipefail
	. "$TOP/scripts/lib.sh"
	measure()
	{
		find . -name 'step-*' | wc -l
	}
	work()
	{
		local i

		for i in 1 2 3; do
			: >step-\$i
			until grep -qs "\$i of 3" said; do read -rt 0.1 <>pipe || true; done
		done
		[[ -z \${1:-} ]] || die "it went wrong"
	}
	progress "counting a lot of things" 3 steps measure work "\$@"
	END
	mkfifo pipe
}

# live COLUMNS COMMAND...: on a terminal of so many columns.
live()
{
	TERM=vt100 script -qefc "stty cols $1; exec ${*:2}" said >/dev/null 2>&1 </dev/null
}

progress()
{
	local pid

	fake_work count
	PROGRESS_PAUSE=1 ./count >said 2>&1
	SAID=$(<said)
	[[ $SAID == "count: counting a lot of things (3 steps)"$'\n'*"things: 2 of 3 steps"*$'\n'"count: counting a lot of things: 3 steps in "*s ]]
	result $? "progress: lines where there is no terminal"
	rm step-*
	: >said
	PROGRESS_PAUSE=1 ./count y >said 2>&1
	check "progress: no end of what has failed" test "$(tail -n 1 said)" = "count: it went wrong"
	rm step-*
	if ! command -v script >/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - progress: on a terminal # SKIP no script(1) here"
		return
	fi
	live 80 ./count
	SAID=$(tr '\r' '\n' <said)
	[[ $SAID == *$'\ncount: counting a lot of things: 2 of 3 steps\033[K\n'* ]]
	result $? "progress: a live line on a terminal"
	[[ $SAID == *$'\n\033[Kcount: counting a lot of things: 3 steps in '* ]]
	result $? "progress: which is another in the end"
	rm step-*
	live 30 ./count
	SAID=$(tr '\r' '\n' <said)
	[[ $SAID == *$'\ncount: counting: 2 of 3 steps\033[K\n'* ]]
	result $? "progress: a narrow terminal"
	rm step-*
	: >said
	PROGRESS_PAUSE=1 ./count >started 2>&1 &
	pid=$!
	until grep -qs '1 of 3' started; do sleep 0.1; done
	kill -KILL $pid
	wait $pid 2>/dev/null
	# The reporter has the file open for as long as it is there.
	until ! grep -qs "^$PWD/started\$" <(readlink /proc/[0-9]*/fd/2); do sleep 0.1; done
	result 0 "progress: ends with the script"
	# shellcheck disable=SC2016 # for the inner shell
	ends "progress: a guess is marked as one" 0 "1 of about 3 and 4" bash -c '
		. "$0/scripts/lib.sh"
		echo "$(progress_text 1 "~3" and) $(progress_text 4 "~3" "")"' "$TOP"
	head -c 5000000 /dev/zero >zeros
	# shellcheck disable=SC2016 # for the inner shell
	ends "progress: of a file that is read" 0 "reading: 5 MB in" bash -c '
		. "$0/scripts/lib.sh"
		progress_reading reading zeros sh -c "cat >/dev/null"' "$TOP"
}

# --- kernels ----------------------------------------------------------------------------

# A tree with our scripts, a series of one patch, and what that is for: a kernel whose
# makefile compiles nothing and says so.
small_tree()
{
	mkdir -p tree/{patches,drivers,tools,Documentation} source/sub cache/hv-root bin include
	cp -r "$TOP/scripts" tree/
	echo 'int a;' >tree/drivers/a.c
	echo 'int b;' >tree/tools/b.c
	echo text >tree/Documentation/c.rst
	echo '01-small drivers tools Documentation' >tree/patches/manifest
	printf 'cover\n\ntext\n' >tree/patches/cover
	cat >tree/patches/01-small.patch <<-'END'
	small

	text
	---
	diff --git a/sub/file b/sub/file
	index 3367afdb..3e757656 100644
	--- a/sub/file
	+++ b/sub/file
	@@ -1 +1 @@
	-old
	+new
	END
	git -C tree init -q
	git -C tree add -A
	git -C tree "${ME[@]}" commit -q -m one
	echo nobody >source/MAINTAINERS
	echo old >source/sub/file
	cat >source/Makefile <<-'END'
	VERSION = 6
	PATCHLEVEL = 12
	SUBLEVEL = 1
	.RECIPEPREFIX = >
	allnoconfig:
	> cp $(KCONFIG_ALLCONFIG) $(O)/.config
	bzImage:
	> mkdir -p $(O)/arch/x86/boot $(O)/include/config $(O)/init
	> @echo '  CC      init/main.o'; echo '  AS [M]  drivers/a.o'
	> echo built >>$(BUILDS)
	> ! grep broken drivers/a.c
	> cat sub/file drivers/a.c >$(O)/arch/x86/boot/bzImage
	> touch $(O)/System.map
	> echo 6.12.1-series >$(O)/include/config/kernel.release
	modules:
	modules_install:
	> mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.12.1
	END
	tar -cf source.tar source
	# What a kernel's build needs and this one does not.
	program bin/flex </dev/null
	cp bin/flex bin/bison
	cp bin/flex bin/bc
	: >include/gelf.h
}

# build COMMAND...: of the tree, with a cache and tools of its own.
build()
{
	C_INCLUDE_PATH=$PWD/include PATH=$PWD/bin:$PATH XDG_CACHE_HOME=$PWD/cache O=$PWD/out \
		BUILDS=$PWD/builds "$PWD/tree/scripts/$1" "${@:2}"
}

builds()
{
	wc -l <builds
}

key()
{
	"$PWD/tree/scripts/make-series" --key "$@"
}

kernels()
{
	local key i path

	small_tree
	key=$(key)
	check "key: there is one" test -n "$key"
	echo more >>tree/tools/b.c
	echo more >>tree/Documentation/c.rst
	git -C tree "${ME[@]}" commit -q -a -m two
	check "key: not of a date, a program or a page" test "$(key)" = "$key"
	cp -r tree copy
	check "key: of another copy" test "$(copy/scripts/make-series --key)" = "$key"
	echo 'int more;' >>tree/drivers/a.c
	check "key: of a driver" test "$(key)" != "$key"
	git -C tree checkout -q drivers/a.c
	: >tree/drivers/new.c
	check "key: of a file that git does not track" test "$(key)" != "$key"
	rm tree/drivers/new.c
	sed -i 's/+new/+newer/' tree/patches/01-small.patch
	check "key: of an edit" test "$(key)" != "$key"
	git -C tree checkout -q patches
	ends "parts: an unknown one" 2 "no part is called" build parts --have kernel-nonesuch

	refuses "parts: the series is not there" 1 \
		"the kernel 'series' has not been built: make parts-all" build parts --have kernel-series
	refuses "parts: nor is the debug kernel" 1 \
		"the kernel 'debug' has not been built: make parts-all" build parts --have kernel-debug
	refuses "parts: nor is that for data races" 1 \
		"the kernel 'kcsan' has not been built: make parts-all" build parts --have kernel-kcsan
	refuses "parts: nor is that with mainline's driver" 1 \
		"the kernel '7.3' has not been built: make parts-all" build parts --have kernel-7.3
	check "parts: nothing was made of that" rmdir cache/hv-root
	mkdir -p cache/hv-root/{linux-source,linux-orig.d}
	echo 6.12.1 >cache/hv-root/linux-source/version
	path=$(build build-kernel --name debug --fragment root.config --fragment debug.config --path)
	check "build-kernel: says where it would be" test "${path%/*}" = "$PWD/cache/hv-root/store"
	mkdir -p "$path"
	check "parts: what was begun is not there" test -n "$(build parts --have kernel-debug)"
	touch "$path/version"
	ends "parts: the debug kernel is there" 0 '' build parts --have kernel-debug
	ends "parts: and is made without much ado" 0 "$path" build parts --make kernel-debug

	cp -r source other
	cp -r tree/drivers other/
	: >other/Kbuild
	: >fragment.config
	ends "build-kernel: of a source of one's own" 0 "$PWD/mine" build build-kernel \
		--source other --fragment ./fragment.config --name mine --out mine
	check "build-kernel: its files were counted" grep -qx 2 cache/hv-root/files-mine
	build build-kernel --source other --fragment ./fragment.config --name mine --out again \
		>said 2>&1
	check "build-kernel: which the next build uses" grep -q "(about 2 files)" said
	rm -rf builds

	cp source.tar cache/hv-root/linux-orig
	rmdir cache/hv-root/linux-orig.d
	ln -s store/linux-orig-1 cache/hv-root/linux-orig.d
	ends "build-series: builds" 0 cache/hv-root/store/built-series- build build-series
	check "build-series: it is of the series" grep -qx new "${SAID##*$'\n'}/vmlinuz"
	check "build-series: with its modules" test -d "${SAID##*$'\n'}/lib/modules/6.12.1"
	check "build-series: two files were counted" grep -qx 2 cache/hv-root/files-series
	refuses "build-series: once" 0 /built-series- build build-series
	check "build-series: and not again" test "$(builds)" -eq 1
	ends "parts: it is there" 0 '' build parts --have kernel-series
	check "parts: the list has it" grep -q '^kernel-series	yes	' <<<"$(build parts --list)"
	rm -rf tree out
	mv copy tree
	refuses "build-series: another copy finds it" 0 /built-series- build build-series
	check "build-series: and builds nothing" test ! -e out/kernel-series
	ln -sfn store/linux-orig-2 cache/hv-root/linux-orig.d
	ends "build-series: another source is another kernel" 0 /built-series- build build-series
	echo 'int more;' >>tree/drivers/a.c
	ends "parts: it is not there for what has changed" 1 "has not been built" \
		build parts --have kernel-series
	build build-series >one 2>&1 &
	build build-series >two 2>&1
	wait
	check "build-series: two at a time build once" test "$(builds)" -eq 3
	check "build-series: for both" test "$(tail -n 1 one)" = "$(tail -n 1 two)"
	check "build-series: what has changed" grep -q more "$(tail -n 1 one)/vmlinuz"
	for i in {1..8}; do
		echo "int more$i;" >>tree/drivers/a.c
		build build-series >/dev/null 2>&1
	done
	check "build-series: the last eight stay" \
		test "$(find cache/hv-root/store/built-series-*/vmlinuz | wc -l)" -eq 8
	echo 'int broken;' >>tree/drivers/a.c
	ends "build-series: says where the log is" 1 "building the kernel failed, see " build build-series
	ends "build-series: and it is not there" 1 '' build build-series --have
	git -C tree checkout -q drivers/a.c
	ends "build-series: up to a patch" 0 /built-stage-01-small- \
		build build-series --after 01-small
	check "build-series: which is in it" grep -qx new "${SAID##*$'\n'}/vmlinuz"
	check "key: of what is before the first patch" test "$(key none)" != "$(key)"
	refuses "build-series: not after a patch that is not there" 2 "no patch is called nonesuch" \
		build build-series --after nonesuch
}

# --- what scripts make by themselves -----------------------------------------------------

# makes SCRIPT TARGET...: the script has these made, by a make that fails.
makes()
{
	local script=$1

	shift
	refuses "$script: has made what it needs, or says what could not be" 1 "make $* has failed" \
		env PATH="$PWD/bin:$PATH" O="$PWD/out" "$TOP/scripts/$script"
	[[ $(<made) == "-s -C $TOP O=$PWD/out KERNEL= $*" ]]
	result $? "$script: by one call of make"
}

targets()
{
	mkdir bin
	program bin/make <<-END
	#!/bin/sh
	echo "\$@" >"$PWD/made"
	exit 1
	END
	makes run-guest modules rootvisor rvctl mshvrun guest-initrd
	makes run-qemu modules rootvisor rvctl qemu-guest-initrd
	makes replay-check modules rootvisor rvctl mshvrun guest-initrd
	makes fuzz modules rootvisor rvctl selftests
	makes bench modules rootvisor rvctl mshvbench
	makes bench-qemu modules rootvisor rvctl qemu-guest-initrd
	ends "fuzz: for its kernel" 1 "has failed" env PATH="$PWD/bin:$PATH" O=out \
		"$TOP/scripts/fuzz" --kernel 6.1
	check "fuzz: and passes it to make" grep -q ' KERNEL=6.1 ' made
	fake_qemu qemu
	ends "rootvm: what could not be made is its own failure" 125 "building rvctl rootvisor failed" \
		env PATH="$PWD/bin:$PATH" O="$PWD/out" "$TOP/scripts/rootvm" --qemu ./qemu -- true
	rm made
	ends "rootvm: does not have made what its caller has" 3 '' env PATH="$PWD/bin:$PATH" \
		TARGETS_BUILT='modules rootvisor rvctl' "$TOP/scripts/rootvm" --qemu ./qemu -- true
	check "rootvm: make was not called" test ! -e made
	refuses "mkinitrd: a module that is not built" 1 "make modules builds one" \
		env TARGETS_BUILT=all "$TOP/scripts/mkinitrd" root initrd --module ./mshv.ko -- true
}

# --- bench --------------------------------------------------------------------------

# markdown_of PAGE HEAD: a table of the page, as mshvbench prints it.
markdown_of()
{
	sed -n "/^$2/,/^\$/p" "$1" | grep -v '^=\|^$' |
		sed -E 's/  +/ | /g; s/^/| /; s/$/ |/' |
		sed -E '1 { s/^[|] group [|]/| |/; p; s/[^|]+/---/g }'
}

# text_of PAGE: without what only aligns the columns.
text_of()
{
	sed -e '/^Boot of a guest/,$d; /end of what "make bench"/,$d; /^[= ]*$/d; s/  */ /g' "$1"
}

# A machine that measures what costs.rst says, and records how it was called.
fake_rootvm()
{
	{
		echo '#!/bin/bash'
		declare -f markdown_of json_of
		cat <<-'END'
		while [[ $# -gt 1 ]]; do
			case $1 in
			--log) log=$2 ;;
			--sched) sched=$2 ;;
			--kernel) built_in=y ;;
			esac
			shift
		done
		case $1,$sched in
		*--scale*,root) head='operation, root' ;;
		*--held*,root) head="${built_in:+built in, }held for" ;;
		*,root) head='group  *operation, root' ;;
		*) head='group  *operation, hypervisor' ;;
		esac
		mkdir -p "$log"
		markdown_of "$FAKE_PAGE" "$head" | sed 's/built in, //' >"$log/serial.log"
		json_of "$FAKE_PAGE" | grep -F "\"$sched\"" >>"$log/serial.log"
		echo "$head" >>"$FAKE_CALLS"
		END
	} | program "$1"
}

# json_of PAGE: what mshvbench writes about the operations on the page.
json_of()
{
	awk -F '  +' '
		/^group .* root scheduler/ { scheduler = "root" }
		/^group .* hypervisor.s scheduler/ { scheduler = "classic" }
		/^$/ { scheduler = "" }
		scheduler == "" || /^(=|group)/ { next }
		{
			printf "{\"group\": \"%s\", \"operation\": \"%s\", \"scheduler\": \"%s\", ", $1, $2, scheduler
			printf "\"floor\": %s, \"hypercalls\": %s, \"instructions\": %s, ", $3, $4, $7
			printf "\"root_instructions\": %d}\n", $7 / 2
		}' "$1"
}

# draws PAGE PICTURE: the picture of what is on the page.
draws()
{
	json_of "$1" | python3 -B "$TOP/tools/testing/bench/page.py" picture >"$2"
}

# bench_peer BENCH PAGE: both drivers beside each other, where both cost the same.
bench_peer()
{
	local rows

	cp "$2" peer.rst
	check "bench: writes the tables of both drivers" env FAKE_CALLS="$PWD/peer-calls" \
		BENCH_PAGE=peer.rst O="$PWD/out" "$1" --peer log-peer
	check "bench: each under both schedulers" test "$(wc -l <peer-calls)" -eq 4
	rows=$(json_of "$2" | wc -l)
	check "bench: with a row for each operation" test \
		"$(grep -cE '(  +[0-9]+){4}  +1[.]00(  +[0-9]+){2}  +1[.]00$' peer.rst)" -eq "$rows"
	check "bench: and nothing else" diff <(text_of "$2") <(text_of peer.rst)
}

bench()
{
	local bench=$TOP/scripts/bench costs=$TOP/Documentation/virt/hyperv/costs.rst part rows

	fake_rootvm fake-rootvm
	export BENCH_ROOTVM=$PWD/fake-rootvm FAKE_PAGE=$costs TARGETS_BUILT=all BENCH_SERIES=y
	rows=$(sed -n '/begin of what "make bench"/,/^Boot of a guest/p' "$costs" |
		awk '/^=.* =/ { borders++; next } borders % 3 == 2' | wc -l)
	"$bench" --rows >all
	check "bench: the parts compare every row" test "$rows" -eq "$(wc -l <all)"
	check "bench: no row twice" test "$rows" -eq "$(sort -u all | wc -l)"
	# In every table the third and the fourth figure are compared, or what stands for them.
	awk -F '  +' -v OFS='  ' '/^[a-z0-9].*  [0-9]/ { $3 = $3 + 1000; $4 = $4 + 1000 } { print }' \
		"$costs" >changed.rst
	BENCH_PAGE=changed.rst "$bench" --rows >changed
	check "bench: a change of any row is one" test -z "$(sort all changed | uniq -d)"
	: >parts
	for part in root classic scale held direct; do
		FAKE_CALLS=parts ends "bench: $part is what costs.rst says" 0 "agrees with what is measured" \
			"$bench" --check --part $part "log-$part"
		FAKE_CALLS=/dev/null FAKE_PAGE=changed.rst ends "bench: or is not, $part" 1 "differs from what is measured" \
			"$bench" --check --part $part "log-$part"
	done
	FAKE_CALLS=whole ends "bench: all of it is what costs.rst says" 0 "agrees with what is measured" \
		"$bench" --check log
	check "bench: all of it is what its parts are" diff <(sort parts) <(sort whole)
	draws "$costs" costs.svg
	check "bench: the picture shows what the tables say" cmp costs.svg "${costs%.rst}.svg"
	draws changed.rst changed.svg
	check "bench: and would show a change" test "$(cmp -s costs.svg changed.svg; echo $?)" -eq 1
	sed '/begin of what "make bench"/,/end of what/ { /what "make bench"/!d }' "$costs" >page.rst
	mkdir out
	check "bench: writes the page" env FAKE_CALLS=/dev/null BENCH_QEMU=n BENCH_PAGE=page.rst \
		O="$PWD/out" "$bench" log-write
	check "bench: with the tables" diff <(text_of "$costs") <(text_of page.rst)
	check "bench: and the picture" cmp page.svg "${costs%.rst}.svg"
	cp "$costs" kept.rst
	check "bench: writes the page without the series' kernel" env FAKE_CALLS=kept BENCH_QEMU=n \
		BENCH_PAGE=kept.rst BENCH_SERIES=n O="$PWD/out" "$bench" log-kept
	check "bench: which keeps that kernel's table" diff <(text_of "$costs") <(text_of kept.rst)
	check "bench: and does not measure it" test -z "$(grep 'built in' kept)"
	BENCH_SERIES=n refuses "bench: a part that cannot be measured" 1 "has not been built" \
		"$bench" --check --part direct log-kept
	refuses "bench: an unknown part" 2 "is wanted" "$bench" --check --part most
	refuses "bench: a profile of what is not there" 1 "no operation of that name" \
		"$bench" --profile nonesuch log-profile
	refuses "bench: a profile of several operations" 1 'operations: "port exit to the VMM' \
		"$bench" --profile 'register page' log-profile
	refuses "bench: a profile under no scheduler" 2 "'root' or 'classic'" \
		"$bench" --profile 'port exit' --sched none
	refuses "bench: a profile of no number of functions" 2 "a number is wanted" \
		"$bench" --profile 'port exit' --functions all
	refuses "bench: a profile with an unknown driver" 2 "'ours' or 'mainline'" \
		"$bench" --profile 'port exit' --driver other
	bench_peer "$bench" "$costs"
	export -n BENCH_ROOTVM FAKE_PAGE TARGETS_BUILT BENCH_SERIES
}

# --- documents ----------------------------------------------------------------------

# documents TEXT: what check-documents says of it.
documents()
{
	printf '%s\n' "$1" >page.rst
	SAID=$(python3 -B "$TOP/scripts/check-documents.py" page.rst 2>&1)
	STATUS=$?
}

pages()
{
	if ! python3 -c 'import docutils' 2>/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - documents # SKIP needs docutils"
		return
	fi
	documents "See :doc:\`page\`."
	[[ $STATUS -eq 0 && -z $SAID ]]
	result $? "documents: a good one"
	documents "See :doc:\`elsewhere\`."
	[[ $SAID == *"no page elsewhere"* ]]
	result $? "documents: a page that is not there"
	documents $'=  =\na bb\n=  ='
	[[ $SAID == *"Malformed table"* ]]
	result $? "documents: a table that is none"
}

# --- words --------------------------------------------------------------------------

# says_of TEXT: what check-words prints about a tree whose lib/hv has that text.
says_of()
{
	printf '%s\n' "$1" >tree/lib/hv/file.c
	SAID=$("$TOP/scripts/check-words" "$PWD/tree" | grep -v 'no such folder')
	STATUS=$?
}

words()
{
	git init -q tree
	mkdir -p tree/lib/hv tree/Documentation
	echo "Nobody reads this." >tree/Documentation/page.rst
	says_of "/* A thread waits, and releases the lock. */"
	[[ -z $SAID ]]
	result $? "words: of a kernel developer"
	says_of "/* Somebody else waits. */"
	[[ $SAID == "lib/hv/file.c:1:"* ]]
	result $? "words: people"
	says_of "static void let_go(void);"
	[[ $SAID == "lib/hv/file.c:1:"* ]]
	result $? "words: in names"
	SAID=$("$TOP/scripts/check-words" "$PWD/tree")
	[[ $SAID == *"tools/lib: no such folder"* ]]
	result $? "words: a folder that does not exist"
}

# --- commits ------------------------------------------------------------------------

# message SUBJECT [BODY...]: what check-messages says of it.
message()
{
	printf '%s\n' "$1" '' "${@:2}" | CHECK_TREE=$PWD/tree "$TOP/scripts/check-messages" -
}

# complains NAME TEXT SUBJECT [BODY...]; an empty TEXT: it does not.
complains()
{
	local name=$1 text=$2

	shift 2
	SAID=$(message "$@")
	STATUS=$?
	[[ $STATUS -eq 0 && ( -n $text && $SAID == *"$text"* || -z $text$SAID ) ]]
	result $? "messages: $name"
}

# commit_in TREE FILE TEXT SUBJECT: prints the commit.
commit_in()
{
	printf '%b' "$3" >"$1/$2"
	git -C "$1" add "$2"
	git -C "$1" "${ME[@]}" commit -q -m "$4" -m "Because."
	git -C "$1" log -1 --format=%h
}

commits()
{
	local long first made aside

	long=$(printf 'x%.0s' {1..70})
	git init -q tree
	first=$(commit_in tree Makefile 'all:\n' "make: begin")
	aside=$(commit_in tree aside 'x\n' "make: leave")
	git -C tree reset -q --hard "$first"
	complains "a good one" '' "mshv: wake a sleeping VP from an irqfd" "Because."
	complains "with two units" '' "mshv: selftests: Count looks" "Because."
	complains "about two units" '' "mshv, x86/hyperv: wake a sleeping VP" "Because."
	complains "of git itself" '' 'Revert "mshv: wake"'
	complains "too long" "more than 72 columns" "mshv: wake $long" "Because."
	complains "a period" "a period" "mshv: wake a VP." "Because."
	complains "no unit" "no 'unit: '" "wake a sleeping VP" "Because."
	complains "no body" "no body" "mshv: wake a VP"
	complains "no empty line" "second line" $'mshv: wake a VP\nBecause.' "Because."
	complains "a sentence about a state" "no imperative" "mshv: a VP is awake" "Because."
	complains "a third person" "no imperative" "mshv: wakes a VP" "Because."
	complains "a past" "no imperative" "mshv: fixed a bug" "Because."
	complains "a name" "no imperative" "mshv: RUN_VP may sleep" "Because."
	complains "what is mended" '' "make: end" "Because." "Fixes: $first (\"make: begin\")"
	complains "another subject" "no such commit" "make: end" "Because." "Fixes: $first (\"make: go\")"
	complains "another branch" "another branch" "make: end" "Because." "Fixes: $aside (\"make: leave\")"
	complains "another form" "not 'Fixes: " "make: end" "Because." "Fixes: $first"
	commit_in tree Makefile 'all:\n\tfalse\n' "the tree was broken" >/dev/null
	ends "messages: of a range" 0 "no 'unit: '" env CHECK_TREE="$PWD/tree" \
		"$TOP/scripts/check-messages" "$first..HEAD"
	ends "check-commits: the last one is broken" 1 "1 of 1 commits do not build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits"
	made=$(commit_in tree Makefile 'all:\n\ttrue\n' "make: build again")
	ends "check-commits: the last one builds" 0 "1 commits build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits" 1
	ends "check-commits: not all of three do" 1 "1 of 3 commits do not build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits" 3
	[[ $SAID == *"ok $first"*"not ok"*"ok $made"* ]]
	result $? "check-commits: and says which"
	refuses "check-commits: no number" 2 "how many" "$TOP/scripts/check-commits" all
}

# --- make ---------------------------------------------------------------------------

# How many compilers run at a time; this one tells what make has told it.
compilers()
{
	local -a rvctl=(make --no-print-directory -C "$TOP" rvctl "O=$PWD/out" "CC=$PWD/cc")

	program cc <<-'END'
	#!/bin/sh
	echo "cc: $MAKEFLAGS"
	END
	ends "make: a compiler for each processor" 0 " -j$(nproc) " "${rvctl[@]}"
	ends "make -j: as many as it says" 0 " -j3 --jobserver" "${rvctl[@]}" -j3
	ends "make -j1: one" 0 " -j1 " "${rvctl[@]}" -j1
}

# What a kernel is to have, and what it has.
options()
{
	printf '%s\n' CONFIG_A=y CONFIG_B=m CONFIG_C=y CONFIG_D=y >wanted
	printf '%s\n' CONFIG_D=m '# CONFIG_C is not set' CONFIG_E=y '# CONFIG_E is not set' \
		CONFIG_E=y >>wanted
	printf '%s\n' CONFIG_A=y CONFIG_D=y >config
	# shellcheck disable=SC2016 # for the other shell
	call bash -c '. "$0/scripts/lib.sh"; options_missing "$1" "$2"' "$TOP" wanted config
	check "kernel: the last word on an option counts" test "$SAID" = $'CONFIG_B=m\nCONFIG_D=m\nCONFIG_E=y'
}

# --- all of them ------------------------------------------------------------------------

if [[ ! -e ${O:-$TOP/build}/rootvisor/rootvisor.elf ]]; then
	echo "Bail out! nothing has been built: make"
	exit 1
fi
for group in rootvm_paths rootvm_refuses series_paths build_paths packages progress kernels targets bench \
		pages words commits compilers options; do
	[[ $group =~ $PATTERN ]] || continue
	mkdir "$WORK/$group"
	cd "$WORK/$group" || exit 1
	$group
done
echo "1..$COUNT"
[[ $BAD -eq 0 && $COUNT -gt 0 ]]
