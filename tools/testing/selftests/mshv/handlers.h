/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests in 64-bit mode that take exceptions.
 *
 * Model: each vector has a handler that writes the vector to a port and returns;
 * the VMM gets a message for each, with the guest's stack as the processor has left
 * it.
 */
#ifndef _MSHV_HANDLERS_H
#define _MSHV_HANDLERS_H

#include "testvm.h"

#define HANDLER_PORT	0x80
#define HANDLER_VECTORS	32
#define HANDLER_CODE	0x2000
#define HANDLER_STEP	16
#define HANDLER_IDT	0x7000
#define HANDLER_GDT	0x8000
#define HANDLER_STOP	0xfe	/* what a guest writes at its end */

#define STOP	0xb0, HANDLER_STOP, 0xe6, HANDLER_PORT	/* mov al, STOP; out port, al */

/* What a processor pushes, below the error code if there is one. */
struct handler_frame {
	__u64 rip, cs, rflags, rsp, ss;
};

int handlers_make(struct tvm *t, unsigned int index);
int handlers_next(struct tvm *t, unsigned int index);
const struct handler_frame *handlers_frame(struct tvm *t, unsigned int index);

#endif
