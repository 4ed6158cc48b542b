// SPDX-License-Identifier: GPL-2.0
/*
 * mshvrun --save and --restore: small guests all of whose state must be preserved,
 * and files that must be refused with a message.
 *
 * Model: a guest is run until it is saved, and its file is restored by another
 * mshvrun.  Files that are complete but impossible are made from valid ones with
 * mshvrun's own functions.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include <hyperv/hv_register.h>

#include "harness.h"
#include "image.h"
#include "uart.h"
#include "vmmrun.h"

#define SAVED		"/tmp/mshvrun-test-saved"
#define OTHER		"/tmp/mshvrun-test-other"
#define STATUS_SAVED	5
#define NOWHERE		0x40000000ULL
#define SPOILT		40	/* places of a file */

GUEST(once);
GUEST(twice);
GUEST(busy);
GUEST(asleep);
GUEST(state);

/* Arguments for start() and run(). */
#define ARGS(...)	((const char *const []){ __VA_ARGS__, NULL })

FIXTURE(save) {
	struct books before;
	struct result r;
	bool books;
};

FIXTURE_SETUP(save)
{
	self->books = !rv_open() && !books_read(&self->before);
	signal(SIGPIPE, SIG_IGN);
	start(&self->r, ARGS("--help"));
	finish(&self->r);
	if (self->r.status == 127)
		SKIP(return, "no mshvrun; MSHVRUN names it");
}

FIXTURE_TEARDOWN(save)
{
	unlink(KERNEL);
	unlink(SAVED);
	unlink(OTHER);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

#define EXPECT_RUN(wanted_status, wanted_text) do {			\
	EXPECT_EQ(wanted_status, self->r.status) {			\
		TH_LOG("stderr: %s", self->r.error);			\
	}								\
	EXPECT_STREQ(wanted_text, self->r.text);			\
} while (0)

