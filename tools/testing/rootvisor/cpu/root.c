// SPDX-License-Identifier: GPL-2.0
/*
 * Root VPs: how they start, and what of theirs comes to the hypervisor.
 *
 * A root VP owns its machine: ports, MMIO, interrupts, time stamp counter and
 * most MSRs are native.  It exits for CPUID, the MSRs in msrs_of_root[], the
 * ports that a unit has registered, VMMCALL and the other SVM instructions,
 * SHUTDOWN, NMI, and for interrupts while the APIC timer is the hypervisor's or
 * they are watched.
 */
#include <rv/count.h>
#include <rv/log.h>
#include <rv/call.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "host.h"
#include "root.h"
#include "../device/remap.h"
#include "../device/stray.h"
#include "../boot/options.h"
#include "../partition/pool.h"
#include "../test/inject.h"
#include "../test/tick.h"

#define ROOT_ASID	1
#define FAULTS_TOLERATED 64
#define PAT_RESET	0x0007040600070406ull

struct partition root_partition = {
	.id = ROOT_PARTITION_ID,
	.is_root = true,
	.state = PT_ACTIVE,
};

u8 iopm_all[3 * 4096] __aligned(4096);
u8 msrpm_all[2 * 4096] __aligned(4096);
static u8 root_iopm[3 * 4096] __aligned(4096);
static u8 root_msrpm[2 * 4096] __aligned(4096);
static struct vp *root_vps[MAX_LPS];
static struct vp **root_dir = root_vps;

/* Native MSRs that must not be, with the access that exits. */
static const struct {
	u32 first, last;
	bool read, write;
} msrs_of_root[] = {
	{ MSR_TSC, MSR_TSC, false, true },
	{ MSR_APIC_BASE, MSR_APIC_BASE, true, true },
	{ MSR_TSC_ADJUST, MSR_TSC_ADJUST, true, true },
	{ MSR_TSC_DEADLINE, MSR_TSC_DEADLINE, true, true },
	{ X2APIC_ICR, X2APIC_ICR, false, true },
	{ X2APIC_LVT_TIMER, X2APIC_LVT_TIMER, true, true },
	{ X2APIC_INITIAL_COUNT, X2APIC_CURRENT_COUNT, true, true },
	{ X2APIC_DIVIDE, X2APIC_DIVIDE, true, true },
	{ MSR_EFER, MSR_EFER, true, true },
	{ MSR_VM_CR, MSR_VM_HSAVE_PA, true, true },
};

static void msrpm_set(u8 *map, u32 msr, bool read, bool write)
{
	u32 bit;

	if (msr < 0x2000)
		bit = msr * 2;
	else if (msr >= 0xc0000000 && msr < 0xc0002000)
		bit = 0x2000 * 2 + (msr - 0xc0000000) * 2;
	else
		bit = 0x4000 * 2 + (msr - 0xc0010000) * 2;
	map[bit / 8] |= (u8)((read | write << 1) << (bit % 8));
}

void root_watch_self_ipi(void)
{
	msrpm_set(root_msrpm, X2APIC_SELF_IPI, false, true);
}

void port_intercept(u16 port)
{
	root_iopm[port / 8] |= BIT(port % 8);
}

static void root_init(void)
{
	const struct port_desc *port;
	u32 i, n;

	memset(iopm_all, 0xff, sizeof(iopm_all));
	memset(msrpm_all, 0xff, sizeof(msrpm_all));
	for (i = 0; i < ARRAY_SIZE(msrs_of_root); i++)
		for (n = msrs_of_root[i].first; n <= msrs_of_root[i].last; n++)
			msrpm_set(root_msrpm, n, msrs_of_root[i].read,
				  msrs_of_root[i].write);
	for (port = __ports_start; port < __ports_end; port++)
		for (i = 0; i < port->count; i++)
			port_intercept((u16)(port->first + i));
	partitions = &root_partition;
	root_partition.vp_dir[0] = root_dir;
	root_partition.privileges = ROOT_PRIVILEGES;
	root_npt_init();
}

INIT_UNIT(root_init);

