# Two tests need a module that makes memory scarce, which is not there.
/^#include <sys\/syscall\.h>/d
/^#define SCARCE/d
/syscall\(SYS_delete_module, SCARCE/d
/^\/\* There are no two adjacent pages, one of which/,/^}$/{
	/^}$/N
	d
}
/^\/\* Nothing smaller than a block will do/,/^}$/{
	/^}$/N
	d
}
