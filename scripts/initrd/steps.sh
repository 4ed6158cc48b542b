# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by what runs in the root partition step by step: a step has a result, a
# line of TAP.  "nr" counts them; whoever sources this prints the plan.

nr=0

# result STATUS NAME
result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr - $2"
	else
		echo "not ok $nr - $2"
	fi
}

# step NAME COMMAND...
step()
{
	title=$1
	shift
	"$@" >/dev/null 2>&1
	result $? "$title"
}

said()
{
	dmesg | grep -q "$1"
}

# Where it was said, that is shown.
not_said()
{
	dmesg | grep "$1" | sed 's/^/# /' >/dev/console
	! said "$1"
}
