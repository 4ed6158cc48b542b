# The driver selects what makes a kernel one for root partitions.
/^	if \(!COMPAT_CAN_BE_ROOT\)$/,+1d
