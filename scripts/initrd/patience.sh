# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by scripts that run tests in the root partition: its kernel's clock runs on while
# the host has no time for the machine, and its watchdogs are told so.

# Seconds until the kernel complains that a processor or a task gets nowhere, as long as
# it may be.
WATCHDOG=60
STALL=300
HUNG_TASK=1200

be_patient()
{
	# A processor is said to be stuck after twice the time.
	echo $WATCHDOG >/proc/sys/kernel/watchdog_thresh
	echo $STALL >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
	echo $HUNG_TASK >/proc/sys/kernel/hung_task_timeout_secs
} 2>/dev/null
