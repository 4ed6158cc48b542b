# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/rootvm: --host-root, a root partition on this machine's own files.
#
# Model: / is shared read-only, and each folder of --rw as a share of its own (shares.sh).
# The description of the command is in files, settings, which go into the root's
# initramfs (tools/testing/hostroot/settings.h lists those that hostroot-init reads).
# hostroot-relay starts QEMU and forwards the command's standard descriptors, the
# signals that rootvm gets and the size of the terminal; reports of the root are
# in channel.log (channel.h has the lines).
#
# Words: caller, the user that has started rootvm; user, the one that the command runs as.

# The kernel that can do it in every way: the usual one has no 9p.
HOSTROOT_KERNEL=6.12-generic
HOSTROOT_MODULES=(virtio_pci virtio_console overlay)
# Places for devices on QEMU's machine.
HOSTROOT_MAX_SHARES=16
# Variables that lead to something of this machine which is not in the root: programs
# that listen, a make that gives out jobs.
HOSTROOT_DROPPED='DISPLAY WAYLAND_DISPLAY XAUTHORITY WINDOWID DBUS_* SSH_AUTH_SOCK SSH_AGENT_PID
	SSH_CLIENT SSH_CONNECTION SSH_TTY GPG_AGENT_INFO GPG_TTY XDG_RUNTIME_DIR XDG_SESSION_*
	XDG_SEAT XDG_VTNR TMUX TMUX_PANE STY NOTIFY_SOCKET LISTEN_* JOURNAL_STREAM INVOCATION_ID
	_ MAKEFLAGS MFLAGS MAKELEVEL CARGO_MAKEFLAGS'
# What another user has values of his own for.
HOSTROOT_OWN='HOME USER LOGNAME SHELL MAIL'
# As often as INT or TERM comes until the machine is ended without the command.
HOSTROOT_PATIENCE=3

HOST_ROOT=
RW=()
NET=
RUN_AS=
AS_ROOT=

HOSTROOT_TERMINAL=
HOSTROOT_SAVED_TERMINAL=
HOSTROOT_INSISTED=0

hostroot_usage()
{
	cat <<-EOF

	With the files of this machine:

	  --host-root      the root has this machine's files, read-only; writes are kept
	                   in memory, at most half of --mem, and dropped at the end.
	                   COMMAND, by default your shell, runs in the current folder
	                   with your user, groups, limits and environment
	  --rw DIR         writes below DIR are permanent; may be repeated
	  --share-by WAY   9p, the default, or virtiofs, which needs a virtiofsd
	  --net            QEMU's user-mode network: connections go out, none come in
	  --user NAME      COMMAND runs as that user
	  --as-root        COMMAND runs as root, but accesses files with your rights

	The kernel is 6.12-generic unless --kernel names another one with 9p, and the driver
	is loaded.  /dev/mshv has mode 0660.  It belongs to the group mshv, and COMMAND is in
	that group; if this machine has no such group, it belongs to your own.  With
	--user, COMMAND is in that user's groups only.  /dev, /proc, /sys and /run are the
	root's.  Variables that refer to something on this machine, such as DISPLAY,
	SSH_AUTH_SOCK and MAKEFLAGS, are not passed on.

	stdin, stdout and stderr are those of COMMAND; the console is shown only if the
	machine fails.  Signals to rootvm are forwarded to COMMAND, but the third SIGINT or
	SIGTERM ends the machine.  On a terminal Ctrl-a x does that, and Ctrl-a a is a Ctrl-a.
	COMMAND may be silent: --timeout counts from the machine's last sign of life.
	EOF
}

# --- options -----------------------------------------------------------------------

# Succeeds when the option is one without a value.
hostroot_flag()
{
	case $1 in
	--host-root) HOST_ROOT=y ;;
	--net) NET=y ;;
	--as-root) AS_ROOT=y ;;
	*) return 1 ;;
	esac
}

# refuse_with OPTION VALUE
hostroot_refuse_with()
{
	[[ -z $2 ]] || fail "$1: not with --host-root"
}

