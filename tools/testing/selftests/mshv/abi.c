// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers that a VMM built with another copy of the header relies on.  All of
 * them are typed here, none comes from the header.
 */
#include <stddef.h>

#include "harness.h"

#define CHECK_OFFSET(type, field, offset)				\
	EXPECT_EQ(offset, offsetof(struct type, field))

TEST(ioctl_numbers)
{
	EXPECT_EQ(0x4010b800, MSHV_CREATE_PARTITION);
	EXPECT_EQ(0xc020b807, MSHV_ROOT_HVCALL);
	EXPECT_EQ(0x0000b800, MSHV_INITIALIZE_PARTITION);
	EXPECT_EQ(0x4004b801, MSHV_CREATE_VP);
	EXPECT_EQ(0x4020b802, MSHV_SET_GUEST_MEMORY);
	EXPECT_EQ(0x4010b803, MSHV_IRQFD);
	EXPECT_EQ(0x4020b804, MSHV_IOEVENTFD);
	EXPECT_EQ(0x4008b805, MSHV_SET_MSI_ROUTING);
	EXPECT_EQ(0xc020b806, MSHV_GET_GPAP_ACCESS_BITMAP);
	EXPECT_EQ(0x8100b800, MSHV_RUN_VP);
	EXPECT_EQ(0xc010b801, MSHV_GET_VP_STATE);
	EXPECT_EQ(0xc010b802, MSHV_SET_VP_STATE);
}

TEST(create_partition_layout)
{
	EXPECT_EQ(16, sizeof(struct mshv_create_partition));
	CHECK_OFFSET(mshv_create_partition, pt_isolation, 8);
	EXPECT_EQ(64, sizeof(struct mshv_create_partition_v2));
	CHECK_OFFSET(mshv_create_partition_v2, pt_num_cpu_fbanks, 16);
	CHECK_OFFSET(mshv_create_partition_v2, pt_rsvd, 18);
	CHECK_OFFSET(mshv_create_partition_v2, pt_cpu_fbanks, 24);
	CHECK_OFFSET(mshv_create_partition_v2, pt_rsvd1, 40);
	CHECK_OFFSET(mshv_create_partition_v2, pt_disabled_xsave, 56);
	EXPECT_EQ(0, MSHV_PT_BIT_LAPIC);
	EXPECT_EQ(1, MSHV_PT_BIT_X2APIC);
	EXPECT_EQ(2, MSHV_PT_BIT_GPA_SUPER_PAGES);
	EXPECT_EQ(3, MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES);
	EXPECT_EQ(4, MSHV_PT_BIT_NESTED_VIRTUALIZATION);
	EXPECT_EQ(5, MSHV_PT_BIT_SMT_ENABLED_GUEST);
}

TEST(memory_layout)
{
	EXPECT_EQ(32, sizeof(struct mshv_user_mem_region));
	CHECK_OFFSET(mshv_user_mem_region, size, 0);
	CHECK_OFFSET(mshv_user_mem_region, guest_pfn, 8);
	CHECK_OFFSET(mshv_user_mem_region, userspace_addr, 16);
	CHECK_OFFSET(mshv_user_mem_region, flags, 24);
	CHECK_OFFSET(mshv_user_mem_region, rsvd, 25);
	EXPECT_EQ(0, MSHV_SET_MEM_BIT_WRITABLE);
	EXPECT_EQ(1, MSHV_SET_MEM_BIT_EXECUTABLE);
	EXPECT_EQ(2, MSHV_SET_MEM_BIT_UNMAP);
}

TEST(interrupt_layout)
{
	EXPECT_EQ(8, sizeof(struct mshv_user_irq_table));
	CHECK_OFFSET(mshv_user_irq_table, rsvd, 4);
	CHECK_OFFSET(mshv_user_irq_table, entries, 8);
	EXPECT_EQ(16, sizeof(struct mshv_user_irq_entry));
	CHECK_OFFSET(mshv_user_irq_entry, address_lo, 4);
	CHECK_OFFSET(mshv_user_irq_entry, address_hi, 8);
	CHECK_OFFSET(mshv_user_irq_entry, data, 12);
	EXPECT_EQ(16, sizeof(struct mshv_user_irqfd));
	CHECK_OFFSET(mshv_user_irqfd, resamplefd, 4);
	CHECK_OFFSET(mshv_user_irqfd, gsi, 8);
	CHECK_OFFSET(mshv_user_irqfd, flags, 12);
	EXPECT_EQ(32, sizeof(struct mshv_user_ioeventfd));
	CHECK_OFFSET(mshv_user_ioeventfd, addr, 8);
	CHECK_OFFSET(mshv_user_ioeventfd, len, 16);
	CHECK_OFFSET(mshv_user_ioeventfd, fd, 20);
	CHECK_OFFSET(mshv_user_ioeventfd, flags, 24);
}

