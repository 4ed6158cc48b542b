// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints: every ioctl, successful or not, exits, interrupts and deposits leave
 * a line in the kernel's trace.
 */
#include <sys/eventfd.h>

#include "harness.h"
#include "ear.h"
#include "groups.h"
#include "knobs.h"
#include "tracefs.h"

#define GROUP		TRACING "events/mshv/enable"
#define TRACE_MAX	(4 << 20)

FIXTURE(tracing) {
	struct books before;
	struct tvm t;
	char *text;
	bool books;
};

FIXTURE_SETUP(tracing)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "such tracepoints");
	self->books = !rv_open() && !books_read(&self->before);
	self->text = calloc(1, TRACE_MAX);
	ASSERT_NE(NULL, self->text);
	if (knob_set(GROUP, "1"))
		SKIP(return, "no tracing");
	write_file(TRACING "trace", "\n");
}

FIXTURE_TEARDOWN(tracing)
{
	knobs_restore();
	write_file(TRACING "trace", "\n");
	free(self->text);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int read_trace(char *text)
{
	int fd = open(TRACING "trace", O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, text + size, TRACE_MAX - 1 - size)) > 0)
		size += n;
	text[size] = 0;
	close(fd);
	return n < 0 ? -errno : 0;
}

/* Every ioctl once, and some of them with wrong arguments. */
static int do_everything(struct tvm *t)
{
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	struct mshv_user_ioeventfd bell = { .addr = 0x80000000, .len = 4 };
	struct mshv_translate_address where = { .flags = 1 };
	__u64 gpa, answer;
	struct mshv_translate_gva by_pointers = {
		.flags = 1, .gpa = (unsigned long)&gpa,
		.result = (unsigned long)&answer,
	};
	struct mshv_gpap_access_bitmap bits = {
		.page_count = 8, .bitmap_ptr = (unsigned long)page,
	};
	int event = eventfd(0, EFD_CLOEXEC), ret;
	__u32 size = sizeof(page);
	__u64 value;

	ret = tvm_start(t, guest_count, sizeof(guest_count));
	if (!ret)
		ret = tvm_next_out(t, 0, &value);
	if (ret)
		return ret;
	bell.fd = event;
	ioctl(t->dev, MSHV_CHECK_EXTENSION, &(__u32){ 0 });
	route(t->part, 1, 0, 0x41);
	irqfd(t->part, event, 1, 0);
	ring(event);
	ioctl(t->part, MSHV_IOEVENTFD, &bell);
	ioctl(t->part, MSHV_GET_GPAP_ACCESS_BITMAP, &bits);
	ioctl(t->part, MSHV_CREATE_VP, &(struct mshv_create_vp){ 0x10000 });
	ioctl(t->part, _IO(MSHV_IOCTL, 0x7f));
	ioctl(t->vp[0], MSHV_TRANSLATE_ADDRESS, &where);
	ioctl(t->vp[0], MSHV_TRANSLATE_GVA, &by_pointers);
	vmm_get_state(t->vp[0], MSHV_VP_STATE_LAPIC, page, &size);
	size = sizeof(page);
	vmm_set_state(t->vp[0], MSHV_VP_STATE_LAPIC, page, &size);
	ioctl(t->vp[0], MSHV_KICK_VP);
	ioctl(t->vp[0], MSHV_RESET_VP);
	tvm_close(t);
	close(event);
	return 0;
}

TEST_F(tracing, everything)
{
	static const char *const wanted[] = {
		"mshv_ioctl: CREATE_PARTITION ret ",
		"mshv_ioctl: CHECK_EXTENSION ret 0\n",
		"mshv_ioctl: INITIALIZE_PARTITION ret 0\n",
		"mshv_ioctl: CREATE_VP ret ",
		"mshv_ioctl: CREATE_VP ret -22\n",
		"mshv_ioctl: SET_GUEST_MEMORY ret 0\n",
		"mshv_ioctl: IRQFD ret 0\n",
		"mshv_ioctl: IOEVENTFD ret 0\n",
		"mshv_ioctl: SET_MSI_ROUTING ret 0\n",
		/* Access tracking is off. */
		"mshv_ioctl: GET_GPAP_ACCESS_BITMAP ret -",
		"mshv_ioctl: ROOT_HVCALL ret 0\n",
		"mshv_ioctl: RUN_VP ret 0\n",
		"mshv_ioctl: GET_VP_STATE ret 0\n",
		"mshv_ioctl: SET_VP_STATE ret 0\n",
		"mshv_ioctl: KICK_VP ret 0\n",
		"mshv_ioctl: RESET_VP ret 0\n",
		"mshv_ioctl: TRANSLATE_ADDRESS ret 0\n",
		"mshv_ioctl: TRANSLATE_GVA ret 0\n",
		"mshv_ioctl: 0xb87f ret -25\n",
		"mshv_exit: ", "mshv_inject: ", "mshv_deposit: ",
		"mshv_withdraw: ", "mshv_hypercall: ", "mshv_fault: ",
		"mshv_message: ", "mshv_teardown: ",
	};
	unsigned int i;

	ASSERT_OK(do_everything(&self->t));
	ASSERT_EQ(0, read_trace(self->text));
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		const char *what = wanted[i] ?: "";

		EXPECT_NE(NULL, strstr(self->text, what)) {
			TH_LOG("missing: %s", what);
		}
	}
}

TEST_HARNESS_MAIN
