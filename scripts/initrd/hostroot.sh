# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by root-init, for rootvm --host-root: make the other machine's files the root's.
#
# Model: the other machine's / comes by 9p or virtiofs, read-only, and is the lower layer of
# an overlay whose upper one is in memory.  /dev, /proc, /sys and /run are the root's.
# Folders of --rw are shares of their own, over all this.  hostroot-init goes on.
#
# shellcheck disable=SC2154 # bb and here are root-init's

# What rootvm has put down, by scripts/hostroot.sh.
settings=$here/hostroot/settings
new=$here/new
lower=$here/lower
memory=$here/memory
# Bytes in one request of 9p, the most that virtio takes.
MSIZE=512000
NET_ADDRESS=10.0.2.15/24
NET_ROUTER=10.0.2.2
NET_SERVER=10.0.2.3
# Debian's group tty.
TTY_GROUP=5

# The console is shown when the command does not begin, and rootvm looks for the last of
# these lines.
cannot()
{
	say "cannot $*"
	return 1
}

# mount_share TAG FOLDER rw|ro OPTIONS: those are for 9p.
mount_share()
{
	options=$3
	way=$($bb cat "$settings/share-by")
	[ "$way" != 9p ] || options=$3,trans=virtio,version=9p2000.L,msize=$MSIZE,$4

	$bb mkdir -p "$2" && $bb mount -t "$way" -o "$options" "$1" "$2" && return
	cannot "mount the share $1 at ${2#"$new"}"
}

# lay_over NAME FOLDER: what is written to the folder of the new root, which shows the
# share, is kept in memory, below NAME.  The folder itself is the upper layer's.
lay_over()
{
	options=lowerdir=$lower$2,upperdir=$memory/$1/upper,workdir=$memory/$1/work

	# So that folders of the lower layer can be renamed.
	options=$options,redirect_dir=on
	$bb mkdir -p "$memory/$1/upper" "$memory/$1/work" "$new$2" &&
		$bb chown "$($bb stat -c %u:%g "$lower$2")" "$memory/$1/upper" &&
		$bb chmod "$($bb stat -c %a "$lower$2")" "$memory/$1/upper" &&
		$bb mount -t overlay -o "$options" overlay "$new$2"
}

# With virtiofs, all mounts below / have the same device number, and inode numbers may
# repeat.  An overlay for each mount lets programs distinguish files.
lay_over_submounts()
{
	[ -e "$settings/submounts" ] || return 0
	number=0
	while read -r dir; do
		number=$((number + 1))
		[ -d "$new$dir" ] || continue
		lay_over "sub.$number" "$dir" 2>/dev/null ||
			say "a folder that is mounted is not shown as one: $dir"
	done <"$settings/submounts"
}

lay_over_all()
{
	if ! $bb mkdir -p "$memory" || ! $bb mount -t tmpfs memory "$memory" || ! lay_over root ""; then
		cannot "lay memory over the share"
		return
	fi
	lay_over_submounts
}

# Nodes by which programs get a driver loaded; where there is no modprobe they cannot.  KVM's
# would have VMMs believe that there is a KVM.
prepare_nodes()
{
	list=$new/lib/modules/$($bb uname -r)/modules.devname
	[ -r "$list" ] || return
	# A link leads somewhere else from here.
	[ -x "$new/sbin/modprobe" ] || [ -L "$new/sbin/modprobe" ] || return
	while read -r module name number; do
		numbers=${number#[bc]}
		case $module in
		'#' | kvm) continue ;;
		esac
		[ ! -e "/dev/$name" ] || continue
		$bb mkdir -p "/dev/$($bb dirname "$name")"
		$bb mknod -m 600 "/dev/$name" "${number%"$numbers"}" "${numbers%:*}" "${numbers#*:}"
	done <"$list"
	$bb chmod 666 /dev/net/tun
}

# The node of the driver is for the caller, or for a group that the caller is in.
prepare_devices()
{
	for name in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do
		$bb ln -sf "/proc/self/${name#*:}" "/dev/${name%%:*}"
	done
	$bb mount -o "remount,gid=$TTY_GROUP,mode=620,ptmxmode=666" /dev/pts
	$bb mkdir -p /dev/mqueue /dev/hugepages
	$bb mount -t mqueue mqueue /dev/mqueue 2>/dev/null
	$bb mount -t hugetlbfs hugetlbfs /dev/hugepages 2>/dev/null
	$bb mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
	prepare_nodes
	[ -e /dev/mshv ] || return 0
	$bb chown "0:$($bb cat "$settings/device-group")" /dev/mshv
	$bb chmod 660 /dev/mshv
}

prepare_network()
{
	$bb ip link set lo up
	[ -e "$settings"/net ] || return 0
	if ! $bb ip addr add $NET_ADDRESS dev eth0 || ! $bb ip link set eth0 up ||
	   ! $bb ip route add default via $NET_ROUTER; then
		cannot "set up the network"
		return
	fi
	# It may be a link to what is not there.
	$bb rm -f "$new/etc/resolv.conf"
	echo "nameserver $NET_SERVER" >"$new/etc/resolv.conf"
}

# Modules of this kernel, where programs look for them.
show_modules()
{
	[ -e "$settings"/modules ] || return 0
	version=$($bb uname -r)
	from=$new$($bb cat "$settings/modules")/lib/modules/$version
	to=$new/lib/modules/$version
	if [ -d "$from" ] && [ ! -e "$to" ]; then
		$bb mkdir -p "$to"
		$bb mount --bind "$from" "$to"
	fi
}

mount_shares()
{
	for file in "$settings"/rw.*; do
		[ -e "$file" ] || continue
		mount_share "${file##*/}" "$new$($bb cat "$file")" rw cache=mmap || return
	done
}

prepare_run()
{
	own=$new/run/rootvm
	$bb mkdir -p "$new/run"
	$bb mount -t tmpfs -o mode=755 run "$new/run"
	$bb mkdir -p "$own"
	$bb mkdir -m 1777 "$new/run/lock"
	$bb cp -r "$here/bin" "$own/"
	$bb cp "$here/hostroot/hostroot-init" "$own/init"
	$bb cp -r "$settings" "$own/"
	$bb chmod 700 "$own/settings"
}

move_mounts()
{
	for dir in dev proc sys; do
		$bb mkdir -p "$new/$dir"
		if ! $bb mount --move "/$dir" "$new/$dir"; then
			cannot "move /$dir"
			return
		fi
	done
}

host_root()
{
	# Nothing changes there, as far as the root is concerned, and attributes that
	# nearly no file has would be asked for as often as files are looked at.
	if ! mount_share root "$lower" ro cache=loose,noxattr || ! lay_over_all; then
		return
	fi
	show_modules
	prepare_run
	if ! mount_shares || ! prepare_network; then
		return
	fi
	$bb hostname "$($bb cat "$settings/hostname")"
	prepare_devices
	move_mounts || return
	# hostroot-init asks it how much was written.
	exec 9<"$memory"
	$bb umount -l "$lower" "$memory" /tmp
	exec $bb switch_root -c /dev/console "$new" /run/rootvm/init
}
