# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs about what people call: scripts, their options and their ends.

# refused NAME TEXT OPTION...: rootvm says TEXT in one line, with status 125, at once.
refused()
{
	local name=$1 text=$2 out status=0 since=$SECONDS

	shift 2
	out=$("$ROOTVM" --no-build "$@" 2>&1 </dev/null) || status=$?
	if [[ $status -eq 125 && $out == *"$text"* && $(wc -l <<<"$out") -eq 1 ]] &&
	   (( SECONDS - since < 30 )); then
		ok "refused: $name"
	else
		not_ok "refused: $name" "status $status, $out"
	fi
}

job_bad_input()
{
	local dir=$RESULTS/$JOB.d

	mkdir -p "$dir"
	printf '#!/bin/sh\necho QEMU emulator version 10.0.0\n' >"$dir/no-svm"
	printf '#!/bin/sh\necho QEMU emulator version 7.2.0\n' >"$dir/old"
	printf '#!/bin/sh\n' >"$dir/none"
	chmod +x "$dir/no-svm" "$dir/old" "$dir/none"
	head -c 100000 /dev/urandom >"$dir/noise"
	: >"$dir/empty"
	refused "a kernel that is missing" "no such file" --kernel "$dir/nope" -- true
	refused "a kernel that is none" "not a bzImage" --kernel "$dir/noise" -- true
	refused "an empty kernel" "not a bzImage" --kernel "$dir/empty" -- true
	refused "a folder as kernel" "not a readable file" --kernel "$dir" -- true
	refused "an initrd that is missing" "no such file" --initrd "$dir/nope" -- true
	refused "too little memory" "too little" --mem 256M -- true
	refused "memory that is no size" "is wanted" --mem lots -- true
	refused "no processor" "is wanted" --cpus 0 -- true
	refused "too many processors" "is wanted" --cpus 9 -- true
	refused "a kernel's folder without a kernel" "not a readable file" --kernel "$dir/" -- true
	refused "an unknown scheduler" "is wanted" --sched best -- true
	refused "an unknown option" "unknown" --frobnicate 1 -- true
	refused "no command" "no command"
	refused "a QEMU that is missing" "no such program" --qemu "$dir/nope" -- true
	refused "a QEMU that is none" "it is none" --qemu "$dir/none" -- true
	refused "a QEMU that is too old" "is needed" --qemu "$dir/old" -- true
	refused "a QEMU without SVM" "knows no SVM" --qemu "$dir/no-svm" -- true
	refused "a processor without SVM" "has no SVM" --cpu max,-svm -- true
	refused "a module that is missing" "no such file" --module "$dir/nope.ko" -- true
	refused "a module that is none" "no kernel module" --module "$dir/noise" -- true
	refused "a share that is missing" "no such folder" --share "$dir/nope" -- true
	refused "an --out that is a file" "cannot be made" --out "$dir/empty" -- true
	refused "a disk that is missing" "no such file" --disk "$dir/nope" -- true
}

# kernel_refused NAME TEXT OPTION...: build-kernel says TEXT in one line, with status 2.
kernel_refused()
{
	local name=$1 text=$2 out status=0

	shift 2
	out=$("$TOP/scripts/build-kernel" "$@" 2>&1 </dev/null) || status=$?
	if [[ $status -eq 2 && $out == *"$text"* && $(wc -l <<<"$out") -eq 1 ]]; then
		ok "build-kernel refuses $name"
	else
		not_ok "build-kernel refuses $name" "status $status, $out"
	fi
}

job_build_kernel()
{
	local dir=$RESULTS/$JOB.d

	mkdir -p "$dir/built"
	: >"$dir/built/Kbuild"
	: >"$dir/built/.config"
	kernel_refused "to guess what is wanted" "no --fragment"
	kernel_refused "a fragment that is missing" "no such file" --fragment nonesuch.config
	kernel_refused "a source that is none" "no kernel source" --fragment root.config \
		--source "$dir" --out "$dir/out"
	kernel_refused "a source that was built in" "make mrproper" --fragment root.config \
		--source "$dir/built" --out "$dir/out"
	kernel_refused "a source without a place for the result" "needs --out" \
		--fragment root.config --source "$dir/built"
	kernel_refused "a bad name" "small letters" --fragment root.config --name 'A b'
	kernel_refused "no number of compilers" "a number" --fragment root.config --jobs 0
	kernel_refused "an unknown option" "unknown" --frobnicate 1
	kernel_refused "no value" "needs a value" --fragment
	check "nothing was made of it" test ! -e "$dir/out"
}

# mirror_is WANTED: the mirror found in the apt configuration in $dir/apt.
mirror_is()
{
	[[ $(APT_CONFIG_DIR=$dir/apt "$TOP/scripts/fetch" --mirror 2>&1) == *"$1"* ]]
}

