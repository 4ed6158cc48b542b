// SPDX-License-Identifier: GPL-2.0
/*
 * What the root has asked to be told of, and results it has registered.
 *
 * Model: one list of rules for each partition, in pages of its pool; a rule is
 * an installed intercept or a registered CPUID or MSR result.  Rules are few
 * and searched from the front; a later one of the same kind and key replaces.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_status.h>
#include "child.h"

/* Words of struct partition's intercepts[] */
#define EXCEPTIONS		0	/* mask of vectors */
#define MSRS			1	/* some MSR is intercepted by its number */
#define SOFTWARE_EXCEPTIONS	(BIT_ULL(3) | BIT_ULL(4))
#define MAX_RULE_PAGES		32
#define RULES_PER_PAGE		((4096 - 8) / sizeof(struct rule))

struct cpuid_result {
	struct cpuid_result *next;
	struct rule rule[RULES_PER_PAGE];
};

static_assert(sizeof(struct cpuid_result) <= 4096, "");

#define FOR_EACH_RULE(p, page, r)					\
	for (struct cpuid_result *page = (p)->cpuid_results; page;	\
	     page = page->next)						\
		for (struct rule *r = page->rule;			\
		     r < page->rule + RULES_PER_PAGE; r++)

static bool same_key(const struct rule *a, const struct rule *b)
{
	return a->kind == b->kind && a->type == b->type && a->vp == b->vp &&
	       a->index == b->index && a->sub_specific == b->sub_specific &&
	       (!a->sub_specific || a->sub == b->sub);
}

static struct rule *rule_find(struct partition *p, const struct rule *key)
{
	FOR_EACH_RULE(p, page, r)
		if (r->kind != RULE_FREE && same_key(r, key))
			return r;
	return NULL;
}

static u16 rule_add(struct partition *p, const struct rule *rule)
{
	struct rule *r = rule_find(p, rule);
	struct cpuid_result *fresh;
	u32 pages = 0;

	if (r) {
		*r = *rule;
		return HV_STATUS_SUCCESS;
	}
	FOR_EACH_RULE(p, page, free)
		if (free->kind == RULE_FREE) {
			*free = *rule;
			return HV_STATUS_SUCCESS;
		}
	for (struct cpuid_result *page = p->cpuid_results; page; page = page->next)
		pages++;
	if (pages >= MAX_RULE_PAGES)
		return HV_STATUS_NO_RESOURCES;
	fresh = pool_alloc(p);
	if (!fresh)
		return pool_empty_status(p);
	fresh->next = p->cpuid_results;
	fresh->rule[0] = *rule;
	p->cpuid_results = fresh;
	return HV_STATUS_SUCCESS;
}

void rules_free(struct partition *p)
{
	while (p->cpuid_results) {
		struct cpuid_result *page = p->cpuid_results;

		p->cpuid_results = page->next;
		pool_free(p, page);
	}
}

/* ---- use ------------------------------------------------------------------------ */

static void apply(const struct rule *r, struct cpuid_regs *regs)
{
	u32 *reg[4] = { &regs->eax, &regs->ebx, &regs->ecx, &regs->edx };

	for (u32 i = 0; i < 4; i++)
		*reg[i] = (*reg[i] & ~r->mask[i]) | (r->value[i] & r->mask[i]);
}

/*
 * The registered result for a leaf: that of the VP before that of all VPs, that
 * of the subleaf before that of the leaf.
 */
void rules_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *regs)
{
	const struct rule *best = NULL;
	u32 best_rank = 0;

	FOR_EACH_RULE(vp->partition, page, r) {
		u32 rank = 1;

		if (r->kind != RULE_CPUID_RESULT || r->index != leaf)
			continue;
		if (r->vp != HV_ANY_VP && r->vp != vp->index)
			continue;
		if (r->sub_specific && r->sub != sub)
			continue;
		rank += (r->vp != HV_ANY_VP) * 2 + r->sub_specific;
		if (rank > best_rank) {
			best = r;
			best_rank = rank;
		}
	}
	if (best)
		apply(best, regs);
}

int rules_msr(struct vp *vp, u32 msr, u32 access)
{
	FOR_EACH_RULE(vp->partition, page, r)
		if (r->kind == RULE_MSR_RESULT && r->index == msr &&
		    (r->access & access) &&
		    (r->vp == HV_ANY_VP || r->vp == vp->index))
			return r->value[0];
	return -1;
}

