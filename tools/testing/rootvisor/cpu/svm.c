// SPDX-License-Identifier: GPL-2.0
/*
 * AMD's SVM (APM volume 2, chapter 15): its struct cpu_ops.
 *
 * Model: a VP's struct cpu_state is its VMCB.  State that VMRUN switches is current there
 * whenever the guest does not run; state that VMLOAD and VMSAVE switch only while the VP
 * is not loaded.
 */
#include <rv/lp.h>
#include <rv/vp.h>
#include "guard.h"
#include "svm.h"
#include "svm_asid.h"
#include "svm_require.h"
#include "vmcb.h"

#define CPUID_EXTENDED		0x80000000
#define CPUID_FEATURES		0x80000001
#define CPUID_SVM		0x8000000a
#define CPUID_SVM_TSC_RATIO	BIT(4)		/* EDX */
#define CPUID_SVM_FLUSH_ASID	BIT(6)
#define TSC_RATIO_ONE		BIT_ULL(32)
#define VM_CR_R_INIT		BIT(1)
#define NPT_LEAF		(NPT_PRESENT | NPT_USER)

static_assert(NPT_CAN_READ == NPT_PRESENT && NPT_CAN_WRITE == NPT_WRITE &&
	      NPT_IS_LARGE == NPT_LARGE, "");

u64 svm_host_cr0;	/* the same on all processors */

static struct asid_space asids[MAX_LPS];
static u32 features;

static const char *svm_missing(void)
{
	struct svm_facts facts = {
		.max_leaf = cpuid(CPUID_EXTENDED, 0).eax,
		.features = cpuid(CPUID_FEATURES, 0).ecx,
	};

	if (svm_present(&facts)) {
		facts.nr_asids = cpuid(CPUID_SVM, 0).ebx;
		facts.details = cpuid(CPUID_SVM, 0).edx;
		facts.vm_cr = rdmsr(MSR_VM_CR);
	}
	return svm_refusal(&facts);
}

static void svm_start(void)
{
	features = cpuid(CPUID_SVM, 0).edx;
	svm_enter_start();
	guard_start();
	svm_maps_start();
}

/*
 * An INIT from the chipset would take the processor away.  With R_INIT it is an exception
 * of the host (#SX), which the host's gate ignores.
 */
static void redirect_init(void)
{
	u64 vm_cr;

	if (rdmsr_safe(MSR_VM_CR, &vm_cr))
		wrmsr_safe(MSR_VM_CR, vm_cr | VM_CR_R_INIT);
}

static void svm_cpu_init(struct lp *lp)
{
	svm_host_cr0 = READ_CR(0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, ptr_pa(lp->cpu_page));
	asids[lp->index].end = cpuid(CPUID_SVM, 0).ebx;
	redirect_init();
	/* What ran before may have left another one. */
	if (features & CPUID_SVM_TSC_RATIO)
		wrmsr_safe(MSR_TSC_RATIO, TSC_RATIO_ONE);
	guard_cpu_init();
}

u8 svm_tlb_control(struct lp *lp)
{
	if (asids[lp->index].flush_all || !(features & CPUID_SVM_FLUSH_ASID))
		return VMCB_TLB_FLUSH_ALL;
	return VMCB_TLB_FLUSH_ASID;
}

void svm_tlb_flushed(struct lp *lp)
{
	asids[lp->index].flush_all = false;
}

static void __noreturn svm_park(void)
{
	/* GIF blocks NMIs; one that gets through nevertheless is taken and ignored. */
	for (;;)
		__asm__ __volatile__("clgi; hlt" ::: "memory");
}

static void svm_reset(struct vp *vp)
{
	struct vmcb *c = vmcb_of(vp->cpu);

	c->intercept2 = VMCB_I2_VMRUN | VMCB_I2_VMMCALL | VMCB_I2_VMLOAD |
			VMCB_I2_VMSAVE | VMCB_I2_STGI | VMCB_I2_CLGI | VMCB_I2_SKINIT |
			VMCB_I2_XSETBV;
	vp->dr_ready = false;
	c->np_enable = 1;
	c->n_cr3 = ptr_pa(vp->partition->npt);
	if (!vp_is_root(vp))
		c->intercept2 |= VMCB_I2_MONITOR | VMCB_I2_MWAIT | VMCB_I2_WBINVD;
	svm_use_maps(vp);
}

static bool svm_load(struct vp *vp)
{
	struct lp *lp = this_lp();

	/* The first entry of a turn has to flush. */
	if (asid_choose(&asids[lp->index], &vp->asid, lp))
		vp->flush = true;
	vmcb_of(vp->cpu)->asid = vp->asid.number;
	return vmload_safe(ptr_pa(vp->cpu));
}

static void svm_unload(struct vp *vp)
{
	svm_debug_unload(vp);
	__asm__ __volatile__("vmsave %0" :: "a"(ptr_pa(vp->cpu)) : "memory");
}

const struct cpu_ops svm_ops = {
	.hypercall = { 0x0f, 0x01, 0xd9 },	/* vmmcall */
	.npt = {
		.rights = {
			[MAY_READ] = NPT_LEAF | NPT_NX,
			[MAY_READ | MAY_WRITE] = NPT_LEAF | NPT_WRITE | NPT_NX,
			[MAY_READ | MAY_EXECUTE] = NPT_LEAF,
			[MAY_ALL] = NPT_LEAF | NPT_WRITE,
		},
		.execute_mask = NPT_NX,
		.accessed = NPT_ACCESSED,
		.dirty = NPT_DIRTY,
	},
	.missing = svm_missing,
	.start = svm_start,
	.cpu_init = svm_cpu_init,
	.park = svm_park,
	.reset = svm_reset,
	.load = svm_load,
	.unload = svm_unload,
	.prepare = svm_prepare,
	.run = svm_run,
	.use_map = svm_use_map,
	.msr_exits = svm_msr_exits,
	.port_exits = svm_port_exits,
};
