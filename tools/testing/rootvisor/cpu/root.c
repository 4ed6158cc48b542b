// SPDX-License-Identifier: GPL-2.0
/*
 * Root VPs: how they start, and which of their exits are handled here.
 *
 * A root VP owns its machine: ports, MMIO, interrupts, time stamp counter and most
 * MSRs are native.  It exits for CPUID, the MSRs in msrs_of_root[], the ports that
 * units have registered, hypercalls, SVM or VMX instructions, triple faults, NMI, and
 * for interrupts while the hypervisor owns the APIC timer or watches them.
 */
#include <rv/call.h>
#include <rv/count.h>
#include <rv/cpu.h>
#include <rv/delivery.h>
#include <rv/end.h>
#include <rv/inject.h>
#include <rv/log.h>
#include <rv/npt.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/root_map.h>
#include <rv/sched.h>
#include <rv/stats.h>
#include <rv/tick.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../device/remap.h"
#include "../device/stray.h"
#include "fpu.h"
#include "host.h"
#include "root.h"
#include "root_cpuid.h"
#include "root_msr.h"
#include "timer.h"

#define FAULTS_TOLERATED 64

struct partition root_partition = {
	.id = ROOT_PARTITION_ID,
	.is_root = true,
	.state = PT_ACTIVE,
};

static struct vp *root_vps[MAX_LPS];
static struct vp **root_dir = root_vps;

/* Native MSRs that are intercepted, and for which access. */
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
	{ X2APIC_SVR, X2APIC_SVR, false, true },
	{ MSR_XSS, MSR_XSS, false, true },
	{ MSR_EFER, MSR_EFER, true, true },
	{ MSR_TSC_RATIO, MSR_TSC_RATIO, true, true },
	{ MSR_SYSCFG, MSR_SYSCFG, false, true },
	{ MSR_SMM_BASE, MSR_SMM_MASK, false, true },
	{ MSR_VM_CR, MSR_SVM_LAST, true, true },
	{ MSR_AVIC_DOORBELL, MSR_AVIC_DOORBELL, true, true },
	{ MSR_SEV_FIRST, MSR_SEV_LAST, true, true },
};

static void root_init(void)
{
	const struct port_desc *port;
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(msrs_of_root); i++)
		for (n = msrs_of_root[i].first; n <= msrs_of_root[i].last; n++)
			cpu_ops->msr_exits(MAP_ROOT, n, msrs_of_root[i].read,
					   msrs_of_root[i].write);
	for (port = __ports_start; port < __ports_end; port++)
		for (i = 0; i < port->count; i++)
			cpu_ops->port_exits((u16)(port->first + i));
	partitions = &root_partition;
	root_partition.vp_dir[0] = root_dir;
	root_partition.privileges = ROOT_PRIVILEGES;
	root_npt_init();
}

INIT_UNIT(root_init);

static void root_state_init(struct vp *vp)
{
	cpu_state_reset(vp);
	memset(vp->gpr, 0, sizeof(vp->gpr));
	vp->gpr[GPR_RDX] = cpuid(1, 0).eax;
	memset(vp->dr, 0, sizeof(vp->dr));
	vp->xcr0 = 1;
	memset(vp->xsave, 0, PAGE_SIZE);
	*(u16 *)vp->xsave = 0x37f;
	*(u32 *)(vp->xsave + 24) = 0x1f80;
}

