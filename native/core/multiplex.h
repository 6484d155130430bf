// Waiting for many descriptors at once: select(2), poll(2) and, where the system has it, epoll(7).
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>

#include "core/wait.h"

namespace berkeley {

// select(2) of any number of descriptors with any numbers. `fds` has those to be read, then those
// to be written, then those with exceptional conditions; each is replaced by 1 if it is ready, else
// 0. Gives 0 or more, or -errno; -EBADF if one is not open.
Result SelectDescriptors(const WaitPolicy& policy, int32_t* fds, size_t reads, size_t writes,
                         size_t exceptions, Timeout timeout);

// poll(2): how many entries have an answer, 0 when the time has passed, or -errno.
Result PollDescriptors(const WaitPolicy& policy, pollfd* entries, size_t count, Timeout timeout);

// What EpollWait gives for a descriptor.
struct EpollAnswer {
  int32_t fd;
  uint32_t events;
};

enum class EpollOperation { kAdd = 0, kModify = 1, kRemove = 2 };

// An epoll set, close-on-exec: its descriptor, or -errno; -ENOSYS where the system has none.
Result EpollOpen();
// 0 or -errno.
Result EpollControl(int set, EpollOperation operation, int fd, uint32_t events);
// Waits for the set. `memory` is where the kernel writes, as long as `length` says; then it begins
// with an EpollAnswer for each descriptor. At most `most` of them: how many there are, or -errno.
Result EpollWait(const WaitPolicy& policy, int set, void* memory, size_t length, int most,
                 Timeout timeout);
// Whether a descriptor is an epoll set.
bool IsEpoll(int fd);

}  // namespace berkeley
