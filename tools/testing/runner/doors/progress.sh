# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: what is shown of long work.

# Counts to three, each time when a file has appeared.
fake_work()
{
	program "$1" <<-END
	#!/bin/bash
	set -euo pipefail
	. "$TOP/scripts/lib.sh"
	measure()
	{
		find . -name 'step-*' | wc -l
	}
	work()
	{
		local i

		for i in 1 2 3; do
			: >step-\$i
			until grep -qs "\$i of 3" said; do read -rt 0.1 <>pipe || true; done
		done
		[[ -z \${1:-} ]] || die "it went wrong"
	}
	progress "counting a lot of things" 3 steps measure work "\$@"
	END
	mkfifo pipe
}

# live COLUMNS COMMAND...: on a terminal of so many columns.
live()
{
	TERM=vt100 script -qefc "stty cols $1; exec ${*:2}" said >/dev/null 2>&1 </dev/null
}

progress()
{
	local pid

	fake_work count
	PROGRESS_PAUSE=1 ./count >said 2>&1
	SAID=$(<said)
	[[ $SAID == "count: counting a lot of things (3 steps)"$'\n'*"things: 2 of 3 steps"*$'\n'"count: counting a lot of things: 3 steps in "*s ]]
	result $? "progress: lines where there is no terminal"
	rm step-*
	: >said
	PROGRESS_PAUSE=1 ./count y >said 2>&1
	check "progress: no end of what has failed" test "$(tail -n 1 said)" = "count: it went wrong"
	rm step-*
	if ! command -v script >/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - progress: on a terminal # SKIP no script(1) here"
		return
	fi
	live 80 ./count
	SAID=$(tr '\r' '\n' <said)
	[[ $SAID == *$'\ncount: counting a lot of things: 2 of 3 steps\033[K\n'* ]]
	result $? "progress: a live line on a terminal"
	[[ $SAID == *$'\n\033[Kcount: counting a lot of things: 3 steps in '* ]]
	result $? "progress: which is another in the end"
	rm step-*
	live 30 ./count
	SAID=$(tr '\r' '\n' <said)
	[[ $SAID == *$'\ncount: counting: 2 of 3 steps\033[K\n'* ]]
	result $? "progress: a narrow terminal"
	rm step-*
	: >said
	PROGRESS_PAUSE=1 ./count >started 2>&1 &
	pid=$!
	until grep -qs '1 of 3' started; do sleep 0.1; done
	kill -KILL $pid
	wait $pid 2>/dev/null
	# The reporter has the file open for as long as it is there.
	until ! grep -qs "^$PWD/started\$" <(readlink /proc/[0-9]*/fd/2); do sleep 0.1; done
	result 0 "progress: ends with the script"
	# shellcheck disable=SC2016 # for the inner shell
	ends "progress: a guess is marked as one" 0 "1 of about 3 and 4" bash -c '
		. "$0/scripts/lib.sh"
		echo "$(progress_text 1 "~3" and) $(progress_text 4 "~3" "")"' "$TOP"
	head -c 5000000 /dev/zero >zeros
	# shellcheck disable=SC2016 # for the inner shell
	ends "progress: of a file that is read" 0 "reading: 5 MB in" bash -c '
		. "$0/scripts/lib.sh"
		progress_reading reading zeros sh -c "cat >/dev/null"' "$TOP"
}
