#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of the scripts that people call: where they look for what they are given, what
# they make by themselves, how they wait, and what they say.  Prints TAP.
#
# Model: no machine is started and nothing is fetched or built that takes long: QEMU,
# apt and the compiler are small programs of this file where a script would start the
# real ones.  Each group works in a folder of its own, the current one.
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
	refuses "rootvm: a QEMU that is none" 125 "it is none" \
		"$rootvm" --no-build --qemu ./none -- true
	refuses "rootvm: a --log that is a file" 125 "cannot be made" \
		"$rootvm" --no-build --log 'a file' -- true
}

# A tree and a series of one patch, in a folder of somebody else's repository.
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
	refuses "apt: who holds the lock is told in the end" 1 \
		"is held by process $pid (python3)" apt_update 0
	apt_update 600 >said 2>&1 3>&- &
	pid=$!
	until grep -qs waiting said || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
	exec 3>&-
	STATUS=0
	wait $pid || STATUS=$?
	SAID=$(<said)
	[[ $STATUS -eq 0 && $SAID == *"waiting: "*"(python3)" ]]
	result $? "apt: a lock that is let go of is waited for"
	wait
}

# --- all of them ------------------------------------------------------------------------

for group in rootvm_paths rootvm_refuses series_paths build_paths packages; do
	[[ $group =~ $PATTERN ]] || continue
	mkdir "$WORK/$group"
	cd "$WORK/$group" || exit 1
	$group
done
echo "1..$COUNT"
[[ $BAD -eq 0 && $COUNT -gt 0 ]]
