/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The platform layer of a root partition, as the rest of the kernel sees it.
 *
 * Nothing of the hypervisor's interface crosses this border: files on this layer's
 * side see <hyperv/...>, those on the other side <asm/hyperv-tlfs.h>, and no file can
 * see both.
 */
#ifndef _ASM_X86_HV_ROOT_H
#define _ASM_X86_HV_ROOT_H

#include <linux/init.h>
#include <linux/types.h>

struct irq_domain;

void __init hv_root_detect(void);
int __init hv_root_init(void);
void __init hv_root_start_processors(void);
struct irq_domain *__init hv_root_ir_domain(void);
struct irq_domain *__init hv_root_create_pci_msi_domain(void);
void hv_root_crash(void);
bool hv_root_remaps_dma(void);

#endif