# Which mirror does fetch take from an apt configuration?
job_mirror()
{
	local dir=$RESULTS/$JOB.d codename

	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mkdir -p "$dir/apt/sources.list.d"
	check "no source at all is an error" mirror_is "set DEBIAN_MIRROR"
	cat >"$dir/apt/sources.list" <<-EOF
	# deb http://comment.invalid/debian $codename main
	deb-src http://source.invalid/debian $codename main
	deb http://security.invalid/debian $codename-security main
	deb http://contrib.invalid/debian $codename contrib
	deb [arch=amd64 signed-by=/a/key.gpg] http://one-line.invalid/debian $codename contrib main
	EOF
	check "a one-line source is found" mirror_is http://one-line.invalid/debian
	rm "$dir/apt/sources.list"
	cat >"$dir/apt/sources.list.d/a.sources" <<-EOF
	Enabled: no
	Types: deb
	URIs: http://disabled.invalid/debian
	Suites: $codename
	Components: main

	# a comment
	Types: deb deb-src
	URIs: http://deb822.invalid/debian
	Suites: $codename-updates
	 $codename
	Components: contrib main
	EOF
	check "a deb822 source is found" mirror_is http://deb822.invalid/debian
	check "DEBIAN_MIRROR goes before" env DEBIAN_MIRROR=http://own.invalid \
		bash -c "[[ \$('$TOP/scripts/fetch' --mirror) == http://own.invalid ]]"
}

# Kernel, initramfs and program from elsewhere, and statuses of all kinds.
job_foreign()
{
	local dir=$RESULTS/$JOB.d

	mkdir -p "$dir/share"
	cp -L "$CACHE/kernel/vmlinuz" "$dir/a kernel, renamed"
	cat >"$dir/prog.c" <<-EOF
	#include <stdio.h>
	int main(int argc, char **argv)
	{
		printf("foreign %s\n", argv[argc - 1]);
		return 42;
	}
	EOF
	gcc -static -o "$dir/share/prog" "$dir/prog.c"
	check "a foreign program's status is passed on" status_is 42 \
		--kernel "$dir/a kernel, renamed" --share "$dir/share" --cpus 2 -- ./prog 'one two'
	check "its output comes through" grep -q '^foreign one two' "$RESULTS/$JOB.log"
	check "success is passed on, over a foreign initramfs" status_is 0 \
		--initrd "$BUILD/guest-initrd.gz" --disk "$dir/prog.c" --module nvme \
		-- sh -c 'test -e /init && grep -q nvme0n1 /proc/partitions'
	check "a foreign initramfs boots by itself" status_is 0 \
		--initrd "$BUILD/guest-initrd.gz"
	check "and is heard" grep -q 'GUEST-INIT-OK' "$RESULTS/$JOB.log"
	check "a command that is not there is status 127" status_is 127 -- nonesuch
	head -c 1048576 /dev/urandom >"$dir/disk.img"
	check "what is left in /out comes back, with a status of its own" status_is 7 \
		--disk "$dir/disk.img" --out "$dir/out" \
		-- sh -c 'mkdir "/out/a folder" && cp /dev/nvme0n1 "/out/a folder/copy" && exit 7'
	check "and is what it was" cmp "$dir/disk.img" "$dir/out/a folder/copy"
	check "a root without NVMe says so" status_is 125 --out "$dir/out" \
		--append initcall_blacklist=nvme_init -- true
	check "in a line" grep -q 'no disk for /out' "$RESULTS/$JOB.log"
}

no_qemu_left()
{
	sleep 1
	# The brackets keep grep from finding itself.
	! grep -qsa "rootvm-test[-]$$" /proc/[0-9]*/cmdline
}

# A periodic timer of the root's that is over before the hypervisor has taken it.
job_slow_timer()
{
	check "a root's periodic timer survives a slow machine" status_is 0 \
		--cpus 2 --timeout 100 --rootvisor lag=20000 -- true
}

# What QEMU makes the first processor do once in many minutes, all the time.
job_out_of_turn()
{
	local dir=$RESULTS/$JOB.d

	check "no interrupt is lost that comes out of turn" status_is 0 \
		--cpus 2 --sched classic --timeout 100 --rootvisor intrude=3 --log "$dir" \
		--module "$(module_file "$BUILD")" -- \
		sh -ec '/selftests/timers; /selftests/interrupts; /selftests/irqfd'
	check "there were some" grep -q '^rootvisor: interrupts out of turn: [1-9]' \
		"$dir/hypervisor.log"
}

job_bad_end()
{
	local pid status=0

	check "a panic is a failure" status_is 125 -- sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
	check "and its reason is shown" grep -q 'sysrq triggered crash' "$RESULTS/$JOB.log"
	check "a silent root is ended" status_is 125 --timeout 15 -- sleep 1000
	check "and rootvm says so" grep -q 'nothing happened for 15 seconds' "$RESULTS/$JOB.log"
	"$ROOTVM" --no-build --append "rootvm-test-$$" -- sleep 1000 >>"$RESULTS/$JOB.log" 2>&1 &
	pid=$!
	sleep 5
	kill -TERM "$pid"
	wait "$pid" || status=$?
	check "a signal ends rootvm with its status" test "$status" -eq 143
	check "and no QEMU is left" no_qemu_left
}

job_replay()
{
	if "$TOP/scripts/replay-check" >"$RESULTS/$JOB.log" 2>&1; then
		ok "recorded runs are identical"
	else
		not_ok "recorded runs are identical" "$(tail -n 1 "$RESULTS/$JOB.log")"
	fi
}

# What operations cost is what the README says, and does not grow with anything.
job_bench()
{
	if "$TOP/scripts/bench" --check "$RESULTS/$JOB.d" >"$RESULTS/$JOB.log" 2>&1; then
		ok "costs are what the README says"
	else
		not_ok "costs are what the README says" "$(tail -n 1 "$RESULTS/$JOB.log")"
	fi
}