TEST(hypercall_and_run_layout)
{
	EXPECT_EQ(32, sizeof(struct mshv_root_hvcall));
	CHECK_OFFSET(mshv_root_hvcall, reps, 2);
	CHECK_OFFSET(mshv_root_hvcall, in_sz, 4);
	CHECK_OFFSET(mshv_root_hvcall, out_sz, 6);
	CHECK_OFFSET(mshv_root_hvcall, status, 8);
	CHECK_OFFSET(mshv_root_hvcall, rsvd, 10);
	CHECK_OFFSET(mshv_root_hvcall, in_ptr, 16);
	CHECK_OFFSET(mshv_root_hvcall, out_ptr, 24);
	EXPECT_EQ(256, sizeof(struct mshv_run_vp));
	EXPECT_EQ(4, sizeof(struct mshv_create_vp));
	EXPECT_EQ(16, sizeof(struct mshv_get_set_vp_state));
	CHECK_OFFSET(mshv_get_set_vp_state, buf_sz, 4);
	CHECK_OFFSET(mshv_get_set_vp_state, buf_ptr, 8);
	EXPECT_EQ(32, sizeof(struct mshv_gpap_access_bitmap));
	CHECK_OFFSET(mshv_gpap_access_bitmap, page_count, 8);
	CHECK_OFFSET(mshv_gpap_access_bitmap, gpap_base, 16);
	CHECK_OFFSET(mshv_gpap_access_bitmap, bitmap_ptr, 24);
	EXPECT_EQ(0, MSHV_VP_MMAP_OFFSET_REGISTERS);
	EXPECT_EQ(1, MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE);
	EXPECT_EQ(2, MSHV_VP_MMAP_OFFSET_GHCB);
}

TEST(pitfall_A28_hypervisor_layouts)
{
	/* The parts of messages and pages that VMMs read and write. */
	CHECK_OFFSET(hv_x64_io_port_intercept_message, port_number, 40);
	CHECK_OFFSET(hv_x64_io_port_intercept_message, access_info, 42);
	CHECK_OFFSET(hv_x64_io_port_intercept_message, rax, 48);
	CHECK_OFFSET(hv_x64_io_port_intercept_message, rcx, 104);
	CHECK_OFFSET(hv_x64_memory_intercept_message, instruction_byte_count, 44);
	CHECK_OFFSET(hv_x64_memory_intercept_message, guest_virtual_address, 48);
	CHECK_OFFSET(hv_x64_memory_intercept_message, guest_physical_address, 56);
	CHECK_OFFSET(hv_x64_memory_intercept_message, instruction_bytes, 64);
	CHECK_OFFSET(hv_x64_intercept_message_header, cs_segment, 8);
	CHECK_OFFSET(hv_x64_intercept_message_header, rip, 24);
	CHECK_OFFSET(hv_x64_intercept_message_header, rflags, 32);
	CHECK_OFFSET(hv_message, u, 16);
	EXPECT_EQ(32, sizeof(struct hv_register_assoc));
	CHECK_OFFSET(hv_register_assoc, value, 16);
}

TEST(pitfall_A20_register_page_layout)
{
	CHECK_OFFSET(hv_vp_register_page, isvalid, 2);
	CHECK_OFFSET(hv_vp_register_page, dirty, 4);
	CHECK_OFFSET(hv_vp_register_page, rax, 8);
	CHECK_OFFSET(hv_vp_register_page, rip, 136);
	CHECK_OFFSET(hv_vp_register_page, rflags, 144);
	CHECK_OFFSET(hv_vp_register_page, xmm, 160);
	CHECK_OFFSET(hv_vp_register_page, es, 256);
	CHECK_OFFSET(hv_vp_register_page, cr0, 352);
	CHECK_OFFSET(hv_vp_register_page, efer, 384);
	CHECK_OFFSET(hv_vp_register_page, interrupt_vectors, 688);
}

TEST_HARNESS_MAIN
