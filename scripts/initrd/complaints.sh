# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by scripts that test in the root partition: how its kernel says that something is
# wrong.  A kernel that checks itself says it of what other kernels do not notice.

COMPLAINT='WARNING:|BUG:|Oops|general protection|INFO: task|rcu: INFO|soft lockup|unchecked MSR|Call Trace|UBSAN:|ODEBUG:|kmemleak: [1-9]'

complaints()
{
	dmesg | grep -E "$COMPLAINT"
}

# Those about memory that has leaked.  Scan twice, because the first scan may miss a pointer that
# is being moved.  Objects younger than 5 seconds, by the clock that "sleep" uses as well, are
# never reported.
leaks()
{
	leak=/sys/kernel/debug/kmemleak
	[ -w $leak ] || return 0
	sleep 6
	echo scan >$leak
	echo scan >$leak
	cat $leak
}
