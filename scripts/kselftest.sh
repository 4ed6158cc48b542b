# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/rootvm: --kselftest, the tests that a kernel's tree has installed.
#
# Model: the folder goes into the root's initramfs; run-kselftest calls run_kselftest.sh in it
# with the words of COMMAND, and turns what that prints into a status.  If the kernel is
# one that has been built in its tree, and no module is asked for, the driver that
# was built with it is loaded.

KSELFTEST=
KSELFTEST_PLACE=/.rootvm/kselftest

kselftest_usage()
{
	cat <<-EOF

	With tests that a kernel's tree has installed:

	  --kselftest DIR  run run_kselftest.sh of DIR; COMMAND is its arguments (default:
	                   -c mshv).  The status is 0 if something has passed and nothing
	                   failed, 1 if something failed, 4 if all was skipped.  The
	                   driver built beside the kernel K is loaded, without --module
	EOF
}

kselftest_check_options()
{
	[[ -n $KSELFTEST ]] || return 0
	[[ -r $KSELFTEST/run_kselftest.sh && -r $KSELFTEST/kselftest-list.txt ]] ||
		fail "--kselftest $KSELFTEST: no folder of installed selftests (make -C tools/testing/selftests TARGETS=mshv install)"
	[[ -z $HOST_ROOT && -z $SHELL_MODE ]] ||
		fail "--kselftest: neither --host-root nor --shell goes with it"
	[[ ${#COMMAND[@]} -gt 0 ]] || COMMAND=(-c mshv)
	COMMAND=(run-kselftest "$KSELFTEST_PLACE" "${COMMAND[@]}")
	PACK+=(--file "$(absolute "$KSELFTEST"):$KSELFTEST_PLACE")
	PACK+=(--file "$TOP/scripts/initrd/run-kselftest:/.rootvm/bin/run-kselftest")
	kselftest_add_module
}

# arch/x86/boot/bzImage and drivers/hv/root/mshv.ko stand in the same folder.
kselftest_add_module()
{
	local image module

	[[ -f $KERNEL && " ${PACK[*]} " != *" --module "* ]] || return 0
	image=$(realpath "$KERNEL")
	module=${image%/arch/x86/boot/bzImage}/drivers/hv/root/mshv.ko
	[[ ! -r $module ]] || PACK+=(--module "$module")
}
