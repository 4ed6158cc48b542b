# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs with a Linux guest, by mshvrun and by stock QEMU.

# job_guest ROOT-CPUS SCHED GUEST-CPUS
job_guest()
{
	local status=0

	"$TOP/scripts/run-guest" --cpus "$1" --sched "$2" --guest-cpus "$3" \
		--guest-append quiet --log "$RESULTS/$JOB.d" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	if [[ $status -eq 0 ]]; then
		ok "a Linux guest boots and ends"
	else
		not_ok "a Linux guest boots and ends" "$(tail -n 1 "$RESULTS/$JOB.log")"
	fi
}

# job_qemu_steps CPUS SCHED OPTION...: stock QEMU, in small steps.
job_qemu_steps()
{
	local cpus=$1 sched=$2 status=0

	shift 2
	"$TOP/scripts/fetch" qemu-mshv >/dev/null
	"$ROOTVM" --no-build --cpus "$cpus" --sched "$sched" --log "$RESULTS/$JOB.d" \
		--timeout 240 --mem 4G --module "$(module_file "$BUILD")" \
		--file "$CACHE/qemu-mshv/qemu:/qemu" \
		--file "$TOP/scripts/initrd/qemu-steps:/.rootvm/bin/qemu-steps" \
		-- qemu-steps "$@" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	tr -d '\r' <"$RESULTS/$JOB.d/serial.log" | tap_results "QEMU: "
	check_books
}

# job_qemu_guest CPUS SCHED GUEST-CPUS
job_qemu_guest()
{
	local status=0

	"$TOP/scripts/run-qemu" --cpus "$1" --sched "$2" --guest-cpus "$3" \
		--log "$RESULTS/$JOB.d" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	if [[ $status -eq 0 ]]; then
		ok "QEMU boots a Linux guest that uses disk and network"
	else
		not_ok "QEMU boots a Linux guest that uses disk and network" \
			"$(tail -n 1 "$RESULTS/$JOB.log")"
	fi
}

# What the hypervisor has counted in one recorded run of QEMU.
qemu_counts()
{
	"$TOP/scripts/run-qemu" --record --seed 7 --log "$RESULTS/$JOB.d/$1" \
		2>>"$RESULTS/$JOB.log" | grep -a 'root_exits='
}

job_qemu_replay()
{
	local first second

	first=$(qemu_counts 1 || true)
	second=$(qemu_counts 2 || true)
	check "a recorded run of QEMU ends" test -n "$first"
	check "and again, with the same counts" test "$second" = "$first"
}

# save_part NUMBER STATUS CPUS SCHED OPTION... -- COMMAND...: one of the two roots.
save_part()
{
	local dir=$RESULTS/$JOB.d part=$1 wanted=$2 cpus=$3 sched=$4 status=0

	shift 4
	"$ROOTVM" --no-build --cpus "$cpus" --sched "$sched" --log "$dir/$part" --timeout 300 \
		--append quiet --module "$(module_file "$BUILD")" \
		--file "$TOP/scripts/initrd/save-at:/.rootvm/bin/save-at" "$@" \
		>>"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq $wanted ]] || { not_ok "root $part" "status $status"; return 1; }
	[[ -z $(books_left "$dir/$part/hypervisor.log") ]] || not_ok "books of root $part"
}

# The rounds that a guest has told of in two roots; it may have stopped in a word.
rounds_of()
{
	{
		tr -d '\r' <"$1/1/serial.log" | sed -z 's/rootvm: the command ended.*//'
		tr -d '\r' <"$1/2/serial.log"
	} | sed -n 's/.*CHECK round \([0-9]*\) .*/\1/p'
}

# job_save GUEST-CPUS asks|signal CPUS SCHED CPUS SCHED: a guest that checks itself is
# saved in one root and goes on in another.
job_save()
{
	local dir=$RESULTS/$JOB.d rounds args
	local -a guest command=(mshvrun)

	mkdir -p "$dir/out"
	if [[ $2 == asks ]]; then
		args=--save-at,4
	else
		# The guest does not wait for that to be seen.
		args=--until-restored
		command=(save-at 'round 4 ')
	fi
	guest=(--kernel /guest/vmlinuz --initrd /guest/check-initrd.gz --cpus "$1" --mem 128
		--append "console=ttyS0 quiet check.args=$args" --save /out/guest.saved)
	save_part 1 5 "$3" "$4" --out "$dir/out" -- "${command[@]}" "${guest[@]}" || return 0
	ok "a guest is saved"
	save_part 2 0 "$5" "$6" --share "$dir/out" -- mshvrun --restore guest.saved || return 0
	rm "$dir/out/guest.saved"
	check "it goes on in another root, and finds everything as it was" \
		grep -q "CHECK OK rounds=[0-9]* restores=1 cpus=$1" "$dir/2/serial.log"
	rounds=$(sed -n 's/.*CHECK OK rounds=\([0-9]*\) .*/\1/p' "$dir/2/serial.log")
	check "and has counted without a gap" test \
		"$(rounds_of "$dir" | xargs)" = "$(seq -s ' ' 1 "${rounds:-0}")"
}

# job_pressure CPUS SCHED GUEST-CPUS ROUNDS: a guest whose memory the root takes away.
job_pressure()
{
	local dir=$RESULTS/$JOB.d status=0
	local -a swap=(--module zram)

	mkdir -p "$dir"
	# What zram compresses with is no part of it there.
	[[ $ROOT_KERNEL != 6.1 ]] || swap=(--module lzo-rle --module zram)
	# By interrupts that its platform layer has mapped.
	if [[ $ROOT_KERNEL == series ]]; then
		truncate -s 512M "$dir/swap.img"
		swap=(--disk "$dir/swap.img")
	fi
	"$ROOTVM" --no-build --cpus "$1" --sched "$2" --mem 1G --log "$dir" --timeout 600 \
		--append quiet "${swap[@]}" --module "$(module_file "$BUILD")" \
		--file "$TOP/scripts/initrd/pressure:/.rootvm/bin/pressure" \
		-- pressure "$4" "$3" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" \
		"status $status: $(grep -a PRESSURE "$RESULTS/$JOB.log" | tail -n 1)"
	check "a guest finds its memory as it was while it is swapped and moved" \
		grep -q "CHECK OK rounds=[0-9]* restores=0 cpus=$3" "$dir/serial.log"
	check "and it was" grep -q 'PRESSURE status=0 swapped_out=[0-9]\{4\}' "$dir/serial.log"
	check_books
}
