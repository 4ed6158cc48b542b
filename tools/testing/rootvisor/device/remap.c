// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt remapping hardware (VT-d): owned by rootvisor, hidden from the root.
 *
 * Model: a device sends the number of an entry; the entry, in a table that the
 * hardware reads, says where the interrupt goes, and which device may send it.
 * An interrupt without an entry is blocked and recorded as a fault; so is an
 * ordinary MSI, because the format that contains its destination is not enabled
 * (but see device/stray.c).  DMA is not remapped.
 *
 * Faults are collected whenever a root VP exits.  The hardware records only a
 * few; if there are more, it sets an overflow flag and the count is too low.
 *
 * Without such hardware, and with hardware that is not supported (AMD's, or several
 * units), this does nothing.  The root does not know of it, see boot/acpi.c.
 */
#include <hyperv/hv_interrupt.h>
#include <rv/acpi.h>
#include <rv/count.h>
#include <rv/cpu.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/root_map.h>
#include <rv/unit.h>
#include <rv/x86.h>
#include "dmar.h"
#include "ivrs.h"
#include "remap.h"

/* Registers. */
#define REGISTERS_SIZE		PAGE_SIZE
#define REG_CAP			0x08
#define REG_ECAP		0x10
#define REG_GCMD		0x18
#define REG_GSTS		0x1c
#define REG_FSTS		0x34
#define REG_IQH			0x80
#define REG_IQT			0x88
#define REG_IQA			0x90
#define REG_IRTA		0xb8

#define CAP_FAULTS_AT(cap)	(((cap) >> 24 & 0x3ff) * 16)
#define CAP_NR_FAULTS(cap)	(((cap) >> 40 & 0xff) + 1)
#define ECAP_QUEUE		BIT(1)
#define ECAP_INTERRUPTS		BIT(3)
#define ECAP_EXTENDED		BIT(4)

/* Commands, and the same bits of the status; other bits are preserved. */
#define CMD_TABLE		BIT(24)
#define CMD_REMAP		BIT(25)
#define CMD_QUEUE		BIT(26)
#define CMD_PERSISTENT		0x96ffffffu

#define IRTA_EXTENDED		BIT(11)

#define FSTS_OVERFLOW		BIT(0)
#define FSTS_PENDING		BIT(1)
#define FAULT_BYTES		16
#define FAULT_SET		BIT(31)	/* in the last dword; write 1 to clear */
#define FAULT_SOURCE(hi)	((u16)(hi))
#define FAULT_REASON(hi)	((u32)((hi) >> 32 & 0xff))
#define FAULT_INDEX(lo)		((u32)((lo) >> 48))

/* The queue: one page of descriptors of 16 bytes. */
#define QUEUE_ENTRIES		256
#define QUEUE_INDEX_SHIFT	4
#define INV_INTERRUPT		0x4ull
#define INV_ONE			BIT_ULL(4)
#define INV_INDEX_SHIFT		32
#define INV_WAIT		0x5ull
#define INV_WRITE		BIT_ULL(5)
#define INV_DATA_SHIFT		32

/* Entries. */
#define IRTE_PRESENT		BIT_ULL(0)
#define IRTE_LEVEL		BIT_ULL(4)
#define IRTE_VECTOR_SHIFT	16
#define IRTE_DEST_SHIFT		32
#define IRTE_DEST_SHORT_SHIFT	40	/* without the extended mode */
#define IRTE_CHECK_SOURCE	BIT_ULL(18)
#define IRTE_CHECK_BUSES	BIT_ULL(19)

#define APIC_ALL		0xff	/* all processors, where there are 8 bits for an id */

#define NR_REGIONS		64
#define NR_ENTRIES		(NR_REGIONS * REMAP_REGION)
#define SIZE_LOG		11	/* of the table: 2^(SIZE_LOG + 1) entries */
#define TABLE_PAGES		(NR_ENTRIES * sizeof(struct irte) / PAGE_SIZE)

#define FAULTS_LOGGED		32
#define PATIENCE		100000000u

struct irte {
	u64 low, high;
};

static_assert(NR_ENTRIES == 1 << (SIZE_LOG + 1), "");

