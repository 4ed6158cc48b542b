// SPDX-License-Identifier: GPL-2.0
/*
 * The interface of /dev/mshv: numbers and layouts, against the written
 * reference and not against the header.
 */
#include <stddef.h>

#include <linux/mshv.h>

#include "tap.h"

struct command {
	const char *name;
	unsigned long value, want;
};

#define C(name_, want_) { #name_, name_, want_ },

static const struct command commands[] = {
	C(MSHV_CREATE_PARTITION, 0x4010b800)
	C(MSHV_ROOT_HVCALL, 0xc020b807)
	C(MSHV_INITIALIZE_PARTITION, 0x0000b800)
	C(MSHV_CREATE_VP, 0x4004b801)
	C(MSHV_SET_GUEST_MEMORY, 0x4020b802)
	C(MSHV_IRQFD, 0x4010b803)
	C(MSHV_IOEVENTFD, 0x4020b804)
	C(MSHV_SET_MSI_ROUTING, 0x4008b805)
	C(MSHV_GET_GPAP_ACCESS_BITMAP, 0xc020b806)
	C(MSHV_RUN_VP, 0x8100b800)
	C(MSHV_GET_VP_STATE, 0xc010b801)
	C(MSHV_SET_VP_STATE, 0xc010b802)
	/* Of this tree, or from elsewhere. */
	C(MSHV_CHECK_EXTENSION, 0x4004b800)
	C(MSHV_KICK_VP, 0x0000b8a0)
	C(MSHV_RESET_VP, 0x0000b8a1)
	C(MSHV_TRANSLATE_ADDRESS, 0xc020b8a2)
	C(MSHV_TRANSLATE_GVA, 0xc020b8f2)
};

static const struct command constants[] = {
	C(1 << MSHV_PT_BIT_LAPIC, 1)
	C(1 << MSHV_PT_BIT_X2APIC, 2)
	C(1 << MSHV_PT_BIT_GPA_SUPER_PAGES, 4)
	C(1 << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES, 8)
	C(1 << MSHV_PT_BIT_NESTED_VIRTUALIZATION, 16)
	C(1 << MSHV_PT_BIT_SMT_ENABLED_GUEST, 32)
	C(MSHV_PT_FLAGS_MASK, 0x3f)
	C(MSHV_PT_ISOLATION_NONE, 0)
	C(MSHV_NUM_CPU_FEATURES_BANKS, 2)
	C(1 << MSHV_SET_MEM_BIT_WRITABLE, 1)
	C(1 << MSHV_SET_MEM_BIT_EXECUTABLE, 2)
	C(1 << MSHV_SET_MEM_BIT_UNMAP, 4)
	C(MSHV_SET_MEM_FLAGS_MASK, 7)
	C(1 << MSHV_IRQFD_BIT_DEASSIGN, 1)
	C(1 << MSHV_IRQFD_BIT_RESAMPLE, 2)
	C(1 << MSHV_IOEVENTFD_BIT_DATAMATCH, 1)
	C(1 << MSHV_IOEVENTFD_BIT_PIO, 2)
	C(1 << MSHV_IOEVENTFD_BIT_DEASSIGN, 4)
	C(MSHV_GPAP_ACCESS_TYPE_ACCESSED, 0)
	C(MSHV_GPAP_ACCESS_TYPE_DIRTY, 1)
	C(MSHV_GPAP_ACCESS_OP_NOOP, 0)
	C(MSHV_GPAP_ACCESS_OP_CLEAR, 1)
	C(MSHV_GPAP_ACCESS_OP_SET, 2)
	C(MSHV_VP_STATE_LAPIC, 0)
	C(MSHV_VP_STATE_XSAVE, 1)
	C(MSHV_VP_STATE_SIMP, 2)
	C(MSHV_VP_STATE_SIEFP, 3)
	C(MSHV_VP_STATE_SYNTHETIC_TIMERS, 4)
	C(MSHV_VP_MMAP_OFFSET_REGISTERS, 0)
	C(MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE, 1)
	C(MSHV_VP_MMAP_OFFSET_GHCB, 2)
};

struct row {
	const char *type;
	const char *field;
	size_t offset, size;
	size_t want_offset, want_size;
};

#define S(type_, want) { "struct " #type_, "", 0, sizeof(struct type_), 0, want },
#define F(type_, field_, offset_, size_)				\
	{ "struct " #type_, #field_, offsetof(struct type_, field_),	\
	  sizeof(((struct type_ *)0)->field_), offset_, size_ },

