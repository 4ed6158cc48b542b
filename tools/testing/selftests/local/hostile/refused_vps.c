// SPDX-License-Identifier: GPL-2.0
/*
 * A root that makes mistakes with VPs and their state.  See mistakes.h.
 *
 * The VPs of the target never run: the first is suspended, the second waits for its SIPI.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <hyperv/hv_intercept.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>

#include "mistakes.h"

#define MORE_PAGES	48	/* for two VPs */
#define PAGE		0x10	/* that the guest has */
#define NO_PAGE		0x11
#define WRITABLE_PAGE	0x12
#define CLOSED_PAGE	0x13	/* mapped without access */
#define TYPE_9		9
#define NO_PFN		BIT_ULL(40)
#define LEAF		0x1234
#define CR0_VALUE	0x80000011	/* PG, ET, PE */

static u64 free_page_of(const struct hostile *h)
{
	return virt_to_phys(h->arena) / PAGE_SIZE + ARENA_PAGES - 1;
}

static void map_page(struct hostile *h, u64 gpn, u64 flags)
{
	u64 in[] = { h->target, gpn, flags, free_page_of(h) };

	expect(h, "a page", HVCALL_MAP_GPA_PAGES | LIST(1), in, sizeof(in), HV_STATUS_SUCCESS);
}

static void set_register(struct hostile *h, u32 index, u32 name, u64 value)
{
	struct {
		u64 partition;
		u32 index, vtl;
		struct hv_register_assoc one;
	} __packed in = {
		.partition = h->target,
		.index = index,
		.one = { .name = name, .value.reg64 = value },
	};

	expect(h, "a register", HVCALL_SET_VP_REGISTERS | LIST(1), &in, sizeof(in),
	       HV_STATUS_SUCCESS);
}

/* --- life -------------------------------------------------------------------------------- */

static void create(struct hostile *h, u32 index)
{
	struct hv_input_create_vp in = {
		.partition_id = h->target,
		.vp_index = index,
		.subnode_type = HV_SUBNODE_ANY,
	};

	expect(h, "a VP", HVCALL_CREATE_VP, &in, sizeof(in), HV_STATUS_SUCCESS);
	expect(h, "a VP that exists", HVCALL_CREATE_VP, &in, sizeof(in),
	       HV_STATUS_INVALID_VP_INDEX);
}