bool intercept_wanted(struct partition *p, u32 type, u64 param, u32 access)
{
	FOR_EACH_RULE(p, page, r)
		if (r->kind == RULE_INTERCEPT && r->type == type &&
		    r->index == param && (r->access & access))
			return true;
	return false;
}

void rules_apply(struct vp *vp)
{
	struct partition *p = vp->partition;

	vp->vmcb->intercept_exceptions = p->intercepts[EXCEPTIONS];
	/* QEMU takes INT3 and INTO for software interrupts, see exit_swint(). */
	if (p->intercepts[EXCEPTIONS] & SOFTWARE_EXCEPTIONS)
		vp->vmcb->intercept1 |= VMCB_I1_INTN;
	else
		vp->vmcb->intercept1 &= ~VMCB_I1_INTN;
	vp->vmcb->msrpm_base = child_msrpm_pa(p->intercepts[MSRS]);
}

/* ---- the calls --------------------------------------------------------------------- */

/* Vectors whose interception leaves the guest's own handling intact. */
static bool exception_allowed(u64 vector)
{
	return vector < 32 && vector != VECTOR_NMI;
}

static void rules_update(struct partition *p)
{
	p->intercepts[EXCEPTIONS] = 0;
	p->intercepts[MSRS] = 0;
	FOR_EACH_RULE(p, page, r) {
		if (r->kind != RULE_INTERCEPT)
			continue;
		if (r->type == HV_INTERCEPT_TYPE_EXCEPTION)
			p->intercepts[EXCEPTIONS] |= BIT_ULL(r->index);
		if (r->type == HV_INTERCEPT_TYPE_X64_MSR_INDEX)
			p->intercepts[MSRS] = 1;
	}
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp)
			continue;
		child_write(vp);
		rules_apply(vp);
	}
}

static bool parameter_ok(u32 type, u64 param, u32 access)
{
	switch (type) {
	case HV_INTERCEPT_TYPE_X64_IO_PORT:
		return param <= 0xffff;
	case HV_INTERCEPT_TYPE_X64_MSR:
	case HV_INTERCEPT_TYPE_MMIO:
	case HV_INTERCEPT_TYPE_HYPERCALL:
	case HV_INTERCEPT_TYPE_X64_APIC_EOI:
		return true;
	case HV_INTERCEPT_TYPE_X64_CPUID:
		return param <= 0xffffffff &&
		       !(access & ~(u32)HV_INTERCEPT_ACCESS_MASK_EXECUTE);
	case HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID:
		return true;
	case HV_INTERCEPT_TYPE_X64_MSR_INDEX:
		return param <= 0xffffffff;
	case HV_INTERCEPT_TYPE_EXCEPTION:
		return exception_allowed(param);
	case HV_INTERCEPT_TYPE_X64_IO_PORT_RANGE:
		return (u16)param <= (u16)(param >> 16) && param <= 0xffffffff;
	}
	return false;
}

static u16 install_intercept(struct hv_call *call)
{
	struct hv_input_install_intercept *in = call->in;
	struct partition *p;
	struct rule key, *old;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	if (in->access_type & ~7u)
		return HV_STATUS_INVALID_PARAMETER;
	if (!parameter_ok(in->intercept_type, in->intercept_parameter.as_uint64,
			  in->access_type))
		return HV_STATUS_INVALID_PARAMETER;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	memset(&key, 0, sizeof(key));
	key.kind = RULE_INTERCEPT;
	key.type = in->intercept_type;
	key.vp = HV_ANY_VP;
	key.index = in->intercept_parameter.as_uint64;
	if (key.type == HV_INTERCEPT_TYPE_X64_MSR ||
	    key.type == HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID)
		key.index = 0;
	key.access = in->access_type;
	status = HV_STATUS_SUCCESS;
	if (key.access) {
		status = rule_add(p, &key);
	} else {
		old = rule_find(p, &key);
		if (old)
			old->kind = RULE_FREE;
	}
	if (!status && (key.type == HV_INTERCEPT_TYPE_EXCEPTION ||
			key.type == HV_INTERCEPT_TYPE_X64_MSR_INDEX))
		rules_update(p);
	return status;
}

HYPERCALL(install_intercept, .code = HVCALL_INSTALL_INTERCEPT,
	  .in = sizeof(struct hv_input_install_intercept), .privilege = -1,
	  .fn = install_intercept);

