// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of hypercall statuses and call codes, both generated from the lists
 * in the ABI headers.
 */
#include <linux/errno.h>

#include <hyperv/hv_hypercall.h>

#include "status.h"

struct hv_status_entry {
	__u16 code;
	__u16 error;
	const char *name;
};

#define HV_STATUS_ENTRY(name_, code_, errno_) { code_, errno_, #name_ },
static const struct hv_status_entry hv_status_table[] = {
	HV_STATUS_LIST(HV_STATUS_ENTRY)
};

#undef HV_STATUS_ENTRY

struct hv_call_entry {
	__u16 code;
	const char *name;
};

#define HV_CALL_ENTRY(name_, code_) { code_, #name_ },
static const struct hv_call_entry hv_call_table[] = {
	HVCALL_LIST(HV_CALL_ENTRY)
};

#undef HV_CALL_ENTRY

#define HV_TABLE_SIZE(t) (sizeof(t) / sizeof((t)[0]))

/* Index of a status, the table's size when it is not there. */
static unsigned int hv_status_find(__u64 status)
{
	unsigned int i;

	for (i = 0; i < HV_TABLE_SIZE(hv_status_table); i++)
		if (hv_status_table[i].code == status)
			break;
	return i;
}

/**
 * hv_status_name() - name of a status
 * @status: bits 15:0 of a result word, or %HV_RESULT_NO_HYPERCALL_PAGE
 *
 * Return: the name of the constant, or a text that says that there is none.
 */
const char *hv_status_name(__u64 status)
{
	unsigned int i = hv_status_find(status);

	if (i < HV_TABLE_SIZE(hv_status_table))
		return hv_status_table[i].name;
	if (status == HV_RESULT_NO_HYPERCALL_PAGE)
		return "no hypercall page";
	return "unknown status";
}

/**
 * hv_status_errno() - errno of a status
 * @status: bits 15:0 of a result word, or %HV_RESULT_NO_HYPERCALL_PAGE
 *
 * Return: 0 for success, else a negative errno; -EIO for what is not known.
 */
int hv_status_errno(__u64 status)
{
	unsigned int i = hv_status_find(status);

	if (i < HV_TABLE_SIZE(hv_status_table))
		return -(int)hv_status_table[i].error;
	if (status == HV_RESULT_NO_HYPERCALL_PAGE)
		return -EOPNOTSUPP;
	return -EIO;
}

/**
 * hv_call_name() - name of a hypercall
 * @code: call code
 *
 * Return: the name of the constant, or a text that says that there is none.
 */
const char *hv_call_name(__u16 code)
{
	unsigned int i;

	for (i = 0; i < HV_TABLE_SIZE(hv_call_table); i++)
		if (hv_call_table[i].code == code)
			return hv_call_table[i].name;
	return "unknown call";
}