void cpu_state_reset(struct cpu_state *v)
{
	static const struct cpu_segment data = { .attrib = 0x93, .limit = 0xffff };

	memset(v, 0, sizeof(*v));
	v->intercept1 = VMCB_I1_NMI | VMCB_I1_CPUID | VMCB_I1_IOIO | VMCB_I1_MSR |
			VMCB_I1_SHUTDOWN | VMCB_I1_INVLPGA;
	v->intercept2 = VMCB_I2_VMRUN | VMCB_I2_VMMCALL | VMCB_I2_VMLOAD |
			VMCB_I2_VMSAVE | VMCB_I2_STGI | VMCB_I2_CLGI | VMCB_I2_SKINIT;
	v->asid = ROOT_ASID;
	v->np_enable = 1;
	v->efer = EFER_SVME;
	v->cr0 = CR0_ET | CR0_NW | CR0_CD;
	v->g_pat = PAT_RESET;
	v->dr6 = 0xffff0ff0;
	v->dr7 = 0x400;
	v->rflags = RFLAGS_FIXED;
	v->rip = 0xfff0;
	v->cs = (struct cpu_segment){ .selector = 0xf000, .attrib = 0x9b,
				      .limit = 0xffff, .base = 0xffff0000 };
	v->ds = data;
	v->es = data;
	v->ss = data;
	v->fs = data;
	v->gs = data;
	v->gdtr.limit = 0xffff;
	v->idtr.limit = 0xffff;
	v->ldtr = (struct cpu_segment){ .attrib = 0x82, .limit = 0xffff };
	v->tr = (struct cpu_segment){ .attrib = 0x8b, .limit = 0xffff };
}

static void root_state_init(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;

	cpu_state_reset(v);
	v->n_cr3 = ptr_pa(root_partition.npt);
	v->iopm_base = ptr_pa(root_iopm);
	v->msrpm_base = ptr_pa(root_msrpm);
	memset(vp->gpr, 0, sizeof(vp->gpr));
	vp->gpr[GPR_RDX] = cpuid(1, 0).eax;
	memset(vp->dr, 0, sizeof(vp->dr));
	vp->xcr0 = 1;
	memset(vp->xsave, 0, PAGE_SIZE);
	*(u16 *)vp->xsave = 0x37f;
	*(u32 *)(vp->xsave + 24) = 0x1f80;
	vp->flush = true;
}

/* Start at the SIPI's vector, in real mode. */
void root_vp_reset(struct vp *vp)
{
	vp_unload(vp);
	root_state_init(vp);
	vp->cpu->cs.selector = (u16)(vp->sipi_vector << 8);
	vp->cpu->cs.base = (u64)vp->sipi_vector << 12;
	vp->cpu->rip = 0;
	vp->nmi_pending = 0;
	vp->nmi_masked = false;
	vp->wait_sipi = false;
	vp->sipi_vector = 0;
	synic_reset(vp);
	vp->started = true;
	tick_start(vp->lp);
	log_info("root VP %u starts at 0x%llx", vp->index, vp->cpu->cs.base);
}

struct vp *root_vp_create(struct lp *lp)
{
	struct vp *vp = reserve_alloc(1);

	if (!vp)
		panic("the reserve is exhausted");
	vp->cpu = reserve_alloc(1);
	vp->xsave = reserve_alloc(1);
	vp->partition = &root_partition;
	vp->index = lp->index;
	vp->lp = lp;
	vp->lvt_timer = APIC_LVT_MASKED;
	vp->vp_assist_msr = ptr_pa(window_alloc());
	vp->synic.simp = ptr_pa(window_alloc());
	vp->synic.siefp = ptr_pa(window_alloc());
	vp->synic.sirbp = ptr_pa(window_alloc());
	synic_reset(vp);
	root_state_init(vp);
	root_dir[vp->index] = vp;
	root_partition.nr_vps++;
	nr_vps++;
	root_partition.max_vp_index = MAX(root_partition.max_vp_index, vp->index + 1);
	return vp;
}

void vp_skip(struct vp *vp, u32 len)
{
	vp->cpu->rip += len;
	vp_done(vp);
}

/* The processor traps after instructions of its own only. */
void vp_done(struct vp *vp)
{
	vp->cpu->int_state &= ~1ull;
	vp->trap = vp->cpu->rflags & RFLAGS_TF;
}

