# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/rootvm: how folders of this machine get into a root of --host-root.
#
# Model: a share has a tag, a folder, and a way: 9p, which QEMU speaks itself, or
# virtiofs, for which a server, virtiofsd, runs beside QEMU, one for each share.  They are
# started before QEMU, end when it does, and at the latest when rootvm does.  The way is
# the same for all shares.
#
# 9p is the default, because it is always right.  A virtiofs server writes to the machine's memory without QEMU's knowledge, and QEMU goes on to
# run what it has translated of a page that had code.  So the root's kernel clears pages
# when it takes them (init_on_alloc), which QEMU sees, and what goes past the page cache,
# O_DIRECT, is refused to the command (tools/testing/hostroot/direct.h).

SHARE_BY=
# The server, where there is one to try.
VIRTIOFSD=
SHARE_SERVERS=()
# What it says when it is ready for QEMU.
SHARE_READY='Waiting for vhost-user socket connection'

# --- which way ---------------------------------------------------------------------

shares_check_option()
{
	case $SHARE_BY in
	'') SHARE_BY=9p ;;
	9p | virtiofs) ;;
	*) fail "--share-by $SHARE_BY: '9p' or 'virtiofs' is wanted" ;;
	esac
}

shares_qemu_has()
{
	[[ $("$QEMU" -device help 2>&1) == *"\"$1\""* ]]
}

# The first that has these options: an older one, in C, has others.
shares_find_virtiofsd()
{
	local file

	for file in "$(type -P virtiofsd)" /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do
		[[ -x $file && $("$file" --help 2>/dev/null </dev/null) == *--shared-dir* ]] || continue
		absolute "$file"
		return
	done
	return 1
}

# Why virtiofs cannot be had, as far as that shows before the kernel is there.
shares_why_not_virtiofs()
{
	if [[ -z $VIRTIOFSD ]]; then
		echo "no virtiofsd is here: install the package virtiofsd of Debian 13 or newer"
	elif ! shares_qemu_has vhost-user-fs-pci; then
		echo "QEMU $QEMU has no vhost-user-fs-pci"
	fi
}

# Called when it is known which QEMU it will be.
shares_choose()
{
	local why

	if [[ $SHARE_BY == virtiofs ]]; then
		VIRTIOFSD=$(shares_find_virtiofsd) || VIRTIOFSD=
		why=$(shares_why_not_virtiofs)
		[[ -z $why ]] || fail "--share-by virtiofs: $why"
		return
	fi
	shares_qemu_has virtio-9p-pci ||
		fail "QEMU $QEMU has no virtio-9p-pci, by which --host-root shares files: take another one (--qemu), or none, and it is fetched"
}

# --- servers -------------------------------------------------------------------------

# start_server TAG FOLDER OPTION...: in the work folder, since the name of a socket may
# not be long.  No sandbox: the root gets what the caller may do, as by 9p.
shares_start_server()
{
	local tag=$1 folder=$2

	shift 2
	(cd "$WORK" && unset RUST_LOG &&
		exec "$BUILD/hostroot/hostroot-relay" --child-of $$ -- "$VIRTIOFSD" \
		--socket-path "$tag.socket" --shared-dir "$folder" --sandbox none "$@") \
		>"$WORK/virtiofsd.$tag.log" 2>&1 </dev/null &
	SHARE_SERVERS+=($!)
}

# Waits for a server; fails when it has ended.
shares_server_ready()
{
	until grep -qs "$SHARE_READY" "$WORK/virtiofsd.$1.log"; do
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.05
	done
}

shares_why_server_ended()
{
	cat "$WORK"/virtiofsd.*.log | sed -n 's/^.*ERROR[^]]*\] //p' | grep -m 1 . ||
		cat "$WORK"/virtiofsd.*.log | grep -m 1 . || echo "it says nothing"
}

shares_end_servers()
{
	local pid

	for pid in "${SHARE_SERVERS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	[[ ${#SHARE_SERVERS[@]} -eq 0 ]] || wait "${SHARE_SERVERS[@]}" 2>/dev/null || true
	SHARE_SERVERS=()
}

# Submounts of / are announced to the root by a list, shares_submounts(): an overlay does
# not go past those that the server announces.
shares_start_servers()
{
	local i help
	local -a options=(--no-announce-submounts --cache always)

	help=$("$VIRTIOFSD" --help 2>/dev/null </dev/null)
	[[ $help != *--readonly* ]] || options+=(--readonly)
	shares_start_server root / "${options[@]}"
	for i in "${!RW[@]}"; do
		shares_start_server "rw.$i" "${RW[i]}" --announce-submounts
	done
	shares_server_ready root "${SHARE_SERVERS[0]}" || return
	for i in "${!RW[@]}"; do
		shares_server_ready "rw.$i" "${SHARE_SERVERS[i + 1]}" || return
	done
}

# --- the run -------------------------------------------------------------------------

# Those of the kernel, before anything is built for it.
shares_add_modules()
{
	if [[ $SHARE_BY == 9p ]]; then
		hostroot_add_modules 9pnet_virtio 9p
	else
		hostroot_add_modules virtiofs
	fi
}

# Called in the work folder's presence, with all parts there.
shares_prepare()
{
	local why

	[[ $SHARE_BY == virtiofs ]] || return 0
	if ! shares_start_servers; then
		why=$(shares_why_server_ended)
		shares_end_servers
		fail "--share-by virtiofs: $VIRTIOFSD does not start here: $why"
	fi
	APPEND+=" init_on_alloc=1"
}

# Folders where this machine has mounted something, one a line, outer ones first.
shares_submounts()
{
	local dir

	cut -d ' ' -f 5 /proc/self/mountinfo | LC_ALL=C sort -u | while IFS= read -r dir; do
		dir=$(printf '%b' "${dir//\\/\\0}")
		[[ $dir == / || ! -d $dir || $dir == *$'\n'* ]] || hostroot_hidden "$dir" || echo "$dir"
	done
}

shares_write_settings()
{
	echo "$SHARE_BY" >"$1/share-by"
	[[ $SHARE_BY == virtiofs ]] || return 0
	shares_submounts >"$1/submounts"
	: >"$1/no-direct"
}

# share TAG FOLDER OPTIONS: multidevs, since / has other file systems below it.
shares_by_9p()
{
	printf '%s\n' -fsdev "local,id=$1,path=$(double_commas "$2"),security_model=none,multidevs=remap$3" \
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1"
}

shares_by_virtiofs()
{
	printf '%s\n' -chardev "socket,id=$1,path=$1.socket" \
		-device "vhost-user-fs-pci,chardev=$1,tag=$1"
}

shares_arguments()
{
	local i

	if [[ $SHARE_BY == virtiofs ]]; then
		# The machine's memory is the servers', too.
		printf '%s\n' -object "memory-backend-memfd,id=memory,size=$MEM,share=on" \
			-machine memory-backend=memory
	fi
	"shares_by_$SHARE_BY" root / ,readonly=on
	for i in "${!RW[@]}"; do
		"shares_by_$SHARE_BY" "rw.$i" "${RW[i]}" ""
	done
}
