// SPDX-License-Identifier: GPL-2.0
/*
 * Client of rootvisor's control port: see rvctl.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <rootvisor/ports.h>
#include <rootvisor/rvctl.h>

static __u32 low32(__u64 value)
{
	return value;
}

static __u32 high32(__u64 value)
{
	return value >> 32;
}

static int rv_errno(__u32 error)
{
	switch (error) {
	case RV_E_OK:
		return 0;
	case RV_E_COMMAND:
		return -EOPNOTSUPP;
	case RV_E_ARGUMENT:
		return -EINVAL;
	case RV_E_FULL:
		return -ENOSPC;
	case RV_E_NOENT:
		return -ENOENT;
	}
	return -EPROTO;
}

/**
 * rv_open() - get access to the ports and check for rootvisor
 *
 * Return: 0, or -ENODEV without rootvisor or with its control port off.
 */
int rv_open(void)
{
	return rv_ports_open();
}

static int rv_talk(__u32 command, const __u32 *args, unsigned int arg_count,
		   __u32 *results, unsigned int result_count)
{
	unsigned int i;
	int ret;

	ret = rv_open();
	if (ret)
		return ret;
	rv_out(0, RV_PORT_RESET);
	for (i = 0; i < arg_count; i++)
		rv_out(args[i], RV_PORT_DATA);
	rv_out(command, RV_PORT_COMMAND);
	ret = rv_errno(rv_in(RV_PORT_COMMAND));
	for (i = 0; i < result_count; i++)
		results[i] = ret ? 0 : rv_in(RV_PORT_DATA);
	return ret;
}

/**
 * rv_call() - execute a command
 * @command: RV_CMD_*
 * @args: its arguments
 * @arg_count: dwords of @args
 * @results: its results
 * @result_count: dwords of @results
 *
 * Return: 0 or a negative errno.
 */
