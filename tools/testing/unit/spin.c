// SPDX-License-Identifier: GPL-2.0
/* rootvisor's lock: the order in which waiters get it. */
#include <stdbool.h>

#include <rv/base.h>

/* What others do between two steps of spin_look(): after it has read whose turn it is. */
static void (*meanwhile)(const volatile void *read);

#undef READ_ONCE
#define READ_ONCE(x) ({						\
	__typeof__(x) value = *(const volatile __typeof__(x) *)&(x);	\
	if (meanwhile)						\
		meanwhile(&(x));				\
	value; })

#include <rv/lp.h>
#undef ARRAY_SIZE

#include "tap.h"

static struct spinlock lock;

/* Does @me get it after this number of looks? */
static bool after(struct spin *me, unsigned int looks)
{
	while (--looks)
		if (spin_look(&lock, me))
			return false;
	return spin_look(&lock, me);
}

static void check_order(void)
{
	struct spin a = spin_queue(&lock), b = spin_queue(&lock), c = spin_queue(&lock);

	tap_check(!spin_look(&lock, &b), "the second");
	tap_check(spin_look(&lock, &a), "the first");
	tap_check(!spin_look(&lock, &b) && !spin_look(&lock, &c), "it is taken");
	spin_unlock(&lock);
	tap_check(!spin_look(&lock, &c) && spin_look(&lock, &b), "the second is next");
	spin_unlock(&lock);
	tap_check(spin_look(&lock, &c), "the third");
	spin_unlock(&lock);
	tap_group("in the order in which they came");
}

static void check_passed(void)
{
	struct spin a = spin_queue(&lock), b = spin_queue(&lock), c = spin_queue(&lock), d;

	tap_check(after(&b, SPIN_PATIENCE + 1), "the second has waited long");
	tap_check(!spin_look(&lock, &a) && !spin_look(&lock, &c), "it is taken");
	spin_unlock(&lock);
	d = spin_queue(&lock);
	tap_check(!spin_look(&lock, &c) && spin_look(&lock, &a), "the first is still first");
	spin_unlock(&lock);
	tap_check(!spin_look(&lock, &d) && spin_look(&lock, &c), "then the third");
	spin_unlock(&lock);
	tap_check(spin_look(&lock, &d), "then the fourth");
	spin_unlock(&lock);
	tap_check(lock.next == lock.serving, "none is left");
	tap_group("the first is passed over, and comes first again");
}

/* Looks do not add up while others have the lock. */
static void check_patience(void)
{
	struct spin a = spin_queue(&lock), b = spin_queue(&lock);
	unsigned int i;

	for (i = 0; i < SPIN_PATIENCE; i++)
		tap_check(!spin_look(&lock, &b), "look %u", i);
	tap_check(spin_look(&lock, &a) && !spin_look(&lock, &b), "the first has come");
	a = spin_queue(&lock);
	spin_unlock(&lock);
	tap_check(!spin_look(&lock, &a) && spin_look(&lock, &b), "the other's turn");
	spin_unlock(&lock);
	tap_check(spin_look(&lock, &a), "and the first's");
	spin_unlock(&lock);
	tap_group("patience");
}

static void check_limit(void)
{
	struct spin first = spin_queue(&lock), other;
	unsigned int turns = 0, round;

	for (round = 0; round < 2; round++) {
		other = spin_queue(&lock);
		while (after(&other, SPIN_PATIENCE + 1)) {
			turns++;
			spin_unlock(&lock);
			other = spin_queue(&lock);
		}
		tap_check(turns == SPIN_NUMBERS - 1, "%u turns", turns);
		tap_check(!after(&other, 10 * SPIN_PATIENCE), "for as long as it takes");
		tap_check(spin_look(&lock, &first), "the first");
		spin_unlock(&lock);
		tap_check(spin_look(&lock, &other), "the one that has waited");
		spin_unlock(&lock);
		tap_check(lock.next == lock.serving, "none is left");
		first = spin_queue(&lock);
		turns = 0;
	}
	tap_check(spin_look(&lock, &first), "as before");
	spin_unlock(&lock);
	tap_group("the first is not passed over for ever");
}

static struct spin head;

/* The first takes the lock and releases it. */
static void first_comes(const volatile void *read)
{
	if (read != &lock.serving)
		return;
	meanwhile = NULL;
	tap_check(spin_look(&lock, &head), "the first");
	spin_unlock(&lock);
}

static void check_turn(void)
{
	struct spin me;

	head = spin_queue(&lock);
	me = spin_queue(&lock);
	tap_check(!after(&me, SPIN_PATIENCE), "not yet");
	meanwhile = first_comes;
	tap_check(spin_look(&lock, &me), "the second");
	spin_unlock(&lock);
	tap_check(lock.next == lock.serving, "none is left");
	tap_group("the turn comes while it is looked");
}

int main(void)
{
	check_order();
	check_passed();
	check_patience();
	check_limit();
	check_turn();
	/* Numbers wrap around. */
	lock.next = -3;
	lock.serving = -3;
	check_order();
	check_passed();
	return tap_end();
}
