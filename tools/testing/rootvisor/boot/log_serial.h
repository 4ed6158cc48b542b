/* SPDX-License-Identifier: GPL-2.0 */
/* The log on a serial port. */
#ifndef _RV_LOG_SERIAL_H
#define _RV_LOG_SERIAL_H

#include <rv/base.h>

#define SERIAL_PORT	0x3f8	/* COM1 */
#define SERIAL_BAUD	115200u

/* @baud 0: the firmware has set it up.  False: there is no such port. */
bool serial_open(u16 port, u32 baud);

/* Does nothing without a port. */
void serial_write(const char *text, u32 len);

/* The port that ACPI's SPCR names; false if it is not one that is supported. */
bool spcr_parse(const u8 *table, u16 *port, u32 *baud);

#endif
