# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: scripts/fetch, and who waits for it.

# apt_update SECONDS: in an apt root of its own, waiting for that long.
apt_update()
{
	local wait=$1

	# shellcheck disable=SC2016 # for the inner shell
	LOCK_WAIT=$wait bash -c '
		set -euo pipefail
		. "$0/scripts/lib.sh"
		apt_get log -o Dir::Etc::SourceList="$PWD/sources" -o Dir::Etc::SourceParts=/dev/null \
			-o Dir::State="$PWD" -o Dir::State::Lists="$PWD/lists" \
			-o Dir::Cache="$PWD" -qq update || die "$(apt_busy log)"' "$TOP"
}

# hold FILE: until the standard input ends, which it says when it has begun.
hold()
{
	exec python3 -c '
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()' "$1"
}

packages()
{
	local pid

	if ! command -v apt-get >/dev/null || ! command -v python3 >/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - packages # SKIP no apt-get, or no python3"
		return
	fi
	mkdir -p lists/partial archives/partial
	: >sources
	: >status
	ends "apt: nothing holds the lock" 0 '' apt_update 0
	mkfifo until
	hold lists/lock <until >held &
	pid=$!
	exec 3>until
	until [[ -s held ]]; do sleep 0.1; done
	refuses "apt: the holder of the lock is reported in the end" 1 \
		"is held by process $pid (python3)" apt_update 0
	apt_update 600 >said 2>&1 3>&- &
	pid=$!
	until grep -qs waiting said || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
	exec 3>&-
	STATUS=0
	wait $pid || STATUS=$?
	SAID=$(<said)
	[[ $STATUS -eq 0 && $SAID == *"waiting: "*"(python3)" ]]
	result $? "apt: a lock that is released is waited for"
	wait
}
