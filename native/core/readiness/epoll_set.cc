// The epoll sets of programs: epoll(7) as it is.
#include "core/multiplex.h"

#ifdef __linux__

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace berkeley {

Result EpollOpen() {
  return Once([] { return epoll_create1(EPOLL_CLOEXEC); });
}

Result EpollControl(int set, EpollOperation operation, int fd, uint32_t events) {
  constexpr int kOperations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return Once([&] { return epoll_ctl(set, kOperations[static_cast<int>(operation)], fd, &event); });
}

Result EpollWait(const WaitPolicy& policy, int set, void* memory, size_t length, int most,
                 Timeout timeout) {
  epoll_event* events = static_cast<epoll_event*>(memory);
  const size_t room = length / sizeof(epoll_event);
  const int count = static_cast<int>(std::min(room, static_cast<size_t>(std::max(most, 0))));
  const Result result = WaitForAny(policy, timeout, [&](int milliseconds) {
    return epoll_wait(set, events, count, milliseconds);
  });
  // An answer is shorter than what the kernel wrote: the front ones do not touch the ones behind.
  static_assert(sizeof(EpollAnswer) <= sizeof(epoll_event), "answers fit where events were");
  EpollAnswer* answers = static_cast<EpollAnswer*>(memory);
  for (Result index = 0; index < result; ++index) {
    epoll_event event;
    memcpy(&event, &events[index], sizeof(event));
    const EpollAnswer answer = {event.data.fd, event.events};
    memcpy(&answers[index], &answer, sizeof(answer));
  }
  return result;
}

bool IsEpoll(int fd) {
  // No set takes itself: that is refused with EINVAL by a set as by anything else. A set looks for
  // another descriptor in vain, which tells.
  const Result other = EpollOpen();
  if (other < 0) return false;
  const Result result =
      EpollControl(fd, EpollOperation::kRemove, static_cast<int>(other), /*events=*/0);
  Always([&] { return close(static_cast<int>(other)); });
  return result == -ENOENT;
}

}  // namespace berkeley

#endif