void vp_exception(struct vp *vp, u8 vector, bool has_error, u32 error)
{
	vp->cpu->event_inj = vector | VMCB_EVENT_VALID |
		VMCB_EVENT_EXCEPTION << VMCB_EVENT_TYPE_SHIFT |
		(has_error ? VMCB_EVENT_ERROR | (u64)error << 32 : 0);
}

void vp_step_exception(struct vp *vp)
{
	vp->trap = false;
	vp->cpu->dr6 |= DR6_BS;
	vp->cpu->dr7 &= ~(u64)DR7_GD;
	vp_exception(vp, VECTOR_DB, false, 0);
}

void vp_gp(struct vp *vp)
{
	vp_exception(vp, VECTOR_GP, true, 0);
}

void vp_ud(struct vp *vp)
{
	vp_exception(vp, VECTOR_UD, false, 0);
}

static void event_inject(struct vp *vp, u64 type, u8 vector)
{
	vp->cpu->event_inj = vector | VMCB_EVENT_VALID | type << VMCB_EVENT_TYPE_SHIFT;
}

void root_prepare(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;

	if (vp->trap && !(v->event_inj & VMCB_EVENT_VALID))
		vp_step_exception(vp);
	if (vp->nmi_pending && !vp->nmi_masked && !(v->event_inj & VMCB_EVENT_VALID)) {
		vp->nmi_pending = 0;
		vp->nmi_masked = true;
		event_inject(vp, VMCB_EVENT_NMI, VECTOR_NMI);
	}
	v->intercept1 &= ~(VMCB_I1_INTR | VMCB_I1_HLT | VMCB_I1_IRET);
	if (lp_timer_wants_intr(vp->lp) || interrupts_watched())
		v->intercept1 |= VMCB_I1_INTR;
	if (sched_wants_root_halt(vp->lp))
		v->intercept1 |= VMCB_I1_HLT;
	if (vp->nmi_masked)
		v->intercept1 |= VMCB_I1_IRET;
}

/*
 * The root could take an interrupt and the timer is ours: take it here.  Its
 * in-service bit is set now, so the root's own EOI ends it.
 */
static void exit_intr(struct vp *vp)
{
	int vector;

	/* One event is on its way: only what is not the root's may be taken. */
	if (vp->cpu->event_inj & VMCB_EVENT_VALID && apic_pending_vector() >= 0)
		return;
	vector = host_take_interrupt();
	if (vector == HOST_TIMER_VECTOR || vector == HOST_WAKE_VECTOR) {
		wrmsr(X2APIC_EOI, 0);
		vp->lp->timer_armed = 0;
	} else if (vector >= 0 && !interrupt_passes(vp->lp, (u8)vector)) {
		wrmsr(X2APIC_EOI, 0);
	} else if (vector >= 0) {
		event_inject(vp, VMCB_EVENT_INTR, (u8)vector);
		sched_root_awake(vp->lp);
	}
}

/*
 * The real hypervisor's answer is #GP without an address, for all that is known; the
 * other one has been told of roots only.
 */
static void answer_touch(struct vp *vp)
{
	if (options.touch_mc)
		vp_exception(vp, VECTOR_MC, false, 0);
	else
		vp_gp(vp);
}

static void exit_npf(struct vp *vp)
{
	u64 gpa = vp->cpu->exit_info2, error = vp->cpu->exit_info1;
	u64 pfn = gpa >> PAGE_SHIFT;

	if (!(error & NPF_PRESENT) && root_map_fault(gpa))
		return;
	if (inject_touched(pfn)) {
		vp->flush = true;
		answer_touch(vp);
		return;
	}
	/* A large page that has just been split, or a stale translation. */
	if (page_state(pfn) == PAGE_ROOT || page_state(pfn) == PAGE_LENT) {
		vp->flush = true;
		return;
	}
	book_faults++;
	log_error("root VP %u touched page 0x%llx (state %d) at rip 0x%llx",
		  vp->index, pfn, page_state(pfn), vp->cpu->rip);
	if (book_faults > FAULTS_TOLERATED)
		machine_end("the root keeps touching pages it may not");
	answer_touch(vp);
}

