// SPDX-License-Identifier: GPL-2.0
/*
 * Threads, cores and sockets in a guest's CPUID.
 *
 * Model: a guest executes CPUID, and each leaf is compared with what a VMM computes from
 * the same numbers: processors, those of a socket, threads of a core, and the APIC id.
 */
#include <hyperv/hv_register.h>

#include "harness.h"
#include "testvm.h"

#define SMT		HV_BIT64(MSHV_PT_BIT_SMT_ENABLED_GUEST)
#define PORT		0x80
#define HTT		HV_BIT(28)
#define CMP_LEGACY	HV_BIT(1)
#define TOPOEXT		HV_BIT(22)
#define EXTENDED	0x80000000
#define AMD		0x444d4163	/* "cAMD" */

enum { EAX, EBX, ECX, EDX, REGS };

static const __u8 guest_cpuid[] = { 0x0f, 0xa2, 0xe6, PORT };	/* cpuid; out PORT, al */

FIXTURE(topology) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(topology)
{
	self->books = !rv_open() && !books_read(&self->before);
}

FIXTURE_TEARDOWN(topology)
{
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set_per_socket(struct tvm *t, __u64 value)
{
	return vmm_set_property(t->part, HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET, value);
}

static int start(struct tvm *t, __u64 flags, unsigned int vps)
{
	unsigned int vp;
	int ret = tvm_create(t, flags);

	ret = ret ?: vmm_initialize(t->part);
	ret = ret ?: tvm_memory(t);
	for (vp = 0; vp < vps && ret >= 0; vp++)
		ret = tvm_vp(t, vp);
	if (ret < 0)
		return ret;
	memcpy(t->memory + TVM_CODE, guest_cpuid, sizeof(guest_cpuid));
	return 0;
}

/* A leaf as the guest's processor has it. */
static int leaf_of(struct tvm *t, unsigned int vp, __u32 leaf, __u32 sub, __u32 *r)
{
	const struct hv_register_assoc in[] = {
		vmm_value(HV_X64_REGISTER_RAX, leaf),
		vmm_value(HV_X64_REGISTER_RCX, sub),
		vmm_value(HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0),
	};
	static const __u32 names[] = {
		HV_X64_REGISTER_RAX, HV_X64_REGISTER_RBX, HV_X64_REGISTER_RCX,
		HV_X64_REGISTER_RDX,
	};
	int ret = tvm_real_mode(t, vp, TVM_CODE);
	unsigned int i;
	__u64 value;

	ret = ret ?: vmm_set_registers(t->vp[vp], vp, in, ARRAY_SIZE(in));
	ret = ret ?: tvm_run(t, vp);
	if (!ret && tvm_io(t)->port_number != PORT)
		ret = -EPROTO;
	for (i = 0; i < REGS && !ret; i++) {
		ret = vmm_get_register(t->vp[vp], vp, names[i], &value);
		r[i] = value;
	}
	return ret;
}

static __u32 width(__u32 count)
{
	return count > 1 ? 32 - __builtin_clz(count - 1) : 0;
}

#define LEAF(leaf, sub, r)	ASSERT_OK(leaf_of(t, vp, leaf, sub, r))

TEST_F(topology, as_told)
{
	static const struct {
		__u64 flags;
		unsigned int vps, per_socket;
		__u32 id[TVM_MAX_VPS];
	} rows[] = {
		{ 0, 1, 0, { 0 } },
		{ 0, 4, 0, { 0, 1, 2, 3 } },
		{ SMT, 4, 0, { 0, 1, 2, 3 } },
		{ SMT, 4, 2, { 0, 1, 2, 3 } },
		{ 0, 4, 1, { 0, 1, 2, 3 } },
		{ 0, 4, 3, { 0, 1, 2, 4 } },
		{ SMT, 1, 0, { 0 } },
		{ SMT, 4, 16, { 0, 1, 0x12, 0x113 } },
	};
	unsigned int i, vp;
	__u32 r[REGS];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tvm *t = &self->t;
		const unsigned int all = rows[i].per_socket ?: rows[i].vps;
		const unsigned int threads = rows[i].flags && all > 1 ? 2 : 1;
		bool amd;
		__u64 value = 0;

		ASSERT_OK(start(t, TVM_FLAGS | rows[i].flags, rows[i].vps));
		ASSERT_OK(set_per_socket(t, rows[i].per_socket));
		ASSERT_OK(vmm_get_property(t->part, HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET,
					   &value));
		EXPECT_EQ(all, value);
		for (vp = 0; vp < rows[i].vps; vp++)
			ASSERT_OK(vmm_set_register(t->vp[vp], vp, HV_X64_REGISTER_INITIAL_APIC_ID,
						   rows[i].id[vp]));
		for (vp = 0; vp < rows[i].vps; vp++) {
			const __u32 id = rows[i].id[vp];

			LEAF(0, 0, r);
			amd = r[ECX] == AMD;
			LEAF(1, 0, r);
			EXPECT_EQ(id & 0xff, r[EBX] >> 24);
			EXPECT_EQ(all, r[EBX] >> 16 & 0xff);
			EXPECT_EQ(all > 1 ? HTT : 0, r[EDX] & HTT);
			LEAF(0xb, 0, r);
			EXPECT_EQ(width(threads), r[EAX]);
			EXPECT_EQ(threads, r[EBX]);
			EXPECT_EQ(1 << 8, r[ECX]);
			EXPECT_EQ(id, r[EDX]);
			LEAF(0x1f, 1, r);
			EXPECT_EQ(width(all), r[EAX]);
			EXPECT_EQ(all, r[EBX]);
			EXPECT_EQ(2 << 8 | 1, r[ECX]);
			EXPECT_EQ(id, r[EDX]);
			LEAF(0xb, 2, r);
			EXPECT_EQ(0, r[EAX] | r[EBX]);
			EXPECT_EQ(2, r[ECX]);
			LEAF(0x80000008, 0, r);
			EXPECT_EQ(all - 1, r[ECX] & 0xff);
			EXPECT_EQ(width(all), r[ECX] >> 12 & 0xf);
			LEAF(0x80000001, 0, r);
			EXPECT_EQ(amd && all > 1 ? CMP_LEGACY : 0, r[ECX] & CMP_LEGACY);
			EXPECT_EQ(amd && threads > 1 ? TOPOEXT : 0, r[ECX] & TOPOEXT);
			LEAF(0x8000001e, 0, r);
			if (amd && threads > 1) {
				EXPECT_EQ(id, r[EAX]);
				EXPECT_EQ((id % (1U << width(all))) / 2 | 1 << 8, r[EBX]);
				EXPECT_EQ(id >> width(all), r[ECX]);
				LEAF(EXTENDED, 0, r);
				EXPECT_LE(0x8000001e, r[EAX]);
			} else {
				EXPECT_EQ(0, r[EAX] | r[EBX] | r[ECX]);
			}
			ASSERT_EQ(0, _metadata->exit_code) {
				TH_LOG("row %u, VP %u", i, vp);
			}
		}
		tvm_close(t);
	}
}

