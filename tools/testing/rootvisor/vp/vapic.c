// SPDX-License-Identifier: GPL-2.0
/*
 * The local APIC of a child VP: requests, interrupts in service, and the registers by
 * x2APIC numbers.
 *
 * Model: a vector is *requested* (IRR) by vapic_accept(), *taken* (ISR) when vp/event.c
 * puts it into the entry, and removed by the EOI (vp/vapic_eoi.c).  The registers are the
 * same in both modes; the xAPIC page (vp/xapic.c) and the x2APIC MSRs are two ways to
 * access them.
 */
#include <hyperv/hv_status.h>
#include <rv/lp.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "event.h"
#include "vapic.h"
#include "vapic_eoi.h"
#include "vapic_id.h"
#include "vapic_ipi.h"
#include "vapic_timer.h"
#include "vectors.h"

#define APIC_VERSION		0x00050014	/* six LVT entries */
#define SVR_ENABLE		BIT(8)
#define ESR_SEND_ILLEGAL	BIT(5)
#define ESR_RECEIVE_ILLEGAL	BIT(6)
#define FIRST_VECTOR		16

#define REG_ID			0x02
#define REG_VERSION		0x03
#define REG_TPR			0x08
#define REG_PPR			0x0a
#define REG_EOI			0x0b
#define REG_LDR			0x0d
#define REG_DFR			0x0e
#define REG_SVR			0x0f
#define REG_ISR			0x10
#define REG_TMR			0x18
#define REG_IRR			0x20
#define REG_ESR			0x28
#define REG_CMCI		0x2f
#define REG_ICR			0x30
#define REG_ICR_HIGH		0x31
#define REG_LVT			0x32
#define REG_LVT_ERROR		0x37
#define REG_INITIAL		0x38
#define REG_CURRENT		0x39
#define REG_DIVIDE		0x3e
#define REG_SELF_IPI		0x3f

static bool x2apic(struct vp *vp)
{
	return child_of(vp)->apic_base & APIC_BASE_X2APIC;
}

bool vapic_enabled(struct vp *vp)
{
	struct child *child = child_of(vp);

	return (child->apic_base & APIC_BASE_ENABLE) &&
	       (child->vapic.svr & SVR_ENABLE);
}

void vapic_reset(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct vapic *apic = &child->vapic;
	u32 id = apic->id;

	timer_cancel(&apic->timer);
	memset(apic, 0, sizeof(*apic));
	apic->id = id;
	apic->dfr = 0xffffffff;
	apic->svr = 0xff;
	for (u32 i = 0; i < NR_LVTS; i++)
		apic->lvt[i] = APIC_LVT_MASKED;
	if (x2apic(vp))
		apic->ldr = vapic_logical_id(vp);
	vapic_set_tpr(vp, 0);
}

/* Sets bits 11, 10, 8 and the page of APIC_BASE; false for an invalid change. */
bool vapic_set_base(struct vp *vp, u64 base)
{
	struct child *child = child_of(vp);
	u64 old = child->apic_base;
	u64 valid = APIC_BASE_BSP | APIC_BASE_X2APIC | APIC_BASE_ENABLE |
		    0x000ffffffffff000ull;

	if (base & ~valid)
		return false;
	if ((base & APIC_BASE_X2APIC) && !(base & APIC_BASE_ENABLE))
		return false;
	if ((base & APIC_BASE_ENABLE) && !partition_has_apic(vp->partition))
		return false;
	child->apic_base = base;
	vp->apic_base = base;
	if (!(base & APIC_BASE_ENABLE) && (old & APIC_BASE_ENABLE)) {
		vapic_reset(vp);
	} else if ((base & APIC_BASE_X2APIC) && !(old & APIC_BASE_X2APIC)) {
		child->vapic.ldr = vapic_logical_id(vp);
	} else if (!(base & APIC_BASE_X2APIC) && (old & APIC_BASE_X2APIC)) {
		child->vapic.ldr = 0;
		child->vapic.dfr = 0xffffffff;
	}
	return true;
}

static u32 isr_class(struct vapic *apic)
{
	int vector = bit_highest(apic->isr);

	return vector < 0 ? 0 : vector & 0xf0;
}

u32 vapic_ppr(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u32 isr = isr_class(apic);

	return (apic->tpr & 0xf0) >= isr ? apic->tpr : isr;
}

int vapic_highest(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;
	int vector;

	if (!vapic_enabled(vp) || !bit_any(apic->irr))
		return -1;
	vector = bit_highest(apic->irr);
	/* Requests that the ISR blocks become due at an EOI, which exits anyway. */
	if ((u32)(vector & 0xf0) <= isr_class(apic))
		return -1;
	return vector;
}

/* What vapic_highest() will return once @vector, its last result, is in service. */
int vapic_behind(struct vp *vp, int vector)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u32 class = bit_test(apic->auto_eoi, vector) ? isr_class(apic) : vector & 0xf0;
	int next = bit_highest_below(apic->irr, vector);

	return next >= 0 && (u32)(next & 0xf0) > class ? next : -1;
}

