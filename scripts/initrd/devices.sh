# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced, behind steps.sh, by steps about interrupts of devices: these work while their
# interrupts go from processor to processor.
#
# There are an NVMe disk, a SATA disk and a virtio random number generator, and their
# drivers are loaded.  The script that sources this sets WANTED, the number of processors;
# ROUNDS, how often each interrupt is to be moved; and MOVED, parts of the names of
# interrupts that can be moved.

# irq_name WISHED...: the first of these names by which an interrupt goes.  Without
# MSI a device has one, on a pin of the IO-APIC.
irq_name()
{
	for name; do
		if grep -q "$name" /proc/interrupts; then
			echo "$name"
			return
		fi
	done
}

RNG=$(echo /sys/bus/virtio/drivers/virtio_rng/virtio*)
RNG=${RNG##*/}
RANDOM_IRQ=$(irq_name "$RNG-input" "$RNG")

# Seconds until a driver gives a request up, which are those of a clock that runs on
# while the host has no time for the machine.  Until then it is only slow.
REQUEST_LIMIT=240
echo $REQUEST_LIMIT >/sys/module/nvme_core/parameters/admin_timeout
echo ${REQUEST_LIMIT}000 >/sys/block/nvme0n1/queue/io_timeout
echo $REQUEST_LIMIT >/sys/block/sda/device/timeout

has_msi()
{
	grep -q PCI-MSI /proc/interrupts
}

# irq_of NAME: its number
irq_of()
{
	awk -v name="$1" '$0 ~ name { sub(":", ""); print $1; exit }' /proc/interrupts
}

# irq_count NAME: how often, on all processors
irq_count()
{
	awk -v name="$1" '$0 ~ name {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			n += $i
	}
	END { print n + 0 }' /proc/interrupts
}

all_are_ours()
{
	for name in $MOVED nvme0q1; do
		grep "$name" /proc/interrupts | grep -q 'HV-PCI-MSI\|IR-IO-APIC' || return 1
	done
	! grep 'PCI-MSI' /proc/interrupts | grep -v 'HV-PCI-MSI'
}

# --- devices at work ----------------------------------------------------------------

# Each of these reads is an interrupt at least, and hangs or is complained of when
# one is lost.
load_disk()
{
	while [ -e /tmp/working ]; do
		dd if=/dev/nvme0n1 of=/dev/null bs=4k count=100 iflag=direct 2>/dev/null || return 1
		# By the queue whose interrupt can be moved.
		echo 1 >/sys/class/nvme/nvme0/rescan_controller
	done
}

load_sata()
{
	while [ -e /tmp/working ]; do
		dd if=/dev/sda of=/dev/null bs=4k count=100 iflag=direct 2>/dev/null || return 1
	done
}

load_random()
{
	while [ -e /tmp/working ]; do
		dd if=/dev/hwrng of=/dev/null bs=16 count=50 2>/dev/null || return 1
	done
}

# work LOAD...: one more, between begin_work() and end_work().
work()
{
	"$@" &
	LOADS="$LOADS $!"
}

begin_work()
{
	: >/tmp/working
	LOADS=
	work load_disk
	work load_sata
	work load_random
}

end_work()
{
	rm /tmp/working
	for load in $LOADS; do
		if ! wait "$load"; then
			echo "# of$LOADS, $load failed"
			return 1
		fi
	done
}

# As many interrupts as requests: with one request at a time, each has its own.
counted()
{
	before=$(irq_count ahci)
	dd if=/dev/sda of=/dev/null bs=4k count=200 iflag=direct 2>/dev/null || return 1
	[ $(($(irq_count ahci) - before)) -ge 200 ]
}

# --- moves --------------------------------------------------------------------------

# move NAME CPU: succeeds when the interrupt has moved since the last time.  One of
# a pin moves when it comes the next time.
move()
{
	dir=/proc/irq/$(irq_of "$1")
	was=$(cat "/tmp/at.$1" 2>/dev/null)

	echo "$2" 2>/dev/null >"$dir/smp_affinity_list"
	cat "$dir/effective_affinity_list" >"/tmp/at.$1"
	[ -n "$was" ] && [ "$was" != "$(cat "/tmp/at.$1")" ]
}

# After begin_work(), which this ends.  A move may be refused while the one before is
# under way; so many have to succeed, and so many interrupts have to come meanwhile.
move_at_work()
{
	round=0
	for name in $MOVED; do
		echo 0 >"/tmp/moved.$name"
		irq_count "$name" >"/tmp/before.$name"
	done
	while [ $round -lt "$ROUNDS" ]; do
		for name in $MOVED; do
			move "$name" $((round % WANTED)) &&
				echo $(($(cat "/tmp/moved.$name") + 1)) >"/tmp/moved.$name"
		done
		echo "# round $round"
		round=$((round + 1))
	done
	end_work &&
		not_said 'nvme.*timeout\|ata[0-9].*exception\|nobody cared\|NETDEV WATCHDOG' || return 1
	for name in $MOVED; do
		times=$(cat "/tmp/moved.$name")
		came=$(($(irq_count "$name") - $(cat "/tmp/before.$name")))
		echo "# $name moved $times times, $came interrupts"
		[ "$times" -ge $((ROUNDS / 4)) ] && [ $came -ge "$ROUNDS" ] || return 1
	done
}

# A mapping that the hypervisor refuses leaves an interrupt where it was.
refused_map()
{
	irq=$(irq_of "$RANDOM_IRQ")
	at=$(cat "/proc/irq/$irq/effective_affinity_list")

	rvctl fail 0x7c 5 0 1 || return 1
	echo $(((at + 1) % WANTED)) 2>/dev/null >"/proc/irq/$irq/smp_affinity_list" && return 1
	rvctl rules-clear
	patiently dd if=/dev/hwrng of=/dev/null bs=16 count=20
}

# A second processor goes and comes back.
replug()
{
	cpu=/sys/devices/system/cpu/cpu1/online

	echo 0 >$cpu && [ "$(nproc)" -eq $((WANTED - 1)) ] &&
		dd if=/dev/nvme0n1 of=/dev/null bs=4k count=16 iflag=direct &&
		dd if=/dev/sda of=/dev/null bs=4k count=16 iflag=direct &&
		patiently dd if=/dev/hwrng of=/dev/null bs=16 count=20 &&
		echo 1 >$cpu && [ "$(nproc)" -eq "$WANTED" ] &&
		dd if=/dev/nvme0n1 of=/dev/null bs=4k count=16 iflag=direct
}
