// SPDX-License-Identifier: GPL-2.0
/*
 * Machine checks.
 *
 * Model: the machine is the root's, and so are its errors.  The root reads and clears the
 * banks itself, and gets the exception natively while it runs.  An exception that arrives
 * while a child runs makes it exit, and is handed to the root VP of the same LP; the child
 * continues if the root does.  So is one that arrives in the host, unless the host cannot
 * go on: it may not return, the processor's state is corrupt, or the error is in memory
 * of the hypervisor.  That is the end of the machine, with the banks in the log.
 *
 * Corrected errors make no exception: the root polls, or has the processor's own
 * interrupt for them.
 */
#include <rv/log.h>
#include <rv/page.h>
#include <rv/vp.h>
#include "mcheck.h"

#define MSR_MC0_STATUS		0x401
#define MSR_MC0_ADDRESS		0x402
#define MSRS_PER_BANK		4
#define MCG_BANKS		0xff
#define MCG_RIPV		BIT(0)
#define STATUS_VALID		BIT_ULL(63)
#define STATUS_UNCORRECTED	BIT_ULL(61)
#define STATUS_HAS_ADDRESS	BIT_ULL(58)
#define STATUS_CORRUPT		BIT_ULL(57)
#define ADDRESS_MASK		(BIT_ULL(52) - 1)
#define CPUID_1_EDX_MCE		BIT(7)

void mcheck_init(void)
{
	if (cpuid(1, 0).edx & CPUID_1_EDX_MCE)
		WRITE_CR(4, READ_CR(4) | CR4_MCE);
}

static bool of_hypervisor(u64 address)
{
	enum page_state state = page_state((address & ADDRESS_MASK) >> PAGE_SHIFT);

	return state == PAGE_HV || state == PAGE_POOL;
}

/* Logs what is in the bank; true: the host cannot go on. */
static bool bank_is_fatal(const struct lp *lp, u32 bank)
{
	u64 status, address = 0;

	if (!rdmsr_safe(MSR_MC0_STATUS + MSRS_PER_BANK * bank, &status) ||
	    !(status & STATUS_VALID) || !(status & STATUS_UNCORRECTED))
		return false;
	if (status & STATUS_HAS_ADDRESS)
		rdmsr_safe(MSR_MC0_ADDRESS + MSRS_PER_BANK * bank, &address);
	log_error("machine check on LP %u: bank %u, status 0x%llx, address 0x%llx",
		  lp->index, bank, status, address);
	return (status & STATUS_CORRUPT) ||
	       ((status & STATUS_HAS_ADDRESS) && of_hypervisor(address));
}

void mcheck_in_host(struct lp *lp, const struct host_regs *regs)
{
	u64 banks = 0, status = 0;
	bool fatal;
	u32 i;

	rdmsr_safe(MSR_MCG_CAP, &banks);
	rdmsr_safe(MSR_MCG_STATUS, &status);
	fatal = !(status & MCG_RIPV);
	for (i = 0; i < (banks & MCG_BANKS); i++)
		fatal |= bank_is_fatal(lp, i);
	if (fatal) {
		crash_regs = regs;
		panic("machine check on LP %u in the hypervisor, status 0x%llx, rip 0x%llx",
		      lp->index, status, regs->rip);
	}
	if (lp->root && lp->root->started) {
		lp->root_mc = true;
		return;
	}
	log_error("machine check on LP %u: the root does not use this processor", lp->index);
	wrmsr_safe(MSR_MCG_STATUS, 0);
}
