// SPDX-License-Identifier: GPL-2.0
/*
 * Address space identifiers: which translations in a TLB belong to a VP.
 *
 * Model: a VP has an ASID of its own on the LP that it is loaded on, and keeps it there, so
 * that what the TLB has of it is still valid when it comes back.  An LP gives out its ASIDs
 * in order.  When there are no more it begins another *turn*, with a flush of its whole
 * TLB, and all ASIDs of earlier turns are void.  So a VP's first entry with an ASID needs
 * no flush.  What a VP has to forget while it keeps the ASID is vp->flush.
 *
 * The unit test tools/testing/unit/asid.c includes this file.
 */
#include "svm_asid.h"

/* 0 is the host's. */
#define FIRST_ASID	1

bool asid_choose(struct asid_space *space, struct asid *asid, const void *lp)
{
	if (asid->lp == lp && asid->turn == space->turn)
		return false;
	if (!space->turn || space->next >= space->end) {
		space->turn++;
		space->next = FIRST_ASID;
		space->flush_all = true;
	}
	asid->lp = lp;
	asid->turn = space->turn;
	asid->number = space->next++;
	return true;
}
