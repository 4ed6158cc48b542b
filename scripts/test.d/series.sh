# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs for a kernel of the patch series.

# How many numbers the file has that is sent through the network.
NETWORK_DATA=30000

# network_card NUMBER DEVICE: on a network with a server of the file "data", and another
# one that sends the same.
network_card()
{
	printf '%s\n' --qemu-arg -device --qemu-arg "$2,netdev=net$1,romfile=" \
		--qemu-arg -netdev --qemu-arg "user,id=net$1,net=10.0.$1.0/24,restrict=on,tftp=${RESULTS//,/,,}/$JOB.d/served,guestfwd=tcp:10.0.$1.100:7-cmd:seq $NETWORK_DATA"
}

# sent FROM TO: how many interrupts the devices have sent between two marks.  Of a virtio
# device the first queue counts: it sends none before the one before has been served, as
# the queue of a network card's sent packets does.
sent()
{
	awk -v from="$(printf '@0x3c <- 0x%x$' "$1")" -v to="$(printf '@0x3c <- 0x%x$' "$2")" '
		function note(at,	device) {
			at["nvme"] = n["nvme"]
			at["e1000e"] = n["e1000e"]
			at["virtio"] = 0
			for (device in first)
				at["virtio"] += queues[first[device]]
		}
		/^pci_nvme_irq_msix / { n["nvme"]++ }
		/^e1000e_irq_msix_notify_vec / { n["e1000e"]++ }
		/^virtio_notify / {
			queues[$5]++
			if (!($3 in first) || $5 "" < first[$3])
				first[$3] = $5 ""
		}
		/^pci_cfg_write nvme / && $0 ~ from { note(begun) }
		/^pci_cfg_write nvme / && $0 ~ to { note(ended) }
		END {
			print ended["nvme"] - begun["nvme"], ended["e1000e"] - begun["e1000e"],
				ended["virtio"] - begun["virtio"]
		}' "$RESULTS/$JOB.d/qemu.log"
}

# came NAME SENT COUNTED IRQ: one that comes to the new place while the one before is still
# served at the old one is served along with it and not counted: at most one for a move.
came()
{
	local moves

	moves=$(sed -n "s/^# $4.* moved \([0-9]*\) times.*/\1/p" "$RESULTS/$JOB.d/console" |
		awk '{ n += $1 } END { print n + 0 }')
	check "$1: $2 interrupts were sent, $3 came, $moves moves" \
		test "$3" -le "$2" -a "$3" -ge $(($2 - moves))
}

# What devices with MSI-X have sent, and what the kernel has got.  QEMU's e1000e sends
# each interrupt once more, as late as it may send the next one, so that the kernel gets
# either one or two.
compare_counts()
{
	local from to nvme e1000e virtio sent_nvme sent_e1000e sent_virtio

	read -r from to nvme e1000e virtio < <(sed -n 's/^# counted //p' "$RESULTS/$JOB.d/console")
	if [[ -z $virtio ]]; then
		not_ok "interrupts are counted"
		return
	fi
	read -r sent_nvme sent_e1000e sent_virtio < <(sent "$from" "$to")
	came NVMe "$sent_nvme" "$nvme" nvme0q0
	came virtio "$sent_virtio" "$virtio" virtio
	check "e1000e: $sent_e1000e interrupts were sent, $e1000e came, some twice" \
		test "$e1000e" -ge "$sent_e1000e" -a "$e1000e" -le $((2 * sent_e1000e))
}

# device_steps STEPS CPUS SCHED OPTION...: STEPS run in a root with an NVMe disk, a SATA
# disk and a virtio random number generator, whose drivers are loaded.
device_steps()
{
	local dir=$RESULTS/$JOB.d steps=$1 cpus=$2 sched=$3 status=0

	shift 3
	mkdir -p "$dir"
	head -c 2097152 /dev/urandom >"$dir/disk.img"
	cp "$dir/disk.img" "$dir/sata.img"
	"$ROOTVM" --no-build --cpus "$cpus" --sched "$sched" --disk "$dir/disk.img" \
		--qemu-arg -drive --qemu-arg "file=$dir/sata.img,if=none,id=sata,format=raw" \
		--qemu-arg -device --qemu-arg ide-hd,drive=sata,bus=ide.0 \
		--qemu-arg -device --qemu-arg virtio-rng-pci \
		--module nvme --module ahci --module sd_mod \
		--module virtio_pci --module virtio_rng "$@" \
		--rootvisor vectors=strict --log "$dir" --timeout 300 \
		--file "$TOP/scripts/initrd/$steps:/.rootvm/bin/$steps" \
		-- "$steps" "$cpus" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	tr -d '\r' <"$dir/serial.log" >"$dir/console"
	tap_results "" <"$dir/console"
}

