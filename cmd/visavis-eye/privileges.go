package main

// The eye needs no more than it has, ever: no set-uid program may raise it, and no core dump or debugger of the same user may read the faces in
// its memory. Both are set before Go starts a thread, since no_new_privs holds for a thread and those it starts.

// #include <sys/prctl.h>
//
// __attribute__((constructor)) static void lower_privileges(void) {
// 	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
// 	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
// }
import "C"
