# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What build-kernel and build-series have in common: a kernel is made from a source and
# from fragments of a configuration.
#
# Model: the caller says what SOURCE is, where the OBJECTS go, what the kernel calls
# itself (NAME), which fragments its configuration has (CONFIGS), and where the result
# is to stand (OUT).  ARCH is the kernel's architecture if it is not this machine's, TARGETS
# what is made of it.  A configuration is what its fragments ask for and nothing else; a
# fragment that asks for what cannot be had is an error.  Logs stand in OUT.
#
# A result is vmlinuz, config, System.map and lib/modules, and, written last, version: it
# is whole if that is there.

KEY_LENGTH=16
TARGETS=(bzImage modules)

need_build_tools()
{
	need_tool make make
	need_tool gcc gcc
	need_tool flex flex
	need_tool bison bison
	need_tool bc bc
	need_tool xz xz-utils
	need_tool perl perl
	echo '#include <gelf.h>' | gcc -E -x c - >/dev/null 2>&1 ||
		install_packages libelf-dev || missing gelf.h libelf-dev
}

# key_of: of what stdin has, of the compiler and of the configuration; fails without a
# compiler.
key_of()
{
	{
		gcc --version | head -n 1
		ld --version | head -n 1
		cat
		sed -n '/^CONFIG/p; /^# CONFIG.* is not set$/p' "${CONFIGS[@]}"
	} | sha256sum | cut -c "1-$KEY_LENGTH"
}

# run NAME COMMAND...: its output into a log, the end of which is shown if it fails.
run()
{
	local log=$OUT/$1.log

	shift
	"$@" >"$log" 2>&1 7>&- 8>&- || {
		progress_stop
		tail -n 20 "$log" >&2
		die "building the kernel failed, see $log"
	}
}

# Options of a calling make (-s, KERNEL=, CPUS=) are not for the kernel's.
kbuild()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$SOURCE" O="$OBJECTS" \
		${ARCH:+"ARCH=$ARCH"} "$@"
}

# Files are written again only if they change, so that nothing is compiled for nothing.
configure()
{
	local missing

	mkdir -p "$OBJECTS"
	{
		cat "${CONFIGS[@]}"
		echo "CONFIG_LOCALVERSION=\"-$NAME\""
	} >"$OUT/wanted.config"
	run configure kbuild KCONFIG_ALLCONFIG="$OUT/wanted.config" allnoconfig
	missing=$(options_missing "$OUT/wanted.config" "$OBJECTS/.config")
	[[ -z $missing ]] || die "the kernel cannot have ${missing//$'\n'/, }"
}

# compile [FILES]: that many have to be compiled, unless a build of that name from
# nothing has counted them since.  How many are left of an interrupted build is unknown.
compile()
{
	local progress_log=$OUT/build.log files='' begun=y counted=$CACHE/files-$NAME

	if [[ ! -d $OBJECTS/init ]]; then
		begun=
		files=$(cat "$counted" 2>/dev/null) || files=${1:-}
	fi
	rm -f "$progress_log"
	progress "building the kernel '$NAME'" "${files:+~$files}" files files_compiled \
		run build kbuild -j "$JOBS" "${TARGETS[@]}"
	[[ -n $begun ]] || files_compiled >"$counted"
}

# All of the result but its version.
install_result()
{
	rm -rf "${OUT:?}/lib"
	run install kbuild INSTALL_MOD_PATH="$OUT" DEPMOD=true modules_install
	find "$OUT/lib" -type l \( -name build -o -name source \) -delete
	cp "$OBJECTS/arch/x86/boot/bzImage" "$OUT/vmlinuz"
	cp "$OBJECTS/.config" "$OUT/config"
	cp "$OBJECTS/System.map" "$OUT/System.map"
}
