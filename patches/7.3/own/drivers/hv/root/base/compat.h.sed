# The base is built in and has a slot of its own for its handler; and the driver selects what
# makes a kernel one for root partitions.
/^\/\* Does a module remove pages/,/^\/\*$/c\
/*
/^\/\* The slot for a handler/,/^#endif/d
/^#define COMPAT_CAN_BE_ROOT	\\$/,+1d
/^#define COMPAT_CAN_BE_ROOT	true/d
