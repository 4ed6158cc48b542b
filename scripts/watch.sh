# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by rootvm: ends a machine that has become silent.
#
# Model: how long a machine was silent must not depend on the load of the
# host.  So its silence is counted in *own time*.  Once a second a sample is taken, and
# the second counts
# - as nothing, when more than half of the host's time was stolen from it;
# - as what the busiest of QEMU's threads could run, when one of them spent more than
#   half of it waiting for a processor;
# - in full otherwise: QEMU was stopped, or slept, or ran.
# A sample that comes late counts as one second at most.
#
# In a recorded run time is virtual and goes by instructions: the machine is silent only
# if its virtual clock has gone on for as long as well, or does not go on.  QEMU is
# asked for it, by QMP, when the own time is over and not before, so that a run that
# comes to its end was left alone.
#
# Times are in milliseconds where nothing else is said.

# When the hypervisor is through, QEMU has so long to go.
WATCH_GRACE=10000
# So long may a virtual clock stand still.
WATCH_STILL=30000

# Tests have a folder of their own for it.
WATCH_PROC=/proc
WATCH_PID=
declare -A WATCH_RAN=() WATCH_WAITED=()
WATCH_NOW=0
WATCH_TOTAL=0
WATCH_STEAL=0

# --- own time ---------------------------------------------------------------------

# busiest_threads: sets RAN and WAITED, the longest that a thread has run, and waited
# for a processor, since the last call.
busiest_threads()
{
	local task ran waited n
	local -a tasks=("$WATCH_PROC/$WATCH_PID/task/"*) children=()

	RAN=0
	WAITED=0
	# With --host-root QEMU is a child of what passes on its descriptors.
	{ read -ra children <"$WATCH_PROC/$WATCH_PID/task/$WATCH_PID/children"; } 2>/dev/null || true
	for n in "${children[@]}"; do
		tasks+=("$WATCH_PROC/$n/task/"*)
	done
	for task in "${tasks[@]}"; do
		{ read -r ran waited n <"$task/schedstat"; } 2>/dev/null || continue
		n=$(((ran - ${WATCH_RAN[$task]:-0}) / 1000000))
		(( n <= RAN )) || RAN=$n
		n=$(((waited - ${WATCH_WAITED[$task]:-0}) / 1000000))
		(( n <= WAITED )) || WAITED=$n
		WATCH_RAN[$task]=$ran
		WATCH_WAITED[$task]=$waited
	done
}

# stolen_time: sets STOLEN to "y" when the host had less than half of its time.
stolen_time()
{
	local user nice system idle iowait irq softirq steal total

	read -r _ user nice system idle iowait irq softirq steal _ <"$WATCH_PROC/stat"
	total=$((user + nice + system + idle + iowait + irq + softirq + steal))
	STOLEN=
	(( 2 * (steal - WATCH_STEAL) <= total - WATCH_TOTAL )) || STOLEN=y
	WATCH_TOTAL=$total
	WATCH_STEAL=$steal
}

