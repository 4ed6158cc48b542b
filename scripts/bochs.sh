# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by run-iso: a machine of Bochs', of the package that scripts/fetch gets.
#
# Model: Bochs is run in the machine's folder and describes itself in bochsrc.  Its logs are
# serial.log, the serial port; hypervisor.log, the debug console at port 0xe9, which is its
# standard output, after a few lines of its debugger's; bochs.log, what its devices and
# processors consider an error.  The debugger, which this Bochs is built with, reads one
# command, to continue.
# Time in the machine goes by instructions (sync=none), as fast as this many a second.

BOCHS_IPS=50000000

# bochs_description IMAGE PROCESSORS MEMORY.  The display is one that needs neither a
# terminal nor a client.
bochs_description()
{
	local mem

	mem=$(memory_mb "$3")
	cat <<-EOF
	cpu: model=ryzen, add_features="x2apic", count=$2, ips=$BOCHS_IPS, reset_on_triple_fault=0
	memory: guest=$mem, host=$mem
	romimage: file=$CACHE/bochs/share/BIOS-bochs-latest
	vgaromimage: file=$CACHE/bochs/share/vgabios.bin
	ata0-master: type=cdrom, path=$1, status=inserted
	boot: cdrom
	com1: enabled=1, mode=file, dev=serial.log
	port_e9_hack: enabled=1
	display_library: rfb, options="timeout=0"
	plugin_ctrl: speaker=0
	clock: sync=none
	log: bochs.log
	info: action=ignore
	panic: action=fatal
	EOF
}

# Runs in the machine's folder, as a process of its own.
exec_bochs()
{
	ln -s "$IMAGE" image
	bochs_description image "$CPUS" "$MEM" >bochsrc
	echo c >commands
	exec "$CACHE/bochs/run-bochs" -q -unlock -f bochsrc -rc commands >hypervisor.log \
		2>errors.log
}

# complaint_of_bochs FOLDER: why it gave up.  Power-off is one of its reasons.
complaint_of_bochs()
{
	grep '>>PANIC<<' "$1/bochs.log" 2>/dev/null | grep -v 'soft power off' | head -n 1 || true
}