hostroot_check_rw()
{
	local i dir

	[[ ${#RW[@]} -le $HOSTROOT_MAX_SHARES ]] ||
		fail "--rw: at most $HOSTROOT_MAX_SHARES folders"
	for i in "${!RW[@]}"; do
		dir=${RW[i]}
		[[ -d $dir ]] || fail "--rw $dir: no such folder"
		[[ -w $dir ]] || fail "--rw $dir: you may not write there"
		dir=$(realpath -- "$dir")
		[[ $dir != / ]] || fail "--rw /: name the folders that are to be written to"
		[[ $dir != *$'\n'* ]] || fail "--rw: a folder with a line break in its name"
		RW[i]=$dir
	done
	# What stands below another one is mounted after it.
	mapfile -t RW < <(((${#RW[@]} == 0)) || printf '%s\n' "${RW[@]}" | sort -u)
}

hostroot_check_user()
{
	[[ -z $AS_ROOT || -z $RUN_AS ]] || fail "--as-root and --user: one of them"
	[[ -z $AS_ROOT ]] || RUN_AS=root
	[[ -z $RUN_AS ]] || id -u -- "$RUN_AS" >/dev/null 2>&1 || fail "--user $RUN_AS: no such user"
}

# Where the root has something else than this machine.
hostroot_hidden()
{
	[[ $1/ == /proc/* || $1/ == /sys/* || $1/ == /dev/* || $1/ == /run/* ]]
}

hostroot_check_folder()
{
	local dir rw

	dir=$(realpath -e . 2>/dev/null) || fail "the current folder is not there any more"
	hostroot_hidden "$dir" || return 0
	for rw in "${RW[@]}"; do
		[[ $dir/ != "$rw"/* ]] || return 0
	done
	fail "the current folder, $dir, is not among the files that the root sees: change to another one"
}

hostroot_check_options()
{
	if [[ -z $HOST_ROOT ]]; then
		[[ ${#RW[@]} -eq 0 && -z $NET$RUN_AS$AS_ROOT$SHARE_BY ]] ||
			fail "--rw, --share-by, --net, --user and --as-root need --host-root"
		return
	fi
	hostroot_refuse_with --initrd "$INITRD"
	hostroot_refuse_with --share "$SHARE"
	hostroot_refuse_with --out "$OUT"
	hostroot_refuse_with --shell "$SHELL_MODE"
	hostroot_refuse_with --record "$RECORD"
	hostroot_refuse_with --intremap "$INTREMAP"
	[[ " ${PACK[*]} " != *" --file "* ]] || hostroot_refuse_with --file y
	shares_check_option
	hostroot_check_rw
	hostroot_check_user
	hostroot_check_folder
	[[ -n $KERNEL || ( -n $ROOT_KERNEL && $ROOT_KERNEL != 6.12 ) ]] || KERNEL=$HOSTROOT_KERNEL
	[[ ${#COMMAND[@]} -gt 0 ]] || COMMAND=("${SHELL:-/bin/sh}")
	[[ ! -t 0 || ! -t 1 ]] || HOSTROOT_TERMINAL=y
}

# --- parts -------------------------------------------------------------------------

hostroot_check_qemu()
{
	shares_choose
	[[ -z $NET ]] || "$QEMU" -netdev help 2>&1 | grep -x user >/dev/null ||
		fail "QEMU $QEMU has no network of the kind 'user', which --net needs"
}

# has_module NAME: in the modules tree, or in the kernel itself?  A kernel that came as
# one file has all of it.
hostroot_has_module()
{
	[[ -z $MODULES_TREE ]] ||
		grep -qs "/${1//[-_]/[-_]}\.ko" "$MODULES_TREE"/lib/modules/*/modules.{order,builtin}
}

hostroot_add_modules()
{
	local m

	[[ -n $MODULES_TREE ]] || return 0
	for m; do
		hostroot_has_module "$m" || fail "kernel ${ROOT_KERNEL:-6.12} has no $m, which --host-root needs"
		PACK+=(--module "$m")
	done
}

# The kernel's modules, and the driver.
hostroot_modules()
{
	local m
	local -a modules=("${HOSTROOT_MODULES[@]}")

	[[ -z $NET ]] || modules+=(virtio_net)
	[[ -z $DISK ]] || modules+=(nvme)
	hostroot_add_modules "${modules[@]}"
	shares_add_modules
	[[ -n $HYPERVISOR && -n $MODULES_TREE ]] || return 0
	m=$(own_module "$BUILD") || exit "$OWN_FAILURE"
	PACK+=(--module "$m")
}

# --- settings ----------------------------------------------------------------------

# The caller's own group if there is none for it.
hostroot_device_group()
{
	local group

	group=$(getent group mshv | cut -d : -f 3) || true
	echo "${group:-$(id -g ${RUN_AS:+"$RUN_AS"})}"
}

hostroot_ids()
{
	local -a of=(${RUN_AS:+"$RUN_AS"})

	echo "$(id -u "${of[@]}") $(id -g "${of[@]}") $(id -G "${of[@]}")" \
		"$([[ -n $RUN_AS ]] || hostroot_device_group)"
}

# is_among NAME WORDS: words may have a * at their end.
hostroot_is_among()
{
	local word

	for word in $2; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $word ]] || return 0
	done
	return 1
}

hostroot_user_environment()
{
	local name home shell

	IFS=: read -r name _ _ _ _ home shell < <(getent passwd "$RUN_AS")
	printf '%s\0' "HOME=$home" "USER=$name" "LOGNAME=$name" "SHELL=${shell:-/bin/sh}"
}

# The environment that rootvm was started with, as a list with NULs.
hostroot_environment()
{
	local variable name path=/usr/local/bin:/usr/bin:/bin dropped=$HOSTROOT_DROPPED

	[[ -z $RUN_AS ]] || dropped+=" $HOSTROOT_OWN"
	[[ -z ${TMPDIR:-} ]] || ! hostroot_hidden "$(realpath -m -- "$TMPDIR")" || dropped+=" TMPDIR"
	set -f
	while IFS= read -r -d '' variable; do
		name=${variable%%=*}
		case $name in
		PATH) path=${variable#*=} ;;
		PWD) ;;
		*) hostroot_is_among "$name" "$dropped" || printf '%s\0' "$variable" ;;
		esac
	done <"/proc/$$/environ"
	set +f
	# Our own tools, if there are no others.
	printf '%s\0' "PATH=$path:/run/rootvm/bin" "PWD=$PWD"
	[[ -z $RUN_AS ]] || hostroot_user_environment
}

hostroot_write_settings()
{
	local dir=$WORK/hostroot/settings i

	mkdir -p "$dir"
	cp "$BUILD/hostroot/hostroot-init" "$WORK/hostroot/" 2>/dev/null ||
		fail "hostroot-init has not been built (make hostroot)"
	shares_write_settings "$dir"
	printf '%s\0' "${COMMAND[@]}" >"$dir/command"
	hostroot_environment >"$dir/environment"
	printf '%s' "$PWD" >"$dir/folder"
	hostroot_ids >"$dir/ids"
	umask >"$dir/umask"
	cat "/proc/$$/limits" >"$dir/limits"
	hostroot_device_group >"$dir/device-group"
	uname -n >"$dir/hostname"
	[[ -z $NET ]] || : >"$dir/net"
	[[ -z $MODULES_TREE ]] || realpath -- "$MODULES_TREE" >"$dir/modules"
	for i in "${!RW[@]}"; do
		echo "${RW[i]}" >"$dir/rw.$i"
	done
	[[ -z $HOSTROOT_TERMINAL ]] || echo "0 1$([[ ! -t 2 ]] || echo ' 2')" >"$dir/terminal"
}

# --- the run -----------------------------------------------------------------------

# The numbers and names are those of tools/testing/hostroot/channel.h.
hostroot_qemu_arguments()
{
	local i names=(in out err channel)

	shares_arguments
	printf '%s\n' -device virtio-serial-pci
	for i in "${!names[@]}"; do
		printf '%s\n' -chardev "socket,id=${names[i]},fd=$((3 + i))" \
			-device "virtserialport,chardev=${names[i]},name=rootvm.${names[i]}"
	done
	[[ -z $NET ]] || printf '%s\n' -netdev user,id=net,ipv6=off -device virtio-net-pci,netdev=net
}

hostroot_heard()
{
	grep -q "^$1" "$WORK/channel.log" 2>/dev/null
}

# forward NAME STATUS: a signal is the command's, once there is one.
# shellcheck disable=SC2317 # through a trap
hostroot_forward()
{
	hostroot_heard begun || exit "$2"
	if [[ $1 == INT || $1 == TERM ]]; then
		HOSTROOT_INSISTED=$((HOSTROOT_INSISTED + 1))
		(( HOSTROOT_INSISTED < HOSTROOT_PATIENCE )) || exit "$2"
	fi
	kill -"$1" "$QEMU_PID" 2>/dev/null || true
}

hostroot_forward_signals()
{
	local name

	for name in HUP INT QUIT USR1 USR2 TERM; do
		# shellcheck disable=SC2064 # now
		trap "hostroot_forward $name $((128 + $(kill -l $name)))" $name
	done
}

# Runs QEMU, whose command line these are, in the work folder.
hostroot_exec()
{
	local -a options=()

	[[ -z $HOSTROOT_TERMINAL ]] || options=(--terminal)
	cd "$WORK" && exec "$BUILD/hostroot/hostroot-relay" "${options[@]}" -- "$@"
}

# Waits for the relay; a signal interrupts that.
hostroot_wait()
{
	while kill -0 "$QEMU_PID" 2>/dev/null; do
		wait "$QEMU_PID" 2>/dev/null || true
	done
	# shellcheck disable=SC2034 # rootvm's
	QEMU_STATUS=0
	# shellcheck disable=SC2034
	wait "$QEMU_PID" 2>/dev/null || QEMU_STATUS=$?
}

hostroot_save_terminal()
{
	[[ -z $HOSTROOT_TERMINAL ]] || HOSTROOT_SAVED_TERMINAL=$(stty -g)
}

hostroot_restore_terminal()
{
	[[ -z $HOSTROOT_SAVED_TERMINAL ]] || stty "$HOSTROOT_SAVED_TERMINAL" 2>/dev/null || true
}

# hostroot_conclude STATUS: says why the command did not begin, or what became of its
# writes.
hostroot_conclude()
{
	local why kib

	why=$(sed -n 's/^failed //p' "$WORK/channel.log" | head -n 1)
	[[ -z $why ]] || fail "the command was not started: $why"
	if ! hostroot_heard begun && [[ $1 == "$OWN_FAILURE" ]]; then
		fail_run "the root did not come to start the command: $(tr -d '\r' <"$WORK/serial.log" |
			sed -n 's/^rootvm: \(cannot .*\)/\1/p' | tail -n 1)"
	fi
	kib=$(sed -n 's/^dropped //p' "$WORK/channel.log" | tail -n 1)
	[[ -z $kib ]] || printf 'rootvm: dropped %d MiB of writes (--rw DIR keeps them)\n' $(((kib + 1023) / 1024)) >&2
}