static void apic_error(struct vp *vp, u32 bit)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u32 lvt = apic->lvt[LVT_ERROR];

	if (apic->esr_pending & bit)
		return;
	apic->esr_pending |= bit;
	if (!(lvt & APIC_LVT_MASKED) && (u8)lvt >= FIRST_VECTOR)
		vapic_accept(vp, lvt, false);
}

void vapic_accept(struct vp *vp, u8 vector, bool level)
{
	struct vapic *apic = &child_of(vp)->vapic;

	if (!vapic_enabled(vp))
		return;
	if (vector < FIRST_VECTOR) {
		apic_error(vp, ESR_RECEIVE_ILLEGAL);
		return;
	}
	bit_set(apic->irr, vector);
	if (level)
		bit_set(apic->tmr, vector);
	else
		bit_clear(apic->tmr, vector);
	bit_clear(apic->auto_eoi, vector);
	sched_wake(vp);
}

void vapic_accept_auto_eoi(struct vp *vp, u8 vector)
{
	vapic_accept(vp, vector, false);
	bit_set(child_of(vp)->vapic.auto_eoi, vector);
}

void vapic_take(struct vp *vp, u8 vector)
{
	struct vapic *apic = &child_of(vp)->vapic;

	bit_clear(apic->irr, vector);
	if (!bit_test(apic->auto_eoi, vector))
		bit_set(apic->isr, vector);
}

/* An interrupt of a LINT pin or another local source, as its LVT entry says. */
void vapic_lint(struct vp *vp, u32 lvt)
{
	struct child *child = child_of(vp);
	u32 entry = child->vapic.lvt[lvt];

	if (entry & APIC_LVT_MASKED)
		return;
	switch ((entry >> 8) & 7) {
	case APIC_DM_FIXED:
		vapic_accept(vp, entry, false);
		break;
	case APIC_DM_NMI:
		child_nmi(vp);
		break;
	case APIC_DM_EXTINT:
		/* The vector comes with an ExtINT assertion, not from here. */
		break;
	case APIC_DM_INIT:
		child_init(vp);
		break;
	}
}

void vapic_set_tpr(struct vp *vp, u32 tpr)
{
	struct child *child = child_of(vp);

	child->vapic.tpr = tpr & 0xff;
	vp->cr8 = child->vapic.tpr >> 4;
}

bool vapic_read(struct vp *vp, u32 reg, u64 *value)
{
	struct vapic *apic = &child_of(vp)->vapic;
	bool x2 = x2apic(vp);

	switch (reg) {
	case REG_ID:
		*value = vapic_id_register(vp);
		break;
	case REG_VERSION:
		*value = APIC_VERSION;
		break;
	case REG_TPR:
		*value = apic->tpr;
		break;
	case REG_PPR:
		*value = vapic_ppr(vp);
		break;
	case REG_LDR:
		*value = apic->ldr;
		break;
	case REG_DFR:
		*value = apic->dfr;
		return !x2;
	case REG_SVR:
		*value = apic->svr;
		break;
	case REG_ISR ... REG_ISR + 7:
		*value = apic->isr[reg - REG_ISR];
		break;
	case REG_TMR ... REG_TMR + 7:
		*value = apic->tmr[reg - REG_TMR];
		break;
	case REG_IRR ... REG_IRR + 7:
		*value = apic->irr[reg - REG_IRR];
		break;
	case REG_ESR:
		*value = apic->esr;
		break;
	case REG_CMCI:
		*value = apic->lvt[LVT_CMCI];
		break;
	case REG_ICR:
		*value = x2 ? apic->icr : (u32)apic->icr;
		break;
	case REG_ICR_HIGH:
		*value = apic->icr >> 32;
		return !x2;
	case REG_LVT:
		*value = apic->lvt[LVT_TIMER];
		break;
	case REG_LVT + 1 ... REG_LVT_ERROR:
		*value = apic->lvt[LVT_THERMAL + reg - REG_LVT - 1];
		break;
	case REG_INITIAL:
		*value = apic->initial;
		break;
	case REG_CURRENT:
		*value = vapic_current_count(vp);
		break;
	case REG_DIVIDE:
		*value = apic->divide;
		break;
	default:
		return false;
	}
	return true;
}

static void write_svr(struct vp *vp, u32 value)
{
	struct vapic *apic = &child_of(vp)->vapic;

	apic->svr = value & 0x3ff;
	if (apic->svr & SVR_ENABLE)
		return;
	for (u32 i = 0; i < NR_LVTS; i++)
		apic->lvt[i] |= APIC_LVT_MASKED;
}

