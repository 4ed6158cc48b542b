// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a bzImage as root partition, using the 64-bit boot protocol
 * (Documentation/arch/x86/boot.rst in the kernel's tree).
 *
 * The kernel's protected-mode part goes to its preferred address, or the next one that is
 * free; the initrd stays where the boot loader put it.  boot_params, the first page tables
 * and what else the kernel reads in the beginning is in *blocks*, which are RAM of the
 * root: low ones, because a kernel that chooses an address for itself stays above its
 * preferred one.  In UEFI's memory map they are the loader's data, for the same reason.
 */
#include <rv/e820.h>
#include <rv/log.h>
#include <rv/page.h>
#include <rv/vp.h>
#include "efi.h"
#include "info.h"
#include "linux.h"
#include "place.h"

#define SETUP_HEADER		0x1f1
#define HDR_SETUP_SECTS		0x1f1
#define HDR_BOOT_FLAG		0x1fe
#define HDR_VERSION		0x206
#define HDR_KERNEL_ALIGN	0x230
#define HDR_RELOCATABLE		0x234
#define HDR_XLOADFLAGS		0x236
#define HDR_CMDLINE_SIZE	0x238
#define HDR_PREF_ADDRESS	0x258
#define HDR_INIT_SIZE		0x260

#define XLF_KERNEL_64		BIT(0)
#define ENTRY64_OFFSET		0x200
#define BOOT_VERSION_64		0x020c
#define PARAMS_SIZE		4096

/* The first block, in pages. */
#define BLOCK_TABLES		1		/* six: 4 GiB in 2 MiB pages */
#define BLOCK_GDT		7
#define BLOCK_CMDLINE		8
#define BLOCK_PAGES		9
#define USUAL_BLOCK		0x90000

#define LOW_END			0xa0000
#define KERNELS_BEGIN		0x1000000
#define END_32			(4ull << 30)

static u64 kernel_entry, block;

static u64 block_page(u32 n)
{
	return block + n * PAGE_SIZE;
}

/* In the first of several ranges that has room. */
static u64 block_get(u64 size, const u64 (*ranges)[2], u32 n)
{
	struct place p = { .size = (size + PAGE_SIZE - 1) & PAGE_MASK, .align = PAGE_SIZE };
	u64 at = 0;
	u32 i;

	for (i = 0; i < n && !at; i++) {
		p.from = ranges[i][0];
		p.to = ranges[i][1];
		at = place_get(p);
	}
	if (!at)
		panic("no room for what the root's kernel is told");
	if (!efi_set_type(at, p.size, EFI_LOADER_DATA))
		panic("no room in UEFI's memory map");
	return at;
}

/* It is little, and leaves what is between 1 MiB and the kernel in one piece. */
static u64 low_block(void)
{
	static const u64 ranges[][2] = {
		{ USUAL_BLOCK, LOW_END }, { PAGE_SIZE, LOW_END },
		{ LOW_END, KERNELS_BEGIN }, { KERNELS_BEGIN, END_32 },
	};

	return block_get(BLOCK_PAGES * PAGE_SIZE, ranges, ARRAY_SIZE(ranges));
}

/* It is long, and what is below 1 MiB is scarce. */
static u64 big_block(u64 size)
{
	static const u64 ranges[][2] = {
		{ LOW_END, KERNELS_BEGIN }, { PAGE_SIZE, LOW_END }, { KERNELS_BEGIN, END_32 },
	};

	return size ? block_get(size, ranges, ARRAY_SIZE(ranges)) : 0;
}

static void build_tables(void)
{
	u64 *pml4 = pa_ptr(block_page(BLOCK_TABLES));
	u64 *pdpt = pml4 + 512;
	u64 *gdt = pa_ptr(block_page(BLOCK_GDT));
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

static void check_image(const u8 *image, u64 size)
{
	if (size < PARAMS_SIZE || get16(image, HDR_BOOT_FLAG) != 0xaa55 ||
	    memcmp(image + 0x202, "HdrS", 4))
		panic("the kernel is not a bzImage");
	if (get16(image, HDR_VERSION) < BOOT_VERSION_64 ||
	    !(get16(image, HDR_XLOADFLAGS) & XLF_KERNEL_64))
		panic("the kernel has no 64-bit entry point");
}

static void load_image(const u8 *image, u64 size)
{
	u32 setup_size = ((image[HDR_SETUP_SECTS] ?: 4) + 1u) * 512;
	struct place p = {
		.size = get32(image, HDR_INIT_SIZE),
		.align = get32(image, HDR_KERNEL_ALIGN) ?: 0x200000,
		.from = get64(image, HDR_PREF_ADDRESS),
		.to = END_32,
	};
	u64 address;

	if (setup_size >= size)
		panic("the kernel image is truncated");
	address = place_get(p);
	if (!address)
		panic("too little memory for the kernel (%llu MiB)", p.size >> 20);
	if (address != p.from && !image[HDR_RELOCATABLE])
		panic("the kernel is not relocatable, and 0x%llx is not free", p.from);
	memcpy(pa_ptr(address), image + setup_size, size - setup_size);
	kernel_entry = address + ENTRY64_OFFSET;
	log_info("root kernel at 0x%llx, initrd 0x%llx (%llu KiB)", address,
		 boot_info.initrd.base, boot_info.initrd.size >> 10);
}

static void copy_args(const u8 *image)
{
	u32 len = (u32)strlen(boot_info.root_args);
	u32 most = MIN(get32(image, HDR_CMDLINE_SIZE) ?: 255, (u32)PAGE_SIZE - 1);

	if (len > most)
		panic("the root's command line is longer than %u", most);
	memcpy(pa_ptr(block_page(BLOCK_CMDLINE)), boot_info.root_args, len + 1);
}

/* In a page that stays as it is, because kernels use it late. */
static u64 rsdp_copy(void)
{
	void *page;

	if (!boot_info.rsdp[0])
		return 0;
	page = window_alloc();
	memcpy(page, boot_info.rsdp, sizeof(boot_info.rsdp));
	return ptr_pa(page);
}

/* After the last change of the map, which is for its own block. */
static u64 efi_map_copy(void)
{
	u64 at = 0;

	if (efi_for_root()) {
		at = big_block(boot_info.efi_map_size + 2 * boot_info.efi_desc_size);
		memcpy(pa_ptr(at), boot_info.efi_map, boot_info.efi_map_size);
		log_info("the root gets UEFI's runtime services");
	} else if (boot_info.efi_table || boot_info.efi_old) {
		log_info("no UEFI runtime services for the root: %s",
			 boot_info.efi_old ? "they are 32-bit code" : "no memory map");
	}
	return at;
}

void linux_load(void)
{
	const u8 *image = pa_ptr(boot_info.kernel.base);
	struct root_params params = {
		.initrd = boot_info.initrd.base,
		.initrd_size = boot_info.initrd.size,
	};
	u8 *bp;

	check_image(image, boot_info.kernel.size);
	block = low_block();
	bp = pa_ptr(block);
	memset(bp, 0, PARAMS_SIZE);
	/* The second byte is a jump over the header. */
	memcpy(bp + SETUP_HEADER, image + SETUP_HEADER, 0x202 + image[0x201] - SETUP_HEADER);
	copy_args(image);
	build_tables();
	params.cmdline = block_page(BLOCK_CMDLINE);
	params.rsdp = rsdp_copy();
	params.more_memory = big_block(e820_more_size());
	params.efi_map = efi_map_copy();
	params_fill(bp, &params);
	load_image(image, boot_info.kernel.size);
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
	v->gdtr.base = block_page(BLOCK_GDT);
	v->gdtr.limit = 4 * 8 - 1;
	v->idtr.limit = 0;
	v->cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_NE | CR0_WP;
	v->cr4 = CR4_PAE;
	v->cr3 = block_page(BLOCK_TABLES);
	v->efer = EFER_LME | EFER_LMA;
	v->rflags = RFLAGS_FIXED;
	v->rip = kernel_entry;
	vp->gpr[GPR_RSI] = block;
	vp->gpr[GPR_RSP] = block_page(BLOCK_TABLES);
}
