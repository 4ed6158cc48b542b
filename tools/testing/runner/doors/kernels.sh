# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Groups of doors-test.sh: which kernels are built again, and with which options.

# A tree with our scripts, a series of one patch, and what that is for: a kernel whose
# makefile compiles nothing and says so.
small_tree()
{
	mkdir -p tree/{patches,drivers,tools,Documentation} source/sub cache/hv-root bin include
	cp -r "$TOP/scripts" tree/
	echo 'int a;' >tree/drivers/a.c
	echo 'int b;' >tree/tools/b.c
	echo text >tree/Documentation/c.rst
	echo '01-small drivers tools Documentation' >tree/patches/manifest
	printf 'cover\n\ntext\n' >tree/patches/cover
	{ printf 'small\n\ntext\n---\n' && small_diff; } >tree/patches/01-small.patch
	git -C tree init -q
	git -C tree add -A
	git -C tree "${ME[@]}" commit -q -m one
	echo nobody >source/MAINTAINERS
	echo old >source/sub/file
	cat >source/Makefile <<-'END'
	VERSION = 6
	PATCHLEVEL = 12
	SUBLEVEL = 1
	.RECIPEPREFIX = >
	allnoconfig:
	> cp $(KCONFIG_ALLCONFIG) $(O)/.config
	bzImage:
	> mkdir -p $(O)/arch/x86/boot $(O)/include/config $(O)/init
	> @echo '  CC      init/main.o'; echo '  AS [M]  drivers/a.o'
	> echo built >>$(BUILDS)
	> ! grep broken drivers/a.c
	> cat sub/file drivers/a.c >$(O)/arch/x86/boot/bzImage
	> touch $(O)/System.map
	> echo 6.12.1-series >$(O)/include/config/kernel.release
	modules:
	modules_install:
	> mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.12.1
	END
	tar -cf source.tar source
	# What a kernel's build needs and this one does not.
	program bin/flex </dev/null
	cp bin/flex bin/bison
	cp bin/flex bin/bc
	: >include/gelf.h
}

# build COMMAND...: of the tree, with a cache and tools of its own.
build()
{
	C_INCLUDE_PATH=$PWD/include PATH=$PWD/bin:$PATH XDG_CACHE_HOME=$PWD/cache O=$PWD/out \
		BUILDS=$PWD/builds "$PWD/tree/scripts/$1" "${@:2}"
}

builds()
{
	wc -l <builds
}

key()
{
	"$PWD/tree/scripts/make-series" --key "$@"
}

