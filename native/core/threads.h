// Which thread this is.
#pragma once

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace berkeley {

// Whether this is the thread that the process began with, the one that signals come to.
#if defined(SYS_gettid)
inline bool OnMainThread() { return syscall(SYS_gettid) == getpid(); }
#else
inline bool OnMainThread() { return pthread_main_np() != 0; }
#endif

}  // namespace berkeley
