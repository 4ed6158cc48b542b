# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/make-series: what the cover letter takes from elsewhere.
#
# Model: a line of the cover letter that is only @WORD@ stands for a table: of costs, from
# costs.rst; of the tests of each patch, from patches/tests; of the patches.  What is not
# there is left out, with the line.

COSTS=$TOP/Documentation/virt/hyperv/costs.rst
# Of the operations that are measured.
FIGURES='port exit to the VMM and back (register page)
MMIO exit to the VMM and back (register page)
irqfd signal, the processor not being run
irqfd signal to a sleeper, to the exit of its handler
doorbell, and the next port exit
fault, small pages mapped, and the next port exit
fault, a large page mapped, and the next port exit
dirty bitmap of 64 MiB, read and cleared
life of a partition of 64 processors'

# The columns of the table's first line of "=" say where each field is.
cover_costs()
{
	[[ -r $COSTS ]] || return 0
	awk -v chosen="$FIGURES" '
	BEGIN { n = split(chosen, wanted, "\n") }
	/operation, root scheduler +floor/ {
		at = index($0, "operation,")
		calls = index($0, "hypercalls")
		count = index($0, "instructions")
		inside = 1
		next
	}
	/operation, / { inside = 0 }
	inside {
		name = substr($0, at, calls - at - 7)
		sub(/ +$/, "", name)
		for (i = 1; i <= n; i++)
			if (name == wanted[i])
				line[i] = sprintf("  %-53s %10d %12d", name,
					substr($0, calls, 10), substr($0, count, 12))
	}
	END {
		printf "  %-53s %10s %12s\n", "operation", "hypercalls", "instructions"
		for (i = 1; i <= n; i++)
			if (i in line)
				print line[i]
	}' "$COSTS"
	cover_peer
}

# The same beside the driver of later kernels, as far as it has been measured.
cover_peer()
{
	local table

	table=$(awk -v chosen="$FIGURES" '
	BEGIN { n = split(chosen, wanted, "\n") }
	/^both drivers, root scheduler / { inside = 1 }
	/^$/ { inside = 0 }
	inside {
		name = substr($0, 1, 53)
		sub(/ +$/, "", name)
		split(substr($0, 54), field)
		for (i = 1; i <= n; i++)
			if (name == wanted[i])
				line[i] = sprintf("  %-53s %5d %5d %9d %9d", name, field[1],
					field[2], field[3], field[4])
	}
	END {
		for (i = 1; i <= n; i++)
			if (i in line)
				print line[i]
	}' "$COSTS")
	[[ -n $table ]] || return 0
	printf '\nBeside the driver of later kernels (CONFIG_MSHV_ROOT), on 7.3, the module:\n\n'
	printf '  %-53s %11s %19s\n' '' hypercalls instructions
	printf '  %-53s %5s %5s %9s %9s\n%s\n' operation here other here other "$table"
}

# cover_tests LISTED: a line for each patch that is in the list of names.
cover_tests()
{
	local name rest
	local -a lists

	lists=("$PATCHES/tests")
	[[ ! -r $PATCHES/$BASE/tests ]] || lists+=("$PATCHES/$BASE/tests")
	sed -e '/^#/d' -e '/^$/d' "${lists[@]}" | "$SETTLE" --tests | while read -r name rest; do
		! grep -qx "$name" "$1" || printf '  %-19s %s\n' "$name" "${rest//[[:space:]]/ }"
	done
}

# fill_cover WORK BASE: the cover letter in WORK/cover, with what is in WORK.
fill_cover()
{
	local line

	while IFS= read -r line; do
		case $line in
		@FIGURES@) cover_costs ;;
		@TESTS@) [[ ! -r $PATCHES/tests ]] || cover_tests "$1/names" ;;
		@PATCHES@) cat "$1/list" ;;
		*) echo "${line//@BASE@/$2}" ;;
		esac
	done <"$1/cover"
	grep -q '^@PATCHES@$' "$1/cover" || { echo; cat "$1/list"; }
	echo
}