# job_series CPUS SCHED OPTION...: the platform layer of the patch series, seen from
# inside.
job_series()
{
	local dir=$RESULTS/$JOB.d event
	local -a args

	mkdir -p "$dir/served"
	seq $NETWORK_DATA >"$dir/served/data"
	mapfile -t args < <(network_card 2 e1000e; network_card 3 virtio-net-pci)
	for event in pci_nvme_irq_msix e1000e_irq_msix_notify_vec virtio_notify pci_cfg_write; do
		args+=(--qemu-arg -trace --qemu-arg "$event")
	done
	device_steps series-steps "$@" "${args[@]}" --module e1000e --module virtio_net \
		--file "$dir/served/data:/data"
	[[ $* == *nomsi* ]] || compare_counts
	check "the hypervisor powers off" grep -q 'power off by hypercall' "$dir/hypervisor.log"
}

# job_series_intremap CPUS SCHED OPTION...: with remapping hardware nothing is lost or
# blocked, and the hypervisor's counts are the kernel's.
job_series_intremap()
{
	device_steps count-steps "$@" --intremap
	check "the hardware was in use" grep -q 'interrupt remapping: [0-9]* entries used' \
		"$RESULTS/$JOB.d/hypervisor.log"
}

# kexec_files INITRD: what a kernel needs to give way to another one.
kexec_files()
{
	local dir=$RESULTS/$JOB.d

	mkdir -p "$dir"
	gcc -O2 -Wall -Werror -static -o "$dir/kexec-to" "$TOP/scripts/initrd/kexec-to.c"
	printf '%s\n' --file "$dir/kexec-to:/.rootvm/bin/kexec-to" \
		--file "$(kernel_folder series)/vmlinuz:/boot/vmlinuz" \
		--file "$1:/boot/initrd"
}

# job_series_kexec CPUS SCHED: a root gives way to another one.
job_series_kexec()
{
	local dir=$RESULTS/$JOB.d
	local -a files

	mapfile -t files < <(kexec_files "$BUILD/guest-initrd.gz")
	# What the hypervisor has asked for and does not use is no reason to refuse.
	"$ROOTVM" --no-build --cpus "$1" --sched "$2" --log "$dir" --timeout 300 "${files[@]}" \
		--rootvisor fail=7c,b,0,1 \
		--file "$TOP/scripts/initrd/series-kexec:/.rootvm/bin/series-kexec" \
		-- series-kexec >"$RESULTS/$JOB.log" 2>&1 || true
	tr -d '\r' <"$dir/serial.log" >"$dir/console"
	tap_results "" <"$dir/console"
	check "the next kernel has all processors" grep -q "GUEST-INIT-OK .*-series.* cpus=$1\$" "$dir/console"
	check "it is a root partition" test "$(grep -c 'Hyper-V root: root partition' "$dir/console")" -eq 2
	[[ $1 -eq 1 ]] || check "and finds its processors" grep -q "$1 processors are there already" "$dir/console"
	check "it can map its interrupts" test -z "$(grep 'mapping an interrupt' "$dir/console")"
	check "and powers off" grep -q 'power off by hypercall' "$dir/hypervisor.log"
	check_books
}

# What the hypervisor has asked for to run the machine does not come back.
job_series_kexec_owed()
{
	local dir=$RESULTS/$JOB.d
	local -a files

	mapfile -t files < <(kexec_files "$BUILD/guest-initrd.gz")
	# shellcheck disable=SC2016 # expanded in the root
	"$ROOTVM" --no-build --cpus 2 --rootvisor lp_pages=3 --log "$dir" "${files[@]}" \
		-- sh -c 'kexec-to /boot/vmlinuz /boot/initrd console=ttyS0; dmesg | grep "no kexec"
			exit "$(nproc)"' >"$RESULTS/$JOB.log" 2>&1 || true
	check "memory is given for a processor" grep -q 'exit status=2$' "$dir/hypervisor.log"
	check "and kept: kexec is refused" \
		grep -q 'kexec-to: starting: Device or resource busy' "$dir/serial.log"
	check "with the reason" \
		grep -q 'no kexec: .* has 6 pages .* for processors and interrupts' "$dir/serial.log"
}

# job_series_crash CPUS: a root that panics, and the kernel that saves its memory.
job_series_crash()
{
	local dir=$RESULTS/$JOB.d
	local -a files

	mkdir -p "$dir"
	"$TOP/scripts/mkinitrd" guest "$dir/initrd.gz" --init "$TOP/scripts/initrd/crash-init"
	mapfile -t files < <(kexec_files "$dir/initrd.gz")
	"$ROOTVM" --no-build --cpus "$1" --mem 1G --append crashkernel=256M --log "$dir" \
		--timeout 300 "${files[@]}" \
		-- sh -c 'kexec-to -p /boot/vmlinuz /boot/initrd "console=ttyS0 panic=-1 maxcpus=1" &&
			echo c >/proc/sysrq-trigger' >"$RESULTS/$JOB.log" 2>&1 || true
	check "the hypervisor is told what has happened" \
		grep -q 'partition 1: guest crash' "$dir/hypervisor.log"
	check "and to stop all guests" grep -q 'root crash, action 1$' "$dir/hypervisor.log"
	check "the crash kernel can read all memory" \
		grep -q 'CRASH-INIT magic=ELF megabytes=[0-9]\{3\} type=root' "$dir/serial.log"
	check "it can map its interrupts" test -z "$(grep 'mapping an interrupt' "$dir/serial.log")"
	check "and powers off" grep -q 'power off by hypercall' "$dir/hypervisor.log"
}

