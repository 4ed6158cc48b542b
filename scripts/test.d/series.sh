# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs for a kernel of the patch series.

# job_series CPUS SCHED OPTION...: the platform layer of the patch series, seen from
# inside.
job_series()
{
	local dir=$RESULTS/$JOB.d cpus=$1 sched=$2 status=0

	shift 2
	mkdir -p "$dir"
	head -c 2097152 /dev/urandom >"$dir/disk.img"
	cp "$dir/disk.img" "$dir/sata.img"
	"$ROOTVM" --no-build --cpus "$cpus" --sched "$sched" --disk "$dir/disk.img" "$@" \
		--qemu-arg -drive --qemu-arg "file=$dir/sata.img,if=none,id=sata,format=raw" \
		--qemu-arg -device --qemu-arg ide-hd,drive=sata,bus=ide.0 \
		--qemu-arg -device --qemu-arg virtio-rng-pci \
		--module nvme --module ahci --module sd_mod \
		--module virtio_pci --module virtio_rng \
		--rootvisor vectors=strict --log "$dir" --timeout 300 \
		--file "$TOP/scripts/initrd/series-steps:/.rootvm/bin/series-steps" \
		-- series-steps "$cpus" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	tr -d '\r' <"$dir/serial.log" | tap_results ""
	check "the hypervisor powers off" grep -q 'power off by hypercall' "$dir/hypervisor.log"
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
