# There is one kind of cover.
/^ \*$/ {
	N
	/Kbuild chooses between/d
}
