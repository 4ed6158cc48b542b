# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/test: jobs for a kernel of the patch series.

# job_series CPUS: the platform layer of the patch series, seen from inside.
job_series()
{
	local dir=$RESULTS/$JOB.d status=0

	mkdir -p "$dir"
	head -c 2097152 /dev/urandom >"$dir/disk.img"
	"$ROOTVM" --no-build --cpus "$1" --disk "$dir/disk.img" --module nvme \
		--rootvisor vectors=strict --log "$dir" --timeout 300 \
		--file "$TOP/scripts/initrd/series-steps:/.rootvm/bin/series-steps" \
		-- series-steps "$1" >"$RESULTS/$JOB.log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || not_ok "the root ends properly" "status $status: $(tail -n 1 "$RESULTS/$JOB.log")"
	tr -d '\r' <"$dir/serial.log" | tap_results ""
	check "the hypervisor powers off" grep -q 'power off by hypercall' "$dir/hypervisor.log"
}

# fault NAME PROCESSORS TEXT FAULT...: with calls that fail while the kernel boots,
# there are so many processors of three, and the log says TEXT.
fault()
{
	local name=$1 wanted=$2 text=$3 f
	local -a opts

	shift 3
	for f; do
		opts+=(--rootvisor "fail=$f")
	done
	# shellcheck disable=SC2016 # expanded in the root
	check "$name" status_is "$wanted" --cpus 3 "${opts[@]}" \
		-- sh -c 'dmesg | grep "Hyper-V root"; exit "$(nproc)"'
	[[ -z $text ]] || check "and it says so" grep -q "$text" "$RESULTS/$JOB.log"
}

# What the hypervisor may refuse while a kernel of the series boots.
job_series_faults()
{
	fault "a processor that is refused is left out, and those after it" 2 \
		'adding a logical processor for processor 2 ' 76,5,1,1
	fault "a virtual processor that is refused is left out" 2 \
		'making a virtual processor for processor 1 ' 4e,5,0,1
	fault "memory is given for processors, of every kind" 3 '' \
		76,b,0,2 4e,73,0,1 4e,75,0,1 4e,83,0,1
	fault "memory is given for interrupts" 3 '' 7c,b,1,1 7c,75,1,1
	fault "a notification that is refused is told" 3 'will not hear' 87,5,0,1
}
