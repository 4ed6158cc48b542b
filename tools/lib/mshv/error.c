// SPDX-License-Identifier: GPL-2.0
/*
 * Error texts: the calling thread's last error, kept until the next one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mshvvm.h"

#define ERROR_SIZE	512

static __thread char error_text[ERROR_SIZE] = "no error";

/**
 * vmm_error() - text of this thread's last error
 *
 * Return: the text, valid until the thread's next failure.
 */
const char *vmm_error(void)
{
	return error_text;
}

/**
 * vmm_fail() - set the error text
 * @err: the errno, positive
 * @format: the text
 *
 * Return: the negative errno.
 */
int vmm_fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error_text, sizeof(error_text), format, args);
	va_end(args);
	return -err;
}

/**
 * vmm_reason() - what an errno of /dev/mshv means
 * @err: the errno, positive
 *
 * Return: its text, as strerror() has it, or a better one.
 */
const char *vmm_reason(int err)
{
	return err == EBADFD ? "too early, or too late" : strerror(err);
}
