# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The progress of long operations: fetching, unpacking, building.
#
# Model: progress runs a command, and next to it a reporter, a process that asks a
# "measure" how much of it is done.  If the standard error is a terminal, the
# reporter updates one line; otherwise it prints a line at the beginning,
# one every PROGRESS_PAUSE seconds and one when the command has succeeded.  The output of
# the command is not changed.
#
# A measure is a function that prints a whole number.  The reporter is a subshell of
# its caller, so a measure sees the caller's local variables.  The reporter ends with its
# caller, however that ends.
#
# Words: total, what the measure will print in the end, after a '~' if that is a guess;
# empty if it is unknown.

# shellcheck disable=SC2154 # progress_...: variables of the callers

PROGRESS_PAUSE=${PROGRESS_PAUSE:-30}
# The reporter's process, while there is one.
PROGRESS_PID=

progress_is_live()
{
	[[ -t 2 && ${TERM:-dumb} != dumb ]]
}

# progress_total TOTAL: as it is printed.
progress_total()
{
	echo "${1/#'~'/about }"
}

# progress_text DONE TOTAL UNIT: a total that has been passed was none.
progress_text()
{
	if [[ -n $2 && $1 -le ${2#'~'} ]]; then
		printf '%s of %s %s' "$1" "$(progress_total "$2")" "$3"
	else
		printf '%s %s' "$1" "$3"
	fi
}

# progress_write TEXT HOW-FAR: the live line; a narrow terminal gets less of the text.
progress_write()
{
	local columns room

	columns=$(stty size <&2 2>/dev/null) || columns=
	columns=${columns#* }
	[[ ${columns:-0} -gt 0 ]] || columns=80
	room=$((columns - ${#2} - 3))
	(( room > 0 )) || room=0
	printf '\r%s: %s\033[K' "${1:0:room}" "$2" >&2
}

# progress_clear: for what else is to be written to the terminal.
progress_clear()
{
	[[ -z $PROGRESS_PID ]] || ! progress_is_live || printf '\r\033[K' >&2
}

# The reporter.
progress_report()
{
	local owner=$1 text=$2 total=$3 unit=$4 measure=$5 said=$SECONDS tick

	# Never ready: a clock that is no process, which would outlive this one.
	exec {tick}<> <(:)
	while kill -0 "$owner" 2>/dev/null; do
		if progress_is_live; then
			progress_write "$ME: $text" "$(progress_text "$($measure)" "$total" "$unit")"
		elif (( SECONDS - said >= PROGRESS_PAUSE )); then
			said=$SECONDS
			note "$text: $(progress_text "$($measure)" "$total" "$unit")"
		fi
		read -rt 1 -u "$tick" || true
	done
	# Whoever was killed has not ended the line.
	! progress_is_live || echo >&2
}

# Ends the reporter, and its line.
progress_stop()
{
	[[ -n $PROGRESS_PID ]] || return 0
	kill "$PROGRESS_PID" 2>/dev/null || true
	wait "$PROGRESS_PID" 2>/dev/null || true
	progress_clear
	PROGRESS_PID=
}

# progress TEXT TOTAL UNIT MEASURE COMMAND...: its status is the command's.
progress()
{
	local text=$1 total=$2 unit=$3 measure=$4 status=0 since=$SECONDS owner=$BASHPID

	shift 4
	progress_is_live || note "$text${total:+ ($(progress_total "$total") $unit)}"
	# Without the locks of scripts.
	progress_report "$owner" "$text" "$total" "$unit" "$measure" </dev/null >/dev/null 7>&- 8>&- 9>&- &
	PROGRESS_PID=$!
	"$@" || status=$?
	progress_stop
	[[ $status -ne 0 ]] || note "$text: $($measure) $unit in $((SECONDS - since)) s"
	return $status
}

# --- measures ----------------------------------------------------------------------

# megabytes BYTES: one that has begun counts.
megabytes()
{
	echo $((($1 + 999999) / 1000000))
}

# Of what is in the folder $progress_folder.
folder_size()
{
	local size

	# A file may go while its size is asked for.
	size=$(du -s --apparent-size --block-size=1MB "$progress_folder" 2>/dev/null) || true
	size=${size%%[!0-9]*}
	echo "${size:-0}"
}

# Of what has been read of the file that is open as $progress_fd.
file_position()
{
	local name value

	while read -r name value; do
		[[ $name != pos: ]] || megabytes "$value"
	done <"/proc/$BASHPID/fdinfo/$progress_fd"
}

# progress_reading TEXT FILE COMMAND...: a command that reads FILE as its standard input.
progress_reading()
{
	local progress_fd status=0 total

	total=$(megabytes "$(stat -Lc %s "$2")")
	exec {progress_fd}<"$2"
	progress "$1" "$total" MB file_position "${@:3}" <&"$progress_fd" || status=$?
	exec {progress_fd}<&-
	return $status
}

# Steps that compile a file, in the log $progress_log of a kernel's build.
files_compiled()
{
	grep -cE '^  (HOST)?(CC|AS) ' "$progress_log" 2>/dev/null || true
}
