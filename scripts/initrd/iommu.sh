# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by scripts about devices whose DMA is remapped, after steps.sh.

# shellcheck source=scripts/initrd/complaints.sh
. /.rootvm/lib/complaints.sh

PCI=/sys/bus/pci/devices
COUNTERS=/sys/class/iommu/hv-iommu/hv-iommu

counter()
{
	cat "$COUNTERS/$1"
}

# Those with a driver that was there before that of the IOMMU, which are not translated.
come_anew()
{
	for device in "$PCI"/*; do
		[ -e "$device/iommu_group" ] || [ ! -e "$device/driver" ] ||
			echo 1 >"$device/remove"
	done
	echo 1 >/sys/bus/pci/rescan
}

unharmed()
{
	[ "$(counter faults)" -eq 0 ] && [ "$(counter quarantined)" -eq 0 ] &&
		[ "$(counter cut_off)" -eq 0 ] && not_said 'DMA blocked\|WARNING\|BUG:'
}

# What the kernel has found is shown.
no_complaint()
{
	found=$(complaints; leaks)
	[ -z "$found" ] || echo "$found" | sed 's/^/# /' >/dev/console
	[ -z "$found" ]
}
