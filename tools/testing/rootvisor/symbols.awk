# SPDX-License-Identifier: GPL-2.0
# Reads "nm -n", writes the table that test/symbols.c looks into.
$2 ~ /^[tT]$/ && $1 != last {
	n++
	printf "\t.long 0x%s, name_%d\n", substr($1, length($1) - 7), n
	name[n] = $3
	last = $1
}

BEGIN {
	print "\t.section .rv.symbols, \"a\""
	print "\t.balign 8"
	print "\t.globl __symbols_start, __symbols_end"
	print "__symbols_start:"
}

END {
	print "__symbols_end:"
	for (i = 1; i <= n; i++)
		printf "name_%d:\t.asciz \"%s\"\n", i, name[i]
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
