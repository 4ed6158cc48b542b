// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual processor: its CPUID, its start, the thread that runs it.
 *
 * Model: the hypervisor holds the processor's state.  The first processor gets the
 * state that the 64-bit boot protocol requires; the others keep their initial state
 * and wait in the hypervisor until the guest starts them.
 *
 * Words: to kick is to signal a thread so that MSHV_RUN_VP returns.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <hyperv/hv_register.h>

#include "layout.h"
#include "machine.h"

#define KICK_SIGNAL		SIGUSR1
#define KICK_INTERVAL_NS	10000000

#define FULL			0xffffffffU

/* Leaf 1 */
#define ECX1_MONITOR		HV_BIT(3)
#define ECX1_VMX		HV_BIT(5)
#define ECX1_X2APIC		HV_BIT(21)
#define ECX1_TSC_DEADLINE	HV_BIT(24)
#define ECX1_HYPERVISOR		HV_BIT(31)
#define EDX1_HTT		HV_BIT(28)
#define EBX1_APIC_FIELDS	0xffff0000U
/* Leaf 0x80000001 */
#define ECX81_SVM		HV_BIT(2)
/* Leaf 0xb, ECX: level type */
#define LEVEL_THREAD		HV_BIT(8)
#define LEVEL_CORE		(2U << 8)

/* Number of APIC id bits that distinguish the processors of the package. */
static unsigned int cpu_id_bits(unsigned int count)
{
	unsigned int bits = 0;

	while ((1U << bits) < count)
		bits++;
	return bits;
}

static __u32 at_most_255(unsigned int count)
{
	return count < 255 ? count : 255;
}

/*
 * One package of single-threaded cores; APIC ids are indexes.  Only what differs
 * from the hypervisor's own values is registered.
 */