kernels()
{
	local key i path

	small_tree
	key=$(key)
	check "key: there is one" test -n "$key"
	echo more >>tree/tools/b.c
	echo more >>tree/Documentation/c.rst
	git -C tree "${ME[@]}" commit -q -a -m two
	check "key: not of a date, a program or a page" test "$(key)" = "$key"
	cp -r tree copy
	check "key: of another copy" test "$(copy/scripts/make-series --key)" = "$key"
	echo 'int more;' >>tree/drivers/a.c
	check "key: of a driver" test "$(key)" != "$key"
	git -C tree checkout -q drivers/a.c
	: >tree/drivers/new.c
	check "key: of a file that git does not track" test "$(key)" != "$key"
	rm tree/drivers/new.c
	sed -i 's/+new/+newer/' tree/patches/01-small.patch
	check "key: of an edit" test "$(key)" != "$key"
	git -C tree checkout -q patches
	ends "parts: an unknown one" 2 "no part is called" build parts --have kernel-nonesuch

	refuses "parts: the series is not there" 1 \
		"the kernel 'series' has not been built: make parts-all" build parts --have kernel-series
	refuses "parts: nor is the debug kernel" 1 \
		"the kernel 'debug' has not been built: make parts-all" build parts --have kernel-debug
	refuses "parts: nor is that for data races" 1 \
		"the kernel 'kcsan' has not been built: make parts-all" build parts --have kernel-kcsan
	refuses "parts: nor is that with mainline's driver" 1 \
		"the kernel '7.3' has not been built: make parts-all" build parts --have kernel-7.3
	check "parts: nothing was made of that" rmdir cache/hv-root
	mkdir -p cache/hv-root/{linux-source,linux-orig.d}
	echo 6.12.1 >cache/hv-root/linux-source/version
	path=$(build build-kernel --name debug --fragment root.config --fragment net.config \
		--fragment devices.config --fragment debug.config --path)
	check "build-kernel: says where it would be" test "${path%/*}" = "$PWD/cache/hv-root/store"
	mkdir -p "$path"
	check "parts: what was begun is not there" test -n "$(build parts --have kernel-debug)"
	touch "$path/version"
	ends "parts: the debug kernel is there" 0 '' build parts --have kernel-debug
	ends "parts: and is made without much ado" 0 "$path" build parts --make kernel-debug

	cp -r source other
	cp -r tree/drivers other/
	: >other/Kbuild
	: >fragment.config
	ends "build-kernel: of a source of one's own" 0 "$PWD/mine" build build-kernel \
		--source other --fragment ./fragment.config --name mine --out mine
	check "build-kernel: its files were counted" grep -qx 2 cache/hv-root/files-mine
	build build-kernel --source other --fragment ./fragment.config --name mine --out again \
		>said 2>&1
	check "build-kernel: which the next build uses" grep -q "(about 2 files)" said
	rm -rf builds

	cp source.tar cache/hv-root/linux-orig
	rmdir cache/hv-root/linux-orig.d
	ln -s store/linux-orig-1 cache/hv-root/linux-orig.d
	ends "build-series: builds" 0 cache/hv-root/store/built-series- build build-series
	check "build-series: it is of the series" grep -qx new "${SAID##*$'\n'}/vmlinuz"
	check "build-series: with its modules" test -d "${SAID##*$'\n'}/lib/modules/6.12.1"
	check "build-series: two files were counted" grep -qx 2 cache/hv-root/files-series
	refuses "build-series: once" 0 /built-series- build build-series
	check "build-series: and not again" test "$(builds)" -eq 1
	ends "parts: it is there" 0 '' build parts --have kernel-series
	check "parts: the list has it" grep -q '^kernel-series	yes	' <<<"$(build parts --list)"
	rm -rf tree out
	mv copy tree
	refuses "build-series: another copy finds it" 0 /built-series- build build-series
	check "build-series: and builds nothing" test ! -e out/kernel-series
	ln -sfn store/linux-orig-2 cache/hv-root/linux-orig.d
	ends "build-series: another source is another kernel" 0 /built-series- build build-series
	echo 'int more;' >>tree/drivers/a.c
	ends "parts: it is not there for what has changed" 1 "has not been built" \
		build parts --have kernel-series
	build build-series >one 2>&1 &
	build build-series >two 2>&1
	wait
	check "build-series: two at a time build once" test "$(builds)" -eq 3
	check "build-series: for both" test "$(tail -n 1 one)" = "$(tail -n 1 two)"
	check "build-series: what has changed" grep -q more "$(tail -n 1 one)/vmlinuz"
	for i in {1..8}; do
		echo "int more$i;" >>tree/drivers/a.c
		build build-series >/dev/null 2>&1
	done
	check "build-series: the last eight stay" \
		test "$(find cache/hv-root/store/built-series-*/vmlinuz | wc -l)" -eq 8
	echo 'int broken;' >>tree/drivers/a.c
	ends "build-series: says where the log is" 1 "building the kernel failed, see " build build-series
	ends "build-series: and it is not there" 1 '' build build-series --have
	git -C tree checkout -q drivers/a.c
	ends "build-series: up to a patch" 0 /built-stage-01-small- \
		build build-series --after 01-small
	check "build-series: which is in it" grep -qx new "${SAID##*$'\n'}/vmlinuz"
	check "key: of what is before the first patch" test "$(key none)" != "$(key)"
	refuses "build-series: not after a patch that is not there" 2 "no patch is called nonesuch" \
		build build-series --after nonesuch
}

# What a kernel is to have, and what it has.
options()
{
	printf '%s\n' CONFIG_A=y CONFIG_B=m CONFIG_C=y CONFIG_D=y >wanted
	printf '%s\n' CONFIG_D=m '# CONFIG_C is not set' CONFIG_E=y '# CONFIG_E is not set' \
		CONFIG_E=y >>wanted
	printf '%s\n' CONFIG_A=y CONFIG_D=y >config
	# shellcheck disable=SC2016 # for the other shell
	call bash -c '. "$0/scripts/lib.sh"; options_missing "$1" "$2"' "$TOP" wanted config
	check "kernel: the last word on an option counts" test "$SAID" = $'CONFIG_B=m\nCONFIG_D=m\nCONFIG_E=y'
}
