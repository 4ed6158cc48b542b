// SPDX-License-Identifier: GPL-2.0
/* The table of what is done with each request: claims.list. */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_register.h>
#include <rootvisor/control.h>
#include <rv/base.h>
#include "claims.h"

#define CLAIM(what, from, to, state, code, proof)			\
	{ RV_CLAIM_##what, from, to, RV_CLAIM_IS_##state, code, proof },

static const struct claim claims[] = {
#include "claims.list"
};

const struct claim *claim_at(u32 n)
{
	return n < ARRAY_SIZE(claims) ? &claims[n] : NULL;
}