/* Starts at the SIPI's vector, in real mode. */
void root_vp_reset(struct vp *vp)
{
	vp_unload(vp);
	root_state_init(vp);
	/* INIT keeps CD and NW, which the firmware has cleared. */
	vp->cpu->cr0 = CR0_ET;
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

/* Its interrupts are the machine's; one that is already in the entry is @queued. */
static void deliver(struct vp *vp)
{
	const struct delivery_marks marks = {
		.queued = vp->entry.event.type,
		.trap = vp->trap,
		.nmi = vp->nmi_pending,
		.nmi_masked = vp->nmi_masked,
		.vector = NO_VECTOR,
		.behind = NO_VECTOR,
	};

	switch (delivery_decide(&marks).take) {
	case TAKE_TRAP:
		vp_step_exception(vp);
		break;
	case TAKE_NMI:
		vp->nmi_pending = 0;
		vp->nmi_masked = true;
		vp_event(vp, EVENT_NMI, VECTOR_NMI);
		break;
	}
}

void root_prepare(struct vp *vp)
{
	u32 leave_on = 0;

	if (vp->lp->root_mc && !vp->entry.event.type) {
		vp->lp->root_mc = false;
		vp_exception(vp, VECTOR_MC, false, 0);
	}
	if (vp->trap || vp->nmi_pending)
		deliver(vp);
	if (lp_timer_wants_intr(vp->lp) || interrupts_watched())
		leave_on |= LEAVE_ON_INTERRUPT;
	if (sched_wants_root_halt(vp->lp))
		leave_on |= LEAVE_ON_HLT;
	if (vp->nmi_masked)
		leave_on |= LEAVE_ON_IRET;
	vp->leave_on = leave_on;
}

/*
 * The root can take an interrupt and the hypervisor owns the timer: take it here.
 * This sets its in-service bit, so the root's own EOI ends it.
 */
static void exit_intr(struct vp *vp)
{
	int vector;

	/* An event is queued already: take only what is not for the root. */
	if (vp->entry.event.type && apic_pending_vector() >= 0)
		return;
	vector = host_take_interrupt();
	if (vector == HOST_TIMER_VECTOR || vector == HOST_WAKE_VECTOR) {
		wrmsr(X2APIC_EOI, 0);
		vp->lp->timer_armed = 0;
	} else if (vector >= 0 && !interrupt_passes(vp->lp, (u8)vector)) {
		wrmsr(X2APIC_EOI, 0);
	} else if (vector >= 0) {
		vp_event(vp, EVENT_INTERRUPT, (u8)vector);
		sched_root_awake(vp->lp);
	}
}

/*
 * The real hypervisor injects #GP without an address, as far as is known; #MC has only
 * been reported by roots.
 */
static void answer_touch(struct vp *vp)
{
	if (options.touch_mc)
		vp_exception(vp, VECTOR_MC, false, 0);
	else
		vp_gp(vp);
}

static void exit_memory(struct vp *vp)
{
	u64 gpa = vp->exit.memory.gpa;
	u64 pfn = gpa >> PAGE_SHIFT;

	if (!vp->exit.memory.present &&
	    (end_touched(gpa, vp->exit.memory.wanted & MAY_WRITE) || root_map_fault(gpa)))
		return;
	if (inject_touched(pfn)) {
		vp->flush = true;
		answer_touch(vp);
		return;
	}
	/* A large page that has just been split, or a stale translation. */
	if (page_state(pfn) == PAGE_ROOT || page_state(pfn) == PAGE_SHARED) {
		vp->flush = true;
		return;
	}
	book_faults++;
	log_error("root VP %u touched page 0x%llx (state %d) at rip 0x%llx",
		  vp->index, pfn, page_state(pfn), vp->cpu->rip);
	if (book_faults > FAULTS_TOLERATED)
		machine_stop("the root keeps touching pages it may not");
	answer_touch(vp);
}

static void exit_port(struct vp *vp)
{
	u32 size = vp->exit.port.size;
	u16 port = vp->exit.port.number;
	bool in = vp->exit.port.in;
	const struct port_desc *d;
	u32 value = 0xffffffff, mask = size == 4 ? 0xffffffff : (1u << size * 8) - 1;

	if (vp->exit.port.string) {
		log_error("root VP %u: string I/O on port 0x%x", vp->index, port);
		vp_gp(vp);
		return;
	}
	vp_skip(vp, vp->exit.port.length);
	for (d = __ports_start; d < __ports_end; d++) {
		if (!(d->count ? port >= d->first && port < d->first + d->count :
		      port_is_acpi(port)))
			continue;
		if (in) {
			if (d->read && d->read(vp, port, size, &value))
				goto out;
		} else if (d->write && d->write(vp, port, size, (u32)vp->gpr[GPR_RAX] & mask)) {
			return;
		}
	}
	if (!in) {
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

/* Only features whose state is switched: what CPUID says is enforced. */
static void exit_xsetbv(struct vp *vp)
{
	u64 value = (u32)vp->gpr[GPR_RAX] | vp->gpr[GPR_RDX] << 32;

	if ((u32)vp->gpr[GPR_RCX] || vp->cpu->cpl || (value & ~host_xcr0) ||
	    !xsetbv_safe(value))
		vp_gp(vp);
	else
		vp_skip(vp, 3);
}

static __noinline void __noreturn triple_fault(const struct vp *vp)
{
	const struct cpu_state *v = vp->cpu;

	log_error("root VP %u: triple fault at rip 0x%llx, cr3 0x%llx, cr2 0x%llx",
		  vp->index, v->rip, v->cr3, v->cr2);
	machine_reset("root triple fault");
}

static __noinline void __noreturn unexpected(const struct vp *vp)
{
	const struct cpu_state *v = vp->cpu;

	log_error("root VP %u: exit 0x%x rip 0x%llx rflags 0x%llx cr0 0x%llx efer 0x%llx",
		  vp->index, vp->exit.number, v->rip, v->rflags, v->cr0, v->efer);
	panic("root VP cannot be run");
}

void root_exit(struct vp *vp)
{
	remap_poll();
	stats_exit(vp);
	switch (vp->exit.reason) {
	case EXIT_KICKED:
	case EXIT_AGAIN:
	case EXIT_INIT:
		return;
	case EXIT_XSETBV:
		exit_xsetbv(vp);
		return;
	case EXIT_INTERRUPT:
		exit_intr(vp);
		return;
	case EXIT_NMI:
		return;		/* recorded by the gate, handled by settle_kicks() */
	case EXIT_CPUID:
		root_cpuid(vp);
		return;
	case EXIT_MSR:
		root_msr(vp);
		return;
	case EXIT_PORT:
		exit_port(vp);
		return;
	case EXIT_HYPERCALL:
		sched_root_awake(vp->lp);
		hypercall_enter(vp);
		return;
	case EXIT_HLT:
		vp_skip(vp, 1);
		if (!vp->trap)
			sched_root_halt(vp->lp);
		return;
	case EXIT_IRET:
		/* The handler is about to end; Linux handles an NMI right there. */
		vp->nmi_masked = false;
		return;
	case EXIT_MEMORY:
		exit_memory(vp);
		return;
	case EXIT_TRIPLE_FAULT:
		triple_fault(vp);
	case EXIT_VIRTUALIZATION:
		vp_ud(vp);
		return;
	default:
		unexpected(vp);
	}
}
