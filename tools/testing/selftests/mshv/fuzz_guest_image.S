/* SPDX-License-Identifier: GPL-2.0 */
/* The guest of fuzz_guest.c, as it is linked. */
	.section .rodata
	.globl fuzz_guest_image, fuzz_guest_image_end
fuzz_guest_image:
	.incbin "fuzz_guest.bin"
fuzz_guest_image_end:

	.section .note.GNU-stack, "", @progbits