# job_series_crash_guest CPUS SCHED: a root that panics while a guest runs that needs
# nothing of it.
job_series_crash_guest()
{
	local dir=$RESULTS/$JOB.d
	local -a files

	mkdir -p "$dir"
	"$TOP/scripts/mkinitrd" guest "$dir/initrd.gz" --init "$TOP/scripts/initrd/crash-init" \
		--file "$BUILD/rvctl/rvctl:/rvctl"
	mapfile -t files < <(kexec_files "$dir/initrd.gz")
	"$ROOTVM" --no-build --cpus "$1" --sched "$2" --mem 1G --append crashkernel=256M \
		--log "$dir" --timeout 300 "${files[@]}" \
		--file "$TOP/scripts/initrd/series-crash:/.rootvm/bin/series-crash" \
		-- series-crash >"$RESULTS/$JOB.log" 2>&1 || true
	check "there is a guest" grep -q 'SERIES-CRASH guest runs' "$dir/serial.log"
	check "the hypervisor suspends it" \
		grep -q '1 virtual processors of guests suspended' "$dir/hypervisor.log"
	check "and does not run it any more" grep -q 'CRASH-INIT guests=1 ran=0' "$dir/serial.log"
}

# The hypervisor crashes.
job_series_hypervisor_crash()
{
	local dir=$RESULTS/$JOB.d

	"$ROOTVM" --no-build --cpus 2 --log "$dir" -- sh -c 'rvctl crash; sleep 60' \
		>"$RESULTS/$JOB.log" 2>&1 || true
	check "the root is told by an NMI, and panics" \
		grep -q 'Kernel panic - not syncing: the hypervisor has crashed' "$dir/serial.log"
	check "it asks nothing of the hypervisor then" \
		test -z "$(grep 'root crash, action' "$dir/hypervisor.log")"
	check "and restarts" grep -q 'end: reset' "$dir/hypervisor.log"
}

# A root that restarts does so by the machine's own way.
job_series_reboot()
{
	local dir=$RESULTS/$JOB.d

	"$ROOTVM" --no-build --cpus 2 --log "$dir" -- sh -c 'reboot -f; sleep 60' \
		>"$RESULTS/$JOB.log" 2>&1 || true
	check "the root restarts" grep -q 'end: reset' "$dir/hypervisor.log"
}

# fault NAME PROCESSORS TEXT FAULT...: with calls that fail while the kernel boots,
# there are so many processors of three, and the log says TEXT.
fault()
{
	local name=$1 wanted=$2 text=$3 f
	local -a opts

	shift 3
	for f; do
		opts+=(--rootvisor "fail=$f")
	done
	# shellcheck disable=SC2016 # expanded in the root
	check "$name" status_is "$wanted" --cpus 3 "${opts[@]}" \
		-- sh -c 'dmesg | grep "Hyper-V root"; exit "$(nproc)"'
	[[ -z $text ]] || check "and it says so" grep -q "$text" "$RESULTS/$JOB.log"
}

# Processors whose APIC ids have gaps, and threads of cores.
job_series_topology()
{
	# shellcheck disable=SC2016 # expanded in the root
	check "APIC ids may have gaps" status_is 6 --cpus 6 \
		--qemu-arg -smp --qemu-arg 6,sockets=2,cores=3,threads=1 \
		-- sh -c 'dmesg | grep "Hyper-V root"; exit "$(nproc)"'
	# shellcheck disable=SC2016 # expanded in the root
	check "cores may have threads" status_is 4 --cpus 4 \
		--qemu-arg -smp --qemu-arg 4,sockets=1,cores=2,threads=2 \
		-- sh -c 'grep apicid /proc/cpuinfo
			cat /sys/devices/system/cpu/cpu*/topology/thread_siblings_list
			exit "$(nproc)"'
}

# What the hypervisor may refuse while a kernel of the series boots.
job_series_faults()
{
	fault "a processor that is refused is left out, and those after it" 2 \
		'adding a logical processor for processor 2 ' 76,5,1,1
	fault "a virtual processor that is refused is left out" 2 \
		'making a virtual processor for processor 1 ' 4e,5,0,1
	fault "memory is given for processors, of every kind" 3 '' \
		76,b,0,2 4e,73,0,1 4e,75,0,1 4e,83,0,1
	fault "memory is given for interrupts" 3 '' 7c,b,1,1 7c,75,1,1
	fault "a notification that is refused is told" 3 'will not hear' 87,5,0,1
	fault "a partition that may not ask for its id goes on" 3 '' 46,6,0,1
}
