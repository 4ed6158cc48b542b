# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion for mshvrun, mshvstat, rootvm and rvctl.
#
# Model: the options of a program are read from its own --help, so that this file
# need not be changed with it.  An option is a word that begins with "--"; a command
# of rvctl is the first word of a line of its help.

_hv_root_options()
{
	"$1" --help 2>/dev/null </dev/null | grep -oE -- '(^|[[:space:]])--[a-z][a-z-]*' |
		tr -d ' \t' | sort -u
}

_hv_root_commands()
{
	"$1" --help 2>/dev/null </dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'
}

# What is behind the option $1, for the word $2.
_hv_root_value()
{
	case $1 in
	--share | --out | --log | --modules-tree | --rw | --kselftest)
		compgen -d -- "$2" ;;
	--sched)
		compgen -W 'root classic' -- "$2" ;;
	--accel)
		compgen -W 'auto tcg kvm' -- "$2" ;;
	--share-by)
		compgen -W '9p virtiofs' -- "$2" ;;
	--module)
		compgen -W 'mshv' -- "$2"
		compgen -f -- "$2" ;;
	--kernel)
		[[ $3 != rootvm ]] || compgen -W '6.12 6.12-generic 6.1' -- "$2"
		compgen -f -- "$2" ;;
	--user)
		compgen -u -- "$2" ;;
	*)
		compgen -f -- "$2" ;;
	esac
}

# The words after "--" are a command and its arguments.
_hv_root_command_at()
{
	local i

	for (( i = 1; i < COMP_CWORD; i++ )); do
		[[ ${COMP_WORDS[i]} != -- ]] || { echo $((i + 1)); return; }
	done
	return 1
}

_hv_root()
{
	local program=$1 word=$2 before=$3 at

	if at=$(_hv_root_command_at); then
		if declare -F _command_offset >/dev/null; then
			_command_offset "$at"
		elif (( at == COMP_CWORD )); then
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
	elif [[ ${program##*/} == rvctl && $COMP_CWORD -eq 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_hv_root_commands "$program")" -- "$word")
	elif [[ $word == -* || -z $word && $before != --* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_hv_root_options "$program")" -- "$word")
	else
		mapfile -t COMPREPLY < <(_hv_root_value "$before" "$word" "${program##*/}")
	fi
}

complete -o filenames -F _hv_root mshvrun mshvstat rootvm rvctl
