/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test includes a file that the driver has as well.  Where both are built in, its
 * global names would be defined twice, so the copy has others.
 */
#ifndef _MSHV_TESTS_COPIES_H
#define _MSHV_TESTS_COPIES_H

#define hv_call_name			test_hv_call_name
#define hv_status_errno			test_hv_status_errno
#define hv_status_name			test_hv_status_name

#endif
