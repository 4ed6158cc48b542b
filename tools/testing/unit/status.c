// SPDX-License-Identifier: GPL-2.0
/*
 * Names and errnos of statuses, against the written reference.
 */
#include <errno.h>
#include <string.h>

#include <hv/status.h>

#include "tap.h"

struct row {
	unsigned int code;
	const char *name;
	int error;
};

static const struct row rows[] = {
	{ 0x00, "SUCCESS", 0 },
	{ 0x02, "INVALID_HYPERCALL_CODE", -EINVAL },
	{ 0x03, "INVALID_HYPERCALL_INPUT", -EINVAL },
	{ 0x04, "INVALID_ALIGNMENT", -EIO },
	{ 0x05, "INVALID_PARAMETER", -EINVAL },
	{ 0x06, "ACCESS_DENIED", -EACCES },
	{ 0x07, "INVALID_PARTITION_STATE", -EBADFD },
	{ 0x08, "OPERATION_DENIED", -EACCES },
	{ 0x09, "UNKNOWN_PROPERTY", -EINVAL },
	{ 0x0a, "PROPERTY_VALUE_OUT_OF_RANGE", -EINVAL },
	{ 0x0b, "INSUFFICIENT_MEMORY", -ENOMEM },
	{ 0x0c, "PARTITION_TOO_DEEP", -EIO },
	{ 0x0d, "INVALID_PARTITION_ID", -EINVAL },
	{ 0x0e, "INVALID_VP_INDEX", -EINVAL },
	{ 0x10, "NOT_FOUND", -EIO },
	{ 0x11, "INVALID_PORT_ID", -EINVAL },
	{ 0x12, "INVALID_CONNECTION_ID", -EINVAL },
	{ 0x13, "INSUFFICIENT_BUFFERS", -EIO },
	{ 0x14, "NOT_ACKNOWLEDGED", -EIO },
	{ 0x15, "INVALID_VP_STATE", -EBADFD },
	{ 0x16, "ACKNOWLEDGED", -EIO },
	{ 0x17, "INVALID_SAVE_RESTORE_STATE", -EIO },
	{ 0x18, "INVALID_SYNIC_STATE", -EIO },
	{ 0x19, "OBJECT_IN_USE", -EIO },
	{ 0x1a, "INVALID_PROXIMITY_DOMAIN_INFO", -EIO },
	{ 0x1b, "NO_DATA", -EIO },
	{ 0x1c, "INACTIVE", -EIO },
	{ 0x1d, "NO_RESOURCES", -EIO },
	{ 0x1e, "FEATURE_UNAVAILABLE", -EIO },
	{ 0x1f, "PARTIAL_PACKET", -EIO },
	{ 0x20, "PROCESSOR_FEATURE_NOT_SUPPORTED", -EOPNOTSUPP },
	{ 0x30, "PROCESSOR_CACHE_LINE_FLUSH_SIZE_INCOMPATIBLE", -EIO },
	{ 0x33, "INSUFFICIENT_BUFFER", -EIO },
	{ 0x37, "INCOMPATIBLE_PROCESSOR", -EIO },
	{ 0x38, "INSUFFICIENT_DEVICE_DOMAINS", -EIO },
	{ 0x3c, "CPUID_FEATURE_VALIDATION_ERROR", -EIO },
	{ 0x3d, "CPUID_XSAVE_FEATURE_VALIDATION_ERROR", -EIO },
	{ 0x3e, "PROCESSOR_STARTUP_TIMEOUT", -EIO },
	{ 0x3f, "SMX_ENABLED", -EIO },
	{ 0x41, "INVALID_LP_INDEX", -EINVAL },
	{ 0x50, "INVALID_REGISTER_VALUE", -EINVAL },
	{ 0x51, "INVALID_VTL_STATE", -EIO },
	{ 0x55, "NX_NOT_DETECTED", -EIO },
	{ 0x57, "INVALID_DEVICE_ID", -EIO },
	{ 0x58, "INVALID_DEVICE_STATE", -EIO },
	{ 0x59, "PENDING_PAGE_REQUESTS", -EIO },
	{ 0x60, "PAGE_REQUEST_INVALID", -EIO },
	{ 0x65, "KEY_ALREADY_EXISTS", -EIO },
	{ 0x66, "DEVICE_ALREADY_IN_DOMAIN", -EIO },
	{ 0x6f, "INVALID_CPU_GROUP_ID", -EIO },
	{ 0x70, "INVALID_CPU_GROUP_STATE", -EIO },
	{ 0x71, "OPERATION_FAILED", -EIO },
	{ 0x72, "NOT_ALLOWED_WITH_NESTED_VIRT_ACTIVE", -EIO },
	{ 0x73, "INSUFFICIENT_ROOT_MEMORY", -ENOMEM },
	{ 0x74, "EVENT_BUFFER_ALREADY_FREED", -EIO },
	{ 0x75, "INSUFFICIENT_CONTIGUOUS_MEMORY", -ENOMEM },
	{ 0x78, "TIME_OUT", -EIO },
	{ 0x79, "CALL_PENDING", -EIO },
	{ 0x83, "INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY", -ENOMEM },
	{ 0x86, "VTL_ALREADY_ENABLED", -EIO },
	{ 0x87, "UNKNOWN_REGISTER_NAME", -EINVAL },
};

static int is_known(unsigned int code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return 1;
	return 0;
}

int main(void)
{
	const struct row *r;
	unsigned int code;

	for (r = rows; r < rows + ARRAY_SIZE(rows); r++) {
		tap_check(!strncmp(hv_status_name(r->code), "HV_STATUS_", 10) &&
			  !strcmp(hv_status_name(r->code) + 10, r->name),
			  "0x%x is %s, not %s", r->code,
			  hv_status_name(r->code), r->name);
		tap_check(hv_status_errno(r->code) == r->error,
			  "%s gives %d, not %d", r->name,
			  hv_status_errno(r->code), r->error);
	}
	tap_group("known statuses");

	for (code = 0; code <= 0xffff; code++)
		if (!is_known(code))
			tap_check(hv_status_errno(code) == -EIO &&
				  !strcmp(hv_status_name(code),
					  "unknown status"),
				  "0x%x is %s", code, hv_status_name(code));
	tap_group("every other status is an unknown one");

	tap_ok(hv_status_errno(~0ULL) == -EOPNOTSUPP, "no hypercall page");
	tap_ok(!strcmp(hv_status_name(HV_RESULT_NO_HYPERCALL_PAGE), "no hypercall page"),
	       "name of a result without a hypercall page");
	tap_ok(hv_status_errno(0x100000000ULL) == -EIO,
	       "a status is not cut to 16 bits");
	tap_ok(!strcmp(hv_call_name(0x40), "HVCALL_CREATE_PARTITION"),
	       "name of the first partition call");
	tap_ok(!strcmp(hv_call_name(0x131), "HVCALL_MAP_STATS_PAGE2"),
	       "name of a call beyond a byte");
	tap_ok(!strcmp(hv_call_name(0x7fff), "unknown call"),
	       "an unknown call has no name");
	return tap_end();
}
