// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt remapping hardware (VT-d): owned by rootvisor, hidden from the root.
 *
 * Model: a device sends the number of an entry; the entry, in a table that the
 * hardware reads, says where the interrupt goes, and which device may send it.
 * An interrupt without an entry is blocked and recorded as a fault, see vtd_fault.c; so
 * is an ordinary MSI, because the format that contains its destination is not enabled
 * (but see device/stray.c).
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
#include "dma.h"
#include "ivrs.h"
#include "remap.h"
#include "vtd.h"

#define IRTA_EXTENDED		BIT(11)

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

struct irte {
	u64 low, high;
};

static_assert(NR_ENTRIES == 1 << (SIZE_LOG + 1), "");

bool remap_found;
static bool extended;
static struct irte *table;
static struct {
	u64 device;		/* 0: free */
	u64 used;		/* a bit for each entry */
} regions[NR_REGIONS];

static_assert(REMAP_REGION == 64, "one word of bits");

/* The hardware may cache entries; this flushes one. */
static void forget(u32 entry)
{
	vtd_write_back(&table[entry], sizeof(table[entry]));
	vtd_submit(VTD_INV_INTERRUPT | VTD_INV_ONE | (u64)entry << VTD_INV_INDEX_SHIFT, 0);
	vtd_wait();
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
	if (!vtd_start())
		return;
	table = reserve_alloc(TABLE_PAGES);
	if (!table)
		panic("the reserve is exhausted");
	extended = vtd.ecap & VTD_ECAP_EXTENDED;
	vtd_fault_start();
	vtd_write_back(table, NR_ENTRIES * sizeof(*table));
	*vtd_reg64(VTD_IRTA) = ptr_pa(table) | (extended ? IRTA_EXTENDED : 0) | SIZE_LOG;
	vtd_command(VTD_INTERRUPT_TABLE);
	vtd_command(VTD_REMAP_INTERRUPTS);
	cpu_ops->msr_exits(MAP_ROOT, X2APIC_SELF_IPI, false, true);
	remap_found = true;
	log_info("interrupt remapping: registers at 0x%llx, %u entries, %s, %u IO-APICs",
		 vtd.unit.base, NR_ENTRIES, extended ? "extended" : "8-bit APIC ids",
		 vtd.unit.nr_ioapics);
}

void remap_start(void)
{
	refuse_enabled();
	take_hardware();
	if (remap_found)
		vtd_dma_start();
	if ((acpi.dmar || acpi.ivrs) && !dma_hw)
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
		return vtd.unit.segment == (device & HV_DEVICE_ID_PCI_SEGMENT_MASK) >>
				       HV_DEVICE_ID_PCI_SEGMENT_SHIFT;
	}
	for (i = 0; i < vtd.unit.nr_ioapics; i++)
		if (vtd.unit.ioapic[i].id == (device & HV_DEVICE_ID_IOAPIC_ID_MASK)) {
			*check = IRTE_CHECK_SOURCE | vtd.unit.ioapic[i].source;
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

static void books(void)
{
	if (remap_found)
		log_info("interrupt remapping: %llu entries used, %llu interrupts blocked, %llu overflows",
			 book_irtes, book_irte_faults, vtd_fault_overflows);
}

BOOKS_UNIT(books);