static u16 register_result(struct hv_call *call)
{
	struct hv_input_register_intercept_result *in = call->in;
	const struct hv_register_x64_cpuid_result_parameters *c =
		&in->parameters.cpuid;
	const struct hv_register_x64_msr_result_parameters *m =
		&in->parameters.msr;
	struct partition *p;
	struct rule rule;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	if (p->state == PT_FINALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (in->vp_index != HV_ANY_VP && !vp_find(p, in->vp_index))
		return HV_STATUS_INVALID_VP_INDEX;
	memset(&rule, 0, sizeof(rule));
	rule.vp = in->vp_index;
	rule.type = in->intercept_type;
	switch (in->intercept_type) {
	case HV_INTERCEPT_TYPE_X64_CPUID:
		if (c->input.subleaf_specific > 1 || c->input.always_override > 1 ||
		    c->input.padding)
			return HV_STATUS_INVALID_PARAMETER;
		rule.kind = RULE_CPUID_RESULT;
		rule.index = c->input.eax;
		rule.sub = c->input.subleaf_specific ? c->input.ecx : 0;
		rule.sub_specific = c->input.subleaf_specific;
		rule.always = c->input.always_override;
		rule.value[0] = c->result.eax;
		rule.mask[0] = c->result.eax_mask;
		rule.value[1] = c->result.ebx;
		rule.mask[1] = c->result.ebx_mask;
		rule.value[2] = c->result.ecx;
		rule.mask[2] = c->result.ecx_mask;
		rule.value[3] = c->result.edx;
		rule.mask[3] = c->result.edx_mask;
		break;
	case HV_INTERCEPT_TYPE_X64_MSR:
		if (m->action > HV_MSR_RESULT_ACTION_IGNORE_WRITE_READ_ZERO ||
		    !m->access_type || (m->access_type & ~3u))
			return HV_STATUS_INVALID_PARAMETER;
		rule.kind = RULE_MSR_RESULT;
		rule.index = m->msr_index;
		rule.access = m->access_type;
		rule.value[0] = m->action;
		break;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	return rule_add(p, &rule);
}

HYPERCALL(register_intercept_result, .code = HVCALL_REGISTER_INTERCEPT_RESULT,
	  .in = sizeof(struct hv_input_register_intercept_result),
	  .privilege = -1, .fn = register_result);

static u16 unregister_result(struct hv_call *call)
{
	struct hv_input_unregister_intercept_result *in = call->in;
	struct partition *p;
	struct rule key, *old;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	memset(&key, 0, sizeof(key));
	key.vp = in->vp_index;
	key.type = in->intercept_type;
	switch (in->intercept_type) {
	case HV_INTERCEPT_TYPE_X64_CPUID:
		key.kind = RULE_CPUID_RESULT;
		key.index = in->parameters.cpuid.eax;
		key.sub = in->parameters.cpuid.ecx;
		key.sub_specific = in->parameters.cpuid.subleaf_specific;
		break;
	case HV_INTERCEPT_TYPE_X64_MSR:
		key.kind = RULE_MSR_RESULT;
		key.index = in->parameters.msr.msr_index;
		break;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	old = rule_find(p, &key);
	if (!old)
		return HV_STATUS_NOT_FOUND;
	old->kind = RULE_FREE;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(unregister_intercept_result,
	  .code = HVCALL_UNREGISTER_INTERCEPT_RESULT,
	  .in = sizeof(struct hv_input_unregister_intercept_result),
	  .privilege = -1, .fn = unregister_result);

static u16 check_io(struct hv_call *call)
{
	struct hv_input_check_for_io_intercept *in = call->in;
	struct hv_output_check_for_io_intercept *out = call->out;
	u16 status;

	if (!child_target(call, in->partition_id, in->vp_index, &status))
		return status;
	if (in->size != 1 && in->size != 2 && in->size != 4)
		return HV_STATUS_INVALID_PARAMETER;
	/* No port of a child is native: everything goes to its VMM. */
	out->intercept = 1;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(check_for_io_intercept, .code = HVCALL_CHECK_FOR_IO_INTERCEPT,
	  .in = sizeof(struct hv_input_check_for_io_intercept),
	  .out = sizeof(struct hv_output_check_for_io_intercept),
	  .privilege = -1, .fn = check_io);
