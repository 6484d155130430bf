// The epoll sets of programs on systems that have none.
#include "core/multiplex.h"

#ifndef __linux__

namespace berkeley {

Result EpollOpen() { return -ENOSYS; }

Result EpollControl(int, EpollOperation, int, uint32_t) { return -ENOSYS; }

Result EpollWait(const WaitPolicy&, int, void*, size_t, int, Timeout) { return -ENOSYS; }

bool IsEpoll(int) { return false; }

}  // namespace berkeley

#endif
