// SPDX-License-Identifier: GPL-2.0
/*
 * Intercepts that the root has installed, and results that it has registered.
 *
 * Model: a rule is an installed intercept or a registered CPUID or MSR result, looked up
 * by its key; a later one with the same key replaces it.  A partition has at most
 * MAX_RULES.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/unit.h>
#include "child.h"
#include "rules.h"

/* Words of struct partition's intercepts[] */
#define EXCEPTIONS		0	/* mask of vectors */
#define MSRS			1	/* number of intercepts for single MSRs */
#define SOFTWARE_EXCEPTIONS	(BIT_ULL(3) | BIT_ULL(4))
/*
 * Their delivery can raise them again before the handler's first instruction: if they did
 * not exit, a guest could occupy the processor forever.
 */
#define ENDLESS_EXCEPTIONS	(BIT(VECTOR_DB) | BIT(VECTOR_AC))
#define MAX_RULES		2048

enum rule_kind {
	RULE_CPUID_RESULT = 1,
	RULE_MSR_RESULT,
	RULE_INTERCEPT,
};

/* The key of a rule: @sub is for CPUID leaves only, and only if it is specific. */
struct rule_key {
	u32 kind;
	u32 type;		/* HV_INTERCEPT_TYPE_* */
	u32 vp;
	u32 sub;
	bool sub_specific;
	u64 index;		/* leaf, MSR, vector, port */
};

struct rule {
	struct hash_node node;
	struct rule_key key;
	u32 access;
	u32 value[4], mask[4];
};

static bool same_key(const struct rule_key *a, const struct rule_key *b)
{
	return a->kind == b->kind && a->type == b->type && a->vp == b->vp &&
	       a->index == b->index && a->sub_specific == b->sub_specific &&
	       (!a->sub_specific || a->sub == b->sub);
}

static u64 scattered(const struct rule_key *key)
{
	return hash_key(key->kind | (u64)key->type << 32, key->index,
			key->vp | (key->sub_specific ? (u64)key->sub << 32 | BIT(31) : 0));
}

static struct rule *rule_find(struct partition *p, const struct rule_key *key)
{
	if (!p->nr_rules)
		return NULL;
	HASH_FOR_EACH(node, &p->rules_by_key, scattered(key)) {
		struct rule *r = container_of(node, struct rule, node);

		if (same_key(&r->key, key))
			return r;
	}
	return NULL;
}

/* Applies the installation or removal of an intercept. */
static void intercept_changed(struct partition *p, const struct rule_key *key, bool there)
{
	switch (key->type) {
	case HV_INTERCEPT_TYPE_EXCEPTION:
		p->intercepts[EXCEPTIONS] &= ~BIT_ULL(key->index);
		if (there)
			p->intercepts[EXCEPTIONS] |= BIT_ULL(key->index);
		break;
	case HV_INTERCEPT_TYPE_X64_MSR_INDEX:
		p->intercepts[MSRS] += there ? 1 : -1;
		break;
	default:
		return;
	}
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp)
			continue;
		child_write(vp);
		rules_apply(vp);
	}
}

static u16 rule_add(struct partition *p, const struct rule *rule)
{
	struct rule *r = rule_find(p, &rule->key);
	struct hash_node node;

	if (r) {
		node = r->node;
		*r = *rule;
		r->node = node;
		return HV_STATUS_SUCCESS;
	}
	if (p->nr_rules == MAX_RULES)
		return HV_STATUS_NO_RESOURCES;
	r = slab_alloc(p, &p->rules, sizeof(*r));
	if (!r)
		return pool_empty_status(p);
	if (!hash_grow(p, &p->rules_by_key)) {
		slab_free(p, &p->rules, r, sizeof(*r));
		return pool_empty_status(p);
	}
	*r = *rule;
	hash_add(&p->rules_by_key, &r->node, scattered(&r->key));
	p->nr_rules++;
	if (r->key.kind == RULE_INTERCEPT)
		intercept_changed(p, &r->key, true);
	return HV_STATUS_SUCCESS;
}

static bool rule_remove(struct partition *p, const struct rule_key *key)
{
	struct rule *r = rule_find(p, key);

	if (!r)
		return false;
	hash_del(&p->rules_by_key, &r->node);
	hash_shrink(p, &p->rules_by_key);
	slab_free(p, &p->rules, r, sizeof(*r));
	p->nr_rules--;
	if (key->kind == RULE_INTERCEPT)
		intercept_changed(p, key, false);
	return true;
}

void rules_free(struct partition *p)
{
	hash_destroy(p, &p->rules_by_key);
	slab_destroy(p, &p->rules, MAX_RULES);
	p->nr_rules = 0;
}

/* ---- use ------------------------------------------------------------------------ */

static void apply(const struct rule *r, struct cpuid_regs *regs)
{
	u32 *reg[4] = { &regs->eax, &regs->ebx, &regs->ecx, &regs->edx };

	for (u32 i = 0; i < 4; i++)
		*reg[i] = (*reg[i] & ~r->mask[i]) | (r->value[i] & r->mask[i]);
}

/*
 * The registered result of a leaf: that of the VP has precedence over that of all VPs,
 * that of the subleaf over that of the leaf.
 */
static const struct rule *cpuid_rule(struct vp *vp, u32 leaf, u32 sub)
{
	struct rule_key key = {
		.kind = RULE_CPUID_RESULT,
		.type = HV_INTERCEPT_TYPE_X64_CPUID,
		.index = leaf,
		.sub = sub,
	};

	for (u32 i = 0; i < 4; i++) {
		const struct rule *r;

		key.vp = i < 2 ? vp->index : HV_ANY_VP;
		key.sub_specific = !(i % 2);
		r = rule_find(vp->partition, &key);
		if (r)
			return r;
	}
	return NULL;
}

