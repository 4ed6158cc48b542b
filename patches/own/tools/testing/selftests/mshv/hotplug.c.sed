# The kernel of this tree moves interrupts from a processor that goes offline.
/^#include <(dirent|sys\/utsname)\.h>/d
/^\/\*$/{
	N
	/older than 6\.5/!{
		P
		D
	}
	:a
	N
	/\treturn found;\n\}\n$/!ba
	d
}
/kernel_moves_interrupts\(\)/,/SKIP/d