TEST_F(topology, refused)
{
	struct tvm *t = &self->t;
	__u64 value;

	ASSERT_OK(start(t, TVM_FLAGS, 2));
	EXPECT_EQ(-EINVAL, set_per_socket(t, 1025));
	EXPECT_EQ(-EINVAL, set_per_socket(t, ~0ULL));
	EXPECT_EQ(0, set_per_socket(t, 1024));
	EXPECT_EQ(0, set_per_socket(t, 0));
	ASSERT_OK(vmm_get_property(t->part, HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET, &value));
	EXPECT_EQ(2, value);
	tvm_close(t);
}

/*
 * A VMM that can only set bits, and says "one processor in a socket" of what are two
 * cores with two threads: what it computes is what its guest gets.
 */
TEST_F(topology, of_a_vmm_that_sets_bits)
{
	static const struct {
		__u32 leaf, sub;
		__u32 value[REGS];
		__u32 compared[REGS];
	} rows[] = {
		{ 1, 0, { 0, 3U << 24 | 4 << 16, 0, HTT }, { 0, 0xffff0000, 0, HTT } },
		{ 4, 3, { 3U << 26 | 3 << 14, 0, 0, 0 }, { 0xffffc000, 0, 0, 0 } },
		{ 0xb, 0, { 1, 2, 0x100, 3 }, { ~0U, ~0U, ~0U, ~0U } },
		{ 0xb, 1, { 2, 4, 0x201, 3 }, { ~0U, ~0U, ~0U, ~0U } },
		{ 0x1f, 0, { 1, 2, 0x100, 3 }, { ~0U, ~0U, ~0U, ~0U } },
		{ 0x1f, 1, { 2, 4, 0x201, 3 }, { ~0U, ~0U, ~0U, ~0U } },
		{ 0x80000008, 0, { 0, 0, 2 << 12 | 3, 0 }, { 0, 0, 0xf0ff, 0 } },
		{ 0x8000001e, 0, { 3, 0x101, 0, 0 }, { ~0U, ~0U, ~0U, ~0U } },
	};
	struct tvm *t = &self->t;
	unsigned int i, reg;
	__u32 r[REGS];

	ASSERT_OK(start(t, TVM_FLAGS | SMT, 4));
	ASSERT_OK(set_per_socket(t, 1));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vmm_cpuid cpuid = {
			.leaf = rows[i].leaf, .subleaf = rows[i].sub, .subleaf_specific = true,
		};

		memcpy(cpuid.value, rows[i].value, sizeof(cpuid.value));
		memcpy(cpuid.mask, rows[i].value, sizeof(cpuid.mask));
		ASSERT_OK(vmm_cpuid(t->vp[3], 3, &cpuid));
		ASSERT_OK(leaf_of(t, 3, rows[i].leaf, rows[i].sub, r));
		for (reg = 0; reg < REGS; reg++) {
			EXPECT_EQ(rows[i].value[reg], r[reg] & rows[i].compared[reg]) {
				TH_LOG("leaf %#x.%u, register %u", rows[i].leaf, rows[i].sub, reg);
			}
		}
	}
	/* Processors that it says nothing of have the partition's. */
	ASSERT_OK(leaf_of(t, 2, 0xb, 1, r));
	EXPECT_EQ(1, r[EBX]);
	tvm_close(t);
}

/* The bit for AMD's leaves: with threads it is the VMM's, else it is never there. */
TEST_F(topology, amd_leaves)
{
	static const __u64 flags[] = { TVM_FLAGS, TVM_FLAGS | SMT };
	struct tvm *t = &self->t;
	unsigned int i, on;
	__u32 r[REGS];
	bool amd;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ASSERT_OK(start(t, flags[i], 2));
		ASSERT_OK(leaf_of(t, 0, 0, 0, r));
		amd = r[ECX] == AMD;
		for (on = 0; on < 2; on++) {
			const struct vmm_cpuid cpuid = {
				.leaf = 0x80000001, .value = { 0, 0, on ? TOPOEXT : 0, 0 },
				.mask = { 0, 0, TOPOEXT, 0 },
			};

			ASSERT_OK(vmm_cpuid(t->vp[0], 0, &cpuid));
			ASSERT_OK(leaf_of(t, 0, 0x80000001, 0, r));
			EXPECT_EQ(amd && i && on ? TOPOEXT : 0, r[ECX] & TOPOEXT);
		}
		tvm_close(t);
	}
}

TEST_HARNESS_MAIN
