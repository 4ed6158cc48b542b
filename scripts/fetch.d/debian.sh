# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: which Debian this is, where its packages come from, and
# the private apt root that gets them.

KEYRINGS=(/usr/share/keyrings/debian-archive-keyring.{gpg,pgp})
# Where the QEMU that is a client of /dev/mshv comes from, whatever the machine
# itself runs: the first Debian whose QEMU has the accelerator.
CLIENT_RELEASE=trixie+backports

# --- the release and its mirror --------------------------------------------

release()
{
	local codename

	is_debian || die "parts come as Debian packages and this is none: use a container with Debian 13, see ci.rst"
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	case $codename in
	bookworm | trixie) echo "$codename" ;;
	*) die "Debian '${codename:-unknown}' is not supported: bookworm and trixie are" ;;
	esac
}

# The suites to take packages from; the last one is preferred.
suites()
{
	case $1 in
	bookworm) echo bookworm bookworm-backports ;;
	trixie) echo trixie ;;
	"$CLIENT_RELEASE") echo trixie trixie-backports ;;
	esac
}

# stdin: a deb822 .sources file.  Prints "URI SUITE" for what has "main".
parse_deb822()
{
	awk -v RS= '
	{
		uris = ""; suites = ""; comps = ""; types = ""; on = 1
		n = split($0, line, "\n")
		for (i = 1; i <= n; i++) {
			if (line[i] ~ /^#/)
				continue
			if (line[i] ~ /^[A-Za-z-]+:/) {
				key = tolower(line[i]); sub(/:.*/, "", key)
				val = line[i]; sub(/^[^:]*:[ \t]*/, "", val)
			} else {
				val = line[i]
			}
			if (key == "uris") uris = uris " " val
			if (key == "suites") suites = suites " " val
			if (key == "components") comps = comps " " val
			if (key == "types") types = types " " val
			if (key == "enabled" && tolower(val) ~ /^no/) on = 0
		}
		if (!on || (types " ") !~ / deb / || (comps " ") !~ / main /)
			next
		nu = split(uris, u, " "); ns = split(suites, s, " ")
		for (i = 1; i <= nu; i++)
			for (j = 1; j <= ns; j++)
				print u[i], s[j]
	}'
}

# stdin: a one-line-style sources.list.  Prints "URI SUITE" likewise.
parse_one_line()
{
	sed -n 's/^[ \t]*deb[ \t]\+\(\[[^]]*\][ \t]*\)\?//p' |
		awk '{ for (i = 3; i <= NF; i++) if ($i == "main") print $1, $2 }'
}

# APT_CONFIG_DIR is for tests.
apt_sources()
{
	local f dir=${APT_CONFIG_DIR:-/etc/apt}

	for f in "$dir"/sources.list "$dir"/sources.list.d/*.list; do
		[[ -r $f ]] && parse_one_line <"$f"
	done
	for f in "$dir"/sources.list.d/*.sources; do
		[[ -r $f ]] && parse_deb822 <"$f"
	done
	return 0
}

mirror()
{
	local rel=$1 uri

	if [[ -n ${DEBIAN_MIRROR:-} ]]; then
		echo "$DEBIAN_MIRROR"
		return
	fi
	uri=$(apt_sources | awk -v rel="$rel" '$2 == rel { print $1; exit }')
	[[ -n $uri ]] || die "apt has no source for $rel main: set DEBIAN_MIRROR to a Debian mirror's URL"
	echo "$uri"
}

# Debian's signing keys.
keyring()
{
	local k

	for k in "${KEYRINGS[@]}"; do
		[[ ! -r $k ]] || { echo "$k"; return; }
	done
	die "Debian's signing keys are missing: install the package debian-archive-keyring"
}

# --- the private apt root ----------------------------------------------------

APT=()
APT_ROOT=
SUITE=

# apt_setup [RELEASE]: of the machine, or another one.
apt_setup()
{
	local rel own uri keyring s

	own=$(release)
	rel=${1:-$own}
	[[ $APT_ROOT != "$CACHE/apt/$rel" ]] || return 0
	uri=$(mirror "$own")
	keyring=$(keyring)
	APT_ROOT=$CACHE/apt/$rel
	mkdir -p "$APT_ROOT"/{lists/partial,cache/archives/partial}
	: >"$APT_ROOT/status"
	for s in $(suites "$rel"); do
		echo "deb [arch=amd64 signed-by=$keyring] $uri $s main"
		echo "deb-src [signed-by=$keyring] $uri $s main"
		SUITE=$s
	done >"$APT_ROOT/sources.list.new"
	SUITE=$(awk 'END { print $(NF - 1) }' "$APT_ROOT/sources.list.new")

	APT=(-o "Dir::Etc::SourceList=$APT_ROOT/sources.list"
	     -o Dir::Etc::SourceParts=/dev/null
	     -o Dir::Etc::Preferences=/dev/null
	     -o Dir::Etc::PreferencesParts=/dev/null
	     -o "Dir::State=$APT_ROOT"
	     -o "Dir::State::Lists=$APT_ROOT/lists"
	     -o "Dir::State::status=$APT_ROOT/status"
	     -o "Dir::Cache=$APT_ROOT/cache"
	     -o "Dir::Cache::Archives=$APT_ROOT/cache/archives"
	     -o APT::Architecture=amd64
	     -o APT::Sandbox::User=root
	     -o APT::Default-Release="$SUITE"
	     -o Acquire::Languages=none
	     -o Acquire::Retries=3)
	apt_update
}

# Of what has come of the lists; one that is as it was does not come again.
lists_size()
{
	megabytes "$(find "$APT_ROOT/lists" -type f -cnewer "$APT_ROOT/began" -printf '%s\n' 2>/dev/null |
		awk '{ sum += $1 } END { printf "%d", sum }')"
}

# The lists are fetched anew when the sources changed, with --update, and when
# they are older than a day: a mirror drops packages it has replaced.
apt_update()
{
	local stamp=$APT_ROOT/updated

	if cmp -s "$APT_ROOT/sources.list.new" "$APT_ROOT/sources.list" &&
	   [[ -z $UPDATE && -e $stamp && -n $(find "$stamp" -mtime -1) ]]; then
		rm -f "$APT_ROOT/sources.list.new"
		return 0
	fi
	mv "$APT_ROOT/sources.list.new" "$APT_ROOT/sources.list"
	: >"$APT_ROOT/began"
	progress "reading the package lists of $SUITE" '' MB lists_size \
		apt_get "$APT_ROOT/update.log" "${APT[@]}" -qq update ||
		die "cannot read the package lists: $(apt_error "$APT_ROOT/update.log")"
	touch "$stamp"
}

# version_of PACKAGE: its candidate, empty when there is none.
version_of()
{
	apt-cache "${APT[@]}" policy "$1" |
		awk '/Candidate:/ && $2 != "(none)" { print $2; exit }'
}

# apt_size COMMAND ARGUMENT...: what apt-get would fetch for that, in MB.
apt_size()
{
	megabytes "$(apt-get "${APT[@]}" -qq --print-uris "$@" 2>/dev/null |
		awk '{ sum += $3 } END { printf "%d", sum }')"
}

# apt_fetch FOLDER COMMAND ARGUMENT...
apt_fetch()
{
	(cd "$1" && apt_get "$APT_ROOT/download.log" "${APT[@]}" -qq "${@:2}")
}

# fetch_into WHAT FOLDER COMMAND ARGUMENT...: what apt-get gets by "download" or "source".
fetch_into()
{
	local what=$1 progress_folder=$2

	shift 2
	mkdir -p "$progress_folder"
	progress "fetching $what" "$(apt_size "$@")" MB folder_size \
		apt_fetch "$progress_folder" "$@" ||
		die "cannot download $what: $(apt_error "$APT_ROOT/download.log")"
}

# download WHAT FOLDER PACKAGE...: *.deb into FOLDER.
download()
{
	fetch_into "$1" "$2" download "${@:3}"
}

# closure PACKAGE: package=version of it and all it needs.
closure()
{
	note "asking apt what $1 needs"
	apt-get "${APT[@]}" -qq -s --no-install-recommends install "$1" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p'
}

# unpack_each FOLDER DEB...
unpack_each()
{
	local deb

	for deb in "${@:2}"; do
		dpkg-deb -x "$deb" "$1"
	done
}

# unpack WHAT FOLDER DEB...: into a new folder
unpack()
{
	local what=$1 progress_folder=$2

	shift
	mkdir -p "$progress_folder"
	progress "unpacking $what" '' MB folder_size unpack_each "$@"
}
