// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: makes mshv.ko find no blocks of pages, only single ones.
 *
 * Model: mshv.ko has one function that allocates pages.  While this module is
 * loaded that function fails if more than one page is requested at a time.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#define TAKE_BLOCK	"mshv:hvr_take_block"

static noinline void *no_block(void)
{
	return NULL;
}

/* At the first instruction: the order is the first argument. */
static int before_take(struct kprobe *probe, struct pt_regs *regs)
{
	if (!(unsigned int)regs->di)
		return 0;
	instruction_pointer_set(regs, (unsigned long)no_block);
	return 1;
}

/* A probe without it may be optimised into a jump, which cannot change the path. */
static void after_take(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.symbol_name = TAKE_BLOCK,
	.pre_handler = before_take,
	.post_handler = after_take,
};

static int __init scarce_init(void)
{
	return register_kprobe(&probe);
}
module_init(scarce_init);

static void __exit scarce_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(scarce_exit);

MODULE_DESCRIPTION("Test of mshv: no blocks of pages");
MODULE_LICENSE("GPL");
