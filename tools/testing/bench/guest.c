// SPDX-License-Identifier: GPL-2.0
/*
 * The guests of the operations.
 *
 * Model: the first guest repeatedly writes a byte to the address in RDI and then
 * stops with a write to the probe port; an operation chooses the address.  It is
 * resumed through the register page if there is one, else by a hypercall.  The
 * second guest enables its APIC and sleeps; after an interrupt it reports its
 * vector.
 */
#include <errno.h>
#include <string.h>

#include <hyperv/hv_vp.h>

#include "bench.h"

#define SCRATCH		0x60000		/* mapped memory */
#define OUT_LENGTH	1
#define HANDLER		0x4000
#define STAMP		0x5000

static const __u8 code_writer[] = {
	0x88, 0x07,			/* mov [rdi], al */
	OUT_AL,				/* out dx, al */
	0xeb, 0xfb,			/* again */
};

/* Enables its x2APIC, reports that, sleeps forever with interrupts enabled. */
static const __u8 code_sleeper[] = {
	0xfa,				/* cli */
	0x66, 0xb9, 0x1b, 0, 0, 0,	/* mov ecx, APIC base */
	0x0f, 0x32,			/* rdmsr */
	0x66, 0x0d, 0x00, 0x0c, 0, 0,	/* or eax, enabled, x2APIC */
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x0f, 0x08, 0, 0,	/* mov ecx, spurious vector */
	0x66, 0xb8, 0xff, 0x01, 0, 0,	/* mov eax, 0x1ff */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x30,			/* wrmsr */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 1, OUT_AL,		/* mov al, 1; out dx, al */
	0xfb,				/* sti */
	HLT,
	0xeb, 0xfd,			/* again */
};

/* Reports its vector, sends the EOI, returns. */
static const __u8 code_handler[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, GUEST_VECTOR, OUT_AL,	/* mov al, vector; out dx, al */
	0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, EOI */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x30,			/* wrmsr */
	0xcf,				/* iret */
};

/* In front of it: when its first instruction was executed. */
static const __u8 code_stamp[] = {
	0x0f, 0x31,				/* rdtsc */
	0x66, 0xa3, STAMP & 0xff, STAMP >> 8,	/* mov [STAMP], eax */
	0x66, 0x89, 0x16, (STAMP + 4) & 0xff, STAMP >> 8, /* mov [STAMP + 4], edx */
};

static bool page_usable(const struct world *w)
{
	return w->page && w->page->isvalid;
}

/**
 * guest_aim() - set the address of the next write
 * @w: a world with the writing guest
 * @address: the address, below 1 GiB
 *
 * Return: 0 or -errno.
 */
int guest_aim(struct world *w, __u64 address)
{
	if (!page_usable(w))
		return vmm_set_register(w->t.vp[0], 0, HV_X64_REGISTER_RDI,
					address);
	w->page->rdi = address;
	w->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_GENERAL);
	return 0;
}

/**
 * guest_next() - run a guest to its next stop at the probe port
 * @w: a world with a guest that is stopped there
 *
 * Return: 0 or -errno.
 */
int guest_next(struct world *w)
{
	int ret;

	if (page_usable(w)) {
		w->page->rip += OUT_LENGTH;
		w->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_IP);
	} else {
		ret = tvm_skip(&w->t, 0);
		if (ret)
			return ret;
	}
	ret = tvm_run(&w->t, 0);
	if (ret)
		return ret;
	if (w->t.message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return vmm_fail(EPROTO, "the guest did not stop at the probe port");
	return 0;
}

/**
 * guest_setup() - create a machine with the writing guest, at its first stop
 * @w: the world
 *
 * Return: 0 or -errno.
 */
int guest_setup(struct world *w)
{
	int ret;

	ret = tvm_start_long(&w->t, code_writer, sizeof(code_writer));
	if (!ret)
		ret = vmm_set_register(w->t.vp[0], 0, HV_X64_REGISTER_RDI, SCRATCH);
	if (!ret)
		ret = vmm_set_register(w->t.vp[0], 0, HV_X64_REGISTER_RDX, PROBE_PORT);
	if (ret)
		return ret;
	w->page = vmm_map_page(w->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	/* Twice, so that all of its memory is mapped. */
	ret = tvm_run(&w->t, 0);
	return ret ? ret : guest_next(w);
}

/**
 * guest_sleeper() - create a machine with the sleeping guest, its APIC enabled
 * @w: the world
 *
 * Return: 0 or -errno.
 */
int guest_sleeper(struct world *w)
{
	const __u32 entry = HANDLER;
	int ret;

	ret = tvm_start(&w->t, code_sleeper, sizeof(code_sleeper));
	if (ret)
		return ret;
	memcpy(w->t.memory + HANDLER, code_handler, sizeof(code_handler));
	memcpy(w->t.memory + GUEST_VECTOR * sizeof(entry), &entry, sizeof(entry));
	w->page = vmm_map_page(w->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	return tvm_run(&w->t, 0);
}

/**
 * guest_stamper() - likewise, and its handler tells when it begins
 * @w: the world
 *
 * Return: 0 or -errno.
 */
int guest_stamper(struct world *w)
{
	int ret = guest_sleeper(w);

	if (ret)
		return ret;
	memcpy(w->t.memory + HANDLER, code_stamp, sizeof(code_stamp));
	memcpy(w->t.memory + HANDLER + sizeof(code_stamp), code_handler, sizeof(code_handler));
	return 0;
}

/**
 * guest_stamp() - when the handler has begun
 * @w: a world with the guest of guest_stamper()
 *
 * Return: that, by the guest's time stamp counter.
 */
__u64 guest_stamp(const struct world *w)
{
	__u64 stamp;

	memcpy(&stamp, w->t.memory + STAMP, sizeof(stamp));
	return stamp;
}

/**
 * guest_teardown() - close the machine
 * @w: the world
 */
void guest_teardown(struct world *w)
{
	if (w->page)
		munmap(w->page, VMM_PAGE);
	w->page = NULL;
	tvm_close(&w->t);
}
