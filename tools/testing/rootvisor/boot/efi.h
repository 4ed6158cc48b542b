/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UEFI's memory map: what the root gets of it.
 *
 * Model: boot_info.efi_map is the loader's last map.  The root gets it with what rootvisor
 * has taken changed in it, or it would free that memory together with the boot services'
 * and put its kernel anywhere in what the map calls free.
 */
#ifndef _RV_BOOT_EFI_H
#define _RV_BOOT_EFI_H

#include <rv/base.h>

#define EFI_RESERVED		0
#define EFI_LOADER_DATA		2

/* Does the root get UEFI's runtime services? */
bool efi_for_root(void);

/*
 * Free memory in [base, base + size) becomes @type; other memory stays what it is.  False
 * if there is no room for more entries.
 */
bool efi_set_type(u64 base, u64 size, u32 type);

#endif
