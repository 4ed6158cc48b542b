# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/series-check: do the programs of the series build in a kernel's tree?
#
# Model: they are built as their users do it, at the end of the series: the selftests as
# kselftest.rst has it, in and out of the tree, mshvstat by the targets of the kernel's tools,
# and the samples.  Options that the selftests want must be there to be had.

# samples TREE HEADERS OUT: as samples/mshv/Makefile has the kernel's build do it.
samples()
{
	local f

	mkdir -p "$3"
	for f in "$1"/samples/mshv/*.c; do
		gcc -O2 -Wall -Wextra -Werror -pthread -I "$2" -idirafter "$1/tools/include" \
			-idirafter "$1/include" -o "$3/$(basename "$f" .c)" "$f" || return
	done
}

# mshvstat TREE OUT: built and installed by the targets of the kernel's tools, with clang, too.
mshvstat()
{
	mkdir -p "$2/clang"
	make -C "$1/tools" O="$2" mshvstat &&
		make -C "$1/tools" O="$2" mshvstat_install DESTDIR="$2/installed" &&
		[[ $("$2/installed/usr/bin/mshvstat" --version) == "mshvstat $(make -sC "$1" kernelversion)" ]] &&
		make -C "$1/tools" O="$2/clang" LLVM="$LLVM" mshvstat &&
		make -C "$1/tools" O="$2" mshvstat_clean
}

# check_programs BASE: those of the series, in the kernel's tree, as its users build them;
# the selftests once more without O=, which must leave nothing that git does not ignore.
check_programs()
{
	local tree=$WORK/$1 log=$WORK/$1.programs
	local tests=$WORK/$1/tools/testing/selftests

	own_git "$1" checkout -q "$BRANCH"
	: >"$log"
	{
		O=$log.out "$TOP/scripts/kselftest" "$tree" &&
			mshvstat "$tree" "$log.out/tools" &&
			samples "$tree" "$log.out/kselftest/usr/include" "$log.out/samples" &&
			make -C "$tests" TARGETS=mshv FORCE_TARGETS=1 -j "$JOBS" \
				KHDR_INCLUDES="-isystem $log.out/kselftest/usr/include"
	} >"$log.all" 2>&1 || tail "$log.all" >"$log"
	own_git "$1" status --porcelain >>"$log"
	make -C "$tests" TARGETS=mshv clean >>"$log.all" 2>&1 || tail -n 3 "$log.all" >>"$log"
	own_git "$1" status --porcelain --ignored "$tests" >>"$log"
	grep 'warning:' "$log.all" >>"$log" || true
	verdict "$1: selftests, mshvstat and samples build in the kernel's tree" "$log"
}

# check_config BASE: each option that the selftests want is there after it was merged.
check_config()
{
	local tree=$WORK/$1 log=$WORK/$1.config out=$WORK/$1.config.out
	local wanted=$WORK/$1/tools/testing/selftests/mshv/config

	own_git "$1" checkout -q "$BRANCH"
	: >"$log"
	{
		make -s -C "$tree" O="$out" x86_64_defconfig &&
			(cd "$tree" && scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" "$wanted") &&
			make -s -C "$tree" O="$out" olddefconfig
	} >"$log.all" 2>&1 || tail "$log.all" >>"$log"
	grep -vxFf "$out/.config" "$wanted" >>"$log" || true
	verdict "$1: a kernel can have the options of the selftests" "$log"
}