static void exit_ioio(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;
	u32 info = (u32)v->exit_info1, size = IOIO_SIZE(info);
	u16 port = IOIO_PORT(info);
	const struct port_desc *d;
	u32 value = 0xffffffff, mask = size == 4 ? 0xffffffff : (1u << size * 8) - 1;

	if (info & IOIO_STRING) {
		log_error("root VP %u: string I/O on port 0x%x", vp->index, port);
		vp_gp(vp);
		return;
	}
	v->rip = v->exit_info2;
	v->int_state &= ~1ull;
	for (d = __ports_start; d < __ports_end; d++) {
		if (!(d->count ? port >= d->first && port < d->first + d->count :
		      port_is_acpi(port)))
			continue;
		if (info & IOIO_IN) {
			if (d->read && d->read(vp, port, size, &value))
				goto out;
		} else if (d->write && d->write(vp, port, size, (u32)vp->gpr[GPR_RAX] & mask)) {
			return;
		}
	}
	if (!(info & IOIO_IN)) {
		value = (u32)vp->gpr[GPR_RAX];
		if (size == 1)
			outb(port, (u8)value);
		else if (size == 2)
			outw(port, (u16)value);
		else
			outl(port, value);
		return;
	}
	value = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
out:
	if (size == 4)
		vp->gpr[GPR_RAX] = value;
	else
		vp->gpr[GPR_RAX] = (vp->gpr[GPR_RAX] & ~(u64)mask) | (value & mask);
}

/* An event was under way when the guest left: it goes in again. */
static void reinject(struct vp *vp)
{
	u64 info = vp->cpu->exit_int_info;
	u64 type = (info & VMCB_EVENT_TYPE_MASK) >> VMCB_EVENT_TYPE_SHIFT;

	/* INT n itself executes again: RIP is where it was. */
	if (!(info & VMCB_EVENT_VALID) || type == VMCB_EVENT_SOFT)
		return;
	/* QEMU calls interrupts exceptions here: vectors tell them apart. */
	if ((info & 0xff) >= 32)
		info &= ~VMCB_EVENT_TYPE_MASK;
	vp->cpu->event_inj = info;
}

void root_exit(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;
	u32 code = (u32)v->exit_code;

	if (code == EXIT_KICKED)
		return;
	reinject(vp);
	remap_poll();
	switch (code) {
	case EXIT_INTR:
		exit_intr(vp);
		return;
	case EXIT_NMI:
		return;		/* the gate has noted it, settle_kicks() sorts it out */
	case EXIT_CPUID:
		root_cpuid(vp);
		return;
	case EXIT_MSR:
		root_msr(vp);
		return;
	case EXIT_IOIO:
		exit_ioio(vp);
		return;
	case EXIT_VMMCALL:
		sched_root_awake(vp->lp);
		hypercall_enter(vp);
		return;
	case EXIT_HLT:
		vp_skip(vp, 1);
		if (!vp->trap)
			sched_root_halt(vp->lp);
		return;
	case EXIT_IRET:
		/* The handler is about to end; Linux copes with an NMI right there. */
		vp->nmi_masked = false;
		return;
	case EXIT_NPF:
		exit_npf(vp);
		return;
	case EXIT_SHUTDOWN:
		log_error("root VP %u: triple fault at rip 0x%llx, cr3 0x%llx, cr2 0x%llx",
			  vp->index, v->rip, v->cr3, v->cr2);
		machine_end("root triple fault");
	case EXIT_VMRUN:
	case EXIT_VMLOAD:
	case EXIT_VMSAVE:
	case EXIT_STGI:
	case EXIT_CLGI:
	case EXIT_SKINIT:
	case EXIT_INVLPGA:
		vp_ud(vp);
		return;
	default:
		log_error("root VP %u: exit 0x%x info 0x%llx 0x%llx rip 0x%llx rflags 0x%llx",
			  vp->index, code, v->exit_info1, v->exit_info2, v->rip, v->rflags);
		log_error("  cr0 0x%llx efer 0x%llx", v->cr0, v->efer);
		panic("root VP cannot be run");
	}
}
