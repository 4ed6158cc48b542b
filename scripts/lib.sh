# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What all scripts share: messages, the cache folder, tools that may be missing.
#
# Model: a script sources this file first.  Everything a script says to a human
# goes to stderr, so that stdout can carry a result.  A function whose name
# begins with "need_" either returns with the thing in place or ends the script
# with one line that says what to install.
#
# A path that a user gives is taken from the folder the user called the script in.
# Scripts change folders and hand paths on to programs that do, so what comes in by
# the environment is made absolute here, at the start.

# With it, "cd" prints where it went.
unset CDPATH

# shellcheck disable=SC2034 # used by the scripts that source this file
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ME=${0##*/}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/hv-root
# A copy that "make install" has made has a file that says so.
INSTALLED=
if [[ -r $TOP/installed.sh ]]; then
	# shellcheck source=tools/virt/installed.sh
	. "$TOP/installed.sh"
fi

# shellcheck source=scripts/progress.sh
. "$TOP/scripts/progress.sh"

die()
{
	progress_stop
	printf '%s: %s\n' "$ME" "$*" >&2
	exit 1
}

note()
{
	progress_clear
	printf '%s: %s\n' "$ME" "$*" >&2
}

# A command line that is wrong: status 2, so that it is not taken for the
# status of a command that ran.
usage_error()
{
	printf '%s: %s (--help shows the options)\n' "$ME" "$*" >&2
	exit 2
}

# The version of this tree, or of what is installed.
own_version()
{
	sed -n 's/.* HV_ROOT_VERSION := //p' "$TOP/Kbuild"
}

# absolute PATH: from the current folder; links stay what they are.
absolute()
{
	case $1 in
	/*) echo "$1" ;;
	*) echo "$PWD/$1" ;;
	esac
}

[[ $CACHE == /* ]] || die "XDG_CACHE_HOME is $XDG_CACHE_HOME: an absolute path is wanted"
[[ -z ${O:-} ]] || O=$(absolute "$O")
[[ ${O:-} != *[[:space:]:]* ]] || die "O is $O: make takes no folder with a space or a colon in its name"
[[ -z ${TMPDIR:-} ]] || TMPDIR=$(absolute "$TMPDIR")

is_debian()
{
	[[ -r /etc/debian_version ]] && command -v apt-get >/dev/null
}

# --- packages ----------------------------------------------------------------------

# Seconds to wait for another program's lock; the variable is for tests.
LOCK_WAIT=${LOCK_WAIT:-60}
# Why a package could not be installed; empty if that was not tried.
NOT_INSTALLED=

# apt_busy LOG: the lock that apt-get did not get, and its holder; fails for other errors.
apt_busy()
{
	sed -n 's/^E: Could not get lock \([^ ]*\)\. It is held by/\1 is held by/p
		s/^E: Could not get lock //p' "$1" | grep -m 1 .
}

# apt_error LOG: the first thing that apt-get complains of.
apt_error()
{
	sed -n 's/^E: //p' "$1" | grep -m 1 . || echo "apt-get has failed"
}

# apt_get LOG ARGUMENT...: apt-get, with all that it says in LOG.  It gives up at once
# when another program holds one of its locks, and its own option to wait is about one
# of the three only.
apt_get()
{
	local log=$1 busy noted='' since=$SECONDS

	shift
	until LC_ALL=C apt-get "$@" >"$log" 2>&1 </dev/null; do
		busy=$(apt_busy "$log") || return 1
		(( SECONDS - since < LOCK_WAIT )) || return 1
		[[ -n $noted ]] || note "waiting: $busy"
		noted=y
		sleep 1
	done
}

# wait_for_lock FD WHAT: for as long as it takes.
wait_for_lock()
{
	flock -n "$1" && return
	note "waiting for another run that $2"
	flock "$1"
}

# install_packages PACKAGE...: only where the caller is root on Debian.
install_packages()
{
	local log status=0
	local -a install=(install -y -qq --no-install-recommends "$@")

	[[ $(id -u) -eq 0 ]] && is_debian || return 1
	note "installing $*"
	mkdir -p "$CACHE"
	log=$(mktemp)
	exec 9>"$CACHE/lock.install"
	wait_for_lock 9 "installs packages"
	# Lists that are too old, or none.
	DEBIAN_FRONTEND=noninteractive apt_get "$log" "${install[@]}" 9>&- ||
		{ [[ -z $(apt_busy "$log") ]] && apt_get "$log" -qq update 9>&- &&
		  DEBIAN_FRONTEND=noninteractive apt_get "$log" "${install[@]}" 9>&-; } ||
		status=1
	exec 9>&-
	[[ $status -eq 0 ]] || NOT_INSTALLED=$(apt_busy "$log" || apt_error "$log")
	rm -f "$log"
	return $status
}

# missing WHAT PACKAGE
missing()
{
	die "$1 is missing: install the package $2${NOT_INSTALLED:+ ($NOT_INSTALLED)}"
}

# need_tool COMMAND PACKAGE
need_tool()
{
	command -v "$1" >/dev/null && return 0
	install_packages "$2" && command -v "$1" >/dev/null && return 0
	missing "$1" "$2"
}

# Programs for the root partition are linked statically.
need_static_libc()
{
	local libc

	need_tool gcc gcc
	libc=$(gcc -print-file-name=libc.a)
	[[ $libc == /* && -e $libc ]] && return 0
	install_packages libc6-dev && return 0
	missing libc.a libc6-dev
}

# --- what is built -------------------------------------------------------------------
# A script makes the targets that it needs, so that it can be called in a tree where
# nothing was built.  TARGETS_BUILT names those that the caller has made, which
# are not checked again; "all" is all of them.

BUILD=${O:-$TOP/build}
TARGETS_BUILT=${TARGETS_BUILT:-}

# make_targets TARGET...: one make at a time in a build folder.
make_targets()
{
	local target
	local -a wanted=()

	for target; do
		[[ " $TARGETS_BUILT " == *" all "* || " $TARGETS_BUILT " == *" $target "* ]] ||
			wanted+=("$target")
	done
	[[ ${#wanted[@]} -gt 0 ]] || return 0
	need_tool make make
	need_static_libc
	mkdir -p "$BUILD"
	(
		exec 9>"$BUILD/.rootvm.lock"
		wait_for_lock 9 "builds"
		make -s -C "$TOP" O="$BUILD" KERNEL="$ROOT_KERNEL" "${wanted[@]}" 9>&-
	) >&2 || return 1
	export TARGETS_BUILT+=" ${wanted[*]}"
}

need_targets()
{
	make_targets "$@" || die "make $* has failed"
}

# --- which kernel the root runs ---------------------------------------------------
# ROOT_KERNEL is the one that scripts boot and build for by default: empty for the
# usual one, a name, or a folder as build-kernel makes.

# kernel_folder NAME: with vmlinuz and lib/modules, and with headers/build unless the
# driver is in lib/modules; gets or builds it.
kernel_folder()
{
	[[ -z $INSTALLED || ! $1 =~ ^(7\.3|debug|kcsan|series(-7\.3)?)$ ]] ||
		die "the kernel '$1' is built in the source tree only"
	case $1 in
	'' | 6.12) "$TOP/scripts/fetch" kernel ;;
	6.1) "$TOP/scripts/fetch" kernel-6.1 ;;
	6.12-generic) "$TOP/scripts/fetch" kernel-generic ;;
	7.3 | debug | kcsan | series | series-7.3)
		# Who boots it many times looks once whether it is up to date.
		if [[ ${SERIES_BUILT:-} == "$1 "* ]]; then
			echo "${SERIES_BUILT#* }"
		else
			"$TOP/scripts/parts" --make "kernel-$1"
		fi ;;
	*/*)
		[[ -r $1/vmlinuz ]] || die "kernel $1: no folder as build-kernel makes"
		echo "$1" ;;
	*) die "no kernel is called '$1': 6.12, 6.1, 6.12-generic, 7.3, debug, kcsan, series, series-7.3 or a folder is wanted" ;;
	esac
}