static struct dmar_unit unit;
bool remap_found;
static bool extended;
static struct irte *table;
static struct irte *queue;
static u32 queue_tail;
static volatile u32 wait_done;
static struct {
	u64 device;		/* 0: free */
	u64 used;		/* a bit for each entry */
} regions[NR_REGIONS];
static u64 faults_at;
static u32 nr_fault_records;
static u64 overflows;

static_assert(REMAP_REGION == 64, "one word of bits");

static volatile u32 *reg32(u64 reg)
{
	return pa_ptr(unit.base + reg);
}

static volatile u64 *reg64(u64 reg)
{
	return pa_ptr(unit.base + reg);
}

static void command(u32 bit)
{
	u32 wait;

	*reg32(REG_GCMD) = (*reg32(REG_GSTS) & CMD_PERSISTENT) | bit;
	for (wait = 0; !(*reg32(REG_GSTS) & bit); wait++)
		if (wait == PATIENCE)
			panic("remapping hardware: command 0x%x timed out", bit);
}

static void submit(u64 low, u64 high)
{
	queue[queue_tail] = (struct irte){ low, high };
	queue_tail = (queue_tail + 1) % QUEUE_ENTRIES;
}

/* The hardware may cache entries; this flushes one. */
static void forget(u32 entry)
{
	static u32 number;
	u32 wait;

	submit(INV_INTERRUPT | INV_ONE | (u64)entry << INV_INDEX_SHIFT, 0);
	number++;
	submit(INV_WAIT | INV_WRITE | (u64)number << INV_DATA_SHIFT,
	       ptr_pa((const void *)&wait_done));
	smp_mb();
	*reg64(REG_IQT) = (u64)queue_tail << QUEUE_INDEX_SHIFT;
	for (wait = 0; wait_done != number; wait++)
		if (wait == PATIENCE)
			panic("remapping hardware: flushing entry %u timed out", entry);
}

/* With hardware that is on, and a root that cannot set it up, no device would work. */
static void refuse_enabled(void)
{
	u64 base = dmar_enabled() ?: ivrs_enabled();

	if (base)
		panic("the firmware has enabled remapping hardware (0x%llx): disable its DMA protection",
		      base);
}

static void take_hardware(void)
{
	u64 cap, ecap;

	if (!dmar_find(&unit))
		return;
	cap = *reg64(REG_CAP);
	ecap = *reg64(REG_ECAP);
	if (!(ecap & ECAP_INTERRUPTS) || !(ecap & ECAP_QUEUE))
		return;
	table = reserve_alloc(TABLE_PAGES);
	queue = reserve_alloc(1);
	page_own_device(unit.base, REGISTERS_SIZE);
	if (!table || !queue || !root_map_page(unit.base >> PAGE_SHIFT, false))
		panic("the reserve is exhausted");
	extended = ecap & ECAP_EXTENDED;
	faults_at = CAP_FAULTS_AT(cap);
	nr_fault_records = CAP_NR_FAULTS(cap);

	*reg64(REG_IQT) = 0;
	*reg64(REG_IQA) = ptr_pa(queue);
	command(CMD_QUEUE);
	*reg64(REG_IRTA) = ptr_pa(table) | (extended ? IRTA_EXTENDED : 0) | SIZE_LOG;
	command(CMD_TABLE);
	command(CMD_REMAP);
	cpu_ops->msr_exits(MAP_ROOT, X2APIC_SELF_IPI, false, true);
	remap_found = true;
	log_info("interrupt remapping: registers at 0x%llx, %u entries, %s, %u IO-APICs",
		 unit.base, NR_ENTRIES, extended ? "extended" : "8-bit APIC ids",
		 unit.nr_ioapics);
}

void remap_start(void)
{
	refuse_enabled();
	take_hardware();
	if (acpi.dmar || acpi.ivrs)
		log_info("no DMA protection: table %s is hidden from the root, and its hardware %s",
			 acpi.dmar ? "DMAR" : "IVRS",
			 remap_found ? "remaps only interrupts" : "is not used");
}

bool remap_reaches(u32 apic_id)
{
	return apic_id < APIC_ALL || (remap_found && extended);
}