/* Run a guest that saves itself. */
#define SAVE(name, ...)							\
	ASSERT_EQ(0, run(&self->r, code_##name, code_##name##_end,	\
			 ARGS("--kernel", KERNEL, "--mem", "16",	\
			      "--save", SAVED, ##__VA_ARGS__)))

static void restore(struct result *r, const char *name)
{
	start(r, ARGS("--restore", name));
	finish(r);
}

/* Refused in one line that contains @says, before any guest runs. */
static bool refused(struct result *r, const char *name, const char *says)
{
	restore(r, name);
	return r->status == 1 && !r->text[0] && strstr(r->error, says) &&
	       strchr(r->error, '\n') == r->error + strlen(r->error) - 1;
}

TEST_F(save, goes_on)
{
	SAVE(once);
	EXPECT_RUN(STATUS_SAVED, "a");
	EXPECT_NE(NULL, strstr(self->r.error, SAVED));
	EXPECT_NE(0, access(SAVED ".part", F_OK));
	restore(&self->r, SAVED);
	EXPECT_RUN(9, "1");
	EXPECT_STREQ("", self->r.error);
	/* Nothing is used up. */
	restore(&self->r, SAVED);
	EXPECT_RUN(9, "1");
}

TEST_F(save, twice)
{
	SAVE(twice);
	EXPECT_RUN(STATUS_SAVED, "a");
	start(&self->r, ARGS("--restore", SAVED, "--save", OTHER));
	finish(&self->r);
	EXPECT_RUN(STATUS_SAVED, "1");
	restore(&self->r, OTHER);
	EXPECT_RUN(0, "2");
}

TEST_F(save, state_is_the_same)
{
	SAVE(state);
	EXPECT_RUN(STATUS_SAVED, "");
	restore(&self->r, SAVED);
	EXPECT_RUN(0, "Y");
}

/* There is no --save. */
TEST_F(save, not_offered)
{
	ASSERT_EQ(0, run(&self->r, code_once, code_once_end,
			 ARGS("--kernel", KERNEL, "--mem", "16")));
	EXPECT_RUN(9, "a0");
}

/* The guest continues, and is not notified. */
TEST_F(save, cannot_be_written)
{
	ASSERT_EQ(0, run(&self->r, code_twice, code_twice_end,
			 ARGS("--kernel", KERNEL, "--mem", "16",
			      "--save", "/nonesuch/file")));
	EXPECT_RUN(0, "a00");
	EXPECT_NE(NULL, strstr(self->r.error, "could not be saved"));
	EXPECT_NE(NULL, strstr(self->r.error, "No such file"));
}

static int signal_and_wait(struct result *r, const __u8 *code, const __u8 *end,
			   const char *cpus)
{
	char byte = 0;

	if (make_kernel(code, end))
		return -EIO;
	start(r, ARGS("--kernel", KERNEL, "--mem", "16", "--cpus", cpus,
		      "--save", SAVED));
	/* It runs when it has printed something. */
	if (read(r->out, &byte, 1) != 1 || byte != 's' || kill(r->pid, SIGUSR2))
		byte = 0;
	finish(r);
	return byte ? 0 : -EIO;
}

/* Restored it does the same; then a signal ends it, or a limit. */
TEST_F(save, by_signal)
{
	static const struct {
		const __u8 *code, *end;
		const char *cpus;
	} list[] = {
		{ code_busy, code_busy_end, "1" },
		{ code_asleep, code_asleep_end, "1" },
		{ code_busy, code_busy_end, "3" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, signal_and_wait(&self->r, list[i].code,
					     list[i].end, list[i].cpus));
		EXPECT_RUN(STATUS_SAVED, "");
		start(&self->r, ARGS("--restore", SAVED, "--timeout", "1"));
		finish(&self->r);
		EXPECT_RUN(124, "");
	}
}

TEST_F(save, bad_usage)
{
	start(&self->r, ARGS("--restore", SAVED, "--mem", "16"));
	finish(&self->r);
	EXPECT_RUN(2, "");
	EXPECT_TRUE(refused(&self->r, "/nonesuch", "No such file"));
	EXPECT_TRUE(refused(&self->r, "/tmp", "not a file"));
	EXPECT_TRUE(refused(&self->r, "/proc/self/exe", "not a saved guest"));
}

/* ---- damaged files ------------------------------------- */

static __u8 *slurp(const char *name, size_t *size)
{
	struct stat st;
	__u8 *data;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	*size = st.st_size;
	data = malloc(*size);
	if (read(fd, data, *size) != (ssize_t)*size)
		*size = 0;
	close(fd);
	return data;
}

TEST_F(save, damaged_files)
{
	size_t size = 0, i, at;
	__u8 *data;

	SAVE(once);
	EXPECT_RUN(STATUS_SAVED, "a");
	data = slurp(SAVED, &size);
	ASSERT_LT(SPOILT, size);
	for (i = 0; i < SPOILT; i++) {
		/* Multiples of eight are never padding. */
		at = size / SPOILT * i / 8 * 8;
		data[at] ^= 0x10;
		ASSERT_EQ(0, vmmrun_file(OTHER, data, size));
		EXPECT_TRUE(refused(&self->r, OTHER, OTHER)) {
			TH_LOG("byte %zu: %d %s", at, self->r.status,
			       self->r.error);
		}
		data[at] ^= 0x10;
		if (i) {
			ASSERT_EQ(0, vmmrun_file(OTHER, data, at));
			EXPECT_TRUE(refused(&self->r, OTHER, "cut short"));
		}
	}
	data[8]++;
	ASSERT_EQ(0, vmmrun_file(OTHER, data, size));
	EXPECT_TRUE(refused(&self->r, OTHER, "version"));
	free(data);
}

/**
 * struct change - a difference in a copy of a file
 * @type: of the section that is changed; IMAGE_END for the header
 * @drop: it is left out
 * @grow: it is longer
 * @move: its address is different
 * @patch: changes its contents
 * @says: expected message
 */
struct change {
	__u32 type;
	bool drop;
	bool grow;
	bool move;
	void (*patch)(void *contents);
	const char *says;
};

static void no_cpus(void *contents)
{
	((struct image_machine *)contents)->cpus = 0;
}

static void odd_memory(void *contents)
{
	((struct image_machine *)contents)->memory += 4096;
}

static void more_features(void *contents)
{
	((struct image_machine *)contents)->features[1] |= HV_BIT64(63);
}

static void no_such_register(void *contents)
{
	((struct hv_register_assoc *)contents)->name = 0x7fffffff;
}

static void impossible_register(void *contents)
{
	struct hv_register_assoc *reg = contents;

	reg->name = HV_X64_REGISTER_CR0;
	reg->value.reg64 = ~0ULL;
}

static void impossible_uart(void *contents)
{
	((struct uart_state *)contents)->count = UART_FIFO + 1;
}

static int copy_changed(const struct change *c)
{
	const struct image_section *s;
	struct image_machine machine;
	struct image_writer w;
	struct image image;
	__u8 *contents;
	int ret;

	ret = image_open(&image, SAVED);
	if (ret)
		return ret;
	machine = image.machine;
	if (c->type == IMAGE_END)
		c->patch(&machine);
	ret = image_create(&w, OTHER, &machine);
	for (s = image_next(&image, NULL); !ret && s;
	     s = image_next(&image, s)) {
		bool hit = s->type == c->type;

		contents = calloc(1, s->size + 8);
		memcpy(contents, image_data(s), s->size);
		if (hit && c->patch)
			c->patch(contents);
		if (!hit || !c->drop)
			image_write(&w, s->type, s->index,
				    hit && c->move ? NOWHERE : s->address,
				    contents, s->size + (hit && c->grow) * 8);
		free(contents);
	}
	image_close(&image);
	return ret ? ret : image_finish(&w);
}

/* Complete files, but of impossible machines. */
TEST_F(save, impossible_files)
{
	static const struct change list[] = {
		{ IMAGE_END, .patch = no_cpus, .says = "0 processors" },
		{ IMAGE_END, .patch = odd_memory, .says = "impossible" },
		{ IMAGE_END, .patch = more_features, .says = "more features" },
		{ IMAGE_TIME, .drop = true, .says = "no time" },
		{ IMAGE_TIME, .grow = true, .says = "no time" },
		{ IMAGE_DEVICES, .drop = true, .says = "no devices" },
		{ IMAGE_DEVICES, .patch = impossible_uart, .says = "serial" },
		{ IMAGE_REGISTERS, .drop = true, .says = "no registers" },
		{ IMAGE_REGISTERS, .grow = true, .says = "no registers" },
		{ IMAGE_REGISTERS, .patch = no_such_register,
		  .says = "register 0x7fffffff" },
		{ IMAGE_REGISTERS, .patch = impossible_register,
		  .says = "register 0x40000" },
		{ IMAGE_STATE, .drop = true, .says = "no state" },
		{ IMAGE_STATE, .grow = true, .says = "bytes here" },
		{ IMAGE_MEMORY, .move = true, .says = "has none" },
	};
	unsigned int i;

	SAVE(once);
	EXPECT_RUN(STATUS_SAVED, "a");
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(copy_changed(&list[i]));
		EXPECT_TRUE(refused(&self->r, OTHER, list[i].says)) {
			TH_LOG("case %u: %d %s", i, self->r.status,
			       self->r.error);
		}
	}
}

TEST_HARNESS_MAIN
