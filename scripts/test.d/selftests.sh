# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs that run our own programs, in roots of several kinds.

# Seconds: emulated processors wait for the machine's, which may be fewer.
STALL_TIMEOUT=60
SELFTEST_LIMIT=600

job_unit()
{
	local status=0

	make --no-print-directory -C "$TOP" O="$BUILD" unit >"$RESULTS/$JOB.log" 2>&1 || status=$?
	tap_results "" <"$RESULTS/$JOB.log"
	[[ $status -eq 0 ]] || not_ok "exit status $status"
}

# One selftest's part of the console: between its begin and end lines.
selftest_results()
{
	local name=$1 status=$2 part=$RESULTS/$JOB.d/$1.tap before after

	before=$(grep -c '^not ok' "$RESULTS/$JOB.results" || true)
	tap_results "$name " <"$part"
	after=$(grep -c '^not ok' "$RESULTS/$JOB.results" || true)
	[[ $status -eq 0 || $after -gt $before ]] || not_ok "$name" "exit status $status"
}

split_selftests()
{
	local dir=$RESULTS/$JOB.d name status

	tr -d '\r' <"$dir/serial.log" | awk -v dir="$dir" '
		/^# begin / { file = dir "/" $3 ".tap"; printf "" >file; next }
		/^# end / { print $3, $4 >(dir "/ended"); close(file); file = ""; next }
		/^# kernel: / { print >(dir "/kernel") }
		file { print >file }'
	[[ -e $dir/ended ]] || { not_ok "no selftest ended"; return; }
	while read -r name status; do
		selftest_results "$name" "$status"
	done <"$dir/ended"
	for name in "$BUILD"/selftests/*; do
		[[ -f $name && -x $name ]] || continue
		name=${name##*/}
		grep -q "^$name " "$dir/ended" || not_ok "$name" "did not end"
	done
	if [[ -s $dir/kernel ]]; then
		not_ok "the kernel does not complain" "$(head -n 1 "$dir/kernel")"
	else
		ok "the kernel does not complain"
	fi
}

# job_selftests CPUS SCHED
job_selftests()
{
	local status=0 append=rcupdate.rcu_cpu_stall_timeout=$STALL_TIMEOUT

	# Or its processors cannot be taken offline, see the selftest "hotplug".
	[[ $ROOT_KERNEL != 6.1 ]] || append+=' irqaffinity=0'
	"$ROOTVM" --no-build --cpus "$1" --sched "$2" --log "$RESULTS/$JOB.d" \
		--timeout 600 --module "$(module_file "$BUILD")" --append "$append" \
		--file "$TOP/scripts/initrd/run-selftests:/.rootvm/bin/run-selftests" \
		-- env SELFTEST_LIMIT="$SELFTEST_LIMIT" run-selftests \
		>"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	check "Linux runs as the root partition" \
		grep -q 'running as root partition' "$RESULTS/$JOB.d/serial.log"
	split_selftests
	check_books
}

# job_one_selftest NAME OPTION...: one of them, in a root made in another way.
job_one_selftest()
{
	local name=$1 status=0

	shift
	"$ROOTVM" --no-build --log "$RESULTS/$JOB.d" --timeout 600 \
		--module "$(module_file "$BUILD")" "$@" \
		-- "/selftests/$name" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	tap_results "" < <(tr -d '\r' <"$RESULTS/$JOB.log")
	[[ $status -eq 0 ]] || not_ok "exit status $status"
	check_books
}

# The module for another kernel than the usual one, which "make check" looks at.
job_module()
{
	if ! O=$RESULTS/$JOB.d "$TOP/scripts/build-module" W=1 >"$RESULTS/$JOB.log" 2>&1; then
		not_ok "the module builds" "$(tail -n 1 "$RESULTS/$JOB.log")"
		return
	fi
	ok "the module builds"
	check "without a warning" test -z "$(grep -m 1 'warning:\|WARNING:' "$RESULTS/$JOB.log")"
}

# job_soak CPUS SCHED COUNT: so many lives of partitions, a third of them killed.
job_soak()
{
	local status=0 dir=$RESULTS/$JOB.d

	"$ROOTVM" --no-build --cpus "$1" --sched "$2" --log "$dir" --timeout 600 \
		--module "$(module_file "$BUILD")" \
		--file "$TOP/scripts/initrd/run-selftests:/.rootvm/bin/run-selftests" \
		-- env SELFTEST_LIMIT=86400 SOAK_COUNT="$3" run-selftests soak \
		>"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	tr -d '\r' <"$dir/serial.log" >"$dir/console"
	tap_results "" <"$dir/console"
	check "the kernel does not complain" test -z "$(grep -m 1 '^# kernel: ' "$dir/console")"
	check_books
	note "$JOB: $(sed -n 's/^# \(seed .* killed\),.*/\1/p' "$dir/console")"
}

# What the hypervisor refuses for good is kept and told, in a root of its own.
job_quarantine()
{
	local dir=$RESULTS/$JOB.d

	"$ROOTVM" --no-build --log "$dir" --timeout 600 \
		--module "$(module_file "$BUILD")" \
		-- sh -c 'MSHV_QUARANTINE=y /selftests/quarantine; lsmod; rmmod mshv' \
		>"$RESULTS/$JOB.log" 2>&1 || true
	tap_results "" < <(tr -d '\r' <"$RESULTS/$JOB.log")
	check "three partitions are left, and no other" \
		grep -q 'books: partitions=3' "$dir/hypervisor.log"
	check "the module cannot be unloaded" grep -q "rmmod: can't unload" "$dir/serial.log"
}

# A root that is restarted among its guests leaves no interrupt behind.
job_reboot()
{
	local dir=$RESULTS/$JOB.d

	"$ROOTVM" --no-build --cpus 2 --log "$dir" --module "$(module_file "$BUILD")" \
		-- sh -c 'MSHV_HEAVY=y /selftests/antagonist -t killer & sleep 3; reboot -f; sleep 60' \
		>"$RESULTS/$JOB.log" 2>&1 || true
	check "the root restarts" grep -q 'end: reset' "$dir/hypervisor.log"
	check "no synthetic interrupt is left" \
		grep -q 'open synthetic interrupts: 0$' "$dir/hypervisor.log"
}
