# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: the QEMU that runs rootvisor, and the one that is a
# client of /dev/mshv.

qemu_major()
{
	"$1" --version 2>/dev/null | sed -n '1s/.*version \([0-9]*\)\..*/\1/p'
}

make_system_qemu()
{
	local t=$WORK/qemu

	mkdir -p "$t"
	cat >"$t/run-qemu" <<-EOF
	#!/bin/sh
	exec $1 "\$@"
	EOF
	chmod +x "$t/run-qemu"
	publish "$t" "qemu-system" qemu
}

make_qemu()
{
	local ver name t=$WORK/qemu sys
	local -a pkgs

	sys=$(command -v qemu-system-x86_64 || true)
	if [[ -n $sys && $(qemu_major "$sys") -ge 10 ]]; then
		make_system_qemu "$sys"
		return
	fi
	apt_setup
	ver=$(version_of qemu-system-x86)
	name=qemu-$(file_name "$ver")
	fresh qemu "$name" && return
	mapfile -t pkgs < <(closure qemu-system-x86 |
		grep -Ev '^(adduser|passwd|debconf|libc6|gcc-[0-9]+-base|libpam-.*)=')
	[[ ${#pkgs[@]} -gt 3 ]] || die "apt cannot resolve qemu-system-x86"
	download "QEMU $ver" "$WORK/deb" "${pkgs[@]}"
	unpack "QEMU $ver" "$t/root" "$WORK"/deb/*.deb
	find "$t/root/usr/bin" -type f ! -name 'qemu-system-x86_64' -delete
	rm -rf "$t/root"/{etc,var,sbin,usr/sbin,usr/share/{doc,man,locale,bash-completion,lintian}}
	drop_libc "$t/root"
	cat >"$t/run-qemu" <<-'EOF'
	#!/bin/sh
	# Starts the QEMU beside this file, with its own libraries and firmware.
	here=$(dirname "$(readlink -f "$0")")/root
	lib=$here/usr/lib/x86_64-linux-gnu
	LD_LIBRARY_PATH=$lib:$lib/nss:$here/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	QEMU_MODULE_DIR=$lib/qemu
	export LD_LIBRARY_PATH QEMU_MODULE_DIR
	exec "$here/usr/bin/qemu-system-x86_64" -L "$here/usr/share/qemu" \
		-L "$here/usr/share/seabios" -L "$here/usr/lib/ipxe/qemu" "$@"
	EOF
	chmod +x "$t/run-qemu"
	[[ $(qemu_major "$t/run-qemu") -ge 10 ]] ||
		die "QEMU $ver does not start here: $("$t/run-qemu" --version 2>&1 | head -n 1)"
	publish "$t" "$name" qemu
}

# A QEMU for the root partition: one binary, exactly the libraries it names, C
# library included, and the firmware of a PC.  It is started through its own
# dynamic linker, so that neither the root's initramfs nor this machine needs to
# have anything of the release it comes from.
make_client_qemu()
{
	local ver name t=$WORK/qemu-mshv root=$WORK/client-root lib f
	local -a pkgs

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of qemu-system-x86)
	name=qemu-mshv-$(file_name "$ver")
	fresh qemu-mshv "$name" && return
	mapfile -t pkgs < <(closure qemu-system-x86 |
		grep -E '^(lib|zlib|qemu|seabios|ipxe-qemu)' |
		grep -Ev '^(libpam|libaudit|libsemanage|libdebconf|libdb5)')
	[[ ${#pkgs[@]} -gt 3 ]] || die "apt cannot resolve qemu-system-x86 of $CLIENT_RELEASE"
	download "QEMU $ver for the root partition" "$WORK/deb-client" "${pkgs[@]}"
	unpack "QEMU $ver" "$root" "$WORK"/deb-client/*.deb
	lib=$root/usr/lib/x86_64-linux-gnu
	mkdir -p "$t/qemu/lib" "$t/qemu/share"
	cp "$root/usr/bin/qemu-system-x86_64" "$t/qemu/"
	while read -r f; do
		cp -L "$f" "$t/qemu/lib/"
	done < <("$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/nss" \
		--list "$t/qemu/qemu-system-x86_64" |
		sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p')
	for f in ld-linux-x86-64.so.2 libnss_files.so.2 libnss_dns.so.2; do
		cp -L "$lib/$f" "$t/qemu/lib/" 2>/dev/null || true
	done
	for f in bios-256k.bin bios.bin bios-microvm.bin kvmvapic.bin linuxboot_dma.bin \
		 multiboot_dma.bin pvh.bin qboot.rom vgabios-stdvga.bin efi-virtio.rom \
		 efi-e1000.rom; do
		find "$root/usr" -name "$f" -exec cp -L {} "$t/qemu/share/" \; -quit
	done
	cat >"$t/qemu/run-qemu" <<-'EOF'
	#!/bin/sh
	# Starts the QEMU beside this file, with its own libraries and firmware.
	here=$(dirname "$(readlink -f "$0")")
	exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" \
		"$here/qemu-system-x86_64" -L "$here/share" "$@"
	EOF
	chmod +x "$t/qemu/run-qemu"
	"$t/qemu/run-qemu" -accel help 2>&1 | grep -x mshv >/dev/null ||
		die "QEMU $ver has no mshv accelerator: $("$t/qemu/run-qemu" --version 2>&1 | head -n 1)"
	publish "$t" "$name" qemu-mshv
}
