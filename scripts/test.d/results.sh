# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: what a job has to say, and how it is found out.

ok()
{
	echo "ok $JOB: $1" >>"$RESULTS/$JOB.results"
}

not_ok()
{
	local why=${2:-}

	why=${why//$'\n'/ / }
	echo "not ok $JOB: $1${why:+: ${why:0:300}}" >>"$RESULTS/$JOB.results"
}

# check NAME COMMAND...
check()
{
	local name=$1

	shift
	if "$@"; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

# tap_results PREFIX < TAP: one result per line, and one more if the plan is not met.
tap_results()
{
	awk -v prefix="$JOB: $1" '
	/^1\.\.[0-9]+/ { plan += substr($1, 4) }
	/^# .*:[0-9]+:/ && length(why) < 300 {
		sub(/^# [^ ]*\//, "")
		why = why "; " $0
	}
	/^(not )?ok [0-9]+/ {
		seen++
		bad = /^not /
		said = bad ? why : ""
		why = ""
		name = $0
		sub(/^(not )?ok [0-9]+ *(- )?/, "", name)
		if (toupper(name) ~ /# *SKIP/)
			print "skip " prefix name
		else
			print (bad ? "not ok " : "ok ") prefix name substr(said, 1, 300)
	}
	END {
		if (!plan || seen < plan)
			print "not ok " prefix (seen + 0) " results of " (plan + 0) " planned"
	}' >>"$RESULTS/$JOB.results"
}

check_books()
{
	local left

	left=$(books_left "$RESULTS/$JOB.d/hypervisor.log" 2>/dev/null || echo "no log")
	if [[ -z $left ]]; then
		ok "books are balanced"
	else
		not_ok "books are balanced" "$left"
	fi
}

# status_is WANTED OPTION...
status_is()
{
	local wanted=$1 status=0

	shift
	"$ROOTVM" --no-build "$@" >>"$RESULTS/$JOB.log" 2>&1 </dev/null || status=$?
	[[ $status -eq $wanted ]]
}
