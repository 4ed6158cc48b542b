# The harness of this kernel does not wait in poll().
/^#include <poll.h>/d
/^\/\* The harness waits in poll/,/^}/{
	/^}/N
	d
}
