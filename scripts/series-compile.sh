# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/series-check: does every patch of the series compile?
#
# Model: the tree of a base goes through its commits one by one, and what the series touches
# is compiled at each, in one folder of objects for each compiler, so that only what the
# patch changes is compiled anew.  A commit that has compiled without a complaint leaves
# a file in the cache, named after the sources, the compiler and the configuration: it is
# not compiled again until one of these changes, in any copy of this tree.  Programs are
# built in the same way at the commits that bring them.

# Folders and objects that the series touches, of those in the configuration.
TARGETS=(arch/x86/hyperv/ arch/x86/kernel/cpu/mshyperv.o drivers/hv/ drivers/iommu/hyperv-iommu.o
	 drivers/iommu/hyperv/ drivers/iommu/intel/dmar.o drivers/iommu/amd/init.o
	 kernel/kexec_core.o)
# What of a tree no kernel is compiled from; tools/ has also programs that build one, but
# not of the series.
OUTSIDE=(tools Documentation MAINTAINERS CREDITS COPYING README LICENSES samples)
# To be counted up when a check becomes stricter.
FORM=1
PASSED=$CACHE/series-passed
# What a patch series is compiled with: the configuration of its kernel, and its KUnit tests.
FRAGMENTS=("$TOP"/scripts/kernel/{root,net,series}.config)
# Clang, and what tells make to use it.
CLANG=clang
# shellcheck disable=SC2034 # of series-check
LLD=ld.lld
LLVM=1
# shellcheck disable=SC2153 # of series-check
if [[ $BASE != 6.12 ]]; then
	# Debian 12's is too old for it.
	CLANG=clang-19
	# shellcheck disable=SC2034 # likewise
	LLD=ld.lld-19
	LLVM=-19
	# Mainline's own driver is compiled as well, with what it shares.
	TARGETS=(arch/x86/hyperv/ arch/x86/kernel/cpu/mshyperv.o drivers/hv/ drivers/iommu/hyperv/
		 drivers/iommu/intel/dmar.o drivers/iommu/amd/init.o)
	FRAGMENTS+=("$TOP"/scripts/kernel/{series-"$BASE",mainline}.config)
fi

# own_git BASE ARGUMENT...
own_git()
{
	local base=$1

	shift
	git -C "$WORK/$base" "$@"
}

# kbuild BASE COMPILER ARGUMENT...
kbuild()
{
	local base=$1 cc=$2
	local -a llvm=()

	shift 2
	[[ $cc == gcc ]] || llvm=(LLVM="$LLVM")
	make -C "$WORK/$base" O="$WORK/$base.$cc" -s "${llvm[@]}" "$@"
}

# What a later patch adds cannot be wished for yet.
wanted_options()
{
	cat "${FRAGMENTS[@]}"
	echo CONFIG_KUNIT=m
	echo CONFIG_MSHV_KUNIT_TEST=m
	# Drivers of remapping hardware, both of which a patch touches.
	echo CONFIG_AMD_IOMMU=y
}

# configure BASE COMPILER: only if the options are others than the last time.
configure()
{
	local objects=$WORK/$1.$2 sum

	sum=$(own_git "$1" ls-files -s -- '*Kconfig*' | sha256sum)
	[[ ! -e $objects/.config || $(cat "$objects/options" 2>/dev/null) != "$sum" ]] || return 0
	mkdir -p "$objects"
	wanted_options >"$objects/wanted.config"
	kbuild "$1" "$2" KCONFIG_ALLCONFIG="$objects/wanted.config" allnoconfig || return
	echo "$sum" >"$objects/options"
}

# compiled BASE COMMIT: the names and hashes of what a kernel is compiled from.
compiled()
{
	local outside

	outside=$(IFS='|'; echo "${OUTSIDE[*]}")
	own_git "$1" ls-tree "$2" | grep -vE "	($outside)$"
}

# compile_key BASE COMPILER COMMIT: the same sources, for the same questions.
compile_key()
{
	{
		echo "$FORM $2 ${TARGETS[*]}"
		"${2/#clang/$CLANG}" --version | head -n 1
		sparse --version
		wanted_options
		compiled "$1" "$3~"
		compiled "$1" "$3"
	} | sha256sum | cut -c 1-32
}

# stdin: what a tool says of a source.  Without line numbers, which patches move.
warnings()
{
	grep -iE '(warning|error):' | sed -E 's/:[0-9]+(:[0-9]+)?[: ]/:/' | LC_ALL=C sort -u
}

# build_targets BASE COMPILER LOG; sparse looks at what gcc compiles.  A driver that cannot
# be selected yet is compiled as if it were.
build_targets()
{
	local -a options=()

	[[ $2 != gcc ]] || options=(C=1 CHECK="$SPARSE")
	[[ ! -d $WORK/$1/drivers/hv/root || -e $WORK/$1/drivers/hv/root/Kconfig ]] ||
		options+=(CONFIG_HYPERV_ROOT=y CONFIG_MSHV=m)
	configure "$1" "$2" >"$3" 2>&1 || return
	kbuild "$1" "$2" W=1 "${options[@]}" -k -j "$JOBS" "${TARGETS[@]}" >"$3" 2>&1 || return
	# By itself: with a folder below it, drivers/hv/ would be built for that one only.
	[[ ! -e $WORK/$1/drivers/hv/root/tests ]] ||
		kbuild "$1" "$2" W=1 "${options[@]}" -k -j "$JOBS" drivers/hv/root/tests/ >>"$3" 2>&1
}

