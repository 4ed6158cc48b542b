// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a crashed root partition, without what the hypervisor owns of it.
 *
 * Model: the crash kernel must not touch pages that the hypervisor still owns: the
 * access is a general protection fault.  Such pages are not in the direct map of
 * the crashed kernel (cover_direct.c), and its page tables still exist.  So a page
 * is read only if that kernel could read it, and is zeros otherwise.
 *
 * Each kernel has the address of its tables in its vmcoreinfo.  The next one finds
 * vmcoreinfo among the notes of the dump, before it creates /proc/vmcore.
 *
 * Lock order: walk_lock is a leaf; mapping a table sleeps under it.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/crash_dump.h>
#include <linux/elf.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>
#include <asm/hv_root.h>
#include <asm/pgtable.h>

#include "root.h"

/* A line of vmcoreinfo: address and level of the top table, start of the direct map. */
#define DIRECT_MAP_KEY	"HV_ROOT_DIRECT_MAP="

static int __init root_vmcore_export_direct_map(void)
{
	if (hv_root_type == HV_ROOT_ROOT && vmcoreinfo_data)
		vmcoreinfo_append_str(DIRECT_MAP_KEY "%llx,%u,%lx\n",
				      (u64)__pa_symbol(init_top_pgt),
				      pgtable_l5_enabled() ? 5U : 4U, PAGE_OFFSET);
	return 0;
}
late_initcall(root_vmcore_export_direct_map);

#ifdef CONFIG_PROC_VMCORE
#define LEVELS_MAX	5
#define INDEX_BITS	9
#define INDEX_MASK	(BIT(INDEX_BITS) - 1)
/* Longer notes are not ours. */
#define NOTES_MAX	SZ_64K

/**
 * struct old_table - a page table of the crashed kernel
 * @address: where it is
 * @entries: mapped here, or NULL
 */
struct old_table {
	u64 address;
	u64 *entries;
};

static DEFINE_MUTEX(walk_lock);
/* By level, those used last: pages are read in order. */
static struct old_table tables[LEVELS_MAX];

static u64 top_table;
static unsigned int top_level;
static unsigned long direct_map;

static const u64 *root_vmcore_map_table(unsigned int level, u64 address)
{
	struct old_table *table = &tables[level - 1];

	if (table->entries && table->address == address)
		return table->entries;
	if (table->entries)
		memunmap(table->entries);
	table->address = address;
	table->entries = memremap(address, PAGE_SIZE, MEMREMAP_WB);
	return table->entries;
}

/* Could the crashed kernel read this page? */
static bool root_vmcore_was_mapped(unsigned long pfn)
{
	unsigned long page = (direct_map >> PAGE_SHIFT) + pfn;
	u64 address = top_table, entry;
	unsigned int level;
	const u64 *entries;

	for (level = top_level; level; level--) {
		entries = root_vmcore_map_table(level, address);
		if (!entries)
			return false;
		entry = entries[page >> (level - 1) * INDEX_BITS & INDEX_MASK];
		if (!(entry & _PAGE_PRESENT))
			return false;
		if (entry & _PAGE_PSE && level > 1)
			return true;
		address = entry & PTE_PFN_MASK;
	}
	return true;
}

static bool root_vmcore_pfn_is_ram(struct vmcore_cb *cb, unsigned long pfn)
{
	bool is;

	mutex_lock(&walk_lock);
	is = root_vmcore_was_mapped(pfn);
	mutex_unlock(&walk_lock);
	return is;
}

static struct vmcore_cb root_vmcore_cb = {
	.pfn_is_ram = root_vmcore_pfn_is_ram,
};

static bool __init root_vmcore_read_header(void *to, size_t size, u64 at)
{
	return elfcorehdr_read(to, size, &at) == size;
}

/* The line, if the first of these notes is vmcoreinfo, which has notes of its own. */
static bool __init root_vmcore_read_line(const char *notes, size_t size)
{
	const struct elf64_note *note = (const void *)notes;
	const char *name = notes + sizeof(*note), *text;

	if (size < sizeof(*note) + VMCOREINFO_NOTE_NAME_BYTES ||
	    note->n_namesz != sizeof(VMCOREINFO_NOTE_NAME) ||
	    memcmp(name, VMCOREINFO_NOTE_NAME, sizeof(VMCOREINFO_NOTE_NAME)))
		return false;
	text = name + VMCOREINFO_NOTE_NAME_BYTES;
	text = strnstr(text, DIRECT_MAP_KEY, size - (text - notes));
	return text && sscanf(text, DIRECT_MAP_KEY "%llx,%u,%lx", &top_table,
			      &top_level, &direct_map) == 3 &&
	       top_level >= 4 && top_level <= LEVELS_MAX;
}

static bool __init root_vmcore_read_notes(const struct elf64_phdr *part)
{
	u64 at = part->p_offset;
	bool found = false;
	char *notes;

	if (part->p_type != PT_NOTE || part->p_memsz > NOTES_MAX)
		return false;
	/* One more byte, to terminate the text. */
	notes = kzalloc(part->p_memsz + 1, GFP_KERNEL);
	if (notes && elfcorehdr_read_notes(notes, part->p_memsz, &at) == part->p_memsz)
		found = root_vmcore_read_line(notes, part->p_memsz);
	kfree(notes);
	return found;
}

static bool __init root_vmcore_find_direct_map(void)
{
	struct elf64_hdr head;
	struct elf64_phdr part;
	unsigned int i;

	if (!root_vmcore_read_header(&head, sizeof(head), elfcorehdr_addr))
		return false;
	for (i = 0; i < head.e_phnum; i++) {
		if (!root_vmcore_read_header(&part, sizeof(part), elfcorehdr_addr + head.e_phoff +
					     i * sizeof(part)))
			return false;
		if (root_vmcore_read_notes(&part))
			return true;
	}
	return false;
}

/* Before /proc/vmcore is created, which forgets where the headers are. */
static int __init root_vmcore_init(void)
{
	if (hv_root_type != HV_ROOT_ROOT || !is_vmcore_usable())
		return 0;
	if (root_vmcore_find_direct_map())
		register_vmcore_cb(&root_vmcore_cb);
	else
		pr_warn("the vmcoreinfo does not describe the direct map: reading a page that the hypervisor owns will fault\n");
	return 0;
}
subsys_initcall(root_vmcore_init);
#endif
