# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: scripts/bench: what it compares and writes.

# markdown_of PAGE HEAD: a table of the page, as mshvbench prints it.
markdown_of()
{
	sed -n "/^$2/,/^\$/p" "$1" | grep -v '^=\|^$' |
		sed -E 's/  +/ | /g; s/^/| /; s/$/ |/' |
		sed -E '1 { s/^[|] group [|]/| |/; p; s/[^|]+/---/g }'
}

# text_of PAGE: without what only aligns the columns.
text_of()
{
	sed -e '/^Boot of a guest/,$d; /end of what "make bench"/,$d; /^Measured on/d
		/^[= ]*$/d; s/  */ /g' "$1"
}

# A machine that measures what costs.rst says, and records how it was called.
fake_rootvm()
{
	{
		echo '#!/bin/bash'
		declare -f markdown_of json_of storms_of
		cat <<-'END'
		while [[ $# -gt 1 ]]; do
			case $1 in
			--log) log=$2 ;;
			--sched) sched=$2 ;;
			--kernel) built_in=y ;;
			esac
			shift
		done
		case $1,$sched in
		*--scale*,root) head='operation, root' more='memory of the root' ;;
		*--storm*) head='storm, root' ;;
		*--held*,root) head="${built_in:+built in, }held for" ;;
		*,root) head='group  *operation, root' ;;
		*) head='group  *operation, hypervisor' ;;
		esac
		mkdir -p "$log"
		markdown_of "$FAKE_PAGE" "$head" | sed 's/built in, //' >"$log/serial.log"
		[[ -z ${more:-} ]] || markdown_of "$FAKE_PAGE" "$more" >>"$log/serial.log"
		case $head in
		storm*) storms_of "$FAKE_PAGE" "$sched" >>"$log/serial.log" ;;
		*) json_of "$FAKE_PAGE" | grep -F "\"$sched\"" >>"$log/serial.log" ;;
		esac
		echo "$head" >>"$FAKE_CALLS"
		END
	} | program "$1"
}

# json_of PAGE: what mshvbench writes about the operations on the page.
json_of()
{
	awk -F '  +' '
		/^group .* root scheduler/ { scheduler = "root" }
		/^group .* hypervisor.s scheduler/ { scheduler = "classic" }
		/^$/ { scheduler = "" }
		scheduler == "" || /^(=|group)/ { next }
		{
			printf "{\"group\": \"%s\", \"operation\": \"%s\", \"scheduler\": \"%s\", ", $1, $2, scheduler
			printf "\"floor\": %s, \"hypercalls\": %s, \"instructions\": %s, ", $3, $4, $7
			printf "\"root_instructions\": %d, \"direct_map\": 10}\n", $7 / 2
		}' "$1"
}

# storms_of PAGE SCHEDULER: likewise of storms, which cost as much under each of them.
storms_of()
{
	awk -F '  +' -v scheduler="$2" '
		/^storm, root/ { on = 1; next }
		/^$/ { on = 0 }
		!on || /^=/ { next }
		{
			printf "{\"group\": \"storm\", \"operation\": \"%s\", \"scheduler\": \"%s\", ", $1, scheduler
			printf "\"times\": 1, \"hypercalls\": %s, \"instructions\": %s, ", $3, $4
			printf "\"root_instructions\": %s, \"alone\": %s, \"resident\": %s}\n", $5, $6, $7
		}' "$1"
}

# draws PAGE PICTURE: the picture of what is on the page.
draws()
{
	json_of "$1" | python3 -B "$TOP/tools/testing/bench/page.py" picture >"$2"
}

# bench_peer BENCH PAGE: both drivers beside each other, where both cost the same.
bench_peer()
{
	local rows

	cp "$2" peer.rst
	check "bench: writes the tables of both drivers" env FAKE_CALLS="$PWD/peer-calls" \
		BENCH_PAGE=peer.rst O="$PWD/out" "$1" --peer log-peer
	check "bench: each under both schedulers, and storms" test "$(wc -l <peer-calls)" -eq 8
	rows=$(json_of "$2" | wc -l)
	check "bench: with a row for each operation" test \
		"$(grep -cE '(  +[0-9]+){4}  +1[.]00  +10(  +[0-9]+){2}  +1[.]00$' peer.rst)" -eq "$rows"
	rows=$(storms_of "$2" root | wc -l)
	check "bench: and one for each storm" test \
		"$(grep -cE '(  +[0-9]+){2}  +1[.]00(  +[0-9]+){2}  +1[.]00  +[0-9]+(  +-?[0-9.]+){2}$' \
			peer.rst)" -eq $((2 * rows))
	check "bench: and nothing else" diff <(text_of "$2") <(text_of peer.rst)
}

