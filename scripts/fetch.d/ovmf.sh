# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/fetch: firmware of a UEFI machine for QEMU, and a boot loader for it.

make_ovmf()
{
	local ver name t=$WORK/ovmf root=$WORK/ovmf-root

	apt_setup "$CLIENT_RELEASE"
	ver=$(version_of ovmf)
	name=ovmf-$(file_name "$ver")
	fresh ovmf "$name" && return
	download "OVMF $ver and GRUB" "$WORK/deb-ovmf" ovmf grub-efi-amd64-unsigned
	unpack "OVMF $ver and GRUB" "$root" "$WORK"/deb-ovmf/*.deb
	mkdir -p "$t"
	cp "$root"/usr/share/OVMF/OVMF_{CODE,VARS}_4M.fd "$t/"
	cp "$root/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi" "$t/"
	publish "$t" "$name" ovmf
}
