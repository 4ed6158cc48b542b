// SPDX-License-Identifier: GPL-2.0
/*
 * Return from a task that has handled an NMI.
 *
 * Model: task switches are executed by the processor, except for one.  IRET unblocks
 * NMIs, and a pending one comes before the next instruction.  A step cannot stop there if
 * the IRET switches tasks: EFLAGS are loaded from the other task, without the step's TF,
 * which is saved in the old task's segment.  So the IRET is executed here, if it raises
 * no exception.  Otherwise it is left to the processor, and the NMI is delivered at the
 * VP's next exit.
 *
 * The VP does not change before everything has been read and checked.  What has been
 * written to memory by then the processor would write as well.
 */
#include <rv/vp.h>
#include "gva.h"
#include "task.h"

#define INSN_IRET	0xcf
#define TSS_LIMIT	0x67
#define TSS_BUSY	0xb		/* type of a 32-bit task's busy segment */
#define TSS_ANY		0xd		/* no busy bit, which QEMU does not keep in TR */
#define LDT		0x2
#define TABLE_LDT	4		/* in a selector */
#define RPL		3

/* In a descriptor's upper half, and in struct cpu_segment's attributes. */
#define TYPE(d)		((u32)((d) >> 40) & 0xf)
#define TYPE_CODE	0x8
#define TYPE_CONFORMING	0x4		/* for code */
#define TYPE_ACCESS	0x2		/* readable code, writable data */
#define TYPE_ACCESSED	0x1
#define DPL(d)		((u32)((d) >> 45) & 3)
#define DESC_BUSY	BIT_ULL(41)
#define DESC_ACCESSED	BIT_ULL(40)
#define DESC_NORMAL	BIT_ULL(44)
#define DESC_PRESENT	BIT_ULL(47)
#define DESC_GRANULAR	BIT_ULL(55)

#define DR7_LOCAL	0x155ull

enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, NR_SEGS };

struct tss {
	u32 link, stacks[6], cr3, eip, eflags;
	u32 gpr[8];		/* from GPR_RAX on */
	u32 segment[NR_SEGS];
	u32 ldt;
	u16 trap, io_map;
} __packed;

static_assert(sizeof(struct tss) == TSS_LIMIT + 1, "");

/**
 * struct task - the task that is switched to
 * @tss: its registers
 * @selector: selector of its TSS
 * @cpl: its CPL
 * @tr: TR in the VP's state after the switch
 * @ldtr: likewise
 * @seg: likewise
 */
struct task {
	struct tss tss;
	u32 selector, cpl;
	struct cpu_segment tr, ldtr, seg[NR_SEGS];
};

/* ---- memory, by linear address and with supervisor rights -------------------------- */

static bool read(struct vp *vp, u64 at, void *to, u32 len)
{
	return gva_read(vp, (u32)at, to, len, GVA_READ) == len;
}

static bool write(struct vp *vp, u64 at, const void *from, u32 len)
{
	u32 done = 0;

	while (done < len) {
		u64 gva = (u32)(at + done), gpa;
		u32 part = MIN((u64)(len - done), PAGE_SIZE - (gva & ~PAGE_MASK));

		if (!gva_to_gpa(vp, gva, GVA_WRITE | GVA_MARK, &gpa) ||
		    !gpa_write(vp->partition, gpa, (const u8 *)from + done, part))
			return false;
		done += part;
	}
	return true;
}

/* ---- descriptors ---------------------------------------------------------------------- */

static const struct cpu_segment *table_of(struct vp *vp, const struct task *task, u32 selector)
{
	if (!(selector & TABLE_LDT))
		return &vp->cpu->gdtr;
	return task->ldtr.attrib ? &task->ldtr : NULL;
}

static bool descriptor(struct vp *vp, const struct cpu_segment *table, u32 selector, u64 *d)
{
	u32 at = selector & ~(u32)(TABLE_LDT | RPL);

	return table && at + sizeof(*d) - 1 <= table->limit &&
	       read(vp, table->base + at, d, sizeof(*d)) && (*d & DESC_PRESENT);
}

static void unpack(struct cpu_segment *seg, u32 selector, u64 d)
{
	seg->selector = selector;
	seg->attrib = (d >> 40 & 0xff) | (d >> 52 & 0xf) << 8;
	seg->limit = (d & 0xffff) | (d >> 32 & 0xf0000);
	if (d & DESC_GRANULAR)
		seg->limit = seg->limit << 12 | 0xfff;
	seg->base = (d >> 16 & 0xffffff) | (d >> 32 & 0xff000000);
}

/* Loads a system segment, which must be in the GDT. */
static bool load_system(struct vp *vp, struct cpu_segment *seg, u32 selector, u32 type)
{
	u64 d;

	if (!(selector & ~RPL) || (selector & TABLE_LDT) ||
	    !descriptor(vp, &vp->cpu->gdtr, selector, &d) || (d & DESC_NORMAL) ||
	    TYPE(d) != type)
		return false;
	unpack(seg, selector, d);
	return true;
}

static bool allowed(const struct task *task, u32 which, u32 selector, u64 d)
{
	u32 type = TYPE(d), dpl = DPL(d), rpl = selector & RPL;
	bool code = type & TYPE_CODE, conforming = code && (type & TYPE_CONFORMING);

	switch (which) {
	case SEG_CS:
		return code && (conforming ? dpl <= rpl : dpl == rpl);
	case SEG_SS:
		return !code && (type & TYPE_ACCESS) && dpl == task->cpl && rpl == task->cpl;
	}
	if (code && !(type & TYPE_ACCESS))
		return false;
	return conforming || dpl >= MAX(rpl, task->cpl);
}

