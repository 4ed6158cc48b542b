# The harness of this kernel does not use alarm().
/^#include <(signal|sys\/prctl|sys\/wait|time|unistd)\.h>/d
/^\/\* The harness ends a test with alarm/,/^}/{
	/^}/N
	d
}