/* The source check: the second half of an entry. */
static bool source_check(u64 device, u64 *check)
{
	u32 i;

	if (device >> HV_DEVICE_ID_TYPE_SHIFT == HV_DEVICE_TYPE_PCI) {
		*check = IRTE_CHECK_SOURCE | (device & HV_DEVICE_ID_PCI_RID_MASK);
		if (device & HV_DEVICE_ID_PCI_SOURCE_SHADOW)
			*check = IRTE_CHECK_BUSES |
				(device & HV_DEVICE_ID_PCI_SECONDARY_MASK) >>
				HV_DEVICE_ID_PCI_SECONDARY_SHIFT << 8 |
				(device & HV_DEVICE_ID_PCI_SUBORDINATE_MASK) >>
				HV_DEVICE_ID_PCI_SUBORDINATE_SHIFT;
		return unit.segment == (device & HV_DEVICE_ID_PCI_SEGMENT_MASK) >>
				       HV_DEVICE_ID_PCI_SEGMENT_SHIFT;
	}
	for (i = 0; i < unit.nr_ioapics; i++)
		if (unit.ioapic[i].id == (device & HV_DEVICE_ID_IOAPIC_ID_MASK)) {
			*check = IRTE_CHECK_SOURCE | unit.ioapic[i].source;
			return true;
		}
	return false;
}

bool remap_knows(u64 device)
{
	u64 check;

	return source_check(device, &check);
}

int remap_alloc(u64 device)
{
	u32 r, region = NR_REGIONS;

	for (r = 0; r < NR_REGIONS; r++) {
		if (!regions[r].device)
			region = MIN(region, r);
		else if (regions[r].device == device && ~regions[r].used)
			break;
	}
	if (r == NR_REGIONS) {
		if (region == NR_REGIONS)
			return REMAP_NONE;
		r = region;
		regions[r].device = device;
	}
	region = (u32)__builtin_ctzll(~regions[r].used);
	regions[r].used |= BIT_ULL(region);
	book_irtes++;
	return (int)(r * REMAP_REGION + region);
}

void remap_free(int entry)
{
	u32 r = (u32)entry / REMAP_REGION;

	table[entry].low = 0;
	smp_mb();
	forget((u32)entry);
	table[entry].high = 0;
	regions[r].used &= ~BIT_ULL((u32)entry % REMAP_REGION);
	if (!regions[r].used)
		regions[r].device = 0;
	book_irtes--;
}

void remap_set(int entry, u64 device, u8 vector, u32 apic_id, bool level)
{
	u64 check = 0;

	source_check(device, &check);
	/* The source of an entry in use does not change, so one write is enough. */
	WRITE_ONCE(table[entry].high, check);
	smp_mb();
	WRITE_ONCE(table[entry].low, IRTE_PRESENT | (level ? IRTE_LEVEL : 0) |
		   (u64)vector << IRTE_VECTOR_SHIFT |
		   (u64)apic_id << (extended ? IRTE_DEST_SHIFT : IRTE_DEST_SHORT_SHIFT));
	smp_mb();
	forget((u32)entry);
}

static void report_fault(u64 low, u64 high)
{
	u16 source = FAULT_SOURCE(high);

	book_irte_faults++;
	if (book_irte_faults <= FAULTS_LOGGED)
		log_error("interrupt blocked: device %02x:%02x.%u, entry %u, reason 0x%x",
			  source >> 8, source >> 3 & 31, source & 7, FAULT_INDEX(low),
			  FAULT_REASON(high));
}

void remap_collect(void)
{
	u32 status = *reg32(REG_FSTS), i;

	if (!(status & (FSTS_PENDING | FSTS_OVERFLOW)))
		return;
	for (i = 0; i < nr_fault_records; i++) {
		u64 at = faults_at + i * FAULT_BYTES;

		if (!(*reg32(at + 12) & FAULT_SET))
			continue;
		report_fault(*reg64(at), *reg64(at + 8));
		*reg32(at + 12) = FAULT_SET;
	}
	if (status & FSTS_OVERFLOW) {
		overflows++;
		*reg32(REG_FSTS) = FSTS_OVERFLOW;
	}
}

static void books(void)
{
	if (remap_found)
		log_info("interrupt remapping: %llu entries used, %llu interrupts blocked, %llu overflows",
			 book_irtes, book_irte_faults, overflows);
}

BOOKS_UNIT(books);