# compile_base BASE COMPILER: what mainline's own files give cause for.
compile_base()
{
	local known=$WORK/$1.$2.known sum

	sum=$(own_git "$1" rev-parse "$BRANCH-base")
	[[ $(cat "$known.of" 2>/dev/null) != "$sum" ]] || return 0
	own_git "$1" checkout -q --detach "$BRANCH-base"
	build_targets "$1" "$2" "$WORK/$1.$2.log.all" || true
	warnings <"$WORK/$1.$2.log.all" >"$known" || true
	echo "$sum" >"$known.of"
}

# compile BASE COMPILER LOG COMMIT SINCE: warnings about the files that have changed since
# another one, and errors.
compile()
{
	local base=$1 cc=$2 log=$3 commit=$4 f status=0

	own_git "$base" checkout -q --detach "$commit"
	: >"$log"
	build_targets "$base" "$cc" "$log.all" || status=$?
	[[ $status -eq 0 ]] || grep -E 'error|Error' "$log.all" | grep -v '^make' >>"$log" || true
	[[ $status -eq 0 || -s $log ]] || tail "$log.all" >"$log"
	own_git "$base" diff --name-only "$5" "$commit" -- '*.c' '*.h' |
		while read -r f; do
			grep -F "$f:" "$log.all" | warnings |
				grep -vxFf "$WORK/$base.$cc.known" || true
		done >>"$log"
}

# changes_objects BASE COMMIT: a new header is not included by anything yet.
changes_objects()
{
	[[ $(compiled "$1" "$2~") != "$(compiled "$1" "$2")" ]] || return 1
	[[ -n $(own_git "$1" diff --name-only --diff-filter=a "$2~" "$2" -- . ':!MAINTAINERS' \
		':!Documentation' ':!tools') ||
	   -n $(own_git "$1" diff --name-only "$2~" "$2" -- '*.c' '*.S' '*Kbuild' '*Makefile' \
		'*Kconfig' ':!tools') ]]
}

# compile_commit BASE COMPILER COMMIT
compile_commit()
{
	local log=$WORK/$1.$2.log passed subject

	subject=$(own_git "$1" log -1 --format=%s "$3")
	changes_objects "$1" "$3" || return 0
	passed=$PASSED/$(compile_key "$1" "$2" "$3")
	if [[ -e $passed ]]; then
		echo "ok $1 has compiled with $2: $subject"
		return
	fi
	compile "$1" "$2" "$log" "$3" "$3~"
	verdict "$1 compiles with $2: $subject" "$log"
	[[ -s $log ]] || : >"$passed"
}

# check_compiler BASE COMPILER
check_compiler()
{
	local commit

	compile_base "$1" "$2"
	while read -r commit; do
		compile_commit "$1" "$2" "$commit"
	done < <(own_git "$1" rev-list --reverse "$BRANCH-base..$BRANCH")
}

# check_end BASE COMPILER: with all patches.
check_end()
{
	local log=$WORK/$1.$2.log

	compile_base "$1" "$2"
	compile "$1" "$2" "$log" "$BRANCH" "$BRANCH-base"
	verdict "$1 compiles with $2, with all patches" "$log"
}

# variant BASE NAME ARCH OPTION...: what else a kernel with these files may be.  The
# compiler is clang, which needs no other package for another processor.
variant()
{
	local base=$1 name=$2 arch=$3 log=$WORK/$1.variant out=$WORK/$1.variant-$2 f
	local -a targets

	shift 3
	mapfile -t targets < <(variant_targets "$arch")
	mkdir -p "$out"
	printf '%s\n' "$@" >"$out/wanted.config"
	: >"$log"
	{
		make -C "$WORK/$base" O="$out" ARCH="$arch" LLVM="$LLVM" -s \
			KCONFIG_ALLCONFIG="$out/wanted.config" allnoconfig &&
		make -C "$WORK/$base" O="$out" ARCH="$arch" LLVM="$LLVM" -s -k W=1 -j "$JOBS" \
			"${targets[@]}"
	} >"$log.all" 2>&1 || tail "$log.all" >"$log"
	options_missing "$out/wanted.config" "$out/.config" | sed 's/^/cannot be had: /' >>"$log"
	touched "$base" '*.c' '*.h' | while read -r f; do
		grep -F "$f:" "$log.all" | warnings | grep -vxFf "$WORK/$base.clang.known" || true
	done >>"$log"
	verdict "$base compiles as $name" "$log"
}

