# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: the checks of commits.

# message SUBJECT [BODY...]: what check-messages says of it.
message()
{
	printf '%s\n' "$1" '' "${@:2}" | CHECK_TREE=$PWD/tree "$TOP/scripts/check-messages" -
}

# complains NAME TEXT SUBJECT [BODY...]; an empty TEXT: it does not.
complains()
{
	local name=$1 text=$2

	shift 2
	SAID=$(message "$@")
	STATUS=$?
	[[ $STATUS -eq 0 && ( -n $text && $SAID == *"$text"* || -z $text$SAID ) ]]
	result $? "messages: $name"
}

# commit_in TREE FILE TEXT SUBJECT: prints the commit.
commit_in()
{
	printf '%b' "$3" >"$1/$2"
	git -C "$1" add "$2"
	git -C "$1" "${ME[@]}" commit -q -m "$4" -m "Because."
	git -C "$1" log -1 --format=%h
}

commits()
{
	local long first made aside

	long=$(printf 'x%.0s' {1..70})
	git init -q tree
	first=$(commit_in tree Makefile 'all:\n' "make: begin")
	aside=$(commit_in tree aside 'x\n' "make: leave")
	git -C tree reset -q --hard "$first"
	complains "a good one" '' "mshv: wake a sleeping VP from an irqfd" "Because."
	complains "with two units" '' "mshv: selftests: Count looks" "Because."
	complains "about two units" '' "mshv, x86/hyperv: wake a sleeping VP" "Because."
	complains "of git itself" '' 'Revert "mshv: wake"'
	complains "too long" "more than 72 columns" "mshv: wake $long" "Because."
	complains "a period" "a period" "mshv: wake a VP." "Because."
	complains "no unit" "no 'unit: '" "wake a sleeping VP" "Because."
	complains "no body" "no body" "mshv: wake a VP"
	complains "no empty line" "second line" $'mshv: wake a VP\nBecause.' "Because."
	complains "a sentence about a state" "no imperative" "mshv: a VP is awake" "Because."
	complains "a third person" "no imperative" "mshv: wakes a VP" "Because."
	complains "a past" "no imperative" "mshv: fixed a bug" "Because."
	complains "a name" "no imperative" "mshv: RUN_VP may sleep" "Because."
	complains "what is mended" '' "make: end" "Because." "Fixes: $first (\"make: begin\")"
	complains "another subject" "no such commit" "make: end" "Because." "Fixes: $first (\"make: go\")"
	complains "another branch" "another branch" "make: end" "Because." "Fixes: $aside (\"make: leave\")"
	complains "another form" "not 'Fixes: " "make: end" "Because." "Fixes: $first"
	commit_in tree Makefile 'all:\n\tfalse\n' "the tree was broken" >/dev/null
	ends "messages: of a range" 0 "no 'unit: '" env CHECK_TREE="$PWD/tree" \
		"$TOP/scripts/check-messages" "$first..HEAD"
	ends "check-commits: the last one is broken" 1 "1 of 1 commits do not build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits"
	made=$(commit_in tree Makefile 'all:\n\ttrue\n' "make: build again")
	ends "check-commits: the last one builds" 0 "1 commits build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits" 1
	ends "check-commits: not all of three do" 1 "1 of 3 commits do not build" \
		env CHECK_TREE="$PWD/tree" O="$PWD/out" "$TOP/scripts/check-commits" 3
	[[ $SAID == *"ok $first"*"not ok"*"ok $made"* ]]
	result $? "check-commits: and says which"
	refuses "check-commits: no number" 2 "how many" "$TOP/scripts/check-commits" all
}