static const struct row rows[] = {
	S(mshv_create_partition, 16)
	F(mshv_create_partition, pt_flags, 0, 8)
	F(mshv_create_partition, pt_isolation, 8, 8)
	S(mshv_create_partition_v2, 64)
	F(mshv_create_partition_v2, pt_num_cpu_fbanks, 16, 2)
	F(mshv_create_partition_v2, pt_rsvd, 18, 6)
	F(mshv_create_partition_v2, pt_cpu_fbanks, 24, 16)
	F(mshv_create_partition_v2, pt_rsvd1, 40, 16)
	F(mshv_create_partition_v2, pt_disabled_xsave, 56, 8)
	S(mshv_create_vp, 4)
	S(mshv_user_mem_region, 32)
	F(mshv_user_mem_region, size, 0, 8)
	F(mshv_user_mem_region, guest_pfn, 8, 8)
	F(mshv_user_mem_region, userspace_addr, 16, 8)
	F(mshv_user_mem_region, flags, 24, 1)
	F(mshv_user_mem_region, rsvd, 25, 7)
	S(mshv_user_irqfd, 16)
	F(mshv_user_irqfd, fd, 0, 4)
	F(mshv_user_irqfd, resamplefd, 4, 4)
	F(mshv_user_irqfd, gsi, 8, 4)
	F(mshv_user_irqfd, flags, 12, 4)
	S(mshv_user_irq_table, 8)
	F(mshv_user_irq_table, nr, 0, 4)
	F(mshv_user_irq_table, rsvd, 4, 4)
	F(mshv_user_irq_table, entries[0], 8, 16)
	F(mshv_user_irq_entry, gsi, 0, 4)
	F(mshv_user_irq_entry, address_lo, 4, 4)
	F(mshv_user_irq_entry, address_hi, 8, 4)
	F(mshv_user_irq_entry, data, 12, 4)
	S(mshv_user_ioeventfd, 32)
	F(mshv_user_ioeventfd, datamatch, 0, 8)
	F(mshv_user_ioeventfd, addr, 8, 8)
	F(mshv_user_ioeventfd, len, 16, 4)
	F(mshv_user_ioeventfd, fd, 20, 4)
	F(mshv_user_ioeventfd, flags, 24, 4)
	F(mshv_user_ioeventfd, rsvd, 28, 4)
	S(mshv_gpap_access_bitmap, 32)
	F(mshv_gpap_access_bitmap, access_type, 0, 1)
	F(mshv_gpap_access_bitmap, access_op, 1, 1)
	F(mshv_gpap_access_bitmap, rsvd, 2, 6)
	F(mshv_gpap_access_bitmap, page_count, 8, 8)
	F(mshv_gpap_access_bitmap, gpap_base, 16, 8)
	F(mshv_gpap_access_bitmap, bitmap_ptr, 24, 8)
	S(mshv_translate_address, 32)
	F(mshv_translate_address, gva, 0, 8)
	F(mshv_translate_address, flags, 8, 4)
	F(mshv_translate_address, result, 12, 4)
	F(mshv_translate_address, gpa, 16, 8)
	F(mshv_translate_address, rsvd, 24, 8)
	S(mshv_translate_gva, 32)
	F(mshv_translate_gva, gva, 0, 8)
	F(mshv_translate_gva, flags, 8, 8)
	F(mshv_translate_gva, result, 16, 8)
	F(mshv_translate_gva, gpa, 24, 8)
	S(mshv_root_hvcall, 32)
	F(mshv_root_hvcall, code, 0, 2)
	F(mshv_root_hvcall, reps, 2, 2)
	F(mshv_root_hvcall, in_sz, 4, 2)
	F(mshv_root_hvcall, out_sz, 6, 2)
	F(mshv_root_hvcall, status, 8, 2)
	F(mshv_root_hvcall, rsvd, 10, 6)
	F(mshv_root_hvcall, in_ptr, 16, 8)
	F(mshv_root_hvcall, out_ptr, 24, 8)
	S(mshv_run_vp, 256)
	S(mshv_get_set_vp_state, 16)
	F(mshv_get_set_vp_state, type, 0, 1)
	F(mshv_get_set_vp_state, rsvd, 1, 3)
	F(mshv_get_set_vp_state, buf_sz, 4, 4)
	F(mshv_get_set_vp_state, buf_ptr, 8, 8)
};

static void check_commands(const struct command *c, size_t count)
{
	for (; count--; c++)
		tap_check(c->value == c->want, "%s is 0x%lx, not 0x%lx",
			  c->name, c->value, c->want);
}

int main(void)
{
	const struct row *r;

	check_commands(commands, ARRAY_SIZE(commands));
	tap_group("commands");
	check_commands(constants, ARRAY_SIZE(constants));
	tap_group("constants");
	for (r = rows; r < rows + ARRAY_SIZE(rows); r++)
		tap_check(r->offset == r->want_offset &&
			  r->size == r->want_size,
			  "%s.%s: %zu bytes at %zu, not %zu at %zu", r->type,
			  r->field, r->size, r->offset, r->want_size,
			  r->want_offset);
	tap_group("layouts");
	return tap_end();
}