static bool load_segment(struct vp *vp, struct task *task, u32 which)
{
	u32 selector = task->tss.segment[which] & 0xffff;
	const struct cpu_segment *table = table_of(vp, task, selector);
	struct cpu_segment *seg = &task->seg[which];
	u64 d;
	u8 byte;

	if (!(selector & ~RPL)) {
		seg->selector = selector;
		return which != SEG_CS && which != SEG_SS;
	}
	if (!descriptor(vp, table, selector, &d) || !(d & DESC_NORMAL) ||
	    !allowed(task, which, selector, d))
		return false;
	if (!(d & DESC_ACCESSED)) {
		d |= DESC_ACCESSED;
		byte = d >> 40;
		if (!write(vp, table->base + (selector & ~(u32)(TABLE_LDT | RPL)) + 5, &byte, 1))
			return false;
	}
	unpack(seg, selector, d);
	return true;
}

/* ---- the switch ------------------------------------------------------------------------ */

static bool load(struct vp *vp, struct task *task)
{
	u32 ldt;

	if (!load_system(vp, &task->tr, task->selector, TSS_BUSY) ||
	    task->tr.limit < TSS_LIMIT ||
	    !read(vp, task->tr.base, &task->tss, sizeof(task->tss)))
		return false;
	/* A debug trap, or virtual 8086 mode: left to the processor. */
	if ((task->tss.trap & 1) || (task->tss.eflags & RFLAGS_VM))
		return false;
	ldt = task->tss.ldt & 0xffff;
	task->ldtr.selector = ldt;
	if ((ldt & ~RPL) && !load_system(vp, &task->ldtr, ldt, LDT))
		return false;
	task->cpl = task->tss.segment[SEG_CS] & RPL;
	for (u32 i = 0; i < NR_SEGS; i++)
		if (!load_segment(vp, task, i))
			return false;
	return task->tss.eip <= task->seg[SEG_CS].limit;
}

/* Saves the old task's registers, and clears its busy bit. */
static bool save(struct vp *vp, u32 next)
{
	struct cpu_state *v = vp->cpu;
	const struct cpu_segment *seg[] = { &v->es, &v->cs, &v->ss, &v->ds, &v->fs, &v->gs };
	struct tss tss;
	u64 d;

	if (!read(vp, v->tr.base, &tss, sizeof(tss)))
		return false;
	tss.eip = next;
	tss.eflags = (u32)v->rflags & ~(u32)RFLAGS_NT;
	for (u32 i = 0; i < ARRAY_SIZE(tss.gpr); i++)
		tss.gpr[i] = vp->gpr[i];
	for (u32 i = 0; i < NR_SEGS; i++)
		tss.segment[i] = seg[i]->selector;
	if (!descriptor(vp, &v->gdtr, v->tr.selector, &d))
		return false;
	d &= ~DESC_BUSY;
	return write(vp, v->tr.base + offsetof(struct tss, eip), &tss.eip,
		     offsetof(struct tss, ldt) - offsetof(struct tss, eip)) &&
	       write(vp, v->gdtr.base + (v->tr.selector & ~(u32)(TABLE_LDT | RPL)), &d, sizeof(d));
}

static void enter(struct vp *vp, const struct task *task)
{
	struct cpu_state *v = vp->cpu;

	v->tr = task->tr;
	v->ldtr = task->ldtr;
	v->es = task->seg[SEG_ES];
	v->cs = task->seg[SEG_CS];
	v->ss = task->seg[SEG_SS];
	v->ds = task->seg[SEG_DS];
	v->fs = task->seg[SEG_FS];
	v->gs = task->seg[SEG_GS];
	for (u32 i = 0; i < ARRAY_SIZE(task->tss.gpr); i++)
		vp->gpr[i] = task->tss.gpr[i];
	v->rip = task->tss.eip;
	v->rflags = (task->tss.eflags & RFLAGS_LEGACY) | RFLAGS_FIXED;
	v->cpl = task->cpl;
	v->cr0 |= CR0_TS;
	v->dr7 &= ~DR7_LOCAL;
	v->shadow = 0;
	if (v->cr0 & CR0_PG)
		v->cr3 = task->tss.cr3;
	vp->flush = true;
}

bool task_nested(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;

	return (v->cr0 & CR0_PE) && (v->rflags & RFLAGS_NT) && !(v->efer & EFER_LMA) &&
	       !(v->rflags & RFLAGS_VM);
}

bool task_return(struct vp *vp)
{
	struct cpu_state *v = vp_state(vp);
	struct task task = {};
	u8 bytes[15];
	u16 link;

	if (v->cpl || (v->rflags & RFLAGS_TF) || (v->tr.attrib & TSS_ANY) != (TSS_BUSY & TSS_ANY) ||
	    v->tr.limit < TSS_LIMIT)
		return false;
	if (!insn_fetch(vp, bytes) || bytes[0] != INSN_IRET)
		return false;
	if (!read(vp, v->tr.base, &link, sizeof(link)))
		return false;
	task.selector = link;
	if (!load(vp, &task) || !save(vp, (u32)v->rip + 1))
		return false;
	enter(vp, &task);
	return true;
}