bool rules_cpuid_mask(struct vp *vp, u32 leaf, u32 sub, u32 *mask)
{
	const struct rule *r = cpuid_rule(vp, leaf, sub);

	if (r)
		memcpy(mask, r->mask, sizeof(r->mask));
	return r;
}

void rules_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *regs)
{
	const struct rule *r = cpuid_rule(vp, leaf, sub);

	if (r)
		apply(r, regs);
}

int rules_msr(struct vp *vp, u32 msr, u32 access)
{
	struct rule_key key = {
		.kind = RULE_MSR_RESULT,
		.type = HV_INTERCEPT_TYPE_X64_MSR,
		.index = msr,
	};

	for (u32 i = 0; i < 2; i++) {
		const struct rule *r;

		key.vp = i ? HV_ANY_VP : vp->index;
		r = rule_find(vp->partition, &key);
		if (r && (r->access & access))
			return r->value[0];
	}
	return -1;
}

bool intercept_wanted(struct partition *p, u32 type, u64 param, u32 access)
{
	const struct rule_key key = {
		.kind = RULE_INTERCEPT,
		.type = type,
		.vp = HV_ANY_VP,
		.index = param,
	};
	const struct rule *r = rule_find(p, &key);

	return r && (r->access & access);
}

bool exception_wanted(struct partition *p, u32 vector)
{
	return p->intercepts[EXCEPTIONS] >> vector & 1;
}

void rules_apply(struct vp *vp)
{
	struct partition *p = vp->partition;

	vp->cpu->exceptions = p->intercepts[EXCEPTIONS] | ENDLESS_EXCEPTIONS |
			      BIT(VECTOR_MC);
	/* QEMU treats INT3 and INTO as software interrupts, see exit_int(). */
	if (p->intercepts[EXCEPTIONS] & SOFTWARE_EXCEPTIONS)
		vp->leave_on |= LEAVE_ON_INT;
	else
		vp->leave_on &= ~LEAVE_ON_INT;
	cpu_ops->use_map(vp, p->intercepts[MSRS] ? MAP_CHILD_ALL : MAP_CHILD);
}

/* ---- hypercalls -------------------------------------------------------------------- */

/* Vectors that can be intercepted without affecting the guest's own handling. */
static bool exception_allowed(u64 vector)
{
	return vector < 32 && vector != VECTOR_NMI;
}

/*
 * Accesses to ports and MMIO, and EOIs of level-triggered interrupts, are always
 * reported.  Types that are not listed are refused, since they would have no effect.
 * Of what is executed there is no other access.
 */
static bool parameter_ok(u32 type, u64 param, u32 access)
{
	switch (type) {
	case HV_INTERCEPT_TYPE_X64_IO_PORT:
		return param <= 0xffff;
	case HV_INTERCEPT_TYPE_X64_MSR:
	case HV_INTERCEPT_TYPE_MMIO:
	case HV_INTERCEPT_TYPE_X64_APIC_EOI:
		return true;
	case HV_INTERCEPT_TYPE_X64_CPUID:
		return param <= 0xffffffff &&
		       !(access & ~(u32)HV_INTERCEPT_ACCESS_MASK_EXECUTE);
	case HV_INTERCEPT_TYPE_HYPERCALL:
	case HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION:
	case HV_INTERCEPT_TYPE_RETARGET_INTERRUPT_WITH_UNKNOWN_DEVICE_ID:
		return !param && !(access & ~(u32)HV_INTERCEPT_ACCESS_MASK_EXECUTE);
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
	struct rule rule;
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
	memset(&rule, 0, sizeof(rule));
	rule.key.kind = RULE_INTERCEPT;
	rule.key.type = in->intercept_type;
	rule.key.vp = HV_ANY_VP;
	rule.key.index = in->intercept_parameter.as_uint64;
	if (rule.key.type == HV_INTERCEPT_TYPE_X64_MSR ||
	    rule.key.type == HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID)
		rule.key.index = 0;
	rule.access = in->access_type;
	if (rule.access)
		return rule_add(p, &rule);
	rule_remove(p, &rule.key);
	return HV_STATUS_SUCCESS;
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
	rule.key.vp = in->vp_index;
	rule.key.type = in->intercept_type;
	switch (in->intercept_type) {
	case HV_INTERCEPT_TYPE_X64_CPUID:
		if (c->input.subleaf_specific > 1 || c->input.always_override > 1 ||
		    c->input.padding)
			return HV_STATUS_INVALID_PARAMETER;
		rule.key.kind = RULE_CPUID_RESULT;
		rule.key.index = c->input.eax;
		rule.key.sub = c->input.subleaf_specific ? c->input.ecx : 0;
		rule.key.sub_specific = c->input.subleaf_specific;
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
		rule.key.kind = RULE_MSR_RESULT;
		rule.key.index = m->msr_index;
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
	struct rule_key key;
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
	return rule_remove(p, &key) ? HV_STATUS_SUCCESS : HV_STATUS_NOT_FOUND;
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
	/* All ports of a child are intercepted. */
	out->intercept = 1;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(check_for_io_intercept, .code = HVCALL_CHECK_FOR_IO_INTERCEPT,
	  .in = sizeof(struct hv_input_check_for_io_intercept),
	  .out = sizeof(struct hv_output_check_for_io_intercept),
	  .privilege = -1, .fn = check_io);