static void write_lvt(struct vp *vp, u32 index, u32 value)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u32 valid = 0x000187ff;

	/* TSC-deadline mode (bit 18) is not offered; status is read only. */
	if (index == LVT_TIMER)
		valid = 0x000300ff;
	else if (index == LVT_ERROR)
		valid = 0x000100ff;
	else if (index == LVT_LINT0 || index == LVT_LINT1)
		valid = 0x0001a7ff;
	value &= valid;
	if (!(apic->svr & SVR_ENABLE))
		value |= APIC_LVT_MASKED;
	apic->lvt[index] = value;
}

/* Reserved bits are a #GP in x2APIC mode, and ignored in xAPIC mode. */
static bool high_bits_ok(struct vp *vp, u32 reg, u64 value)
{
	if (!x2apic(vp) || reg == REG_ICR)
		return true;
	if (value >> 32)
		return false;
	if (reg == REG_EOI || reg == REG_ESR)
		return value == 0;
	if (reg == REG_TPR || reg == REG_SELF_IPI)
		return value <= 0xff;
	return true;
}

bool vapic_write(struct vp *vp, u32 reg, u64 value)
{
	struct vapic *apic = &child_of(vp)->vapic;
	bool x2 = x2apic(vp);

	if (!high_bits_ok(vp, reg, value))
		return false;
	switch (reg) {
	case REG_ID:
		/* It is for the VMM to change, see vp/vapic_id.c. */
		return !x2 && value >> 24 == vapic_id_register(vp) >> 24;
	case REG_TPR:
		vapic_set_tpr(vp, value);
		break;
	case REG_EOI:
		vapic_eoi(vp);
		break;
	case REG_LDR:
		if (x2)
			return false;
		apic->ldr = value & 0xff000000;
		break;
	case REG_DFR:
		if (x2)
			return false;
		apic->dfr = value | 0x0fffffff;
		break;
	case REG_SVR:
		write_svr(vp, value);
		break;
	case REG_ESR:
		apic->esr = apic->esr_pending;
		apic->esr_pending = 0;
		break;
	case REG_CMCI:
		write_lvt(vp, LVT_CMCI, value);
		break;
	case REG_ICR:
		if (!x2)
			value = (apic->icr & ~0xffffffffull) | (u32)value;
		apic->icr = value & ~BIT_ULL(12);
		if (!vapic_ipi(vp, value))
			apic_error(vp, ESR_SEND_ILLEGAL);
		break;
	case REG_ICR_HIGH:
		if (x2)
			return false;
		apic->icr = (u64)(value & 0xff000000) << 32 | (u32)apic->icr;
		break;
	case REG_LVT:
		write_lvt(vp, LVT_TIMER, value);
		break;
	case REG_LVT + 1 ... REG_LVT_ERROR:
		write_lvt(vp, LVT_THERMAL + reg - REG_LVT - 1, value);
		break;
	case REG_INITIAL:
		vapic_start_timer(vp, value);
		break;
	case REG_DIVIDE:
		value &= 0xb;
		if (apic->divide != value) {
			u32 left = vapic_current_count(vp);

			apic->divide = value;
			if (left)
				vapic_resume_timer(vp, apic->initial, left);
		}
		break;
	case REG_SELF_IPI:
		if (!x2)
			return false;
		child_of(vp)->self_ipis++;
		vapic_accept(vp, value, false);
		break;
	default:
		return false;
	}
	return true;
}

static bool read_x2apic(struct vp *vp, u32 msr, u64 *value)
{
	return x2apic(vp) && vapic_read(vp, msr - MSR_X2APIC, value);
}

static bool write_x2apic(struct vp *vp, u32 msr, u64 value)
{
	return x2apic(vp) && vapic_write(vp, msr - MSR_X2APIC, value);
}

MSR_UNIT(x2apic, .first = MSR_X2APIC, .last = MSR_X2APIC + 0xff,
	 .who = MSR_CHILD, .privilege = -1,
	 .read = read_x2apic, .write = write_x2apic);

static bool read_base(struct vp *vp, u32 msr __unused, u64 *value)
{
	*value = child_of(vp)->apic_base;
	return true;
}

static bool write_base(struct vp *vp, u32 msr __unused, u64 value)
{
	u64 old = child_of(vp)->apic_base;

	/* x2APIC mode can only be disabled, and only be entered from xAPIC mode. */
	if ((old & APIC_BASE_X2APIC) && !(value & APIC_BASE_X2APIC) &&
	    (value & APIC_BASE_ENABLE))
		return false;
	if (!(old & APIC_BASE_ENABLE) && (value & APIC_BASE_X2APIC))
		return false;
	if ((value & ~old & APIC_BASE_X2APIC) && !child_has_x2apic(vp))
		return false;
	return vapic_set_base(vp, (value & ~(u64)APIC_BASE_BSP) |
			      (old & APIC_BASE_BSP));
}

MSR_UNIT(apic_base, .first = MSR_APIC_BASE, .last = MSR_APIC_BASE,
	 .who = MSR_CHILD, .privilege = -1,
	 .read = read_base, .write = write_base);
