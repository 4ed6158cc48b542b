# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs about interrupts of devices, with and without remapping
# hardware.

# sender_options: QEMU's "edu" device, and the program that has it send interrupts.
sender_options()
{
	local dir=$RESULTS/$JOB.d

	mkdir -p "$dir"
	gcc -O2 -Wall -Wextra -Werror -static -o "$dir/send-interrupt" \
		"$TOP/scripts/initrd/send-interrupt.c"
	printf '%s\n' --file "$dir/send-interrupt:/.rootvm/bin/send-interrupt" \
		--qemu-arg -device --qemu-arg edu,dma_mask=0xffffffff --append iomem=relaxed
}

# unmapped WANTED OPTION...
unmapped()
{
	local dir=$RESULTS/$JOB.d wanted=$1

	shift
	"$ROOTVM" --no-build --disk "$dir/disk.img" --module nvme --log "$dir/$wanted" "$@" \
		--file "$TOP/scripts/initrd/unmapped-steps:/.rootvm/bin/unmapped-steps" \
		-- unmapped-steps "$wanted" >"$RESULTS/$JOB.log" 2>&1 || true
	tr -d '\r' <"$dir/$wanted/serial.log" | tap_results "$wanted: "
}

# Interrupts that were not mapped are blocked where there is the hardware for it, and
# the same interrupts arrive where there is none.
job_unmapped()
{
	local dir=$RESULTS/$JOB.d
	local -a options

	mapfile -t options < <(sender_options)
	head -c 1048576 /dev/urandom >"$dir/disk.img"
	unmapped free "${options[@]}"
	unmapped blocked --intremap "${options[@]}"
	check "the books have them" grep -q 'books: irte_faults=4$' "$dir/blocked/hypervisor.log"
	check "the log says who sent one" \
		grep -q 'interrupt blocked: device 00:[0-9a-f]*\.0, entry 0, reason 0x26$' \
		"$dir/blocked/hypervisor.log"
}

# multi_msi WANTED OPTION...
multi_msi()
{
	local dir=$RESULTS/$JOB.d wanted=$1

	shift
	"$ROOTVM" --no-build --cpus 3 --log "$dir/$wanted" "$@" \
		--qemu-arg -device --qemu-arg ioh3420,chassis=1,slot=1 --append pcie_ports=native \
		--file "$TOP/scripts/initrd/multi-msi-steps:/.rootvm/bin/multi-msi-steps" \
		-- multi-msi-steps "$wanted" >"$RESULTS/$JOB.log" 2>&1 || true
	tr -d '\r' <"$dir/$wanted/serial.log" | tap_results "$wanted: "
}

# A device with several MSIs has them where the hypervisor can give them, and one
# where it cannot.
job_multi_msi()
{
	local -a options

	mapfile -t options < <(sender_options)
	multi_msi several --intremap "${options[@]}"
	multi_msi one "${options[@]}"
}
