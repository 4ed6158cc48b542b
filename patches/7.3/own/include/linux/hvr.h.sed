# There is no platform layer of ours, whose interrupts need memory where nothing may sleep.
s/^( \* This is all that users of drivers\/hv\/root\/base may use of it: the) platform layer$/\1 driver in/
s/^ \* in arch\/x86\/hyperv, and the driver in (drivers\/hv\/root\.)$/ * \1/
s/^( \* described by a struct hvr_call and made by hvr_call\(\), which sleeps), or by$/\1./
/^ \* hvr_call_atomic\(\), which never does\.$/d
/^ \* Thus hvr_fast/,/^ \* might_sleep\(\)/c\
 * Thus hvr_fast*(), hvr_small*(), hvr_list*() and hvr_enter() may be called with\
 * interrupts off.  What deposits begins with hvr_may_deposit(), which lockdep checks;\
 * withdrawing and unmapping begin with might_sleep().
/^\/\*\*$/ {
	N
	/struct hvr_stock_block/ {
		:block
		N
		/\n};$/! b block
		N
		d
	}
}
/^\/\* urgent\.c \*\/$/,/^$/d
