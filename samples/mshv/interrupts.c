// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM with interrupts: a guest in real mode enables its local APIC and says so to a
 * device, sleeps until an interrupt comes, counts it, and tells the device again.  The
 * interrupts come from an eventfd and the writes go to another one, so neither ends a run.
 *
 * Model: the guest's processor is a thread, which only looks at what ends a run.  The
 * main thread is the device: it rings the interrupt and waits for the answer.
 */
#include <err.h>
#include <fcntl.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_vp.h>
#include <linux/mshv.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRY		0x1000
#define HANDLER		0x2000
#define COUNT		0x3000
#define VECTOR		0x40
#define DOORBELL	0xd0000		/* where the guest has no memory */
#define GSI		5
#define TIMES		3

static _Alignas(4096) unsigned char memory[0x10000] = {
	/* The vector table: offset and segment of the handler. */
	[4 * VECTOR] = 0x00, HANDLER >> 8, 0x00, 0x00,

	[ENTRY] =
	0x66, 0xb9, 0x1b, 0x00, 0, 0,	/*    mov ecx, APIC base */
	0x0f, 0x32,			/*    rdmsr */
	0x66, 0x0d, 0x00, 0x0c, 0, 0,	/*    or eax, enabled, x2APIC mode */
	0x0f, 0x30,			/*    wrmsr */
	0x66, 0xb9, 0x0f, 0x08, 0, 0,	/*    mov ecx, spurious vector */
	0x66, 0xb8, 0xff, 0x01, 0, 0,	/*    mov eax, 0xff, enabled */
	0x66, 0x31, 0xd2,		/*    xor edx, edx */
	0x0f, 0x30,			/*    wrmsr */
	0x26, 0xa2, 0x00, 0x00,		/*    mov es:[0], al */
	0xfa,				/* 1: cli */
	0x80, 0x3e, 0x00, COUNT >> 8, TIMES, /* cmp byte [COUNT], TIMES */
	0x73, 0x04,			/*    jae 2f */
	0xfb,				/*    sti, from the next instruction on */
	0xf4,				/*    hlt */
	0xeb, 0xf4,			/*    jmp 1b */
	0xba, 0xf8, 0x03,		/* 2: mov dx, 0x3f8 */
	0xa0, 0x00, COUNT >> 8,		/*    mov al, [COUNT] */
	0xee,				/*    out dx, al */

	[HANDLER] =
	0xfe, 0x06, 0x00, COUNT >> 8,	/*    inc byte [COUNT] */
	0x66, 0xb9, 0x0b, 0x08, 0, 0,	/*    mov ecx, EOI of an x2APIC */
	0x66, 0x31, 0xc0,		/*    xor eax, eax */
	0x66, 0x31, 0xd2,		/*    xor edx, edx */
	0x0f, 0x30,			/*    wrmsr */
	0x26, 0xa2, 0x00, 0x00,		/*    mov es:[0], al */
	0xcf,				/*    iret */
};

static int create_partition(void)
{
	struct mshv_create_partition args = {
		.pt_flags = 1 << MSHV_PT_BIT_LAPIC | 1 << MSHV_PT_BIT_X2APIC,
	};
	struct mshv_user_mem_region region = {
		.size = sizeof(memory), .userspace_addr = (__u64)memory,
		.flags = 1 << MSHV_SET_MEM_BIT_WRITABLE | 1 << MSHV_SET_MEM_BIT_EXECUTABLE,
	};
	int dev = open("/dev/mshv", O_RDWR | O_CLOEXEC);
	int part = ioctl(dev, MSHV_CREATE_PARTITION, &args);

	if (part < 0 || ioctl(part, MSHV_INITIALIZE_PARTITION) ||
	    ioctl(part, MSHV_SET_GUEST_MEMORY, &region))
		err(1, "create a partition");
	close(dev);
	return part;
}

/* Its registers are set by the page that has them, a group as a whole. */
static int create_processor(int part)
{
	struct mshv_create_vp vp_0 = { 0 };
	int vp = ioctl(part, MSHV_CREATE_VP, &vp_0);
	struct hv_vp_register_page *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vp,
						MSHV_VP_MMAP_OFFSET_REGISTERS);

	if (page == MAP_FAILED)
		err(1, "create a processor");
	if (!page->isvalid)
		errx(1, "there is no register page");
	page->cs = (struct hv_x64_segment_register){ 0, 0xffff, 0, 0x9b };
	page->es = (struct hv_x64_segment_register){ DOORBELL, 0xffff, DOORBELL >> 4, 0x93 };
	page->rip = ENTRY;
	page->rsp = sizeof(memory) - 16;
	page->dirty = 1 << HV_X64_REGISTER_CLASS_GENERAL | 1 << HV_X64_REGISTER_CLASS_IP |
		      1 << HV_X64_REGISTER_CLASS_SEGMENT;
	return vp;
}

/* A signal on this asserts VECTOR in the local APIC with id 0. */
static int create_interrupt(int part)
{
	struct {
		struct mshv_user_irq_table head;
		struct mshv_user_irq_entry entry;
	} table = {
		.head.nr = 1,
		.entry = { .gsi = GSI, .address_lo = 0xfee00000, .data = VECTOR },
	};
	struct mshv_user_irqfd irqfd = { .fd = eventfd(0, EFD_CLOEXEC), .gsi = GSI };

	if (ioctl(part, MSHV_SET_MSI_ROUTING, &table) || ioctl(part, MSHV_IRQFD, &irqfd))
		err(1, "create an interrupt");
	return irqfd.fd;
}

/* A write of the guest signals this. */
static int create_doorbell(int part)
{
	struct mshv_user_ioeventfd args = {
		.addr = DOORBELL, .len = 1, .fd = eventfd(0, EFD_CLOEXEC),
	};

	if (ioctl(part, MSHV_IOEVENTFD, &args))
		err(1, "create a doorbell");
	return args.fd;
}

/* Returns what the guest writes to the port. */
static void *run(void *opaque)
{
	const int *vp = opaque;
	struct mshv_run_vp run;
	const struct hv_message *message = (const void *)run.msg_buf;
	const struct hv_x64_io_port_intercept_message *port = (const void *)message->u.bytes;

	if (ioctl(*vp, MSHV_RUN_VP, &run))
		err(1, "run");
	if (message->header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		errx(1, "message %#x", message->header.message_type);
	return (void *)(port->rax & 0xff);
}

int main(void)
{
	int part = create_partition(), vp = create_processor(part);
	int interrupt = create_interrupt(part), doorbell = create_doorbell(part);
	pthread_t thread;
	void *counted;
	__u64 count;
	int i;

	if (pthread_create(&thread, NULL, run, &vp))
		errx(1, "create a thread");
	if (read(doorbell, &count, sizeof(count)) != sizeof(count))
		err(1, "wait for the guest");
	for (i = 1; i <= TIMES; i++) {
		count = 1;
		if (write(interrupt, &count, sizeof(count)) != sizeof(count) ||
		    read(doorbell, &count, sizeof(count)) != sizeof(count))
			err(1, "interrupt %d", i);
		printf("interrupt %d: answered\n", i);
	}
	pthread_join(thread, &counted);
	printf("the guest has counted %ld interrupts\n", (long)counted);
	return 0;
}
