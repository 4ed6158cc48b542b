/* SPDX-License-Identifier: GPL-2.0 */
/* Can the root make device domains? */
#ifndef _RV_DOMAIN_CALLS_H
#define _RV_DOMAIN_CALLS_H

#include <rv/base.h>

bool domains_offered(void);

#endif