int rv_call(__u32 command, const __u32 *args, unsigned int arg_count,
	    __u32 *results, unsigned int result_count)
{
	cpu_set_t before, here;
	int cpu, lock, ret;

	if (arg_count > RV_MAX_ARGS)
		return -E2BIG;
	lock = open(RV_LOCK_FILE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return -errno;
	while (flock(lock, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		ret = -errno;
		close(lock);
		return ret;
	}
	sched_getaffinity(0, sizeof(before), &before);
	cpu = sched_getcpu();
	CPU_ZERO(&here);
	CPU_SET(cpu < 0 ? 0 : cpu, &here);
	sched_setaffinity(0, sizeof(here), &here);
	ret = rv_talk(command, args, arg_count, results, result_count);
	sched_setaffinity(0, sizeof(before), &before);
	close(lock);
	return ret;
}

static int rv_call_u64(__u32 command, const __u32 *args,
		       unsigned int arg_count, __u64 *value)
{
	__u32 results[2];
	int ret = rv_call(command, args, arg_count, results, 2);

	*value = results[0] | (__u64)results[1] << 32;
	return ret;
}

static int rv_call_u32(__u32 command, const __u32 *args,
		       unsigned int arg_count, __u32 *value)
{
	__u32 result = 0;
	int ret = rv_call(command, args, arg_count, &result, 1);

	if (value)
		*value = result;
	return ret;
}

int rv_mark(void)
{
	return rv_call(RV_CMD_MARK, NULL, 0, NULL, 0);
}

int rv_count_call(__u32 code, __u64 *count)
{
	return rv_call_u64(RV_CMD_COUNT_CALL, &code, 1, count);
}

int rv_count(__u32 what, __u64 *count)
{
	return rv_call_u64(RV_CMD_COUNT, &what, 1, count);
}

int rv_books(__u32 what, __u64 partition, __u64 *value)
{
	const __u32 args[] = { what, low32(partition), high32(partition) };

	return rv_call_u64(RV_CMD_BOOKS, args, 3, value);
}

int rv_fail(__u32 code, __u32 status, __u32 skip, __u32 times, __u32 *rule)
{
	const __u32 args[] = { code, status, skip, times, RV_ANY_LP, 0, 0 };

	return rv_call_u32(RV_CMD_FAIL, args, 7, rule);
}

int rv_rep_stop(__u32 code, __u32 status, __u32 reps, __u32 times,
		__u32 *rule)
{
	const __u32 args[] = { code, status, reps, times };

	return rv_call_u32(RV_CMD_REP_STOP, args, 4, rule);
}

int rv_rule_hits(__u32 rule, __u64 *hits)
{
	return rv_call_u64(RV_CMD_RULE_HITS, &rule, 1, hits);
}

int rv_rules_clear(void)
{
	return rv_call(RV_CMD_RULES_CLEAR, NULL, 0, NULL, 0);
}

int rv_message(__u32 lp, __u32 sint, __u32 type, __u64 sender,
	       const void *payload, __u32 size)
{
	__u32 args[RV_MAX_ARGS] = {
		lp, sint, type, low32(sender), high32(sender), size,
	};

	if (size > sizeof(args) - 6 * sizeof(args[0]))
		return -E2BIG;
	memcpy(&args[6], payload, size);
	return rv_call(RV_CMD_MESSAGE, args, 6 + (size + 3) / 4, NULL, 0);
}

int rv_message_drop(__u32 type, __u32 times)
{
	const __u32 args[] = { type, times };

	return rv_call(RV_CMD_MESSAGE_DROP, args, 2, NULL, 0);
}

int rv_message_dup(__u32 type, __u32 times)
{
	const __u32 args[] = { type, times };

	return rv_call(RV_CMD_MESSAGE_DUP, args, 2, NULL, 0);
}

int rv_message_hold(__u32 type, __u32 times)
{
	const __u32 args[] = { type, times };

	return rv_call(RV_CMD_MESSAGE_HOLD, args, 2, NULL, 0);
}

int rv_message_release(__u32 *count)
{
	return rv_call_u32(RV_CMD_MESSAGE_RELEASE, NULL, 0, count);
}

int rv_doorbell(__u32 lp, __u32 port)
{
	const __u32 args[] = { lp, port };

	return rv_call(RV_CMD_DOORBELL, args, 2, NULL, 0);
}

int rv_vp_stall(__u64 partition, __u32 vp, __u32 on)
{
	const __u32 args[] = { low32(partition), high32(partition), vp, on };

	return rv_call(RV_CMD_VP_STALL, args, 4, NULL, 0);
}

int rv_memory_status(__u32 status)
{
	return rv_call(RV_CMD_MEMORY_STATUS, &status, 1, NULL, 0);
}

int rv_rep_slice(__u32 reps)
{
	return rv_call(RV_CMD_REP_SLICE, &reps, 1, NULL, 0);
}

int rv_deposit_write(__u64 value)
{
	const __u32 args[] = { (__u32)value, value >> 32 };

	return rv_call(RV_CMD_DEPOSIT_WRITE, args, 2, NULL, 0);
}

int rv_take(__u64 number)
{
	const __u32 args[] = { (__u32)number, number >> 32 };

	return rv_call(RV_CMD_TAKE, args, 2, NULL, 0);
}

int rv_no_access(__u64 partition, __u64 gpn)
{
	const __u32 args[] = {
		(__u32)partition, partition >> 32, (__u32)gpn, gpn >> 32,
	};

	return rv_call(RV_CMD_NO_ACCESS, args, 4, NULL, 0);
}

int rv_dry(__u64 partition, __u32 on)
{
	const __u32 args[] = { low32(partition), high32(partition), on };

	return rv_call(RV_CMD_DRY, args, 3, NULL, 0);
}

int rv_page(__u64 number, __u32 *of_root, __u32 *mappings)
{
	const __u32 args[] = { (__u32)number, number >> 32 };
	__u32 results[2] = { 0, 0 };
	int ret = rv_call(RV_CMD_PAGE, args, 2, results, 2);

	*of_root = results[0];
	*mappings = results[1];
	return ret;
}

int rv_answer_status(__u32 code, __u32 times, __u32 status)
{
	const __u32 args[] = { code, times, status, 0, 0, 0 };

	return rv_call(RV_CMD_ANSWER, args, 6, NULL, 0);
}

int rv_answer_value(__u32 code, __u32 times, __u64 value)
{
	const __u32 args[] = {
		code, times, 0, 1, low32(value), high32(value)
	};

	return rv_call(RV_CMD_ANSWER, args, 6, NULL, 0);
}
