// SPDX-License-Identifier: GPL-2.0
/*
 * Rate limit for lines in the log that guests can cause.
 *
 * Model: one token bucket for all guests.  A line takes a token; one is added after
 * each interval until the bucket is full.  A line without a token is suppressed and
 * counted; the next one is preceded by the number of those.
 */
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/timer.h>

#define TOKENS_MAX	RV_GUEST_LINES_AT_ONCE
#define INTERVAL	(RV_GUEST_LINE_MS * 10000ull)	/* in 100 ns */

static struct spinlock bucket_lock;
static u32 tokens = TOKENS_MAX;
static u64 filled;		/* time up to which tokens were added */
static u64 left_out;		/* since the last line */

static void refill(u64 now)
{
	u64 fresh = (now - filled) / INTERVAL;

	if (fresh >= TOKENS_MAX - tokens) {
		tokens = TOKENS_MAX;
		filled = now;
	} else {
		tokens += (u32)fresh;
		filled += fresh * INTERVAL;
	}
}

bool log_guest_may(void)
{
	u64 missing = 0;
	bool may;

	spin_lock(&bucket_lock);
	refill(tsc_to_ref(tsc_now()));
	may = tokens;
	if (may) {
		tokens--;
		missing = left_out;
		left_out = 0;
	} else {
		left_out++;
	}
	count(may ? RV_COUNT_GUEST_LINES : RV_COUNT_GUEST_LINES_LEFT_OUT);
	spin_unlock(&bucket_lock);
	if (missing)
		log_error("%llu lines about guests were suppressed",
			  (unsigned long long)missing);
	return may;
}
