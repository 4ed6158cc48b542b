// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a bzImage as root partition, using the 64-bit boot protocol
 * (Documentation/arch/x86/boot.rst in the kernel's tree).
 *
 * The kernel's protected-mode part goes to its preferred address, the initrd
 * stays where the boot loader put it, boot_params and the first page tables are
 * in low RAM that is free until the kernel uses it.
 */
#include <rv/e820.h>
#include <rv/log.h>
#include <rv/vp.h>
#include "layout.h"
#include "multiboot.h"

struct e820_entry e820[E820_MAX];
u32 e820_count;

#define SETUP_HEADER		0x1f1
#define HDR_SETUP_SECTS		0x1f1
#define HDR_BOOT_FLAG		0x1fe

#define HDR_VERSION		0x206
#define HDR_LOADER_TYPE		0x210
#define HDR_LOADFLAGS		0x211
#define HDR_RAMDISK_IMAGE	0x218
#define HDR_RAMDISK_SIZE	0x21c
#define HDR_HEAP_END		0x224
#define HDR_CMDLINE		0x228
#define HDR_KERNEL_ALIGN	0x230
#define HDR_XLOADFLAGS		0x236
#define HDR_CMDLINE_SIZE	0x238
#define HDR_PREF_ADDRESS	0x258
#define HDR_INIT_SIZE		0x260
#define BP_EXT_RAMDISK_IMAGE	0x0c0
#define BP_EXT_RAMDISK_SIZE	0x0c4
#define BP_E820_ENTRIES		0x1e8
#define BP_E820_TABLE		0x2d0
#define BP_E820_MAX		128

#define XLF_KERNEL_64		BIT(0)
#define LOADFLAG_LOADED_HIGH	BIT(0)
#define LOADFLAG_USE_HEAP	BIT(7)
#define ENTRY64_OFFSET		0x200
#define BOOT_VERSION_64		0x020c

static u64 kernel_entry;

static u8 get8(const u8 *b, u32 at)
{
	return b[at];
}

static void put32(u8 *b, u32 at, u32 v)
{
	memcpy(b + at, &v, 4);
}

/* Is [base, base + size) RAM of the root, and free? */
static bool is_free(u64 base, u64 size, const struct boot_module *initrd)
{
	u32 i;

	if (initrd->size && base < initrd->base + initrd->size &&
	    initrd->base < base + size)
		return false;
	for (i = 0; i < e820_count; i++)
		if (e820[i].type == E820_RAM && base >= e820[i].base &&
		    base + size <= e820[i].base + e820[i].size)
			return true;
	return false;
}

void e820_reserve(u64 base, u64 size)
{
	u32 i;

	for (i = 0; i < e820_count; i++) {
		struct e820_entry *e = &e820[i];
		u64 end = e->base + e->size;

		if (e->type != E820_RAM || base >= end || base + size <= e->base)
			continue;
		if (base < e->base || base + size > end || e820_count + 2 > E820_MAX)
			panic("no room in the memory map for 0x%llx", base);
		memmove(&e[3], &e[1], (e820_count - i - 1) * sizeof(*e));
		e[2] = (struct e820_entry){ base + size, end - base - size, E820_RAM };
		e[1] = (struct e820_entry){ base, size, E820_RESERVED };
		e[0].size = base - e->base;
		e820_count += 2;
		return;
	}
	panic("0x%llx is not RAM", base);
}

static void load_setup(u8 *bp, const u8 *image)
{
	u32 header_end = 0x202 + get8(image, 0x201);
	u32 i;

	memset(bp, 0, 4096);
	memcpy(bp + SETUP_HEADER, image + SETUP_HEADER, header_end - SETUP_HEADER);
	bp[HDR_LOADER_TYPE] = 0xff;
	bp[HDR_LOADFLAGS] |= LOADFLAG_LOADED_HIGH | LOADFLAG_USE_HEAP;
	bp[HDR_HEAP_END] = 0;
	bp[HDR_HEAP_END + 1] = 0xfe;

	for (i = 0; i < e820_count && i < BP_E820_MAX; i++)
		memcpy(bp + BP_E820_TABLE + i * sizeof(e820[0]), &e820[i],
		       sizeof(e820[0]));
	bp[BP_E820_ENTRIES] = (u8)i;
}

static void build_tables(void)
{
	u64 *pml4 = pa_ptr(ROOT_PAGE_TABLES);
	u64 *pdpt = pml4 + 512;
	u64 *gdt = pa_ptr(ROOT_GDT);
	u64 *pd = pdpt + 512;
	u32 i;

	memset(pml4, 0, 6 * PAGE_SIZE);
	pml4[0] = ptr_pa(pdpt) | 3;
	for (i = 0; i < 4; i++)
		pdpt[i] = ptr_pa(pd + 512 * i) | 3;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = ((u64)i << 21) | 0x83;
	memset(gdt, 0, PAGE_SIZE);
	gdt[2] = 0x00af9b000000ffff;	/* __BOOT_CS */
	gdt[3] = 0x00cf93000000ffff;	/* __BOOT_DS */
}

void linux_load(const struct boot_module *kernel, const struct boot_module *initrd)
{
	const u8 *image = pa_ptr(kernel->base);
	u8 *bp = pa_ptr(ROOT_BOOT_PARAMS);
	u32 setup_size, max_args, len, init_size;
	u64 address, align;

	if (kernel->size < 4096 || get16(image, HDR_BOOT_FLAG) != 0xaa55 ||
	    memcmp(image + 0x202, "HdrS", 4))
		panic("the kernel is not a bzImage");
	if (get16(image, HDR_VERSION) < BOOT_VERSION_64 ||
	    !(get16(image, HDR_XLOADFLAGS) & XLF_KERNEL_64))
		panic("the kernel has no 64-bit entry point");
	setup_size = ((get8(image, HDR_SETUP_SECTS) ?: 4) + 1) * 512;
	if (setup_size >= kernel->size)
		panic("the kernel image is truncated");

	init_size = get32(image, HDR_INIT_SIZE);
	address = get64(image, HDR_PREF_ADDRESS);
	align = get32(image, HDR_KERNEL_ALIGN) ?: 0x200000;
	while (!is_free(address, init_size, initrd)) {
		address = (address + align) & ~(align - 1);
		if (address >= (4ull << 30))
			panic("too little memory for the kernel (%u MiB)",
			      init_size >> 20);
	}

	load_setup(bp, image);
	len = (u32)strlen(kernel->args);
	max_args = MIN(get32(image, HDR_CMDLINE_SIZE) ?: 255, ROOT_CMDLINE_SIZE - 1u);
	if (len > max_args)
		panic("the root's command line is longer than %u", max_args);
	memcpy(pa_ptr(ROOT_CMDLINE), kernel->args, len + 1);
	put32(bp, HDR_CMDLINE, ROOT_CMDLINE);
	put32(bp, HDR_RAMDISK_IMAGE, (u32)initrd->base);
	put32(bp, HDR_RAMDISK_SIZE, (u32)initrd->size);
	put32(bp, BP_EXT_RAMDISK_IMAGE, (u32)(initrd->base >> 32));
	put32(bp, BP_EXT_RAMDISK_SIZE, (u32)(initrd->size >> 32));

	memcpy(pa_ptr(address), image + setup_size, kernel->size - setup_size);
	build_tables();
	kernel_entry = address + ENTRY64_OFFSET;
	log_info("root kernel at 0x%llx, initrd 0x%llx (%llu KiB)", address,
		 initrd->base, initrd->size >> 10);
}

void linux_enter(struct vp *vp)
{
	struct cpu_state *v = vp_state(vp);
	struct cpu_segment data = { .selector = 0x18, .attrib = 0xc93,
				    .limit = 0xffffffff };

	v->cs = (struct cpu_segment){ .selector = 0x10, .attrib = 0xa9b,
				      .limit = 0xffffffff };
	v->ds = data;
	v->es = data;
	v->ss = data;
	v->fs = data;
	v->gs = data;
	v->gdtr.base = ROOT_GDT;
	v->gdtr.limit = 4 * 8 - 1;
	v->idtr.limit = 0;
	v->cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_NE | CR0_WP;
	v->cr4 = CR4_PAE;
	v->cr3 = ROOT_PAGE_TABLES;
	v->efer = EFER_LME | EFER_LMA;
	v->rflags = RFLAGS_FIXED;
	v->rip = kernel_entry;
	vp->gpr[GPR_RSI] = ROOT_BOOT_PARAMS;
	vp->gpr[GPR_RSP] = ROOT_PAGE_TABLES;
}