# variant_targets ARCH
variant_targets()
{
	printf '%s\n' drivers/hv/ kernel/kexec_core.o
	case $1 in
	arm64) echo arch/arm64/hyperv/ ;;
	*) printf '%s\n' arch/x86/hyperv/ arch/x86/kernel/cpu/mshyperv.o ;;
	esac
}

# What the variants on a PC have in common, and those without 64 bits, which have neither
# interrupt remapping nor x2APIC.
PC32=(CONFIG_SMP=y CONFIG_HYPERVISOR_GUEST=y CONFIG_PARAVIRT=y CONFIG_ACPI=y CONFIG_PCI=y
      CONFIG_PCI_MSI=y CONFIG_EVENTFD=y CONFIG_MODULES=y CONFIG_IOMMU_SUPPORT=y CONFIG_KEXEC=y)
PC=("${PC32[@]}" CONFIG_64BIT=y CONFIG_X86_X2APIC=y CONFIG_IRQ_REMAP=y)
ARM64=(CONFIG_MODULES=y CONFIG_EFI=y CONFIG_ACPI=y CONFIG_PCI=y CONFIG_KEXEC_FILE=y)

# variants_6.12 BASE
variants_6.12()
{
	local -a platform=(CONFIG_HYPERV=y CONFIG_HYPERV_IOMMU=y CONFIG_HYPERV_ROOT=y)

	variant "$1" built-in x86_64 "${PC[@]}" "${platform[@]}" CONFIG_HYPERV_ROOT_IOMMU=y CONFIG_MSHV=y
	variant "$1" no-platform x86_64 "${PC[@]}" CONFIG_HYPERV=m CONFIG_MSHV=m \
		'# CONFIG_HYPERV_ROOT is not set'
	variant "$1" no-driver x86_64 "${PC[@]}" "${platform[@]}"
	variant "$1" one-processor x86_64 "${PC[@]/CONFIG_SMP=y/}" CONFIG_HYPERV=y CONFIG_MSHV=m
	variant "$1" 32-bit i386 "${PC32[@]}" CONFIG_HYPERV=y
	variant "$1" arm64 arm64 "${ARM64[@]}" CONFIG_HYPERV=y
}

# variants_7.3 BASE: with mainline's driver as well, and with that one only.
variants_7.3()
{
	local -a pc=("${PC[@]}" CONFIG_HYPERV=y)

	variant "$1" built-in x86_64 "${pc[@]}" CONFIG_HYPERV_ROOT_IOMMU=y CONFIG_MSHV=y
	variant "$1" both x86_64 "${pc[@]}" CONFIG_MSHV=m CONFIG_MSHV_ROOT=m
	variant "$1" mainline x86_64 "${pc[@]}" CONFIG_MSHV_ROOT=m
	variant "$1" no-driver x86_64 "${pc[@]}"
	variant "$1" one-processor x86_64 "${pc[@]/CONFIG_SMP=y/}" CONFIG_MSHV=m
	variant "$1" 32-bit i386 "${PC32[@]}" CONFIG_HYPERV=y
	variant "$1" arm64 arm64 "${ARM64[@]}" CONFIG_HYPERV=y CONFIG_MSHV_ROOT=m
}

# check_variants BASE
check_variants()
{
	own_git "$1" checkout -q "$BRANCH"
	"variants_$BASE" "$1"
}

# build_programs BASE OUT: those that are there by now.  Their objects stay, in OUT.
build_programs()
{
	local tree=$WORK/$1 out=$2
	local -a headers=(KHDR_INCLUDES="-isystem $out/usr/include")

	mkdir -p "$out/tools"
	make -C "$tree" O="$out" -s headers || return
	[[ ! -e $tree/tools/mshvstat/Makefile ]] ||
		make -C "$tree/tools" O="$out/tools" mshvstat || return
	[[ ! -e $tree/tools/testing/selftests/mshv/Makefile ]] ||
		make -C "$tree/tools/testing/selftests" O="$out" TARGETS=mshv FORCE_TARGETS=1 \
			-j "$JOBS" "${headers[@]}"
}

# program_commit BASE COMMIT
program_commit()
{
	local log=$WORK/$1.programs passed subject

	subject=$(own_git "$1" log -1 --format=%s "$2")
	passed=$PASSED/$({ gcc --version; own_git "$1" ls-tree "$2" -- tools include; } |
		sha256sum | cut -c 1-32)
	: >"$log"
	if [[ ! -e $passed ]]; then
		own_git "$1" checkout -q --detach "$2"
		build_programs "$1" "$log.out" >"$log.all" 2>&1 || tail "$log.all" >"$log"
		grep 'warning:' "$log.all" >>"$log" || true
		[[ -s $log ]] || : >"$passed"
	fi
	verdict "$1 builds programs: $subject" "$log"
}

# check_program_commits BASE: each commit that brings programs.
check_program_commits()
{
	local commit

	while read -r commit; do
		program_commit "$1" "$commit"
	done < <(own_git "$1" rev-list --reverse "$BRANCH-base..$BRANCH" -- tools)
}
