# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What scripts/check and scripts/series-check have in common: what checkpatch says that is
# not meant here.

# Of a file that is new, although MAINTAINERS has its folder already, and of what compat.h
# is for.
# shellcheck disable=SC2034 # used by the scripts that source this file
IGNORE=FILE_PATH_CHANGES,LINUX_VERSION_CODE
# Not for code that has no kernel below it: these name things of the kernel, or
# are about things that only bare metal does, or about tables and inline assembly.
# shellcheck disable=SC2034
OUTSIDE_IGNORE=$IGNORE,VOLATILE,MEMORY_BARRIER,USE_SPINLOCK_T,PREFER_DEFINED_ATTRIBUTE_MACRO,AVOID_EXTERNS,COMPLEX_MACRO,EMBEDDED_FUNCTION_NAME,MACRO_ARG_REUSE,CAMELCASE

# stdin: what checkpatch says, as FILE:LINE: KIND:TYPE: TEXT, without what
# checkpatch-exceptions has a reason for.
without_exceptions()
{
	awk -v list="$TOP/scripts/checkpatch-exceptions" '
	BEGIN {
		while ((getline line <list) > 0) {
			n = split(line, word, " ")
			for (i = 2; i <= n && word[1] != "#"; i++)
				known[word[1] " " word[i]] = 1
		}
	}
	{
		split($0, part, ":")
		if (!((part[1] " " part[4]) in known))
			print
	}'
}