/* One that waits for its SIPI is not entered while it is not suspended. */
static void delete_second(struct hostile *h)
{
	struct hv_input_delete_vp in = { .partition_id = h->target, .vp_index = 1 };

	set_register(h, 1, HV_REGISTER_EXPLICIT_SUSPEND, 0);
	expect(h, "a VP that is not suspended", HVCALL_DELETE_VP, &in, sizeof(in),
	       HV_STATUS_INVALID_VP_STATE);
	set_register(h, 1, HV_REGISTER_DISPATCH_SUSPEND, 1);
	expect(h, "a VP that is not dispatched", HVCALL_DELETE_VP, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
}

/* --- its pages --------------------------------------------------------------------------- */

#define MAP(field)	FIELD(struct hv_input_map_vp_state_page, field)
#define UNMAP(field)	FIELD(struct hv_input_unmap_vp_state_page, field)

static void state_pages(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "VTL 1", MAP(input_vtl), 1, HV_STATUS_INVALID_PARAMETER },
		{ "flags", MAP(flags), 1, HV_STATUS_INVALID_PARAMETER },
		{ "a place", MAP(requested_map_location), 1, HV_STATUS_INVALID_PARAMETER },
		{ "GHCB", MAP(type), HV_VP_STATE_PAGE_GHCB, HV_STATUS_FEATURE_UNAVAILABLE },
		{ "type 9", MAP(type), TYPE_9, HV_STATUS_INVALID_PARAMETER },
	};
	static const struct mistake wrong[] = {
		{ "VTL 1", UNMAP(input_vtl), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved", UNMAP(reserved0), 1, HV_STATUS_INVALID_PARAMETER },
		{ "type 9", UNMAP(type), TYPE_9, HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_map_vp_state_page in = { .partition_id = h->target };
	struct hv_input_unmap_vp_state_page unmap = { .partition_id = h->target };
	u64 first;

	SPOIL_EACH(h, HVCALL_MAP_VP_STATE_PAGE, &in, mistakes);
	hostile_take_back(h, h->target);
	expect(h, "registers without memory", HVCALL_MAP_VP_STATE_PAGE, &in, sizeof(in),
	       HV_STATUS_INSUFFICIENT_MEMORY);
	hostile_deposit(h, h->target, MORE_PAGES);
	expect(h, "registers", HVCALL_MAP_VP_STATE_PAGE, &in, sizeof(in), HV_STATUS_SUCCESS);
	first = *(u64 *)answer(h);
	expect(h, "registers again", HVCALL_MAP_VP_STATE_PAGE, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, *(u64 *)answer(h) == first, "the page is the same");
	SPOIL_EACH(h, HVCALL_UNMAP_VP_STATE_PAGE, &unmap, wrong);
	expect(h, "registers", HVCALL_UNMAP_VP_STATE_PAGE, &unmap, sizeof(unmap),
	       HV_STATUS_SUCCESS);
}

/* --- its state --------------------------------------------------------------------------- */

struct state {
	u64 partition;
	u32 index;
	u8 vtl, rsvd0;
	u16 rsvd1;
	struct hv_vp_state_data data;
	u64 pfn;
} __packed;

#define STATE(field)	FIELD(struct state, field)
#define SPOIL_STATE(h, code, good, mistakes) SPOIL_EACH(h, (code) | VARHEAD(1), good, mistakes)

/* The page is one of the hypervisor, which is not known before. */
static void foreign_page(struct hostile *h, const struct state *good)
{
	struct state in = *good;

	in.pfn = h->hv_first;
	expect(h, "into a page of the hypervisor", HVCALL_GET_VP_STATE | VARHEAD(1), &in,
	       sizeof(in), HV_STATUS_OPERATION_DENIED);
	expect(h, "from a page of the hypervisor", HVCALL_SET_VP_STATE | VARHEAD(1), &in,
	       sizeof(in), HV_STATUS_OPERATION_DENIED);
}

static void states(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "VTL 1", STATE(vtl), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved byte", STATE(rsvd0), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved word", STATE(rsvd1), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved dword", STATE(data.rsvd), 1, HV_STATUS_INVALID_PARAMETER },
		{ "a page that is not there", STATE(pfn), NO_PFN, HV_STATUS_OPERATION_DENIED },
		{ "type 9", STATE(data.type), TYPE_9, HV_STATUS_INVALID_PARAMETER },
		{ "undefined flags", STATE(data.xsave.flags), 2, HV_STATUS_INVALID_PARAMETER },
	};
	static const struct mistake timers[] = {
		{ "timers in a page", STATE(data.type), HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct state in = {
		.partition = h->target,
		.data.type = HV_GET_SET_VP_STATE_XSAVE,
		.pfn = free_page_of(h),
	};

	SPOIL_STATE(h, HVCALL_GET_VP_STATE, &in, mistakes);
	SPOIL_STATE(h, HVCALL_SET_VP_STATE, &in, mistakes);
	SPOIL_STATE(h, HVCALL_SET_VP_STATE, &in, timers);
	foreign_page(h, &in);
	expect(h, "all of XSAVE", HVCALL_GET_VP_STATE | VARHEAD(1), &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	in.data.xsave.states = 3;
	expect(h, "a part of XSAVE", HVCALL_GET_VP_STATE | VARHEAD(1), &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	expect(h, "two pages", HVCALL_GET_VP_STATE | VARHEAD(2), &in, sizeof(in),
	       HV_STATUS_INVALID_PARAMETER);
}

/* --- its memory -------------------------------------------------------------------------- */

static void translations(struct hostile *h)
{
	struct hv_input_translate_virtual_address in = {
		.partition_id = h->target,
		.control_flags = HV_TRANSLATE_GVA_VALIDATE_READ,
		.gva_page = PAGE,
	};
	struct hv_output_translate_virtual_address_ex *out = answer(h);
	const u64 *event = (u64 *)out->event_info;

	expect(h, "an address", HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, out->result_code == HV_TRANSLATE_GVA_SUCCESS && out->gpa_page == PAGE,
		      "without paging all addresses are physical");
	in.gva_page = NO_PAGE;
	expect(h, "an address", HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, out->result_code == HV_TRANSLATE_GVA_GPA_UNMAPPED && !event[0],
		      "what is not mapped is no exception");
	/* The page is empty, so that it maps nothing. */
	set_register(h, 0, HV_X64_REGISTER_CR3, PAGE * PAGE_SIZE);
	set_register(h, 0, HV_X64_REGISTER_CR0, CR0_VALUE);
	expect(h, "an address", HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, out->result_code == HV_TRANSLATE_GVA_PAGE_NOT_PRESENT && event[0] &&
		      event[1] == NO_PAGE * PAGE_SIZE,
		      "what the guest has not mapped is a page fault");
}

#define READ_FIELD(field)	FIELD(struct hv_input_read_gpa, field)

/* A read or a write of 8 bytes is done, and says what has become of it. */
static void access(struct hostile *h, u64 gpa, u32 reads, u32 writes)
{
	struct hv_input_write_gpa in = {
		.partition_id = h->target,
		.byte_count = 8,
		.base_gpa = gpa,
	};
	const struct hv_output_read_gpa *out = answer(h);

	expect(h, "memory", HVCALL_READ_GPA, &in, sizeof(struct hv_input_read_gpa),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, out->result_code == reads, "memory is read if it can be");
	hostile_claim(h, out->result_code || !*(u64 *)out->data, "the memory is empty");
	expect(h, "memory", HVCALL_WRITE_GPA, &in, sizeof(in), HV_STATUS_SUCCESS);
	hostile_claim(h, out->result_code == writes, "memory is written to if it can be");
}

static void accesses(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "nothing", READ_FIELD(byte_count), 0, HV_STATUS_INVALID_PARAMETER },
		{ "too much", READ_FIELD(byte_count), HV_READ_WRITE_GPA_MAX_BYTES + 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "over the end of a page", READ_FIELD(base_gpa), NO_PAGE * PAGE_SIZE - 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "undefined flags", READ_FIELD(control_flags), 0x100,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_read_gpa in = {
		.partition_id = h->target,
		.byte_count = 8,
		.base_gpa = PAGE * PAGE_SIZE,
	};

	SPOIL_EACH(h, HVCALL_READ_GPA, &in, mistakes);
	access(h, NO_PAGE * PAGE_SIZE - 8, HV_ACCESS_GPA_SUCCESS, HV_ACCESS_GPA_WRITE_INTERCEPT);
	access(h, NO_PAGE * PAGE_SIZE, HV_ACCESS_GPA_UNMAPPED, HV_ACCESS_GPA_UNMAPPED);
	access(h, WRITABLE_PAGE * PAGE_SIZE, HV_ACCESS_GPA_SUCCESS, HV_ACCESS_GPA_SUCCESS);
	access(h, CLOSED_PAGE * PAGE_SIZE, HV_ACCESS_GPA_READ_INTERCEPT,
	       HV_ACCESS_GPA_WRITE_INTERCEPT);
}

/* --- what guests ask for ----------------------------------------------------------------- */

static void results(struct hostile *h)
{
	struct hv_input_register_intercept_result in = {
		.partition_id = h->target,
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid.input.eax = LEAF,
	};
	struct hv_input_unregister_intercept_result out = {
		.partition_id = h->target,
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid.eax = LEAF,
	};

	expect(h, "a leaf", HVCALL_REGISTER_INTERCEPT_RESULT, &in, sizeof(in),
	       HV_STATUS_SUCCESS);
	expect(h, "a leaf", HVCALL_UNREGISTER_INTERCEPT_RESULT, &out, sizeof(out),
	       HV_STATUS_SUCCESS);
	expect(h, "a leaf that is gone", HVCALL_UNREGISTER_INTERCEPT_RESULT, &out, sizeof(out),
	       HV_STATUS_NOT_FOUND);
}

/* Calls of a guest about its own VPs: a root has others. */
static void calls_of_guests(struct hostile *h)
{
	static const u64 codes[] = {
		HVCALL_SEND_IPI, HVCALL_SEND_IPI_EX, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | LIST(1),
		HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX | LIST(1),
	};
	static const u64 nothing[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		expect(h, "by the root", codes[i], nothing, sizeof(nothing),
		       HV_STATUS_ACCESS_DENIED);
	expect(h, "by the root", HVCALL_NOTIFY_LONG_SPIN_WAIT, nothing, sizeof(nothing),
	       HV_STATUS_SUCCESS);
}

/**
 * hostile_refused_vps() - make calls about VPs that must be refused
 * @h: state; the target is active, and has no VPs
 */
void hostile_refused_vps(struct hostile *h)
{
	calls_of_guests(h);
	hostile_deposit(h, h->target, MORE_PAGES);
	memset(h->arena + (ARENA_PAGES - 1) * PAGE_SIZE, 0, PAGE_SIZE);
	map_page(h, PAGE, HV_MAP_GPA_READABLE);
	map_page(h, WRITABLE_PAGE, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE);
	map_page(h, CLOSED_PAGE, HV_MAP_GPA_NO_ACCESS);
	create(h, 0);
	create(h, 1);
	results(h);
	translations(h);
	accesses(h);
	states(h);
	state_pages(h);
	delete_second(h);
}
