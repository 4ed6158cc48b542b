// SPDX-License-Identifier: GPL-2.0
/*
 * mshvrun from its user's point of view: what guests find in their machine, exit
 * statuses, the console, and messages about bad input.
 *
 * Model: each guest of vmm_guests.S is wrapped into a bzImage of a few hundred
 * bytes, and mshvrun is started with it as a separate program.
 */
#include "harness.h"
#include "vmmrun.h"

#define INITRD		"/tmp/mshvrun-test-initrd"

GUEST(hello);
GUEST(cmdline);
GUEST(fault);
GUEST(reset);
GUEST(spin);
GUEST(halt);
GUEST(echo);
GUEST(strings);
GUEST(words);
GUEST(ioapic);
GUEST(unclaimed);
GUEST(nowhere);
GUEST(topology);
GUEST(memory);
GUEST(initrd);

FIXTURE(vmm) {
	struct books before;
	struct result r;
	bool books;
};

/* Runs a guest with defaults, or with more arguments. */
#define RUN(name, ...)							\
	ASSERT_EQ(0, run(&self->r, code_##name, code_##name##_end,	\
			 (const char *const []){			\
				 "--kernel", KERNEL, "--mem", "16",	\
				 ##__VA_ARGS__, NULL }))

#define EXPECT_SAYS(word)						\
	EXPECT_NE(NULL, strstr(self->r.error, word)) {			\
		TH_LOG("stderr: %s", self->r.error);			\
	}

FIXTURE_SETUP(vmm)
{
	self->books = !rv_open() && !books_read(&self->before);
	/* A closed pipe must not kill the test. */
	signal(SIGPIPE, SIG_IGN);
	start(&self->r, (const char *const []){ "--help", NULL });
	finish(&self->r);
	if (self->r.status == 127)
		SKIP(return, "no mshvrun; MSHVRUN names it");
}

FIXTURE_TEARDOWN(vmm)
{
	unlink(KERNEL);
	unlink(INITRD);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(vmm, guest_speaks_and_ends)
{
	RUN(hello);
	EXPECT_STREQ("hello\n", self->r.text);
	EXPECT_EQ(7, self->r.status) {
		TH_LOG("stderr: %s", self->r.error);
	}
	EXPECT_STREQ("", self->r.error);
}

TEST_F(vmm, command_line)
{
	RUN(cmdline, "--append", "one two=3");
	EXPECT_STREQ("one two=3", self->r.text);
	EXPECT_EQ(0, self->r.status);
}

TEST_F(vmm, triple_fault)
{
	RUN(fault);
	EXPECT_EQ(4, self->r.status);
	EXPECT_SAYS("triple fault");
	EXPECT_SAYS("RIP 0000000000200200");
}

TEST_F(vmm, restart)
{
	RUN(reset);
	EXPECT_EQ(3, self->r.status);
	EXPECT_SAYS("restart");
}

/*
 * Ended by its timeout, but not before the guest has printed something: a machine
 * that is too slow for that gets twice the time, and again.
 */
#define TIMEOUT_MAX	512

#define RUN_TO_TIMEOUT(name, ...) do {					\
	unsigned int timeout_ = 1;					\
	char text_[16];							\
									\
	do {								\
		snprintf(text_, sizeof(text_), "%u", timeout_);		\
		RUN(name, "--timeout", text_, ##__VA_ARGS__);		\
		EXPECT_EQ(124, self->r.status) {			\
			TH_LOG("stderr: %s", self->r.error);		\
		}							\
		snprintf(text_, sizeof(text_), "%u seconds", timeout_);	\
		EXPECT_SAYS(text_);					\
		timeout_ *= 2;						\
	} while (!self->r.text[0] && timeout_ <= TIMEOUT_MAX);		\
} while (0)

TEST_F(vmm, timeout_of_a_busy_guest)
{
	RUN_TO_TIMEOUT(spin);
	EXPECT_STREQ("s", self->r.text);
}

TEST_F(vmm, timeout_of_a_sleeping_guest)
{
	RUN_TO_TIMEOUT(halt);
	EXPECT_STREQ("h", self->r.text);
}

/* The other processors sleep in the hypervisor; they end, too. */
TEST_F(vmm, timeout_of_many_processors)
{
	RUN_TO_TIMEOUT(spin, "--cpus", "8");
	EXPECT_STREQ("s", self->r.text);
}

static int end_by(struct result *r, int signal)
{
	static const char *const args[] = {
		"--kernel", KERNEL, "--mem", "16", NULL,
	};
	char byte = 0;

	if (make_kernel(code_spin, code_spin_end))
		return -EIO;
	start(r, args);
	/* It runs when it has printed something. */
	if (read(r->out, &byte, 1) != 1 || byte != 's' ||
	    kill(r->pid, signal))
		r->error[0] = '!';
	finish(r);
	return 0;
}

TEST_F(vmm, signals)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, end_by(&self->r, list[i]));
		EXPECT_EQ(128 + list[i], self->r.status);
	}
	ASSERT_EQ(0, end_by(&self->r, SIGKILL));
	EXPECT_EQ(-1 - SIGKILL, self->r.status);
}

/* More than the FIFO holds, at once. */
TEST_F(vmm, console_input)
{
	static const char *const args[] = {
		"--kernel", KERNEL, "--mem", "16", NULL,
	};
	char text[257], wanted[257];
	unsigned int i;

	for (i = 0; i < 256; i++) {
		text[i] = 'a' + i % 25;
		wanted[i] = text[i] + 1;
	}
	text[256] = '.';
	wanted[256] = 0;
	ASSERT_EQ(0, make_kernel(code_echo, code_echo_end));
	start(&self->r, args);
	EXPECT_EQ(257, write(self->r.in, text, 257));
	finish(&self->r);
	EXPECT_EQ(0, self->r.status);
	EXPECT_STREQ(wanted, self->r.text);
}

TEST_F(vmm, string_instructions)
{
	unsigned int i;

	RUN(strings);
	EXPECT_EQ(0, self->r.status) {
		TH_LOG("stderr: %s", self->r.error);
	}
	ASSERT_EQ(1001, strlen(self->r.text));
	for (i = 0; i < 1000; i++)
		ASSERT_EQ('Z', self->r.text[i]);
	EXPECT_EQ('Y', self->r.text[1000]);
}

TEST_F(vmm, word_to_two_registers)
{
	RUN(words);
	EXPECT_STREQ("AY", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
}

TEST_F(vmm, ioapic)
{
	RUN(ioapic);
	EXPECT_STREQ("Y", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
}

TEST_F(vmm, unclaimed_accesses)
{
	RUN(unclaimed);
	EXPECT_STREQ("Y", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
	EXPECT_STREQ("", self->r.error);
	RUN(unclaimed, "--trace");
	EXPECT_SAYS("unclaimed port 0x1234");
	EXPECT_SAYS("unclaimed address 0xd0000000");
}

TEST_F(vmm, jump_to_nowhere)
{
	RUN(nowhere);
	EXPECT_EQ(1, self->r.status);
	EXPECT_SAYS("0xd0000000");
}

TEST_F(vmm, two_processors)
{
	RUN(topology, "--cpus", "2");
	EXPECT_STREQ("Y", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
}

TEST_F(vmm, memory)
{
	RUN(memory, "--mem", "32M");
	EXPECT_STREQ("Y", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
}

TEST_F(vmm, initrd)
{
	ASSERT_EQ(0, vmmrun_file(INITRD, "!initial ram", 12));
	RUN(initrd, "--initrd", INITRD);
	EXPECT_STREQ("Y", self->r.text) {
		TH_LOG("stderr: %s", self->r.error);
	}
}

TEST_F(vmm, bad_input)
{
	static const struct {
		const char *args[6];
		int status;
		const char *says;
	} list[] = {
		{ { NULL }, 2, "--kernel" },
		{ { "--frobnicate" }, 2, "frobnicate" },
		{ { "stray" }, 2, "stray" },
		{ { "--kernel", "/nonesuch" }, 1, "No such file" },
		{ { "--kernel", "/tmp" }, 1, "not a file" },
		{ { "--kernel", "/proc/self/exe" }, 1, "ELF" },
		{ { "--kernel", INITRD }, 1, "not a Linux bzImage" },
		{ { "--kernel", KERNEL, "--initrd", "/nonesuch" }, 1,
		  "initrd /nonesuch" },
		{ { "--kernel", KERNEL, "--mem", "1" }, 2, "--mem" },
		{ { "--kernel", KERNEL, "--mem", "2" }, 1, "too little memory" },
		{ { "--kernel", KERNEL, "--mem", "-5" }, 2, "--mem" },
		{ { "--kernel", KERNEL, "--mem", "16X" }, 2, "--mem" },
		{ { "--kernel", KERNEL, "--cpus", "0" }, 2, "--cpus" },
		{ { "--kernel", KERNEL, "--cpus", "99999" }, 2, "--cpus" },
		{ { "--kernel", KERNEL, "--timeout", "soon" }, 2, "--timeout" },
	};
	unsigned int i;

	ASSERT_EQ(0, make_kernel(code_hello, code_hello_end));
	ASSERT_EQ(0, vmmrun_file(INITRD, "just some words", 15));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		start(&self->r, list[i].args);
		finish(&self->r);
		EXPECT_EQ(list[i].status, self->r.status) {
			TH_LOG("case %u: %s", i, self->r.error);
		}
		EXPECT_SAYS(list[i].says);
		/* One line, and no output of the guest. */
		EXPECT_EQ(self->r.error + strlen(self->r.error) - 1,
			  strchr(self->r.error, '\n'));
		EXPECT_STREQ("", self->r.text);
	}
}

TEST_HARNESS_MAIN