# own_time: sets OWN to the own time since the last call.  It may be negative: that a
# thread has waited is known only when it has got a processor.
own_time()
{
	local up elapsed

	read -r up _ <"$WATCH_PROC/uptime"
	up=$((${up%.*} * 1000 + 10#${up#*.} * 10))
	elapsed=$((up - WATCH_NOW))
	WATCH_NOW=$up
	busiest_threads
	stolen_time
	OWN=$((elapsed < 1000 ? elapsed : 1000))
	if [[ -n $STOLEN ]]; then
		OWN=0
	elif (( 2 * WAITED > elapsed )); then
		OWN=$((RAN < OWN ? RAN : OWN))
		(( WAITED <= elapsed )) || OWN=$((OWN - (WAITED - elapsed)))
	fi
}

# --- virtual time -----------------------------------------------------------------

# What the clock's monitor is, for QEMU in the work folder: two FIFOs, clock.in and
# clock.out.
clock_arguments()
{
	printf '%s\n' -chardev pipe,id=clock,path=clock -mon chardev=clock,mode=control
}

# clock_field LINE NAME
clock_field()
{
	[[ $1 =~ \"$2\":\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# clock_seconds LINE: a date as QEMU prints it
clock_seconds()
{
	date -u +%s -d "$(($(clock_field "$1" tm_year) + 1900))-$((
		$(clock_field "$1" tm_mon) + 1))-$(clock_field "$1" tm_mday) $(
		clock_field "$1" tm_hour):$(clock_field "$1" tm_min):$(clock_field "$1" tm_sec)"
}

# clock_forget: what was asked until now is of no interest
clock_forget()
{
	CLOCK_FIRST=
	CLOCK_COUNT=
	CLOCK_READING=
	CLOCK_STILL=0
	CLOCK_ANSWERED=y
}

# clock_ask: sets CLOCK_VIRTUAL and CLOCK_READING to what has been answered, and asks
# again.  The number of instructions shows that a clock goes that has only seconds.
clock_ask()
{
	local line

	if [[ -z ${CLOCK_IN:-} ]]; then
		exec {CLOCK_IN}<>"$1/clock.in" {CLOCK_OUT}<>"$1/clock.out"
		CLOCK_ID=0
		echo '{"execute":"qmp_capabilities"}' >&"$CLOCK_IN"
	fi
	while read -r -t 0.1 -u "$CLOCK_OUT" line; do
		[[ $line =~ \"id\":\ *$CLOCK_ID\} ]] || continue
		if [[ $line == *'"icount"'* ]]; then
			CLOCK_COUNT=$(clock_field "$line" icount)
		elif [[ $line == *'"tm_year"'* ]]; then
			CLOCK_VIRTUAL=$(clock_seconds "$line")
			CLOCK_READING="$CLOCK_VIRTUAL $CLOCK_COUNT"
			CLOCK_ANSWERED=y
		fi
	done
	[[ -n $CLOCK_ANSWERED ]] || return 0
	CLOCK_ANSWERED=
	CLOCK_ID=$((CLOCK_ID + 1))
	printf '{"execute":"%s","id":%d%s}\n' query-replay $CLOCK_ID "" qom-get $CLOCK_ID \
		',"arguments":{"path":"/machine","property":"rtc-time"}' >&"$CLOCK_IN"
}

# virtual_time_over FOLDER LIMIT: sets WHY when it is
virtual_time_over()
{
	local before=$CLOCK_READING

	clock_ask "$1"
	CLOCK_STILL=$((CLOCK_STILL + OWN))
	if [[ $CLOCK_READING != "$before" ]]; then
		CLOCK_STILL=0
		: "${CLOCK_FIRST:=$CLOCK_VIRTUAL}"
		WHY="own and virtual time"
		(( 1000 * (CLOCK_VIRTUAL - CLOCK_FIRST) >= $2 ))
	else
		WHY="own time; the virtual clock stands still"
		(( CLOCK_STILL >= WATCH_STILL ))
	fi
}

# --- the watch --------------------------------------------------------------------

# watched_size FOLDER: not every machine has all of its logs
watched_size()
{
	{ cat "$1"/{serial,hypervisor,channel}.log 2>/dev/null || true; } | wc -c
}

# watch_machine PID FOLDER SECONDS [virtual]: ends the QEMU that writes its logs to
# FOLDER when it has been silent for so long, and leaves the reason in FOLDER/hang; or
# when it does not go although the hypervisor is through.
watch_machine()
{
	local folder=$2 limit=$(($3 * 1000)) virtual=${4:-} silent=0 size last=-1

	WATCH_PID=$1
	own_time
	clock_forget
	# A pipe that stays empty: a "sleep" would be left when the watch is ended.
	exec {WATCH_TICK}<> <(:)
	while ! read -r -t 1 -u "$WATCH_TICK"; do
		own_time
		size=$(watched_size "$folder")
		if [[ $size != "$last" ]]; then
			last=$size
			silent=0
			clock_forget
			continue
		fi
		silent=$((silent + OWN < 0 ? 0 : silent + OWN))
		if (( silent >= WATCH_GRACE )) && grep -q '^rootvisor: done' "$folder/hypervisor.log"; then
			kill -KILL "$WATCH_PID" 2>/dev/null || true
			return
		fi
		(( silent >= limit )) || continue
		WHY="own time"
		[[ -z $virtual ]] || virtual_time_over "$folder" "$limit" || continue
		echo "$WHY" >"$folder/hang"
		kill -KILL "$WATCH_PID" 2>/dev/null || true
		return
	done
}
