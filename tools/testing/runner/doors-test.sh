#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of the scripts that people call: where they look for what they are given, what
# they make by themselves, how they wait, and what they say.  Prints TAP.
#
# Model: no machine is started and nothing is fetched or built that takes long: QEMU,
# apt and the compiler are small programs where a script would start the real ones.  The
# groups are functions in doors/; each works in a folder of its own, the current one.  The
# tree must have been built (make).
#
# usage: doors-test.sh [PATTERN]; only the groups whose names match

set -uo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
PATTERN=${1:-.}
WORK=$(mktemp -d -t doors.XXXXXX)
COUNT=0
BAD=0
# Of the last command of a case.
SAID=
STATUS=0

unset ROOT_KERNEL ROOTVM_QEMU SERIES_BUILT TARGETS_BUILT KDIR MAKEFLAGS
# Who commits in trees that are made by groups.
# shellcheck disable=SC2034
ME=(-c user.name=nobody -c user.email=nobody@example.org)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM HUP

# result WHETHER NAME
result()
{
	COUNT=$((COUNT + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $COUNT - $2"
	else
		BAD=$((BAD + 1))
		echo "not ok $COUNT - $2"
		echo "# status $STATUS: ${SAID//$'\n'/$'\n# '}"
	fi
}

# check NAME COMMAND...
check()
{
	local name=$1 bad=0

	shift
	"$@" >/dev/null 2>&1 || bad=1
	result $bad "$name"
}

# call COMMAND...: its status and what it says.
call()
{
	STATUS=0
	SAID=$("$@" 2>&1 </dev/null) || STATUS=$?
}

# ends NAME STATUS TEXT COMMAND...: with that status, the last line having TEXT in it.
ends()
{
	local name=$1 wanted=$2 text=$3

	shift 3
	call "$@"
	[[ $STATUS -eq $wanted && ${SAID##*$'\n'} == *"$text"* ]]
	result $? "$name"
}

# refuses NAME STATUS TEXT COMMAND...: in one line.
refuses()
{
	local name=$1 wanted=$2 text=$3

	shift 3
	call "$@"
	[[ $STATUS -eq $wanted && $SAID == *"$text"* && $SAID != *$'\n'* ]]
	result $? "$name"
}

# A change of a source that has "old" in sub/file, as git shows it.
small_diff()
{
	cat <<-'END'
	diff --git a/sub/file b/sub/file
	index 3367afdb..3e757656 100644
	--- a/sub/file
	+++ b/sub/file
	@@ -1 +1 @@
	-old
	+new
	END
}

# program FILE: from stdin.
program()
{
	cat >"$1"
	chmod +x "$1"
}

# A machine that comes to its end at once, with status 3.
fake_qemu()
{
	program "$1" <<-'END'
	#!/bin/sh
	case $* in
	--version) echo QEMU emulator version 10.0.0 ;;
	"-cpu help") echo svm ;;
	*) printf 'rootvisor: exit status=3\nrootvisor: done\n' >hypervisor.log ;;
	esac
	END
}

for part in "$TOP"/tools/testing/runner/doors/*.sh; do
	# shellcheck source=/dev/null
	. "$part"
done

if [[ ! -e ${O:-$TOP/build}/rootvisor/rootvisor.elf ]]; then
	echo "Bail out! nothing has been built: make"
	exit 1
fi
for group in rootvm_paths rootvm_refuses series_paths build_paths packages progress kernels targets bench \
		pages words commits compilers options; do
	[[ $group =~ $PATTERN ]] || continue
	mkdir "$WORK/$group"
	cd "$WORK/$group" || exit 1
	$group
done
echo "1..$COUNT"
[[ $BAD -eq 0 && $COUNT -gt 0 ]]
