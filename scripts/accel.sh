# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by rootvm: under which accelerator of QEMU's the machine runs.
#
# Model: what needs emulation decides for it, and so does an -accel of the caller's.
# Otherwise accel.py looks whether KVM can run a hypervisor here, and rootvm says in one
# line what it has taken and why.

# Of the options; sets ACCEL to tcg where nothing else can be.
check_accel()
{
	[[ $ACCEL =~ ^(auto|tcg|kvm)$ ]] ||
		fail "--accel $ACCEL: 'auto', 'tcg' or 'kvm' is wanted"
	! has_qemu_option accel || ACCEL=tcg
	[[ -n $RECORD ]] || return 0
	[[ $ACCEL != kvm || -z $ACCEL_ASKED ]] ||
		fail "--accel kvm: a run that can be repeated (--record) is emulated"
	ACCEL=tcg
}

# what_accel_says: "kvm", or "tcg" and the reason; with --accel kvm a reason is an error.
what_accel_says()
{
	local missing="python3 is missing, to find out about KVM"

	if command -v python3 >/dev/null; then
		python3 -B "$TOP/scripts/accel.py" "$ACCEL"
	elif [[ $ACCEL == auto ]]; then
		echo "tcg $missing"
	else
		echo "$missing"
		return 1
	fi
}

# Afterwards ACCEL is tcg or kvm.
choose_accel()
{
	local said

	if [[ $ACCEL != tcg ]]; then
		said=$(what_accel_says) || fail "--accel kvm: $said"
		ACCEL=${said%% *}
		if [[ $ACCEL == kvm ]]; then
			note "the machine runs under KVM"
		else
			note "the machine is emulated, and not under KVM: ${said#* }"
		fi
	fi
	if [[ $ACCEL == kvm ]]; then
		: "${CPU_MODEL:=host}"
		# There they always run concurrently, and there is nothing to be parked for.
		# shellcheck disable=SC2034 # rootvm's
		THREADS=
	fi
	: "${CPU_MODEL:=max}"
}

# accelerator THREAD: for QEMU.  Interrupt remapping hardware is QEMU's, and needs the
# IO-APIC there.
accelerator()
{
	if [[ $ACCEL == kvm ]]; then
		echo "kvm${INTREMAP:+,kernel-irqchip=split}"
	else
		echo "tcg,thread=$1"
	fi
}