is_kernel_name()
{
	[[ $1 =~ ^(6\.12|6\.1|6\.12-generic|7\.3|debug|kcsan|series(-7\.3)?)$ ]]
}

# kernel_name K: K as kernel_folder takes it, a name or an absolute path.
kernel_name()
{
	if [[ $1 == series-6.12 ]]; then
		echo series
	elif [[ $1 == */* ]] || { ! is_kernel_name "$1" && [[ -n $1 && -r $1/vmlinuz ]]; }; then
		absolute "$1"
	else
		echo "$1"
	fi
}

ROOT_KERNEL=$(kernel_name "${ROOT_KERNEL:-}")

# What is built for, or comes out of, that kernel stands in a folder of its own.
kernel_suffix()
{
	case $ROOT_KERNEL in
	'' | 6.12) ;;
	*) echo "-$(basename "$ROOT_KERNEL")" ;;
	esac
}

# What mshv.ko for that kernel is made from, the kernel included, as a number.
module_hash()
{
	local kernel

	kernel=$(kernel_folder "$ROOT_KERNEL") || return
	(
		cd "$TOP" || exit
		find Kbuild drivers include lib -type f | LC_ALL=C sort | xargs sha256sum
		stat -Lc '%s %Y' "$kernel/vmlinuz"
	) | sha256sum | cut -c 1-16
}

# module_file BUILD: mshv.ko for that kernel.  An installed copy has those that it
# builds in the cache.
module_file()
{
	local build=$1

	if [[ -n $INSTALLED ]]; then
		build=$CACHE/built-$(module_hash) || return
	fi
	echo "$build/modules$(kernel_suffix)/mshv.ko"
}

# own_module BUILD: the same, built when it is not there.
own_module()
{
	local file dir

	file=$(module_file "$1") || return
	dir=$(dirname "$file")
	mkdir -p "$dir"
	(
		flock 9
		[[ ! -e $file ]] || exit 0
		ROOT_KERNEL=$ROOT_KERNEL MAKEFLAGS=s "$TOP/scripts/build-module" >/dev/null 9>&- || exit
		[[ -z $INSTALLED ]] || rm -rf "$dir/src"
	) 9>"$dir/lock" || return
	echo "$file"
}

# last_lines FILE N: the last lines of a console log, without its control bytes.
last_lines()
{
	tail -n "$2" "$1" 2>/dev/null | tr -d '\000-\010\013-\037' | sed 's/^/  | /'
}

# What must be zero in the hypervisor's books when everything has been undone.
BOOKS_ZERO="partitions deposited in_use vps mapped ports state_pages faults overflows"

# books_value LOG NAME: from the books printed at the end, empty if not there.
books_value()
{
	sed -n 's/^rootvisor: books: //p' "$1" | tr ' ' '\n' |
		sed -n "s/^$2=\\([0-9]*\\).*/\\1/p" | tail -n 1
}

# books_left LOG: what is left over, as "name=value ..."; empty if all is well.
books_left()
{
	local name value left=''

	grep -q '^rootvisor: books: ' "$1" || { echo "no books"; return; }
	for name in $BOOKS_ZERO; do
		value=$(books_value "$1" "$name")
		[[ $value == 0 ]] || left+="${left:+ }$name=${value:-missing}"
	done
	echo "$left"
}

is_number()
{
	[[ $1 =~ ^[0-9]{1,9}$ ]]
}

# memory_mb SIZE: in MiB, of a size as QEMU takes it.
memory_mb()
{
	local n=${1%[MmGg]}

	is_number "$n" || return 1
	case $1 in
	*[Gg]) echo $((10#$n * 1024)) ;;
	*) echo $((10#$n)) ;;
	esac
}

# options_missing WANTED CONFIG: what the kernel's configuration CONFIG does not have of
# WANTED, in which the last word on a symbol counts; "is not set" wants nothing of it.
options_missing()
{
	awk '
	/^CONFIG_[A-Z0-9_]*=/ { wanted[substr($0, 1, index($0, "=") - 1)] = $0 }
	/^# CONFIG_[A-Z0-9_]* is not set$/ { delete wanted[$2] }
	END { for (symbol in wanted) print wanted[symbol] }' "$1" |
		sort | grep -vxFf "$2" || true
}