# bench_again BENCH PAGE: the same measured more than once.
bench_again()
{
	local rows

	cp "$2" again.rst
	env FAKE_CALLS=/dev/null "$1" --measure one.json log-one 2>/dev/null
	rows=$(json_of "$2" | wc -l)
	check "bench: measures operations into a file" test "$(wc -l <one.json)" -eq "$rows"
	check "bench: two that are the same do not differ" "$1" --compare one.json one.json log-compare
	sed 's/"instructions": /&9/' one.json >two.json
	ends "bench: two that are not differ" 1 "page.py: differs: " "$1" --compare one.json two.json log-compare
	sed 's/"hypercalls": /&9/' one.json >two.json
	ends "bench: hypercalls must not differ" 1 "hypercalls differ" \
		"$1" --compare one.json two.json log-compare
	sed 's/"instructions": /"sleeps": 1, &9/' one.json >two.json
	check "bench: what wakes a thread has a range" "$1" --compare one.json two.json log-compare
	refuses "bench: one file is not compared" 2 "two files are wanted" "$1" --compare one.json
	refuses "bench: nor one that is not there" 2 "cannot be read" "$1" --compare one.json none.json
	check "bench: with other seeds" env FAKE_CALLS="$PWD/again-calls" BENCH_PAGE=again.rst \
		O="$PWD/out" "$1" --again one.json log-again
	check "bench: five, under both schedulers" test "$(wc -l <again-calls)" -eq 10
	check "bench: says by how much they differ" test \
		"$(grep -c '  0.00 %  *0.00 %$' again.rst)" -eq $((rows / 2))
	check "bench: and nothing else of the page" diff <(text_of "$2") <(text_of again.rst)
}

bench()
{
	local bench=$TOP/scripts/bench costs=$TOP/Documentation/virt/hyperv/costs.rst part rows

	fake_rootvm fake-rootvm
	export BENCH_ROOTVM=$PWD/fake-rootvm FAKE_PAGE=$costs TARGETS_BUILT=all BENCH_SERIES=y
	rows=$(sed -n '/begin of what "make bench"/,/^Boot of a guest/p' "$costs" |
		awk '/^=.* =/ { borders++; next } borders % 3 == 2' | wc -l)
	"$bench" --rows >all
	check "bench: the parts compare every row" test "$rows" -eq "$(wc -l <all)"
	check "bench: no row twice" test "$rows" -eq "$(sort -u all | wc -l)"
	# In every table the third and the fourth figure are compared, or what stands for them.
	awk -F '  +' -v OFS='  ' '/^[a-z0-9].*  [0-9]/ { $3 = $3 + 1000; $4 = $4 + 1000 } { print }' \
		"$costs" >changed.rst
	BENCH_PAGE=changed.rst "$bench" --rows >changed
	check "bench: a change of any row is one" test -z "$(sort all changed | uniq -d)"
	: >parts
	for part in root classic scale storm held direct; do
		FAKE_CALLS=parts ends "bench: $part is what costs.rst says" 0 "agrees with what is measured" \
			"$bench" --check --part $part "log-$part"
		FAKE_CALLS=/dev/null FAKE_PAGE=changed.rst ends "bench: or is not, $part" 1 "differs from what is measured" \
			"$bench" --check --part $part "log-$part"
	done
	FAKE_CALLS=whole ends "bench: all of it is what costs.rst says" 0 "agrees with what is measured" \
		"$bench" --check log
	check "bench: all of it is what its parts are" diff <(sort parts) <(sort whole)
	draws "$costs" costs.svg
	check "bench: the picture shows what the tables say" cmp costs.svg "${costs%.rst}.svg"
	draws changed.rst changed.svg
	check "bench: and would show a change" test "$(cmp -s costs.svg changed.svg; echo $?)" -eq 1
	sed '/begin of what "make bench"/,/end of what/ { /what "make bench"/!d }' "$costs" >page.rst
	mkdir out
	check "bench: writes the page" env FAKE_CALLS=/dev/null BENCH_QEMU=n BENCH_PAGE=page.rst \
		O="$PWD/out" "$bench" log-write
	check "bench: with the tables" diff <(text_of "$costs") <(text_of page.rst)
	check "bench: and the picture" cmp page.svg "${costs%.rst}.svg"
	cp "$costs" kept.rst
	check "bench: writes the page without the series' kernel" env FAKE_CALLS=kept BENCH_QEMU=n \
		BENCH_PAGE=kept.rst BENCH_SERIES=n O="$PWD/out" "$bench" log-kept
	check "bench: which keeps that kernel's table" diff <(text_of "$costs") <(text_of kept.rst)
	check "bench: and does not measure it" test -z "$(grep 'built in' kept)"
	BENCH_SERIES=n refuses "bench: a part that cannot be measured" 1 "has not been built" \
		"$bench" --check --part direct log-kept
	refuses "bench: an unknown part" 2 "is wanted" "$bench" --check --part most
	refuses "bench: a profile of what is not there" 1 "no operation of that name" \
		"$bench" --profile nonesuch log-profile
	refuses "bench: a profile of several operations" 1 'operations: "port exit to the VMM' \
		"$bench" --profile 'register page' log-profile
	refuses "bench: a profile under no scheduler" 2 "'root' or 'classic'" \
		"$bench" --profile 'port exit' --sched none
	refuses "bench: a profile of no number of functions" 2 "a number is wanted" \
		"$bench" --profile 'port exit' --functions all
	refuses "bench: a profile with an unknown driver" 2 "'ours' or 'mainline'" \
		"$bench" --profile 'port exit' --driver other
	bench_peer "$bench" "$costs"
	bench_again "$bench" "$costs"
	export -n BENCH_ROOTVM FAKE_PAGE TARGETS_BUILT BENCH_SERIES
}