static int cpu_identify(struct cpu *c)
{
	unsigned int count = c->machine->cpu_count;
	unsigned int bits = cpu_id_bits(count);
	__u32 count8 = at_most_255(count);
	const struct vmm_cpuid list[] = {
		{
			.leaf = 1,
			.value = { 0, c->index << 24 | count8 << 16,
				   ECX1_X2APIC | ECX1_HYPERVISOR,
				   count > 1 ? EDX1_HTT : 0 },
			.mask = { 0, EBX1_APIC_FIELDS,
				  ECX1_MONITOR | ECX1_VMX | ECX1_X2APIC |
				  ECX1_TSC_DEADLINE | ECX1_HYPERVISOR,
				  EDX1_HTT },
		}, {
			.leaf = 0xb, .subleaf = 0, .subleaf_specific = true,
			.value = { 0, 1, LEVEL_THREAD | 0, c->index },
			.mask = { FULL, FULL, FULL, FULL },
		}, {
			.leaf = 0xb, .subleaf = 1, .subleaf_specific = true,
			.value = { bits, count, LEVEL_CORE | 1, c->index },
			.mask = { FULL, FULL, FULL, FULL },
		}, {
			.leaf = 0xb, .subleaf = 2, .subleaf_specific = true,
			.value = { 0, 0, 2, c->index },
			.mask = { FULL, FULL, FULL, FULL },
		}, {
			.leaf = 0x80000001,
			.mask = { 0, 0, ECX81_SVM, 0 },
		}, {
			.leaf = 0x80000008,
			.value = { 0, 0, bits << 12 | (count8 - 1), 0 },
			.mask = { 0, 0, 0xf0ff, 0 },
		}, {
			.leaf = 0x8000001e,
			.value = { c->index, c->index & 0xff, 0, 0 },
			.mask = { FULL, FULL, FULL, 0 },
		},
	};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ret = vmm_cpuid(c->fd, c->index, &list[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * cpu_setup() - create a machine's next processor
 * @m: the machine
 * @index: its index
 *
 * Return: 0 or -errno.
 */
int cpu_setup(struct machine *m, unsigned int index)
{
	struct cpu *c = &m->cpus[index];

	c->machine = m;
	c->index = index;
	c->fd = vmm_create_vp(m->part, index);
	if (c->fd < 0)
		return c->fd;
	/* Registers can also be read by hypercall, so this may fail. */
	c->page = vmm_map_page(c->fd, MSHV_VP_MMAP_OFFSET_REGISTERS);
	return cpu_identify(c);
}

/**
 * cpu_boot() - start a processor in 64-bit mode at a kernel's entry
 * @c: the processor
 * @entry: the entry point
 *
 * Return: 0 or -errno.
 */
int cpu_boot(struct cpu *c, __u64 entry)
{
	const __u16 code = 0xa09b;	/* 64-bit, accessed, 4 KiB units */
	const __u16 data = 0xc093;
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RBX, 0),
		vmm_value(HV_X64_REGISTER_RCX, 0),
		vmm_value(HV_X64_REGISTER_RDX, 0),
		vmm_value(HV_X64_REGISTER_RBP, 0),
		vmm_value(HV_X64_REGISTER_RDI, 0),
		vmm_value(HV_X64_REGISTER_RSI, LAYOUT_BOOT_PARAMS),
		vmm_value(HV_X64_REGISTER_RSP, LAYOUT_STACK_TOP),
		vmm_value(HV_X64_REGISTER_RIP, entry),
		vmm_value(HV_X64_REGISTER_RFLAGS, 0x2),
		vmm_segment(HV_X64_REGISTER_CS, 0x10, 0, FULL, code),
		vmm_segment(HV_X64_REGISTER_DS, 0x18, 0, FULL, data),
		vmm_segment(HV_X64_REGISTER_ES, 0x18, 0, FULL, data),
		vmm_segment(HV_X64_REGISTER_SS, 0x18, 0, FULL, data),
		vmm_segment(HV_X64_REGISTER_FS, 0x18, 0, FULL, data),
		vmm_segment(HV_X64_REGISTER_GS, 0x18, 0, FULL, data),
		vmm_segment(HV_X64_REGISTER_TR, 0x20, 0, 0x67, 0x8b),
		vmm_segment(HV_X64_REGISTER_LDTR, 0, 0, 0, 0x82),
		vmm_table(HV_X64_REGISTER_GDTR, LAYOUT_GDT, 6 * 8 - 1),
		vmm_table(HV_X64_REGISTER_IDTR, 0, 0),
		vmm_value(HV_X64_REGISTER_CR0, 0x80000031),
		vmm_value(HV_X64_REGISTER_CR3, LAYOUT_PAGE_TABLES),
		vmm_value(HV_X64_REGISTER_CR4, 0x20),
		vmm_value(HV_X64_REGISTER_EFER, 0x500),
	};

	return vmm_set_registers(c->fd, c->index, regs,
				 ARRAY_SIZE(regs));
}

static void *cpu_thread(void *argument)
{
	struct cpu *c = argument;
	struct machine *m = c->machine;
	int ret;

	while (!atomic_load(&m->ended)) {
		if (atomic_load(&m->paused)) {
			machine_park(m);
			continue;
		}
		ret = vmm_run(c->fd, &c->message);
		if (ret == -EINTR)
			continue;
		if (!ret)
			ret = exit_handle(c);
		if (ret)
			machine_end(m, STATUS_ERROR, "processor %u: %s",
				    c->index, vmm_error());
	}
	return NULL;
}

static void on_kick(int signal)
{
	/* All that matters is that the system call is interrupted. */
	(void)signal;
}

/**
 * cpu_start() - start to run a processor
 * @c: the processor
 *
 * Return: 0 or -errno.
 */
int cpu_start(struct cpu *c)
{
	struct sigaction kick = { .sa_handler = on_kick };
	int err;

	sigaction(KICK_SIGNAL, &kick, NULL);
	err = pthread_create(&c->thread, NULL, cpu_thread, c);
	if (err)
		return vmm_fail(err, "thread of processor %u: %s", c->index,
				strerror(err));
	c->started = true;
	return 0;
}

/**
 * cpu_kick() - make every processor's thread check what has changed
 * @m: the machine
 *
 * A kick that arrives between a thread's check and its system call is lost, so one
 * is not enough.
 */
void cpu_kick(struct machine *m)
{
	const struct timespec pause = { .tv_nsec = KICK_INTERVAL_NS };
	unsigned int i;

	for (i = 0; i < m->cpu_count; i++)
		if (m->cpus[i].started)
			pthread_kill(m->cpus[i].thread, KICK_SIGNAL);
	nanosleep(&pause, NULL);
}

/**
 * cpu_join() - wait until no processor runs any more
 * @m: the machine, which has ended
 */
void cpu_join(struct machine *m)
{
	unsigned int i;

	machine_unpark(m);
	for (i = 0; i < m->cpu_count; i++) {
		struct cpu *c = &m->cpus[i];

		if (!c->started)
			continue;
		while (pthread_tryjoin_np(c->thread, NULL))
			cpu_kick(m);
		c->started = false;
	}
}
