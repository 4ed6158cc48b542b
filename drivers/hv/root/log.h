/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the driver, all prefixed with the device.
 *
 * Nothing that an unprivileged program can cause is printed above debug level,
 * and nothing that a hypervisor can repeat is printed without a limit.
 */
#ifndef _MSHV_LOG_H
#define _MSHV_LOG_H

#include <linux/dev_printk.h>

struct device *mshv_device(void);

#define hvr_err(fmt, ...)	\
	dev_err_ratelimited(mshv_device(), fmt, ##__VA_ARGS__)
#define hvr_warn(fmt, ...)	\
	dev_warn_ratelimited(mshv_device(), fmt, ##__VA_ARGS__)
#define hvr_dbg(fmt, ...)	dev_dbg(mshv_device(), fmt, ##__VA_ARGS__)

#endif
