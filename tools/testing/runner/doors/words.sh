# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: the checks of documents and words.

# documents TEXT: what check-documents says of it.
documents()
{
	printf '%s\n' "$1" >page.rst
	SAID=$(python3 -B "$TOP/scripts/check-documents.py" page.rst 2>&1)
	STATUS=$?
}

pages()
{
	if ! python3 -c 'import docutils' 2>/dev/null; then
		COUNT=$((COUNT + 1))
		echo "ok $COUNT - documents # SKIP needs docutils"
		return
	fi
	documents "See :doc:\`page\`."
	[[ $STATUS -eq 0 && -z $SAID ]]
	result $? "documents: a good one"
	documents "See :doc:\`elsewhere\`."
	[[ $SAID == *"no page elsewhere"* ]]
	result $? "documents: a page that is not there"
	documents $'=  =\na bb\n=  ='
	[[ $SAID == *"Malformed table"* ]]
	result $? "documents: a table that is none"
}

# says_of TEXT: what check-words prints about a tree whose lib/hv has that text.
says_of()
{
	printf '%s\n' "$1" >tree/lib/hv/file.c
	SAID=$("$TOP/scripts/check-words" "$PWD/tree" | grep -v 'no such folder')
	STATUS=$?
}

words()
{
	git init -q tree
	mkdir -p tree/lib/hv tree/Documentation
	echo "Nobody reads this." >tree/Documentation/page.rst
	says_of "/* A thread waits, and releases the lock. */"
	[[ -z $SAID ]]
	result $? "words: of a kernel developer"
	says_of "/* Somebody else waits. */"
	[[ $SAID == "lib/hv/file.c:1:"* ]]
	result $? "words: people"
	says_of "static void let_go(void);"
	[[ $SAID == "lib/hv/file.c:1:"* ]]
	result $? "words: in names"
	SAID=$("$TOP/scripts/check-words" "$PWD/tree")
	[[ $SAID == *"tools/lib: no such folder"* ]]
	result $? "words: a folder that does not exist"
}
