# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by scripts that test in steps in the root partition: a step has a result, a
# line of TAP.  "nr" counts them; the script that sources this prints the plan.
#
# Scripts wait for conditions, and count how often they check them, not seconds:
# the clock of a root continues while its host has no time for it, and it does
# fewer checks then.

nr=0
# A condition that is false after so many checks stays false.
LOOKS=3000
LOOK_US=20000

# wait_for COMMAND...: until it succeeds; status 1 if it does not
wait_for()
{
	looks=0
	until "$@"; do
		[ $looks -lt $LOOKS ] || return 1
		usleep $LOOK_US
		looks=$((looks + 1))
	done
}

has_ended()
{
	! kill -0 "$1" 2>/dev/null
}

# patiently COMMAND...: its status, or 1 if it does not come to its end
patiently()
{
	"$@" &
	patient=$!
	if ! wait_for has_ended $patient; then
		kill -KILL $patient
		return 1
	fi
	wait $patient
}

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
