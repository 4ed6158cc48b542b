# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: what scripts have made by themselves, and how.

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
