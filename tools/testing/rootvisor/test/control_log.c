// SPDX-License-Identifier: GPL-2.0
/* Commands of the control port about the log, and those that end the hypervisor. */
#include <rootvisor/control.h>
#include <rv/crash.h>
#include <rv/log.h>
#include "control.h"

u32 control_log(struct vp *vp, const u32 *args, u32 nr)
{
	if (args[0] > (nr - 1) * 4)
		return RV_E_ARGUMENT;
	log_bytes("root: ", (const char *)&args[1], args[0]);
	return RV_E_OK;
}

u32 control_exit(struct vp *vp, const u32 *args, u32 nr)
{
	log_line(LOG_ERROR, "exit status=%u", args[0]);
	return RV_E_OK;
}

u32 control_log_read(struct vp *vp, const u32 *args, u32 nr)
{
	u32 text[RV_LOG_BYTES / 4] = {}, bytes, i;
	u64 at = arg64(args);

	bytes = log_read(&at, (char *)text, sizeof(text));
	control_result64(vp, at);
	control_result(vp, bytes);
	for (i = 0; i * 4 < bytes; i++)
		control_result(vp, text[i]);
	return RV_E_OK;
}

u32 control_crash(struct vp *vp, const u32 *args, u32 nr)
{
	crash_now();
	return RV_E_OK;
}

u32 control_panic(struct vp *vp, const u32 *args, u32 nr)
{
	if (args[0] >= RV_PANIC_NR)
		return RV_E_ARGUMENT;
	if (args[0] == RV_PANIC_EXCEPTION)
		__asm__ __volatile__("ud2");
	panic("on request");
}
